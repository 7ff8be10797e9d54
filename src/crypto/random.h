// SPDX-License-Identifier: MIT
/*
 * Random numbers, all from the system's CSPRNG by way of libsodium, which ends
 * the process rather than return bad random numbers. Knows nothing of what they
 * are for. crypto_init() must have been called.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/*
 * Call once, before any thread starts: 0, or -ENOSYS without a random source.
 */
MUST_CHECK int crypto_init(void);

void random_bytes(uint8_t *bytes, size_t n);

/* A uniform integer from min to max, inclusive. */
int random_between(int min, int max);
