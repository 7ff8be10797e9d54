// SPDX-License-Identifier: MIT
/*
 * The server that is simulated is compiled with this in front of each of its
 * files, so its calls of pthread_*() arrive in threads.h. Used by the build.
 */
#pragma once

#include "threads.h"

#define pthread_create threads_create
#define pthread_join threads_join
#define pthread_mutex_lock threads_lock
#define pthread_mutex_unlock threads_unlock
#define pthread_cond_wait threads_await
#define pthread_cond_broadcast threads_announce
