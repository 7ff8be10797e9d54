// SPDX-License-Identifier: MIT
/*
 * The percentile distribution as HdrHistogram prints it ("outputPercentile
 * Distribution", hdrhistogram.org), in milliseconds.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "bench/report.h"

enum { TICKS = 5 }; /* lines for each halving of the distance to 1 */

/* The share of a line, counted from 0: ever smaller steps towards 1. Each is
 * computed by itself, so that no rounding adds up. */
static double share_at(int line)
{
	double left = 1 - (double)(line % TICKS) / (2 * TICKS);

	return 1 - ldexp(left, -(line / TICKS));
}

static void write_line(
	const struct histogram *h, uint64_t value, double share, FILE *out)
{
	fprintf(out, "%12.6f %2.12f %10" PRIu64, (double)value / 1e6, share,
		histogram_up_to(h, value));
	if (share < 1)
		fprintf(out, " %14.2f", 1 / (1 - share));
	fprintf(out, "\n");
}

int report_hgrm(const struct report *r, FILE *out)
{
	const struct histogram *h = report_main(r);
	uint64_t total = histogram_total(h), max = histogram_max(h);

	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile",
		"TotalCount", "1/(1-Percentile)");
	/* Up to where a share of less than one value would begin. */
	for (int line = 0; total; line++) {
		double share = share_at(line);
		uint64_t value = histogram_at(h, share);

		if ((1 - share) * (double)total <= 0.5 || value >= max)
			break;
		write_line(h, value, share, out);
	}
	if (total)
		write_line(h, max, 1, out);
	fprintf(out, "#[Mean    = %12.6f, StdDeviation   = %12.6f]\n",
		report_ms(histogram_mean(h)),
		report_ms(histogram_deviation(h)));
	fprintf(out, "#[Max     = %12.6f, Total count    = %12" PRIu64 "]\n",
		(double)max / 1e6, total);
	fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n",
		64 - HISTOGRAM_DIGITS + 1, 1 << HISTOGRAM_DIGITS);
	return fflush(out) || ferror(out) ? -(errno ? errno : EIO) : 0;
}
