// SPDX-License-Identifier: MIT
/*
 * The command line of visit. visit.c says what it means.
 */
#pragma once

#include "lab/sources.h"
#include "proto/exchange.h"

struct options {
	size_t guests, every, rate, herd, parallel, seconds, patience;
	size_t retry, retry_most;  /* ms; retry 0: never */
	enum exchange_id exchange; /* EXCHANGE_COUNT: all in turn */
	struct sources from;
	struct addrinfo *to;
};

extern struct options opt;

/* Exits when something is wrong with them. */
void options_parse(char **argv);
