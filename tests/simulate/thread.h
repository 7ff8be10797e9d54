// SPDX-License-Identifier: MIT
/*
 * The threads of threads.h, as the scheduler sees them. Each waits for
 * something, until some moment; the scheduler lets one of those that are ready
 * continue. Used by world.c, and by what stands in for the system.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/context.h"

enum { THREADS = 8 };

/* The scheduler switches to a thread, and the thread back to the scheduler. */
enum wait {
	WAIT_TURN,   /* for nothing but its turn */
	WAIT_TIME,   /* for that moment */
	WAIT_LOOP,   /* for its loop */
	WAIT_SOCKET, /* for a descriptor */
	WAIT_LOCK,
	WAIT_END, /* of another thread */
};

struct thread {
	bool is_used, is_over;
	enum wait wait;
	const void *of; /* the loop, lock or thread */
	int fd;
	uint64_t until_ns; /* UINT64_MAX: without limit */
	uint64_t own_ns;   /* that it ran, or could have run */
	uint64_t step;     /* of the world, when it last continued … */
	uint64_t wake;     /* … and when its loop last returned */
	void *(*begin)(void *argument);
	void *argument;
	/* For the oracle: of the server's workers only. */
	struct context *context;
	int link; /* from which it received last; -1: none in this wake */
	unsigned faults;   /* that it met in this wake: see wakers.c */
	uint32_t zones;    /* in which its texts may be: see oracle.c … */
	bool is_stopping;  /* as of its last wake */
	bool must_be_told; /* … of another */
	unsigned long refused[COUNTERS]; /* as counted at the last closing */
	unsigned overdue; /* wakes with a deadline that has passed */
	struct choice {
		uint64_t step; /* of the world */
		unsigned own;
	} choice; /* of who gives way: see oracle_admission.c */
};

extern struct thread threads[THREADS];

/* The one that runs; NULL while the scheduler does. */
extern struct thread *thread_now;

/* As after the start of a program: no threads. */
void threads_begin(void);

/* The first thread, or NULL if there are too many. */
struct thread *thread_start(void *(*begin)(void *argument), void *argument);

/* Lets it run until it waits again. */
void thread_continue(struct thread *t);

/* For the thread that runs: waits; returns when the scheduler says so. */
void thread_wait(enum wait wait, const void *of, int fd, uint64_t until_ns);

bool thread_is_ready(const struct thread *t);

/* Does none of them hold a lock, or wait for one? */
bool threads_are_calm(void);
