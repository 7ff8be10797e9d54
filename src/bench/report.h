// SPDX-License-Identifier: MIT
/*
 * The result of a run as text, as JSON, and as the percentiles that
 * HdrHistogram's plotters read. Knows nothing of how it was measured. Used by
 * main.c.
 */
#pragma once

#include <stdio.h>

#include "bench/run.h"

struct report {
	const struct plan *plan;
	const struct result *result;
	const char *server; /* its address */
};

/* Wrong and missing replies, failed connections, and requests not sent. */
uint64_t report_errors(const struct report *r);

void report_text(const struct report *r, FILE *out);

/* 0 or -errno, as for a full disk. */
MUST_CHECK int report_json(const struct report *r, FILE *out);
MUST_CHECK int report_hgrm(const struct report *r, FILE *out);

/* Reasons to doubt the figures, one call of say() for each. */
void report_doubts(
	const struct report *r, void (*say)(const char *format, ...));

/* --- Shared by the three forms. --- */

extern const char *const report_modes[];
extern const char *const report_times[TALLY_TIMES];

/* What is counted per second: requests or handshakes. */
const struct histogram *report_main(const struct report *r);
double report_rate(const struct report *r);

/* In milliseconds, rounded to the nanosecond: processors differ in the digits
 * beyond, and so would the forms. */
double report_ms(double ns);

struct report_quantile {
	const char *name;
	double share;
	bool is_in_text; /* the table fits into 80 columns */
};

enum { REPORT_QUANTILES = 6 };
extern const struct report_quantile report_quantiles[REPORT_QUANTILES];
