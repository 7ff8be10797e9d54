// SPDX-License-Identifier: MIT
#include "crypto/random.h"

#include <errno.h>
#include <sodium.h>

int crypto_init(void)
{
	return sodium_init() < 0 ? -ENOSYS : 0;
}

void random_bytes(uint8_t *bytes, size_t n)
{
	randombytes_buf(bytes, n);
}

int random_between(int min, int max)
{
	return min + (int)randombytes_uniform((uint32_t)(max - min) + 1);
}
