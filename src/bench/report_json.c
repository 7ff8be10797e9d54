// SPDX-License-Identifier: MIT
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "bench/report.h"

/*
 * No function here checks a result: if memory runs out, jansson accepts NULL
 * as an object or a value, and leaves it out. So its allocator takes note.
 */
static json_malloc_t allocate;
static bool ran_out;

static void *take(size_t n)
{
	void *taken = allocate(n);

	ran_out |= !taken;
	return taken;
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *ms(double ns)
{
	return json_real(report_ms(ns));
}

static json_t *latency(const struct histogram *h)
{
	json_t *o = json_object();
	bool any = histogram_total(h) > 0;

	json_object_set_new(o, "count", number(histogram_total(h)));
	json_object_set_new(
		o, "mean_ms", any ? ms(histogram_mean(h)) : json_null());
	json_object_set_new(o, "deviation_ms",
		any ? ms(histogram_deviation(h)) : json_null());
	for (size_t i = 0; i < REPORT_QUANTILES; i++) {
		const struct report_quantile *q = &report_quantiles[i];
		char name[16];

		snprintf(name, sizeof(name), "%s_ms", q->name);
		json_object_set_new(o, name,
			any ? ms((double)histogram_at(h, q->share))
			    : json_null());
	}
	json_object_set_new(
		o, "max_ms", any ? ms((double)histogram_max(h)) : json_null());
	return o;
}

static json_t *latencies(const struct report *r)
{
	static const char *const names[TALLY_TIMES] = {
		[TALLY_CONNECT] = "connect",
		[TALLY_EXCHANGE] = "key_exchange",
		[TALLY_REQUEST] = "request",
		[TALLY_UNCORRECTED] = "request_uncorrected",
	};
	const struct histogram *times = r->result->tally.times;
	json_t *o = json_object();

	for (int i = 0; i < TALLY_TIMES; i++) {
		bool is_due =
			i < TALLY_REQUEST || r->plan->mode == PLAN_OPEN ||
			(i == TALLY_REQUEST && r->plan->mode == PLAN_CLOSED);

		if (is_due)
			json_object_set_new(o, names[i], latency(&times[i]));
	}
	return o;
}

static json_t *failures(const struct tally *t)
{
	json_t *o = json_object();

	for (enum tally_count i = TALLY_FAILED; i < TALLY_COUNTS; i++)
		if (tally_counted(t, i))
			json_object_set_new(o, tally_reason(i),
				number(tally_counted(t, i)));
	return o;
}

static void add_setup(const struct report *r, json_t *o)
{
	const struct plan *p = r->plan;
	char command[PLAN_COMMAND_BYTES];

	plan_name_command(p->command, command);
	json_object_set_new(
		o, "program", json_string("smx-bench " SMX_VERSION));
	json_object_set_new(o, "mode", json_string(report_modes[p->mode]));
	json_object_set_new(
		o, "exchange", json_string(exchanges[p->exchange]->name));
	json_object_set_new(o, "server", json_string(r->server));
	json_object_set_new(o, "connections", json_integer(p->connections));
	json_object_set_new(o, "threads", json_integer(p->threads));
	if (p->mode != PLAN_HANDSHAKES) {
		json_object_set_new(o, "depth", json_integer(p->depth));
		json_object_set_new(o, "command", json_string(command));
	}
	json_object_set_new(
		o, "warmup_s", json_real((double)p->warmup_ns / 1e9));
}

static void add_outcome(const struct report *r, json_t *o)
{
	const struct tally *t = &r->result->tally;

	json_object_set_new(o, "counted_s", json_real(r->result->seconds));
	if (r->plan->mode == PLAN_OPEN)
		json_object_set_new(
			o, "offered_per_s", json_real(r->plan->rate));
	json_object_set_new(o, "achieved_per_s", json_real(report_rate(r)));
	json_object_set_new(
		o, "completed", number(histogram_total(report_main(r))));
	json_object_set_new(o, "errors", number(report_errors(r)));
	json_object_set_new(
		o, "wrong_replies", number(tally_counted(t, TALLY_WRONG)));
	json_object_set_new(
		o, "missing_replies", number(tally_counted(t, TALLY_MISSING)));
	json_object_set_new(o, "never_sent", number(r->result->never_left));
	json_object_set_new(
		o, "behind_schedule", number(tally_counted(t, TALLY_UNSENT)));
	json_object_set_new(
		o, "cut_short", number(tally_counted(t, TALLY_CUT_SHORT)));
	json_object_set_new(o, "sessions_opened",
		number(tally_counted(t, TALLY_CONNECTED)));
	json_object_set_new(o, "connections_failed", failures(t));
	json_object_set_new(
		o, "interrupted", json_boolean(r->result->was_interrupted));
	json_object_set_new(
		o, "tester_cpu_share", json_real(r->result->busiest));
	json_object_set_new(o, "tester_stood_s", json_real(r->result->stood));
	json_object_set_new(o, "latency", latencies(r));
}

static int write_object(json_t *o, FILE *out)
{
	if (ran_out)
		return -ENOMEM;
	if (json_dumpf(o, out,
		    JSON_INDENT(2) | JSON_PRESERVE_ORDER |
			    JSON_REAL_PRECISION(9)) ||
		fputc('\n', out) == EOF || fflush(out))
		return errno ? -errno : -EIO;
	return 0;
}

int report_json(const struct report *r, FILE *out)
{
	json_free_t give;
	json_t *o;
	int error;

	json_get_alloc_funcs(&allocate, &give);
	json_set_alloc_funcs(take, give);
	ran_out = false;
	o = json_object();
	add_setup(r, o);
	add_outcome(r, o);
	error = write_object(o, out);
	json_decref(o);
	json_set_alloc_funcs(allocate, give);
	return error;
}
