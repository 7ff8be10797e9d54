// SPDX-License-Identifier: MIT
/*
 * Randomness, all of it from the system's CSPRNG by way of libsodium, which
 * ends the process rather than return bad randomness. Knows nothing of what it
 * is for. crypto_init() must have been called.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* Once, before any thread: 0, or -ENOSYS without a system random source. */
MUST_CHECK int crypto_init(void);

void random_bytes(uint8_t *bytes, size_t n);

/* A uniform integer from min to max, both included. */
int random_between(int min, int max);
