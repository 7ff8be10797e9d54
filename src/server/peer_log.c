// SPDX-License-Identifier: MIT
#include "server/peer_log.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define SECOND_NS 1000000000ull
#define LINE_NS (SECOND_NS / PEER_LOG_A_SECOND)
#define FIRST_REPORT_NS (1 * SECOND_NS)
#define REPORTS_APART_NS (10 * SECOND_NS)

/* clang-format off */
static const struct {
	enum mark mark;
	const char *line, *name;
} rows[PEER_REFUSED] = {
	[PEER_RECEIVED] = { MARK_TALK, "Connection received from", "received" },
	[PEER_ENDED]    = { MARK_NOTICE, "Connection ended with", "ended" },
	[PEER_SECURE]   = { MARK_DONE, "Secure session with", "secure sessions" },
	[PEER_WAITS]    = { MARK_ERROR, "Cannot accept connections for now:",
			    "cannot accept" },
};
/* clang-format on */

static const char *name_of(int event)
{
	return event < PEER_REFUSED
		       ? rows[event].name
		       : counter_name((enum counter)(event - PEER_REFUSED));
}

/* Is there anything left of the budget? If not, the event is counted only. */
static bool may_say(struct peer_log *l, int event)
{
	uint64_t now_ns = clock_ns();

	if (l->spent_ns < now_ns)
		l->spent_ns = now_ns;
	if (l->spent_ns + LINE_NS <= now_ns + PEER_LOG_LINES * LINE_NS)
		return true;
	l->left_out[event]++;
	if (l->due_ns)
		return false;
	l->due_ns = now_ns + FIRST_REPORT_NS;
	if (l->due_ns < l->reported_ns + REPORTS_APART_NS)
		l->due_ns = l->reported_ns + REPORTS_APART_NS;
	if (l->call_owner)
		l->call_owner();
	return false;
}

/* Long lines cost more, so that the bytes are bounded too. */
static void spend(struct peer_log *l, size_t bytes)
{
	l->spent_ns += (1 + bytes / PEER_LOG_LINE_BYTES) * LINE_NS;
}

void peer_log_open(struct peer_log *l, struct log *log, bool quiet,
	void (*call_owner)(void))
{
	*l = (struct peer_log){
		.log = log,
		.quiet = quiet,
		.call_owner = call_owner,
	};
	pthread_mutex_init(&l->lock, NULL);
}

void peer_log_say(struct peer_log *l, enum peer_event event,
	const struct address *peer, const char *detail)
{
	char text[ADDRESS_TEXT_BYTES];

	if (l->quiet)
		return;
	pthread_mutex_lock(&l->lock);
	if (may_say(l, (int)event))
		spend(l, log_line(l->log, rows[event].mark, "%s %s%s%s",
				 rows[event].line, address_format(peer, text),
				 detail ? ": " : "", detail ? detail : ""));
	pthread_mutex_unlock(&l->lock);
}

void peer_log_refuse(struct peer_log *l, enum counter reason,
	const struct address *peer, const char *detail)
{
	char text[ADDRESS_TEXT_BYTES];

	pthread_mutex_lock(&l->lock);
	if (may_say(l, PEER_REFUSED + (int)reason))
		spend(l, log_line(l->log, MARK_NOTICE, "Refused %s: %s%s%s",
				 address_format(peer, text),
				 counter_name(reason), detail ? ", " : "",
				 detail ? detail : ""));
	pthread_mutex_unlock(&l->lock);
}

void peer_log_wait(struct peer_log *l, int error)
{
	pthread_mutex_lock(&l->lock);
	if (may_say(l, PEER_WAITS))
		spend(l, log_line(l->log, rows[PEER_WAITS].mark, "%s %s",
				 rows[PEER_WAITS].line, strerror(-error)));
	pthread_mutex_unlock(&l->lock);
}

/* It is part of the budget too, and comes even if none is left. */
static void report(struct peer_log *l)
{
	char line[1024] = "";
	size_t n = 0;

	for (int event = 0; event < PEER_EVENTS; event++) {
		if (!l->left_out[event])
			continue;
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s %lu %s",
			n ? "," : "", l->left_out[event], name_of(event));
		l->left_out[event] = 0;
	}
	spend(l, log_line(l->log, MARK_NOTICE, "Not logged:%s", line));
	l->due_ns = 0;
	l->reported_ns = clock_ns();
}

uint64_t peer_log_report(struct peer_log *l)
{
	uint64_t due_ns;

	pthread_mutex_lock(&l->lock);
	if (l->due_ns && clock_ns() >= l->due_ns)
		report(l);
	due_ns = l->due_ns;
	pthread_mutex_unlock(&l->lock);
	return due_ns;
}

void peer_log_close(struct peer_log *l)
{
	if (l->due_ns)
		report(l);
	pthread_mutex_destroy(&l->lock);
}
