// SPDX-License-Identifier: MIT
/*
 * How visitors fared: how many there were, how many failed, and how long the
 * others took. Used by visit.
 */
#pragma once

#include "bench/histogram.h"

struct score {
	uint64_t begun, failed;
	uint64_t slow; /* served, in more than a second */
	struct histogram ns;
};

void score_add(struct score *s, uint64_t ns);

/* Of xor, of noise, and of both: members of an object of JSON. */
void scores_print(const struct score scores[2]);
