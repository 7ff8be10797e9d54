// SPDX-License-Identifier: MIT
/*
 * One connection of an attacker, and how it is taken through the steps of its
 * script. Knows nothing of how many there are. Used by attack.
 */
#pragma once

#include <stdbool.h>

#include "lab/manners.h"

struct connection {
	int fd; /* 0: the place is free */
	bool is_connected;
	uint8_t step;
	uint16_t done; /* bytes of this step */
	const struct script *script;
	size_t taken; /* bytes of replies */
	uint64_t connected_ns;
	uint8_t kept[ECHO_MAX];
};

/* It goes on later, or it is to be closed: by us, or since they did. DONE is a
 * single step's. */
enum outcome { DONE, WAITS, LEFT, ENDED };

/* Bytes, of all connections. */
extern uint64_t steps_sent, steps_read;

/* As far as it goes. drips: it is time for a byte of those that drip. */
enum outcome steps_run(struct connection *c, bool drips);

bool steps_is_dripping(const struct connection *c);
