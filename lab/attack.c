// SPDX-License-Identifier: MIT
/*
 * attack: does to a server what the hostile do, on thousands of connections,
 * for as little as that can cost: no cryptography, one thread. It either holds
 * --hold connections, opening another for each that ends (--rate: at most so
 * many a second), or opens --rate a second and lets them be, in all --count.
 * What each does is its manner, see manners.c.
 *
 * Reads lines: an empty one asks for a report, "stop" says to open no more,
 * "close" to close all at once. A report is one line of JSON. Ends with its
 * input.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/histogram.h"
#include "lab/attack_steps.h"
#include "lab/sources.h"

enum {
	EVENTS = 256,
	PLACES_MAX = 1000000,
	OWN_DESCRIPTORS = 16,
	TICK_MS = 5,
	DRIP_MS = 1000,
	DEFAULT_RATE = 4000,
};

static struct {
	size_t hold, rate, count; /* 0: no bound */
	struct sources from;
	const char *manner;
	struct addrinfo *to;
} opt;

static struct {
	uint64_t begun, connected, failed, ended, left;
	uint64_t most_open;
	struct histogram life_ns; /* of those that the server ended */
} seen;

static struct connection *places;
static size_t *free_places, free_count, place_count;
static int epoll;
static bool is_stopped;
static uint64_t started_ns;

/* --- connections ---------------------------------------------------------- */

static size_t open_now(void)
{
	return place_count - free_count;
}

static void vacate(struct connection *c)
{
	close(c->fd);
	c->fd = 0;
	free_places[free_count++] = (size_t)(c - places);
}

static bool has_connected(struct connection *c)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &n) || error) {
		seen.failed++;
		vacate(c);
		return false;
	}
	c->is_connected = true;
	c->connected_ns = clock_ns();
	seen.connected++;
	return true;
}

static void take_turn(struct connection *c, uint32_t events, bool drips)
{
	enum outcome outcome;

	if (!c->is_connected && !has_connected(c))
		return;
	outcome = steps_run(c, drips);
	if (outcome == WAITS && events & (EPOLLERR | EPOLLHUP))
		outcome = ENDED;
	if (outcome == WAITS)
		return;
	if (outcome == ENDED) {
		seen.ended++;
		histogram_record(&seen.life_ns, clock_ns() - c->connected_ns);
	} else {
		seen.left++;
	}
	vacate(c);
}

static void begin(void)
{
	size_t place = free_places[free_count - 1];
	struct connection *c = &places[place];
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = c,
	};
	const struct script *script = manners_script(opt.manner, seen.begun);
	int fd = sources_connect(
		&opt.from, seen.begun / manners_count(opt.manner), opt.to, 0);

	seen.begun++;
	if (fd < 0) {
		seen.failed++;
		return;
	}
	*c = (struct connection){ .fd = fd, .script = script };
	free_count--;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
	if (open_now() > seen.most_open)
		seen.most_open = open_now();
}

/* As many as are due; but no more than a tenth of a second's at once, as when
 * this process has not run for a while. */
static void begin_due(void)
{
	static uint64_t due_ns;
	uint64_t now_ns = clock_ns(), gap_ns = 1000000000 / opt.rate;

	if (due_ns + 100000000 < now_ns)
		due_ns = now_ns - 100000000;
	for (; due_ns < now_ns && free_count; due_ns += gap_ns) {
		if (is_stopped || (opt.count && seen.begun == opt.count))
			return;
		begin();
	}
}

static void drip(void)
{
	static uint64_t due_ns;
	uint64_t now_ns = clock_ns();

	if (now_ns < due_ns)
		return;
	due_ns = now_ns + DRIP_MS * 1000000ull;
	for (size_t i = 0; i < place_count; i++) {
		struct connection *c = &places[i];

		if (c->fd && c->is_connected && steps_is_dripping(c))
			take_turn(c, 0, true);
	}
}

static void close_all(void)
{
	is_stopped = true;
	for (size_t i = 0; i < place_count; i++)
		if (places[i].fd)
			vacate(&places[i]);
}

/* --- report --------------------------------------------------------------- */

static double oldest_ms(void)
{
	uint64_t now_ns = clock_ns(), since_ns = now_ns;

	for (size_t i = 0; i < place_count; i++)
		if (places[i].fd && places[i].is_connected &&
			places[i].connected_ns < since_ns)
			since_ns = places[i].connected_ns;
	return (double)(now_ns - since_ns) / 1e6;
}

static double life_ms(double share)
{
	return (double)histogram_at(&seen.life_ns, share) / 1e6;
}

static void report(void)
{
	printf("{\"begun\": %" PRIu64 ", \"connected\": %" PRIu64
	       ", \"failed\": %" PRIu64 ", \"ended\": %" PRIu64
	       ", \"left\": %" PRIu64 ", \"open\": %zu, \"most_open\": %" PRIu64
	       ", \"bytes_sent\": %" PRIu64 ", \"bytes_read\": %" PRIu64
	       ", \"oldest_ms\": %.1f, \"life_p50_ms\": %.1f"
	       ", \"life_p99_ms\": %.1f, \"life_max_ms\": %.1f"
	       ", \"seconds\": %.3f}\n",
		seen.begun, seen.connected, seen.failed, seen.ended, seen.left,
		open_now(), seen.most_open, steps_sent, steps_read, oldest_ms(),
		life_ms(0.5), life_ms(0.99),
		(double)histogram_max(&seen.life_ns) / 1e6,
		(double)(clock_ns() - started_ns) / 1e9);
	fflush(stdout);
}

/* --- orders --------------------------------------------------------------- */

/* False at the end of the input. */
static bool read_orders(void)
{
	static char line[64];
	static size_t length;
	char *end;
	ssize_t n = read(0, line + length, sizeof(line) - 1 - length);

	if (n <= 0)
		return false;
	length += (size_t)n;
	line[length] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end++ = '\0';
		is_stopped |= !strcmp(line, "stop");
		if (!strcmp(line, "close"))
			close_all();
		report();
		length -= (size_t)(end - line);
		memmove(line, end, length + 1);
	}
	return length < sizeof(line) - 1;
}

static _Noreturn void usage(void)
{
	manners_list();
	errx(2, "usage: attack [--hold N] [--rate N] [--count N]\n"
		"              [--from ADDRESS[/BITS*COUNT]] MANNER HOST PORT");
}

static size_t number(const char *text)
{
	char *end;
	unsigned long n = text ? strtoul(text, &end, 10) : 0;

	if (!n || *end || n > 1000000000)
		usage();
	return n;
}

static void parse(char **arg)
{
	for (; *arg && !strncmp(*arg, "--", 2); arg += 2) {
		if (!strcmp(*arg, "--hold"))
			opt.hold = number(arg[1]);
		else if (!strcmp(*arg, "--rate"))
			opt.rate = number(arg[1]);
		else if (!strcmp(*arg, "--count"))
			opt.count = number(arg[1]);
		else if (!strcmp(*arg, "--from") && arg[1])
			sources_parse(&opt.from, arg[1]);
		else
			usage();
	}
	if (!arg[0] || !arg[1] || !arg[2] || (!opt.hold && !opt.rate))
		usage();
	opt.manner = arg[0];
	manners_count(opt.manner);
	opt.to = sources_resolve(arg[1], arg[2]);
	if (!opt.rate)
		opt.rate = DEFAULT_RATE;
}

/* A place for each that is to be held; or for all there may be. */
static void make_places(void)
{
	size_t most = sources_raise_descriptors();

	place_count = most - OWN_DESCRIPTORS;
	if (opt.hold && opt.hold < place_count)
		place_count = opt.hold;
	if (place_count > PLACES_MAX)
		place_count = PLACES_MAX;
	places = calloc(place_count, sizeof(*places));
	free_places = calloc(place_count, sizeof(*free_places));
	if (!places || !free_places)
		err(1, "calloc");
	for (free_count = 0; free_count < place_count; free_count++)
		free_places[free_count] = place_count - 1 - free_count;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS], orders = { .events = EPOLLIN };
	bool is_over = false;

	parse(argv + (argc > 0));
	make_places();
	epoll = epoll_create1(0);
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &orders))
		err(1, "epoll");
	started_ns = clock_ns();
	while (!is_over) {
		int n = epoll_wait(epoll, events, EVENTS, TICK_MS);

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				take_turn(events[i].data.ptr, events[i].events,
					false);
			else
				is_over = !read_orders();
		}
		begin_due();
		drip();
	}
	return 0;
}
