// SPDX-License-Identifier: MIT
#include "course.h"

#include "chance.h"
#include "client.h"
#include "faults.h"
#include "heap.h"
#include "oracle.h"
#include "server.h"
#include "world.h"

enum {
	STEPS_LEAST = 200, /* of a server's life … */
	STEPS_MORE = 4000,
	STEPS_MOST = 400000, /* … and until all of it is over */
	FINISH_S = 1000,     /* as long as the longest stop and stall */
	STOP_MS = 2000,
};

static void step(void)
{
	HOLDS(world.steps < STEPS_MOST, "it never ends");
	HOLDS(world_step(), "nothing will ever happen again");
}

/* Nothing goes wrong any more: a client that waits for a reply must get it. */
static void finish(void)
{
	uint64_t until_ns = world.now_ns + FINISH_S * 1000000000ull;

	faults_end((enum fault)0);
	clients_finish();
	while (!clients_are_gone() && !server.is_over) {
		step();
		HOLDS(world.now_ns < until_ns, "a client waits for ever");
	}
}

static void stop(void)
{
	uint64_t told_ns = world.frozen_until_ns > world.now_ns
				   ? world.frozen_until_ns
				   : world.now_ns;

	faults_end(FAULT_STOP);
	server_stop();
	while (!server.is_over)
		step();
	HOLDS(world.now_ns <= told_ns + STOP_MS * 1000000ull,
		"stopping takes %llu ms",
		(unsigned long long)((world.now_ns - told_ns) / 1000000));
}

uint64_t course_run(uint64_t seed)
{
	long blocks = heap_blocks();
	uint64_t steps;

	world_begin(seed);
	steps = STEPS_LEAST + chance_below(STEPS_MORE);
	server_begin();
	clients_begin();
	while (world.steps < steps && !server.is_over)
		step();
	if (chance_below(2))
		finish();
	if (!server.is_over)
		stop();
	oracle_end();
	HOLDS(heap_blocks() == blocks, "%ld allocated blocks are left",
		heap_blocks() - blocks);
	return world.digest;
}
