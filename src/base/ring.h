// SPDX-License-Identifier: MIT
/*
 * Lists of things that are stored elsewhere, in order of arrival. A ring of
 * links: one is the list, the others are embedded in the things. Adding and
 * removing take the same few steps, however many there are. Used by
 * pools, the server's queue of flights, and the load generator.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Embedded; all zero means in no list. */
struct ring {
	struct ring *previous, *next;
};

/* Makes it an empty list. */
static inline void ring_init(struct ring *list)
{
	list->previous = list->next = list;
}

/* Is this link in a list? */
static inline bool ring_is_in(const struct ring *link)
{
	return link->next;
}

/* Removes it from its list, if it is in one. */
static inline void ring_remove(struct ring *link)
{
	if (!link->next)
		return;
	link->previous->next = link->next;
	link->next->previous = link->previous;
	link->previous = link->next = NULL;
}

/* Moves it to the end of the list, wherever it was. */
static inline void ring_add(struct ring *list, struct ring *link)
{
	ring_remove(link);
	link->previous = list->previous;
	link->next = list;
	link->previous->next = link;
	list->previous = link;
}

/* The link that was added last, or NULL. */
static inline struct ring *ring_last(const struct ring *list)
{
	return list->previous == list ? NULL : list->previous;
}

/* The link that was added first, or NULL. */
static inline struct ring *ring_first(const struct ring *list)
{
	return list->next == list ? NULL : list->next;
}
