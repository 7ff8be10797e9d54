// SPDX-License-Identifier: MIT
/*
 * What a run has shown: for people, as JSON, and as the percentiles that
 * HdrHistogram's plotters read. Knows nothing of how it was measured.
 */
#pragma once

#include <stdio.h>

#include "bench/run.h"

struct report {
	const struct plan *plan;
	const struct result *result;
	const char *server; /* its address, as shown */
};

/* Wrong and missing replies, failed connections, and what never left. */
uint64_t report_errors(const struct report *r);

void report_text(const struct report *r, FILE *out);

/* 0 or -errno; also of a full disk. */
MUST_CHECK int report_json(const struct report *r, FILE *out);
MUST_CHECK int report_hgrm(const struct report *r, FILE *out);

/* What is wrong with the figures, one line a time; none: nothing. */
void report_doubts(
	const struct report *r, void (*say)(const char *format, ...));

/* --- shared by the forms --- */

extern const char *const report_modes[];
extern const char *const report_times[TALLY_TIMES];

/* What is counted a second: requests, or handshakes. */
const struct histogram *report_main(const struct report *r);
double report_rate(const struct report *r);

/* In milliseconds, to the nanosecond: what is beyond is a processor's rounding,
 * and the forms would differ by it. */
double report_ms(double ns);

struct report_quantile {
	const char *name;
	double share;
	bool is_in_text; /* the table fits into 80 columns */
};

enum { REPORT_QUANTILES = 6 };
extern const struct report_quantile report_quantiles[REPORT_QUANTILES];
