// SPDX-License-Identifier: MIT
/*
 * Counts what is allocated: the linker puts these functions in place of those
 * of the system, see tests/meson.build. Knows nothing of pages. Used by
 * course.c.
 */
#pragma once

/* Allocated and not freed. */
long heap_blocks(void);
