// SPDX-License-Identifier: MIT
/*
 * visit: honest clients, and how they fare. --guests have sessions and ask for
 * the time every --every milliseconds, on a schedule: how long a reply took
 * counts from when the request was due. Newcomers connect, agree on keys, ask
 * once and leave: --rate a second, or --herd all at once, or always --parallel
 * at a time. All exchanges are used in turn, unless --exchange says which.
 *
 * Says "ready" when the guests have their sessions, begins with the first line
 * of input, goes on for --seconds (a herd: until all have left), and reports
 * one line of JSON. Whoever was not served within --patience has failed. With
 * --retry, a newcomer that is turned away comes again: after so many
 * milliseconds, twice as many each time up to --retry-most, and between half
 * and all of that. How long it took counts from the first time.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/random.h"
#include "lab/score.h"
#include "lab/visit_options.h"
#include "lab/visitor.h"

enum {
	EVENTS = 256,
	SCAN_MS = 50,
	REST_SCAN_MS = 5,
};

static const uint64_t MS = 1000000; /* in ns */
static struct visitor *guests, *newcomers;
static size_t *free_places, free_count, place_count;
static struct score guest_scores[EXCHANGE_COUNT]; /* by exchange */
static struct score newcomer_scores[EXCHANGE_COUNT];
static uint64_t began_ns, end_ns, served_ns;
static size_t begun, resting, turned_away;
static int epoll;

static bool is_guest(const struct visitor *v)
{
	return v >= guests && v < guests + opt.guests;
}

static struct score *score_of(const struct visitor *v)
{
	return &(is_guest(v) ? guest_scores : newcomer_scores)[v->exchange];
}

static void leave(struct visitor *v)
{
	if (v->state == VISITOR_RESTS)
		resting--;
	else
		visitor_leave(v);
	v->state = VISITOR_AWAY;
	if (!is_guest(v))
		free_places[free_count++] = (size_t)(v - newcomers);
}

static bool is_late(const struct visitor *v, uint64_t now_ns)
{
	return v->state != VISITOR_AWAY && v->state != VISITOR_FREE &&
	       v->since_ns + opt.patience * 1000 * MS < now_ns;
}

/* Twice as long each time, and not all at the same time. */
static uint64_t rest_ns(unsigned failures)
{
	size_t ms = failures < 16 ? opt.retry << failures : opt.retry_most;
	int half_us = (int)min_size(ms, opt.retry_most) * 500;

	return (uint64_t)(half_us + random_between(0, half_us)) * 1000;
}

static void fail(struct visitor *v)
{
	uint64_t now_ns = clock_ns();

	if (is_guest(v) || !opt.retry || is_late(v, now_ns)) {
		score_of(v)->failed++;
		leave(v);
		return;
	}
	visitor_leave(v);
	v->state = VISITOR_RESTS;
	v->again_ns = now_ns + rest_ns(v->failures++);
	resting++;
	turned_away++;
}

static void come(struct visitor *v, size_t i)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.ptr = v };
	int fd = sources_connect(&opt.from, i / EXCHANGE_COUNT, opt.to, 0);

	if (fd < 0)
		errx(1, "connect: %s", strerror(-fd));
	visitor_start(v, fd, v->exchange);
	/* cppcheck-suppress invalidFunctionArg; errx() does not return */
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

static void come_first(struct visitor *v, size_t i)
{
	v->exchange = opt.exchange < EXCHANGE_COUNT
			      ? opt.exchange
			      : (enum exchange_id)(i % EXCHANGE_COUNT);
	v->since_ns = clock_ns();
	v->failures = 0;
	come(v, i);
}

static void ask(struct visitor *v)
{
	if (!visitor_ask(v))
		fail(v);
}

static void answered(struct visitor *v)
{
	uint64_t now_ns = clock_ns();

	score_add(score_of(v), now_ns - v->since_ns);
	if (is_guest(v)) {
		v->since_ns += opt.every * MS; /* when the next one is due */
	} else {
		served_ns = now_ns;
		leave(v);
	}
}

static void take_turn(struct visitor *v)
{
	enum visitor_news news;

	while (v->state > VISITOR_RESTS && (news = visitor_turn(v))) {
		if (news == NEWS_FAILED)
			fail(v);
		else if (news == NEWS_ANSWERED)
			answered(v);
		else if (!is_guest(v))
			ask(v);
	}
}

/* --- what is due ---------------------------------------------------------- */

static void ask_due(uint64_t now_ns)
{
	for (size_t i = 0; i < opt.guests; i++) {
		struct visitor *v = &guests[i];

		if (v->state == VISITOR_FREE && v->since_ns <= now_ns &&
			v->since_ns < end_ns) {
			score_of(v)->begun++;
			ask(v);
		}
	}
}

static void begin_one(void)
{
	struct visitor *v = &newcomers[free_places[--free_count]];

	come_first(v, begun++);
	score_of(v)->begun++;
}

static void begin_due(uint64_t now_ns)
{
	size_t due = opt.herd;

	if (now_ns >= end_ns && !opt.herd)
		return;
	if (opt.rate)
		due = (size_t)((double)(now_ns - began_ns) / 1e9 *
			       (double)opt.rate) +
		      1;
	if (opt.parallel)
		due = begun + opt.parallel - (place_count - free_count);
	while (begun < due && free_count)
		begin_one();
}

static void give_up(uint64_t now_ns)
{
	static uint64_t due_ns;

	if (now_ns < due_ns)
		return;
	due_ns = now_ns + SCAN_MS * MS;
	for (size_t i = 0; i < opt.guests; i++)
		if (is_late(&guests[i], now_ns))
			fail(&guests[i]);
	for (size_t i = 0; i < place_count; i++)
		if (is_late(&newcomers[i], now_ns))
			fail(&newcomers[i]);
}

static void come_again(uint64_t now_ns)
{
	static uint64_t due_ns;

	if (now_ns < due_ns)
		return;
	due_ns = now_ns + REST_SCAN_MS * MS;
	for (size_t i = 0; resting && i < place_count; i++) {
		struct visitor *v = &newcomers[i];

		if (v->state == VISITOR_RESTS && v->again_ns <= now_ns) {
			resting--;
			come(v, i);
		}
	}
}

/* --- the run -------------------------------------------------------------- */

/* Until when there is nothing to do. */
static uint64_t next_ns(uint64_t now_ns)
{
	uint64_t next = now_ns + (resting ? REST_SCAN_MS : SCAN_MS) * MS;

	for (size_t i = 0; began_ns && i < opt.guests; i++)
		if (guests[i].state == VISITOR_FREE &&
			guests[i].since_ns < next &&
			guests[i].since_ns < end_ns)
			next = guests[i].since_ns;
	if (began_ns && opt.rate) {
		double due = (double)begun * 1e9 / (double)opt.rate;

		if (began_ns + (uint64_t)due < next)
			next = began_ns + (uint64_t)due;
	}
	return next;
}

static void wait_until(uint64_t moment_ns)
{
	struct timespec left = clock_left(moment_ns);
	struct epoll_event events[EVENTS];
	int n = epoll_pwait2(epoll, events, EVENTS, &left, NULL);

	for (int i = 0; i < n; i++)
		take_turn(events[i].data.ptr);
	give_up(clock_ns());
	come_again(clock_ns());
}

static size_t count(enum visitor_state least, enum visitor_state most)
{
	size_t n = 0;

	for (size_t i = 0; i < opt.guests; i++)
		n += guests[i].state >= least && guests[i].state <= most;
	return n;
}

/* All at once, and then until none is on the way. */
static void open_guests(void)
{
	for (size_t i = 0; i < opt.guests; i++)
		come_first(&guests[i], i);
	while (count(VISITOR_CONNECTS, VISITOR_AGREES))
		wait_until(next_ns(clock_ns()));
}

static bool is_over(uint64_t now_ns)
{
	bool all_have_left =
		free_count == place_count && !count(VISITOR_ASKS, VISITOR_ASKS);

	return all_have_left &&
	       (opt.herd ? begun >= opt.herd : now_ns >= end_ns);
}

static void run(void)
{
	began_ns = clock_ns();
	end_ns = began_ns + opt.seconds * 1000 * MS;
	for (size_t i = 0; i < opt.guests; i++)
		guests[i].since_ns =
			began_ns + (i + 1) * opt.every * MS / opt.guests;
	while (!is_over(clock_ns())) {
		begin_due(clock_ns());
		ask_due(clock_ns());
		wait_until(next_ns(clock_ns()));
	}
}

static void report(void)
{
	printf("{\"seconds\": %.6f, \"turned_away\": %zu, \"guests\": {",
		served_ns ? (double)(served_ns - began_ns) / 1e9 : 0.0,
		turned_away);
	scores_print(guest_scores);
	printf("}, \"newcomers\": {");
	scores_print(newcomer_scores);
	puts("}}");
	fflush(stdout);
}

static void make_places(void)
{
	place_count = opt.herd + opt.parallel + opt.rate * (opt.patience + 2);
	guests = calloc(opt.guests + 1, sizeof(*guests));
	newcomers = calloc(place_count + 1, sizeof(*newcomers));
	free_places = calloc(place_count + 1, sizeof(*free_places));
	if (!guests || !newcomers || !free_places)
		err(1, "calloc");
	for (free_count = 0; free_count < place_count; free_count++)
		free_places[free_count] = place_count - 1 - free_count;
}

int main(int argc, char **argv)
{
	char line[16];

	options_parse(argv + (argc > 0));
	sources_raise_descriptors();
	visitors_init();
	make_places();
	epoll = epoll_create1(0);
	if (epoll < 0)
		err(1, "epoll_create1");
	open_guests();
	puts("ready");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin)) {
		run();
		report();
	}
	return 0;
}
