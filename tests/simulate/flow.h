// SPDX-License-Identifier: MIT
/*
 * The bytes of one direction of a link. What is written arrives when the
 * scheduler says so, perhaps in parts; an end of the stream follows the bytes,
 * and a reset overtakes them. Knows neither ends nor links.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FLOW_BYTES = 8192 };

struct flow {
	uint8_t bytes[FLOW_BYTES]; /* byte i of the stream at i % FLOW_BYTES */
	uint64_t written, arrived, read;
	uint64_t due_ns;      /* nothing arrives before */
	bool ends, has_ended; /* after the last byte; and that has arrived */
	bool resets, has_reset;
	uint64_t arrived_step, read_step; /* of the world */
};

/* How many bytes it takes now, and how many can be read. */
size_t flow_room(const struct flow *f);
size_t flow_available(const struct flow *f);

/* Part of n bytes, or all; what there is, or part of it. Return how many. */
size_t flow_write(struct flow *f, const uint8_t *bytes, size_t n);
size_t flow_read(struct flow *f, uint8_t *bytes, size_t n);

void flow_end(struct flow *f);
void flow_reset(struct flow *f);

/* Has its end or a reset arrived? */
bool flow_is_over(const struct flow *f);

/* For the scheduler: can anything arrive? If not, when is the next due? */
bool flow_can_arrive(const struct flow *f);
uint64_t flow_due_ns(const struct flow *f);

/* Returns how many bytes have arrived. */
uint64_t flow_arrive(struct flow *f);
