// SPDX-License-Identifier: MIT
#include "chance.h"

#include <sodium.h>

#include "oracle.h"

static uint64_t state;

/* SplitMix64. */
uint64_t chance_next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void chance_begin(uint64_t seed)
{
	state = seed;
	state = chance_next();
}

unsigned chance_below(unsigned n)
{
	return (unsigned)(chance_next() % n);
}

bool chance_once_in(unsigned n)
{
	return n && !chance_below(n);
}

uint64_t chance_magnitude(uint64_t most)
{
	unsigned bits = 0;
	uint64_t n;

	while (bits < 63 && most >> bits > 1)
		bits++;
	bits = chance_below(bits + 1);
	n = 1 + chance_next() % ((uint64_t)1 << bits);
	return n < most ? n : most;
}

static const char *name(void)
{
	return "simulated";
}

static uint32_t draw_word(void)
{
	return (uint32_t)chance_next();
}

static void draw_bytes(void *const bytes, const size_t n)
{
	uint8_t *to = bytes;

	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(chance_next() >> 32);
}

/* Only a temperature is drawn like this. */
static uint32_t draw_below(const uint32_t n)
{
	uint32_t drawn = chance_below(n);

	oracle_drew(drawn);
	return drawn;
}

void chance_rule(void)
{
	static randombytes_implementation own = {
		.implementation_name = name,
		.random = draw_word,
		.uniform = draw_below,
		.buf = draw_bytes,
	};

	randombytes_set_implementation(&own);
}
