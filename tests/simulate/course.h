// SPDX-License-Identifier: MIT
/*
 * The course of one simulation: a server and its clients come to life, live for
 * some steps, and end. Knows nothing of what they do.
 */
#pragma once

#include <stdint.h>

/* Returns the digest of all that has happened; see also struct world. */
uint64_t course_run(uint64_t seed);
