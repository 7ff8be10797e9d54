// SPDX-License-Identifier: MIT
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/os.h"
#include "chance.h"
#include "client.h"
#include "faults.h"
#include "network.h"
#include "server.h"
#include "thread.h"

#define START_NS 1000000000000ull
#define SECOND_NS 1000000000ll

enum { STEP_US = 40, AWAY_MOST_MS = 400000, SET_MOST_S = 100000 };

struct world world;

void world_begin(uint64_t seed)
{
	static const unsigned rooms[] = { 64, 300, 2000, FLOW_BYTES };
	static const unsigned slownesses[] = { 1, 1, 10, 100 };

	world = (struct world){
		.seed = seed,
		.now_ns = START_NS,
		.digest = seed,
		.wall_ns = 1795700000 * SECOND_NS,
	};
	chance_begin(seed);
	world.room = rooms[chance_below(COUNT_OF(rooms))];
	world.latency_us = (unsigned)chance_magnitude(100000);
	world.slowness = slownesses[chance_below(COUNT_OF(slownesses))];
	threads_begin();
	network_begin();
	faults_begin();
}

void world_note(uint64_t what)
{
	world.digest = (world.digest ^ what) * 0x100000001b3u;
	world.digest ^= world.digest >> 29;
}

/* --- what can happen --- */

enum happening { RUNS, ARRIVES_UP, ARRIVES_DOWN, ACTS };
static const char *const names[] = { "thread", "up", "down", "client" };
static bool tells;

void world_tell(void)
{
	tells = true;
}

static struct {
	enum happening what;
	int of;
} possible[THREADS + 2 * LINKS + CLIENTS];
static unsigned count;
static uint64_t next_ns; /* when something else is due */

static void consider(bool can, uint64_t due_ns, enum happening what, int of)
{
	if (can) {
		possible[count].what = what;
		possible[count++].of = of;
	} else if (due_ns > world.now_ns && due_ns < next_ns) {
		next_ns = due_ns;
	}
}

static void consider_threads(void)
{
	bool is_frozen = world.frozen_until_ns > world.now_ns;

	for (int i = 0; i < THREADS; i++) {
		const struct thread *t = &threads[i];

		if (t->is_used && !t->is_over)
			consider(!is_frozen && thread_is_ready(t),
				is_frozen ? world.frozen_until_ns : t->until_ns,
				RUNS, i);
	}
}

static void look_around(void)
{
	count = 0;
	next_ns = UINT64_MAX;
	consider_threads();
	for (int i = 0; i < LINKS; i++) {
		const struct link *l = &links[i];

		if (!l->is_used)
			continue;
		consider(flow_can_arrive(&l->up), flow_due_ns(&l->up),
			ARRIVES_UP, i);
		consider(flow_can_arrive(&l->down), flow_due_ns(&l->down),
			ARRIVES_DOWN, i);
	}
	for (int i = 0; i < CLIENTS; i++)
		consider(client_can_act(i), client_due_ns(i), ACTS, i);
}

/* Threads that were ready could have run meanwhile, but for a stop. */
static void pass(uint64_t ns, bool is_load)
{
	is_load &= world.frozen_until_ns <= world.now_ns;
	for (int i = 0; i < THREADS && is_load; i++)
		if (thread_is_ready(&threads[i]))
			threads[i].own_ns += ns;
	world.now_ns += ns;
}

static void freeze(void)
{
	uint64_t ns = 1000000 * chance_magnitude(AWAY_MOST_MS);

	world.frozen_until_ns = world.now_ns + ns;
	world.stood_ns += ns;
	world.stops++;
}

static void go_wrong(void)
{
	if (world.frozen_until_ns <= world.now_ns && fault(FAULT_STOP))
		freeze();
	if (fault(FAULT_LOAD))
		pass(1000000 * chance_magnitude(3000), true);
	if (fault(FAULT_CLOCK))
		world.wall_ns += SECOND_NS * ((int)chance_below(SET_MOST_S) -
						     SET_MOST_S / 2);
	server_disturb();
}

static void happen(enum happening what, int of)
{
	world_note((uint64_t)what << 32 | (uint64_t)of);
	world_note(world.now_ns);
	if (tells)
		printf("%llu %llu.%06llu %s %d\n",
			(unsigned long long)world.steps,
			(unsigned long long)(world.now_ns / SECOND_NS),
			(unsigned long long)(world.now_ns / 1000 % 1000000),
			names[what], of);
	switch (what) {
	case RUNS:
		thread_continue(&threads[of]);
		oracle_ran(&threads[of]);
		break;
	case ARRIVES_UP:
		network_deliver(&links[of], &links[of].up);
		break;
	case ARRIVES_DOWN:
		network_deliver(&links[of], &links[of].down);
		break;
	case ACTS:
		client_act(of);
		break;
	}
}

bool world_step(void)
{
	unsigned chosen;

	world.steps++;
	go_wrong();
	look_around();
	while (!count) {
		if (next_ns == UINT64_MAX)
			return false;
		world.now_ns = next_ns;
		look_around();
	}
	chosen = chance_below(count);
	happen(possible[chosen].what, possible[chosen].of);
	pass(1000ull * chance_below(STEP_US), false);
	if (threads_are_calm())
		oracle_calm();
	return true;
}

/* --- the system --- */

uint64_t clock_ns(void)
{
	return world.now_ns;
}

uint64_t clock_ms(void)
{
	return world.now_ns / 1000000;
}

void os_rest_ms(unsigned ms)
{
	thread_wait(WAIT_TIME, NULL, -1, world.now_ns + ms * 1000000ull);
}

int os_thread_open_wanted(void)
{
	return -1;
}

uint64_t os_thread_wanted_ns(int opened)
{
	(void)opened;
	return thread_now->own_ns;
}

void os_thread_close_wanted(int opened)
{
	(void)opened;
}

bool os_has_randomness(void)
{
	return true;
}

ssize_t os_read_start(const char *path, void *bytes, size_t n)
{
	(void)path, (void)bytes, (void)n;
	return -ENOENT;
}

void *os_take_pages(size_t bytes)
{
	void *pages = fault(FAULT_MEMORY) ? NULL : aligned_alloc(bytes, bytes);

	if (!pages)
		return NULL;
	world.pages += (long)bytes;
	return memset(pages, 0, bytes);
}

void os_give_pages(void *pages, size_t bytes)
{
	world.pages -= (long)bytes;
	free(pages);
}

void calendar_now(struct timespec *now)
{
	int64_t ns = (int64_t)world.now_ns + world.wall_ns;

	*now = (struct timespec){
		.tv_sec = (time_t)(ns / SECOND_NS),
		.tv_nsec = (long)(ns % SECOND_NS),
	};
	oracle_told(now);
}

bool calendar_local(time_t second, struct tm *local)
{
	time_t there = second + 3600 * world.zone;

	return gmtime_r(&there, local);
}

/* A line, for its length; what peers cause has a budget. */
size_t log_line(struct log *log, enum mark mark, const char *format, ...)
{
	static char line[MARK_LINE_BYTES + 1];
	va_list arguments;
	size_t n;

	(void)log;
	va_start(arguments, format);
	n = mark_format(line, mark, false, format, arguments);
	va_end(arguments);
	line[n] = '\0';
	for (size_t i = 0; i < n; i++)
		world_note((uint8_t)line[i]);
	if (tells)
		fputs(line, stdout);
	oracle_logged(line);
	return n;
}
