// SPDX-License-Identifier: MIT
#include "heap.h"

#include <stddef.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void __real_free(void *block);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
void __wrap_free(void *block);

static long blocks;

void *__wrap_malloc(size_t bytes)
{
	void *block = __real_malloc(bytes);

	blocks += block != NULL;
	return block;
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	void *block = __real_calloc(count, bytes);

	blocks += block != NULL;
	return block;
}

void *__wrap_realloc(void *old, size_t bytes)
{
	void *block = __real_realloc(old, bytes);

	blocks += block && !old;
	return block;
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
	void *block = __real_aligned_alloc(alignment, bytes);

	blocks += block != NULL;
	return block;
}

void __wrap_free(void *block)
{
	blocks -= block != NULL;
	__real_free(block);
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

long heap_blocks(void)
{
	return blocks;
}
