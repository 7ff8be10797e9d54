// SPDX-License-Identifier: MIT
/*
 * Threads of which one runs at a time, and which change only where they wait,
 * or take or release a lock. They stand in for those of <pthread.h>: see
 * redirect.h. Knows nothing of what the threads do.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int threads_create(pthread_t *id, const pthread_attr_t *attributes,
	void *(*begin)(void *), void *argument);
int threads_join(pthread_t id, void **result);
int threads_lock(pthread_mutex_t *lock);
int threads_unlock(pthread_mutex_t *lock);
int threads_await(pthread_cond_t *condition, pthread_mutex_t *lock);
int threads_announce(pthread_cond_t *condition);
