// SPDX-License-Identifier: MIT
#include "proto/exchange.h"

#include <string.h>

const struct exchange *const exchanges[EXCHANGE_COUNT] = {
	[EXCHANGE_XOR] = &exchange_xor,
	[EXCHANGE_NOISE] = &exchange_noise,
};

const uint8_t exchange_magic[MAGIC_BYTES] = {
	'S',
	'M',
	'X',
	'1',
	'-',
	'X',
	'X',
	'\n',
};

enum exchange_id exchange_find(const uint8_t *in, size_t n)
{
	if (memcmp(in, exchange_magic, min_size(n, MAGIC_BYTES)))
		return EXCHANGE_XOR;
	return n < MAGIC_BYTES ? EXCHANGE_COUNT : EXCHANGE_NOISE;
}
