// SPDX-License-Identifier: MIT
#include "crew.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "course.h"
#include "world.h"

enum { SEED_S = 60 }; /* at most, where one takes a tenth of a second */

/* What the processes share. */
static struct shared {
	atomic_ullong next, end;
	atomic_ullong seeds, steps, sessions, requests;
	unsigned long long running[CREW_JOBS];
} * shared;

static unsigned long long failed[CREW_FAILED];
static unsigned failures;

static void give_up(const char *what)
{
	perror(what);
	exit(2);
}

static void share(void)
{
	if (!shared)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		give_up("simulate: memory");
	memset(shared, 0, sizeof(*shared));
	failures = 0;
}

/* Takes seeds until there are none. */
_Noreturn static void work(int job)
{
	for (;;) {
		unsigned long long seed = shared->next++;

		if (seed >= shared->end)
			_exit(0);
		shared->running[job] = seed;
		alarm(SEED_S);
		course_run(seed);
		shared->seeds++;
		shared->steps += world.steps;
		shared->sessions += world.sessions;
		shared->requests += world.requests;
	}
}

static pid_t begin(int job)
{
	pid_t child = fork();

	if (child < 0)
		give_up("simulate: fork");
	if (!child)
		work(job);
	return child;
}

static void say_signal(unsigned long long seed, int status)
{
	if (WIFSIGNALED(status))
		fprintf(stderr, "seed %llu: %s\n", seed,
			strsignal(WTERMSIG(status)));
}

/* The process of that job has failed in its seed. */
static void note_failure(int job, int status)
{
	unsigned long long seed = shared->running[job];

	say_signal(seed, status);
	if (failures < CREW_FAILED)
		failed[failures] = seed;
	failures++;
}

struct crew_result crew_run(uint64_t first, uint64_t count, int jobs)
{
	pid_t children[CREW_JOBS] = { 0 };
	int left = jobs;

	share();
	shared->next = first;
	shared->end = first + count;
	for (int i = 0; i < jobs; i++)
		children[i] = begin(i);
	while (left) {
		int status, job = 0;
		pid_t ended = wait(&status);

		if (ended < 0)
			give_up("simulate: wait");
		while (job < jobs - 1 && children[job] != ended)
			job++;
		if (!status) {
			left--;
			continue;
		}
		note_failure(job, status);
		children[job] = begin(job);
	}
	return (struct crew_result){
		.seeds = shared->seeds + failures,
		.steps = shared->steps,
		.sessions = shared->sessions,
		.requests = shared->requests,
		.failures = failures,
	};
}

uint64_t crew_failed(unsigned n)
{
	return failed[n];
}

_Noreturn static void replay(uint64_t seed)
{
	uint64_t digest, steps;

	alarm(SEED_S);
	digest = course_run(seed);
	steps = world.steps;
	if (course_run(seed) != digest || world.steps != steps) {
		fprintf(stderr, "seed %llu: two runs differ\n",
			(unsigned long long)seed);
		_exit(1);
	}
	printf("seed %llu: %llu steps, %lu sessions, %lu requests, %016llx\n",
		(unsigned long long)seed, (unsigned long long)steps,
		world.sessions, world.requests, (unsigned long long)digest);
	fflush(stdout);
	_exit(0);
}

bool crew_replay(uint64_t seed)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child)
		replay(seed);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		give_up("simulate: fork");
	say_signal(seed, status);
	return !status;
}
