// SPDX-License-Identifier: MIT
#include "base/os.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/fakes.h"

void os_rest_ms(unsigned ms)
{
	uint64_t until_ns = fake.now_ns + ms * 1000000ull;

	while (fake_happen(until_ns))
		;
}

int os_thread_open_wanted(void)
{
	return -1;
}

uint64_t os_thread_wanted_ns(int opened)
{
	(void)opened;
	return fake.own_ns;
}

void os_thread_close_wanted(int opened)
{
	(void)opened;
}

bool os_has_randomness(void)
{
	return true;
}

/* No file is there. */
ssize_t os_read_start(const char *path, void *bytes, size_t n)
{
	(void)path, (void)bytes, (void)n;
	return -ENOENT;
}

/* Memory is the system's. */
void *os_take_pages(size_t bytes)
{
	void *pages = aligned_alloc(bytes, bytes);

	return pages ? memset(pages, 0, bytes) : NULL;
}

void os_give_pages(void *pages, size_t bytes)
{
	(void)bytes;
	free(pages);
}
