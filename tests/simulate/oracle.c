// SPDX-License-Identifier: MIT
#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chance.h"
#include "network.h"
#include "server.h"
#include "server/answer.h"
#include "server/connection.h"
#include "server/worker.h"
#include "thread.h"
#include "world.h"

enum {
	SLOW_MS = 900,    /* nearly a second, after which a part is a request */
	LOWEST = -100,    /* temperature */
	LINE_BYTES = 80,  /* of the log: see server/peer_log.h */
	LINES = 200 + 16, /* and a report */
};

void oracle_fails(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr,
		"seed %llu, step %llu: ", (unsigned long long)world.seed,
		(unsigned long long)world.steps);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	_exit(1);
}

static int number_of(const struct link *l)
{
	return (int)(l - links);
}

void oracle_made(struct link *l, enum unit_kind kind, uint64_t end)
{
	struct trace *t = &l->trace;

	if (!t->is_honest)
		return;
	HOLDS(t->units_made - t->units_read < UNITS, "too many units");
	t->units[t->units_made++ % UNITS] = (struct unit){ end, kind };
}

bool oracle_is_slow(const struct trace *t)
{
	return t->is_plain &&
	       (t->was_slow || (t->partly_since_ns &&
				       world.now_ns - t->partly_since_ns >
					       SLOW_MS * 1000000ull));
}

void oracle_received(struct link *l)
{
	struct trace *t = &l->trace;
	uint64_t whole = 0;
	/* After the order to stop, nothing more is answered. */
	bool is_heard =
		!t->connection || t->connection->session.state != SESSION_ENDED;

	if (!t->is_honest)
		return;
	t->was_slow = oracle_is_slow(t);
	for (; t->units_read < t->units_made; t->units_read++) {
		const struct unit *u = &t->units[t->units_read % UNITS];

		if (u->end > l->up.read)
			break;
		whole = u->end;
		t->requests += is_heard && u->kind == UNIT_REQUEST;
		t->has_ended |= is_heard && u->kind == UNIT_END;
	}
	t->partly_since_ns = l->up.read > whole ? world.now_ns : 0;
}

static void answered(const struct answer *answer)
{
	struct trace *t;

	HOLDS(thread_now && thread_now->link >= 0, "a reply to no request");
	t = &links[thread_now->link].trace;
	t->answer = oracle_moment(thread_now->context);
	world.requests++;
	if (!t->is_honest)
		return;
	t->answers[t->answered++ % ANSWERS] = *answer;
	HOLDS(t->answered <= t->requests || oracle_is_slow(t),
		"link %d: %u requests were read and %u answered",
		thread_now->link, t->requests, t->answered);
	HOLDS(t->answered - t->replied <= ANSWERS || oracle_is_slow(t),
		"too many replies");
}

void oracle_drew(uint32_t number)
{
	answered(&(struct answer){ .is_number = true, .number = number });
}

static uint32_t zone_bit(void)
{
	return (uint32_t)1 << (world.zone + ZONE_MOST);
}

/*
 * A worker may use the old zone until it has read in its mail that there is
 * another, or again another.
 */
void oracle_zone(void)
{
	for (int i = 0; i < THREADS; i++) {
		threads[i].zones |= zone_bit();
		threads[i].must_be_told = true;
	}
}

void oracle_zone_told(const struct context *worker)
{
	for (int i = 0; i < THREADS; i++)
		if (threads[i].context == worker)
			threads[i].must_be_told = false;
}

void oracle_told(const struct timespec *when)
{
	struct thread *t = thread_now;
	const struct worker *w;

	HOLDS(t && t->context, "the time is told by no worker");
	w = (const struct worker *)t->context;
	if (!t->must_be_told && !w->mailbox.count)
		t->zones = 0;
	t->zones |= zone_bit();
	answered(&(struct answer){ .when = *when, .zones = t->zones });
}

/* The reply as it must be. */
static size_t text_of(const struct answer *a, enum command request, int zone,
	char text[static 32])
{
	time_t there = a->when.tv_sec + 3600 * zone;
	struct tm tm;
	size_t n;

	if (a->is_number)
		return (size_t)snprintf(
			text, 32, "%d", LOWEST + (int)a->number);
	gmtime_r(&there, &tm);
	if (request == COMMAND_DATE)
		return strftime(text, 32, "%Y-%m-%d", &tm);
	n = strftime(text, 32, "%H:%M:%S", &tm);
	return n + (size_t)snprintf(
			   text + n, 32 - n, ".%06ld", a->when.tv_nsec / 1000);
}

static bool is_right(const struct answer *a, enum command request, int zone,
	const struct reply *reply)
{
	char text[32];

	return a->is_number == (request == COMMAND_TEMP) &&
	       text_of(a, request, zone, text) == reply->length &&
	       !memcmp(text, reply->text, reply->length);
}

static bool is_right_somewhere(
	const struct answer *a, enum command request, const struct reply *reply)
{
	if (a->is_number)
		return is_right(a, request, 0, reply);
	for (int zone = -ZONE_MOST; zone <= ZONE_MOST; zone++)
		if (a->zones >> (zone + ZONE_MOST) & 1 &&
			is_right(a, request, zone, reply))
			return true;
	return false;
}

void oracle_replied(
	struct link *l, enum command request, const struct reply *reply)
{
	struct trace *t = &l->trace;
	const struct answer *a = &t->answers[t->replied++ % ANSWERS];

	if (!t->is_honest || oracle_is_slow(t))
		return;
	HOLDS(t->replied <= t->answered,
		"link %d: a reply that the server has not given", number_of(l));
	HOLDS(is_right_somewhere(a, request, reply),
		"link %d: the reply to %s is '%.*s'", number_of(l),
		command_word(request), reply->length, reply->text);
}

/* A reply to a TEMP ends where this says: see client.c. */
size_t oracle_reply_bytes(const struct link *l)
{
	const struct trace *t = &l->trace;
	size_t n = 0;

	for (unsigned i = t->replied; i < t->answered; i++) {
		const struct answer *a = &t->answers[i % ANSWERS];
		char text[32];

		if (!a->is_number)
			return 0;
		n += text_of(a, COMMAND_TEMP, 0, text);
	}
	return n;
}

void oracle_left(struct link *l, unsigned unanswered, bool at_end)
{
	const struct trace *t = &l->trace;

	if (!t->is_honest || oracle_is_slow(t) || !at_end || t->had_unsent)
		return;
	HOLDS(t->replied == t->answered,
		"link %d: %u replies were given, %u came before the end",
		number_of(l), t->answered, t->replied);
	HOLDS(!t->has_ended || !unanswered,
		"link %d: the end came before %u replies", number_of(l),
		unanswered);
}

/* The budget for what peers cause: 200 lines, and 10 more each second. */
void oracle_logged(const char *line)
{
	static const char *const begins[] = { "Connection ", "Secure session",
		"Refused ", "Cannot accept", "Not logged" };
	uint64_t line_ns = 100000000;
	const char *text = strchr(line, ' ');
	bool is_of_peers = false;

	for (size_t i = 0; text && i < COUNT_OF(begins); i++)
		is_of_peers |= !strncmp(text + 1, begins[i], strlen(begins[i]));
	/* Of the counters there is a line that begins like a refusal. */
	if (!is_of_peers || !strncmp(text + 1, "Refused:", 8))
		return;
	if (world.lines_ns < world.now_ns)
		world.lines_ns = world.now_ns;
	world.lines_ns += (1 + strlen(line) / LINE_BYTES) * line_ns;
	HOLDS(world.lines_ns <= world.now_ns + LINES * line_ns,
		"more lines are logged than the budget has");
}

void oracle_end(void)
{
	HOLDS(!network_open(), "%u descriptors are left open", network_open());
	HOLDS(!world.pages, "%ld bytes of pages are not given back",
		world.pages);
	for (int i = 0; i < THREADS; i++)
		HOLDS(!threads[i].is_used || threads[i].is_over,
			"a thread is left");
}
