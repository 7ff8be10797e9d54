// SPDX-License-Identifier: MIT
#include "bench/report.h"

#include <inttypes.h>
#include <math.h>

const char *const report_modes[] = {
	[PLAN_CLOSED] = "closed loop",
	[PLAN_OPEN] = "open loop",
	[PLAN_HANDSHAKES] = "handshakes",
};

const char *const report_times[TALLY_TIMES] = {
	[TALLY_CONNECT] = "connect",
	[TALLY_EXCHANGE] = "key exchange",
	[TALLY_REQUEST] = "request",
	[TALLY_UNCORRECTED] = "uncorrected",
};

const struct report_quantile report_quantiles[REPORT_QUANTILES] = {
	{ "p50", 0.5, true },
	{ "p75", 0.75, false },
	{ "p90", 0.9, true },
	{ "p99", 0.99, true },
	{ "p99.9", 0.999, true },
	{ "p99.99", 0.9999, true },
};

double report_ms(double ns)
{
	return round(ns) / 1e6;
}

static uint64_t counted(const struct report *r, enum tally_count what)
{
	return tally_counted(&r->result->tally, what);
}

static bool is_handshakes(const struct report *r)
{
	return r->plan->mode == PLAN_HANDSHAKES;
}

const struct histogram *report_main(const struct report *r)
{
	return &r->result->tally.times[is_handshakes(r) ? TALLY_EXCHANGE
							: TALLY_REQUEST];
}

double report_rate(const struct report *r)
{
	uint64_t n = histogram_total(report_main(r));

	return r->result->seconds > 0 ? (double)n / r->result->seconds : 0;
}

uint64_t report_errors(const struct report *r)
{
	return counted(r, TALLY_WRONG) + counted(r, TALLY_MISSING) +
	       r->result->never_left + tally_failed(&r->result->tally);
}

static const char *plural(long n)
{
	return n == 1 ? "" : "s";
}

static void write_head(const struct report *r, FILE *out)
{
	const struct plan *p = r->plan;
	char command[PLAN_COMMAND_BYTES];

	plan_name_command(p->command, command);
	fprintf(out, "%s over %s with %s\n%ld connection%s, %ld thread%s",
		report_modes[p->mode], exchanges[p->exchange]->name, r->server,
		p->connections, plural(p->connections), p->threads,
		plural(p->threads));
	if (!is_handshakes(r))
		fprintf(out, ", depth %ld, %s", p->depth, command);
	fprintf(out, "\n\n");
}

/* Seven columns suffice for hours, with fewer decimals for longer times. */
static void write_ms(double ns, FILE *out)
{
	double ms = ns / 1e6;

	fprintf(out, " %7.*f", ms < 999 ? 3 : ms < 9999 ? 2 : 0, ms);
}

static void write_time(const struct report *r, enum tally_time time, FILE *out)
{
	const struct histogram *h = &r->result->tally.times[time];

	fprintf(out, "  %-12s %8" PRIu64, report_times[time],
		histogram_total(h));
	if (histogram_total(h)) {
		write_ms(histogram_mean(h), out);
		for (size_t i = 0; i < REPORT_QUANTILES; i++)
			if (report_quantiles[i].is_in_text)
				write_ms((double)histogram_at(
						 h, report_quantiles[i].share),
					out);
		write_ms((double)histogram_max(h), out);
	}
	fprintf(out, "\n");
}

static void write_times(const struct report *r, FILE *out)
{
	fprintf(out, "\n  %-12s %8s %7s", "latency, ms", "count", "mean");
	for (size_t i = 0; i < REPORT_QUANTILES; i++)
		if (report_quantiles[i].is_in_text)
			fprintf(out, " %7s", report_quantiles[i].name);
	fprintf(out, " %7s\n", "max");
	write_time(r, TALLY_CONNECT, out);
	write_time(r, TALLY_EXCHANGE, out);
	if (!is_handshakes(r))
		write_time(r, TALLY_REQUEST, out);
	if (r->plan->mode == PLAN_OPEN)
		write_time(r, TALLY_UNCORRECTED, out);
}

/* The sum, and below it only the kinds that have occurred. */
static void write_errors(const struct report *r, FILE *out)
{
	const struct {
		uint64_t n;
		const char *what;
	} rows[] = {
		{ counted(r, TALLY_WRONG), "wrong replies" },
		{ counted(r, TALLY_MISSING), "replies lost" },
		{ r->result->never_left, "not sent: no connection left" },
		{ tally_failed(&r->result->tally), "connections failed" },
	};
	uint64_t n;

	fprintf(out, "  errors       %" PRIu64 "\n", report_errors(r));
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].n)
			fprintf(out, "    %9" PRIu64 "  %s\n", rows[i].n,
				rows[i].what);
	for (enum tally_count i = TALLY_FAILED; i < TALLY_COUNTS; i++)
		if ((n = counted(r, i)))
			fprintf(out, "    %9" PRIu64 "    %s\n", n,
				tally_reason(i));
}

void report_text(const struct report *r, FILE *out)
{
	write_head(r, out);
	fprintf(out, "  %-12s %" PRIu64 " in %.3f s, %.1f per second\n",
		is_handshakes(r) ? "handshakes" : "requests",
		histogram_total(report_main(r)), r->result->seconds,
		report_rate(r));
	if (r->plan->mode == PLAN_OPEN)
		fprintf(out, "  offered      %.1f per second\n", r->plan->rate);
	write_errors(r, out);
	fprintf(out, "  generator    %.0f %% of a CPU (busiest thread)\n",
		100 * r->result->busiest);
	write_times(r, out);
	fflush(out);
}

/* Did many requests leave well after their time, or not at all? */
static bool is_behind(const struct report *r)
{
	uint64_t unsent = counted(r, TALLY_UNSENT);
	const struct histogram *corrected = report_main(r);
	const struct histogram *real =
		&r->result->tally.times[TALLY_UNCORRECTED];

	/* Half of them were sent a millisecond late, or later. */
	return (double)unsent > r->plan->rate / 1000 ||
	       histogram_at(corrected, 0.5) > histogram_at(real, 0.5) + 1000000;
}

static void say_silence(
	const struct report *r, void (*say)(const char *format, ...))
{
	const struct exchange *e = exchanges[r->plan->exchange];
	char command[PLAN_COMMAND_BYTES];

	plan_name_command(r->plan->command, command);
	say("A reply to %s ends with %d ms of silence over %s: the latencies "
	    "exclude it, the rate cannot",
		command, e->patience[ROLE_CLIENT], e->name);
}

void report_doubts(const struct report *r, void (*say)(const char *format, ...))
{
	const struct plan *p = r->plan;

	if (r->result->was_interrupted)
		say("Interrupted: %" PRIu64 " %s in flight were dropped",
			counted(r, TALLY_CUT_SHORT),
			is_handshakes(r) ? "handshakes" : "requests");
	else if (!r->result->remained)
		say("No connection was left after %.3f s", r->result->seconds);
	if (r->result->busiest > 0.9 && r->result->seconds > 0.1)
		say("The load generator used %.0f %% of a CPU: it may have "
		    "been the bottleneck; try more threads (-t) or another "
		    "machine",
			100 * r->result->busiest);
	if (r->result->stood > 0)
		say("The load generator did not run for %.3f s: requests due "
		    "then were sent late and replies were read late; the "
		    "latencies include this",
			r->result->stood);
	if (p->mode == PLAN_OPEN && is_behind(r))
		say("The schedule was not kept: %.1f per second offered, %.1f "
		    "achieved",
			p->rate, report_rate(r));
	if (counted(r, TALLY_UNSENT))
		say("%" PRIu64 " scheduled requests were never sent; no "
		    "latency includes them",
			counted(r, TALLY_UNSENT));
	if (p->mode == PLAN_CLOSED && plan_waits_for_silence(p))
		say_silence(r, say);
}
