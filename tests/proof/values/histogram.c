// SPDX-License-Identifier: MIT
/* Any counts, any values. The bounds of a value are those of its doubling. */
#include "bench/histogram.h"
#include "__fc_builtin.h"

static struct histogram h, other;

static void fill(struct histogram *any)
{
	Frama_C_make_unknown((char *)any, sizeof(*any));
}

/* A value of so many bits. */
static uint64_t value_of_bits(int bits)
{
	uint64_t least = bits ? 1ull << (bits - 1) : 0;
	uint64_t most = bits ? least - 1 + least : 0;

	return Frama_C_unsigned_long_long_interval(least, most);
}

void record(void)
{
	//@ loop unroll 65;
	for (int bits = 0; bits <= 64; bits++) {
		fill(&h);
		histogram_record(&h, value_of_bits(bits));
	}
}

void up_to(void)
{
	fill(&h);
	//@ loop unroll 65;
	for (int bits = 0; bits <= 64; bits++)
		histogram_up_to(&h, value_of_bits(bits));
}

void shares(void)
{
	double share = Frama_C_double_interval(0, 1);

	fill(&h);
	fill(&other);
	histogram_add(&h, &other);
	histogram_total(&h);
	histogram_max(&h);
	histogram_at(&h, share);
}

void moments(void)
{
	double mean, deviation;

	fill(&h);
	mean = histogram_mean(&h);
	deviation = histogram_deviation(&h);
	//@ assert mean: 0 <= mean;
	//@ assert deviation: 0 <= deviation;
}
