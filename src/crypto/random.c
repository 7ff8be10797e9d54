// SPDX-License-Identifier: MIT
#include "crypto/random.h"

#include <errno.h>
#include <sodium.h>

#include "base/os.h"

/* libsodium ends the process without a message if it finds no source. */
int crypto_init(void)
{
	return os_has_randomness() && sodium_init() >= 0 ? 0 : -ENOSYS;
}

void random_bytes(uint8_t *bytes, size_t n)
{
	randombytes_buf(bytes, n);
}

int random_between(int min, int max)
{
	return min + (int)randombytes_uniform((uint32_t)(max - min) + 1);
}
