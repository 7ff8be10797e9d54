// SPDX-License-Identifier: MIT
#include "net/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int mailbox_open(struct mailbox *m, size_t size, size_t room)
{
	int error;

	*m = (struct mailbox){ .size = size, .room = room };
	error = waker_open(&m->waker);
	if (error)
		return error;
	m->letters = calloc(room, size);
	if (!m->letters) {
		waker_close(&m->waker);
		return -ENOMEM;
	}
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->has_room, NULL);
	return 0;
}

void mailbox_free(struct mailbox *m)
{
	if (!m->letters)
		return;
	waker_close(&m->waker);
	pthread_cond_destroy(&m->has_room);
	pthread_mutex_destroy(&m->lock);
	free(m->letters);
	m->letters = NULL;
}

static void *letter_at(const struct mailbox *m, size_t place)
{
	return m->letters + place % m->room * m->size;
}

/*
 * The reader is woken after the lock has been released, so that it does not
 * wake up only to wait for the lock. So it may be woken once more than
 * necessary.
 */
void mailbox_post(struct mailbox *m, const void *letter)
{
	bool is_first;

	pthread_mutex_lock(&m->lock);
	assert(!m->is_closed);
	while (m->count == m->room)
		pthread_cond_wait(&m->has_room, &m->lock);
	is_first = !m->count;
	if (is_first)
		m->first = 0; /* so usually the same few bytes are used */
	memcpy(letter_at(m, m->first + m->count++), letter, m->size);
	pthread_mutex_unlock(&m->lock);
	if (is_first)
		waker_wake(&m->waker);
}

void mailbox_close(struct mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	m->is_closed = true;
	pthread_mutex_unlock(&m->lock);
	waker_wake(&m->waker);
}

int mailbox_take(struct mailbox *m, void *letters, int most)
{
	unsigned char *to = letters;
	int taken;

	pthread_mutex_lock(&m->lock);
	for (taken = 0; taken < most && m->count; taken++, m->count--) {
		memcpy(to, letter_at(m, m->first++), m->size);
		to += m->size;
	}
	if (taken)
		pthread_cond_broadcast(&m->has_room);
	else if (m->is_closed)
		taken = -1;
	/* While there is more, including the end, the waker stays called. */
	if (!m->count && (taken < 0 || !m->is_closed))
		waker_clear(&m->waker);
	pthread_mutex_unlock(&m->lock);
	return taken;
}
