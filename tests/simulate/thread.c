// SPDX-License-Identifier: MIT
#include "thread.h"

#include <errno.h>
#include <string.h>
#include <ucontext.h>

#include "chance.h"
#include "faults.h"
#include "network.h"
#include "server.h"
#include "threads.h"
#include "world.h"

#ifdef __SANITIZE_ADDRESS__
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

enum { STACK_BYTES = 512 * 1024 };

struct thread threads[THREADS];
struct thread *thread_now;

static ucontext_t scheduler, contexts[THREADS];
static char stacks[THREADS][STACK_BYTES];

/* The address sanitizer is told of each change of stacks. */
struct stack {
	const void *bottom;
	size_t bytes;
};
static struct stack scheduler_stack;

static void leave(void **fake, const struct stack *to)
{
#ifdef HAS_ASAN
	__sanitizer_start_switch_fiber(fake, to->bottom, to->bytes);
#else
	(void)fake, (void)to;
#endif
}

static void arrive(void *fake, struct stack *from)
{
#ifdef HAS_ASAN
	__sanitizer_finish_switch_fiber(
		fake, from ? &from->bottom : NULL, from ? &from->bytes : NULL);
#else
	(void)fake, (void)from;
#endif
}

static int index_of(const struct thread *t)
{
	return (int)(t - threads);
}

static void run(void)
{
	struct thread *t = thread_now;

	arrive(NULL, &scheduler_stack);
	t->begin(t->argument);
	t->is_over = true;
	leave(NULL, &scheduler_stack);
	/* Returns to the scheduler: uc_link. */
}

static int prepare(ucontext_t *context, char *stack)
{
	if (getcontext(context))
		return -1;
	context->uc_stack.ss_sp = stack;
	context->uc_stack.ss_size = STACK_BYTES;
	context->uc_link = &scheduler;
	makecontext(context, run, 0);
	return 0;
}

void threads_begin(void)
{
	memset(threads, 0, sizeof(threads));
	thread_now = NULL;
}

struct thread *thread_start(void *(*begin)(void *argument), void *argument)
{
	struct thread *t = threads;
	int i;

	while (t < threads + THREADS && t->is_used)
		t++;
	if (t == threads + THREADS)
		return NULL;
	i = index_of(t);
	*t = (struct thread){
		.is_used = true,
		.begin = begin,
		.argument = argument,
		.until_ns = UINT64_MAX,
		.link = -1,
	};
	return prepare(&contexts[i], stacks[i]) ? NULL : t;
}

void thread_continue(struct thread *t)
{
	const struct stack stack = { stacks[index_of(t)], STACK_BYTES };
	void *fake = NULL;

	thread_now = t;
	t->step = world.steps;
	leave(&fake, &stack);
	swapcontext(&scheduler, &contexts[index_of(t)]);
	arrive(fake, NULL);
	thread_now = NULL;
}

void thread_wait(enum wait wait, const void *of, int fd, uint64_t until_ns)
{
	struct thread *t = thread_now;
	void *fake = NULL;

	t->wait = wait;
	t->of = of;
	t->fd = fd;
	t->until_ns = until_ns;
	leave(&fake, &scheduler_stack);
	swapcontext(&contexts[index_of(t)], &scheduler);
	arrive(fake, &scheduler_stack);
	t->wait = WAIT_TURN;
}

static bool is_free(const void *lock)
{
	pthread_mutex_t *m = (pthread_mutex_t *)lock;

	if (pthread_mutex_trylock(m))
		return false;
	pthread_mutex_unlock(m);
	return true;
}

bool thread_is_ready(const struct thread *t)
{
	if (!t->is_used || t->is_over)
		return false;
	if (t->until_ns <= world.now_ns)
		return true;
	switch (t->wait) {
	case WAIT_TURN:
		return true;
	case WAIT_TIME:
		return false;
	case WAIT_LOOP:
		return network_loop_is_ready(t->of);
	case WAIT_SOCKET:
		return network_ready(t->fd) != 0;
	case WAIT_LOCK:
		return is_free(t->of);
	case WAIT_END:
		return ((const struct thread *)t->of)->is_over;
	}
	return false;
}

bool threads_are_calm(void)
{
	for (int i = 0; i < THREADS; i++)
		if (threads[i].is_used && !threads[i].is_over &&
			(threads[i].wait == WAIT_LOCK ||
				threads[i].wait == WAIT_TURN))
			return false;
	return true;
}

int threads_create(pthread_t *id, const pthread_attr_t *attributes,
	void *(*begin)(void *), void *argument)
{
	struct thread *t;

	(void)attributes;
	if (fault(FAULT_START))
		return EAGAIN;
	t = thread_start(begin, argument);
	if (!t)
		return EAGAIN;
	t->context = argument; /* a worker begins with it */
	*id = (pthread_t)index_of(t);
	return 0;
}

int threads_join(pthread_t id, void **result)
{
	struct thread *other = &threads[id];

	(void)result;
	if (!other->is_over)
		thread_wait(WAIT_END, other, -1, UINT64_MAX);
	server_forget(other->context);
	other->is_used = false;
	other->context = NULL;
	return 0;
}

/* The others may come first, or in between. */
int threads_lock(pthread_mutex_t *lock)
{
	oracle_looks();
	if (thread_now && fault(FAULT_YIELD))
		thread_wait(WAIT_LOCK, lock, -1, UINT64_MAX);
	while (pthread_mutex_trylock(lock)) {
		HOLDS(thread_now, "a lock is held by nobody");
		thread_wait(WAIT_LOCK, lock, -1, UINT64_MAX);
	}
	return 0;
}

int threads_unlock(pthread_mutex_t *lock)
{
	pthread_mutex_unlock(lock);
	if (thread_now && fault(FAULT_YIELD))
		thread_wait(WAIT_TURN, NULL, -1, UINT64_MAX);
	return 0;
}

int threads_await(pthread_cond_t *condition, pthread_mutex_t *lock)
{
	(void)condition;
	pthread_mutex_unlock(lock);
	thread_wait(WAIT_TURN, NULL, -1, UINT64_MAX);
	return threads_lock(lock);
}

int threads_announce(pthread_cond_t *condition)
{
	(void)condition;
	return 0;
}
