// SPDX-License-Identifier: MIT
#include "crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where libsodium looks, in its order. */
static const char *const devices[] = { "/dev/urandom", "/dev/random" };

/* libsodium ends the process without a word when it finds no source. */
static bool has_source(void)
{
	char byte;

	if (getentropy(&byte, 1) == 0)
		return true;
	for (size_t i = 0; i < COUNT_OF(devices); i++) {
		struct stat status;
		int fd = open(devices[i], O_RDONLY | O_CLOEXEC);
		bool is_device = fd >= 0 && fstat(fd, &status) == 0 &&
				 S_ISCHR(status.st_mode) &&
				 read(fd, &byte, 1) == 1;

		if (fd >= 0)
			close(fd);
		if (is_device)
			return true;
	}
	return false;
}

int crypto_init(void)
{
	return has_source() && sodium_init() >= 0 ? 0 : -ENOSYS;
}

void random_bytes(uint8_t *bytes, size_t n)
{
	randombytes_buf(bytes, n);
}

int random_between(int min, int max)
{
	return min + (int)randombytes_uniform((uint32_t)(max - min) + 1);
}
