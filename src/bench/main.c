// SPDX-License-Identifier: MIT
/*
 * smx-bench: its options, and what becomes of them: the first connection, the
 * run, the report.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mark.h"
#include "base/options.h"
#include "base/os.h"
#include "base/os_signals.h"
#include "bench/contact.h"
#include "bench/report.h"
#include "crypto/key.h"
#include "net/endpoint.h"

enum {
	CONNECTIONS_MAX = 1000000,
	REQUESTS_MAX = 1000000000,
	RATE_MAX = 10000000,
	SPAN_MAX_S = 1000000,
};

static struct plan plan = {
	.connections = 64,
	.threads = 1,
	.depth = 1,
};

static struct endpoint endpoint;
static struct contact contact = { .access.timeout_ms = 10000 };
static bool wants_handshakes, wants_json;
static unsigned duration_ms = 10000, warmup_ms;
static long rate;
static int colours;
static const char *hgrm_file;
static char commands[PLAN_LIST_BYTES]; /* to choose from */

/* clang-format off */
static const struct option_row rows[] = {
	{ 'c', "connections", "N", option_number, &plan.connections,
		1, CONNECTIONS_MAX, "concurrent connections (default 64)" },
	{ 't', "threads", "N", option_number, &plan.threads,
		1, PLAN_THREADS_MAX, "threads of the load generator (default 1)" },
	{ 'd', "duration", "SECONDS", option_seconds, &duration_ms,
		0.001, SPAN_MAX_S, "how long to measure (default 10)" },
	{ 'n', "requests", "N", option_number, &plan.requests,
		1, REQUESTS_MAX, "stop after N requests instead of a duration" },
	{ 'P', "depth", "N", option_number, &plan.depth,
		1, SESSION_DEPTH_MAX,
		"requests in flight per connection (default 1)" },
	{ 'r', "rate", "N", option_number, &rate, 1, RATE_MAX,
		"send N requests per second on a fixed schedule" },
	{ 0, "handshakes", NULL, option_flag, &wants_handshakes, 0, 0,
		"measure key exchanges: connect, exchange, close" },
	{ 0, "warmup", "SECONDS", option_seconds, &warmup_ms, 0, SPAN_MAX_S,
		"warm-up before measuring (default 0)" },
	{ 0, "command", commands, option_word, &plan.command,
		0, 0, "request to send (default time)" },
	{ 0, "source", "ADDR[,ADDR]...", option_text, &contact.sources, 0, 0,
		"connect from these addresses in turn" },
	ACCESS_ROWS(contact.access),
	{ 0, "json", NULL, option_flag, &wants_json, 0, 0,
		"print the report as JSON" },
	{ 0, "hgrm", "FILE", option_text, &hgrm_file, 0, 0,
		"write percentiles in HdrHistogram's format" },
	{ 0, "color", "auto|always|never", option_choice, &colours, 0, 0,
		"colour messages (default auto: on a terminal)" },
};
/* clang-format on */

static uint64_t ns(unsigned ms)
{
	return (uint64_t)ms * 1000000;
}

static void settle_plan(void)
{
	plan.mode = wants_handshakes ? PLAN_HANDSHAKES
		    : rate           ? PLAN_OPEN
				     : PLAN_CLOSED;
	plan.exchange = contact.access.exchange;
	plan.rate = (double)rate;
	plan.warmup_ns = ns(warmup_ms);
	plan.duration_ns = ns(duration_ms);
	plan.timeout_ns = ns(contact.access.timeout_ms);
}

/* A host and a port, and nothing else: 0, or OPTIONS_WRONG and a complaint. */
static int read_words(char **given, int count, struct complaint *complaint)
{
	int used = endpoint_parse(
		&endpoint, given, count, ENDPOINT_TO_CONNECT, complaint);

	if (used < 0)
		return OPTIONS_WRONG;
	if (used == count)
		return 0;
	return complaint_print(complaint, OPTIONS_WRONG,
		"unexpected operand '%s'", given[used]);
}

/* Can these be combined? 0, or OPTIONS_WRONG and a complaint. */
static int check_options(struct complaint *complaint)
{
	const char *wrong = NULL;
	char command[PLAN_COMMAND_BYTES];

	if (wants_handshakes && (rate || plan.depth > 1 || plan.command))
		wrong = "--handshakes cannot be combined with --rate, --depth "
			"or --command";
	else if (plan.threads > plan.connections)
		wrong = "there are more threads than connections";
	if (wrong)
		return complaint_print(complaint, OPTIONS_WRONG, "%s", wrong);
	if (plan.depth == 1 || !plan_waits_for_silence(&plan))
		return 0;
	plan_name_command(plan.command, command);
	return complaint_print(complaint, OPTIONS_WRONG,
		"over %s, '%s' cannot be pipelined, since only silence ends a "
		"reply; --secure has no such limit",
		exchanges[plan.exchange]->name, command);
}

static int check(char **given, int count, struct complaint *complaint)
{
	int error = read_words(given, count, complaint);

	if (!error)
		error = access_check(&contact.access, complaint);
	settle_plan();
	return error ? error : check_options(complaint);
}

static const struct options options = {
	.program = "smx-bench",
	.usage = "[OPTION]... HOST PORT\n"
		 "       smx-bench [OPTION]... HOST:PORT",
	.purpose = "Measures how many requests an smx server answers, and how "
		   "long each takes.",
	.rows = rows,
	.count = COUNT_OF(rows),
	.least = 1,
	.most = 2,
	.examples =
		"  smx-bench localhost 1337               as fast as possible\n"
		"  smx-bench -r 5000 localhost 1337       5000 requests per "
		"second\n"
		"  smx-bench --handshakes --secure localhost 1337\n",
	.more = "Exit status: 0 success, 1 errors were counted, 2 wrong usage, "
		"3 no connection,\n4 timed out, 5 protocol error, "
		"6 key rejected, 130 interrupted.\nSee smx-bench(1).\n",
	.check = check,
	.cannot_start = STATUS_NO_CONNECTION,
};

PRINTF_LIKE(2, 0)
static void say(enum mark mark, const char *format, va_list arguments)
{
	mark_vprint(STDERR_FILENO, mark,
		mark_wants_colour((enum mark_colours)colours, STDERR_FILENO),
		format, arguments);
}

PRINTF_LIKE(1, 2)
static void doubt(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(MARK_NOTICE, format, arguments);
	va_end(arguments);
}

/* Prints it, and returns status. */
PRINTF_LIKE(2, 3)
static int complain(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(MARK_ERROR, format, arguments);
	va_end(arguments);
	return status;
}

/* It is opened before the run, so that a mistake does not cost the run. */
static int open_hgrm(FILE **file)
{
	*file = hgrm_file ? fopen(hgrm_file, "we") : NULL;
	if (hgrm_file && !*file)
		return complain(STATUS_WRONG_USAGE, "Cannot write %s: %s",
			hgrm_file, strerror(errno));
	return STATUS_SUCCESS;
}

static int write_report(const struct report *r, FILE *hgrm)
{
	int error = 0;

	errno = 0;
	if (wants_json)
		error = report_json(r, stdout);
	else
		report_text(r, stdout);
	if (error || ferror(stdout))
		return complain(STATUS_NO_REPLY, "Cannot write the report: %s",
			strerror(error ? -error : errno));
	if (hgrm) {
		error = report_hgrm(r, hgrm);
		if (fclose(hgrm) && !error)
			error = -errno;
	}
	if (error)
		return complain(STATUS_NO_REPLY, "Cannot write %s: %s",
			hgrm_file, strerror(-error));
	return STATUS_SUCCESS;
}

static int measure(FILE *hgrm)
{
	static struct result result;
	const struct report report = { &plan, &result, contact.server };
	int error = run_plan(&plan, &result);
	int status;

	if (error)
		return complain(STATUS_NO_CONNECTION, "The run failed: %s",
			strerror(-error));
	status = write_report(&report, hgrm);
	report_doubts(&report, doubt);
	if (result.was_interrupted)
		return STATUS_INTERRUPTED;
	return status || !report_errors(&report) ? status : STATUS_NO_REPLY;
}

static int make_contact(const char *host, const char *port)
{
	struct complaint complaint;
	int status = contact_make(&contact, &plan, host, port, &complaint);

	if (contact.alarm)
		mark_print_lines(STDERR_FILENO, MARK_NOTICE,
			mark_wants_colour(
				(enum mark_colours)colours, STDERR_FILENO),
			contact.alarm);
	if (status)
		return complain(status, "%s", complaint.text);
	if (contact.is_known && !access_needs_identity(&contact.access) &&
		!contact.access.allows_plain)
		doubt("This server's key is known, but these sessions are "
		      "plain; --secure uses the key, --plain silences this");
	if (plan.asks_older)
		doubt("The server has a new key; these sessions use the old "
		      "one");
	return STATUS_SUCCESS;
}

static int run(void)
{
	FILE *hgrm;
	int status;

	os_signals_ignore(SIGPIPE);
	os_signals_ignore(SIGXFSZ);
	os_forbid_dumps();
	status = open_hgrm(&hgrm);
	if (!status)
		status = make_contact(endpoint.host, endpoint.port);
	if (!status)
		status = measure(hgrm);
	contact_end(&contact, &plan);
	return status;
}

int main(int argc, char **argv)
{
	struct complaint complaint;
	int first;

	plan_list_commands(commands);
	first = options_begin(&options, argc, argv, stdout, &complaint);
	if (first >= 0)
		return run();
	if (*complaint.text)
		return complain(
			options_status(&options, first), "%s", complaint.text);
	return options_status(&options, first);
}
