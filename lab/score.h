// SPDX-License-Identifier: MIT
/*
 * How visitors fared: how many there were, how many failed, and how long the
 * others took. Used by visit.
 */
#pragma once

#include "bench/histogram.h"
#include "proto/exchange.h"

struct score {
	uint64_t begun, failed;
	uint64_t slow; /* served, in more than a second */
	struct histogram ns;
};

void score_add(struct score *s, uint64_t ns);

/* Of each exchange, and of all: members of an object of JSON. */
void scores_print(const struct score scores[static EXCHANGE_COUNT]);
