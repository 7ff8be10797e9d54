// SPDX-License-Identifier: MIT
#include "bench/histogram.h"

#include <math.h>
#include <stddef.h>

static uint64_t get(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

/* There is only one writer, so no locking is needed. */
static void set(_Atomic uint64_t *number, uint64_t value)
{
	atomic_store_explicit(number, value, memory_order_relaxed);
}

/* How many low bits of a value are dropped: its doublings beyond the first. */
static unsigned shift_of(uint64_t value)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);

	return bits > HISTOGRAM_DIGITS + 1 ? bits - HISTOGRAM_DIGITS - 1 : 0;
}

/* Above the first doubling, value >> shift is 128 to 255: no gaps. */
static size_t bucket_of(uint64_t value)
{
	unsigned shift = shift_of(value);

	return ((size_t)shift << HISTOGRAM_DIGITS) + (size_t)(value >> shift);
}

/* The largest value of a bucket. */
static uint64_t top_of(size_t bucket)
{
	size_t doublings = bucket >> HISTOGRAM_DIGITS;
	unsigned shift = doublings ? (unsigned)doublings - 1 : 0;
	uint64_t digits = bucket - ((uint64_t)shift << HISTOGRAM_DIGITS);

	return ((digits + 1) << shift) - 1;
}

void histogram_record(struct histogram *h, uint64_t value)
{
	_Atomic uint64_t *count = &h->counts[bucket_of(value)];

	set(count, get(count) + 1);
	set(&h->total, get(&h->total) + 1);
	if (value > get(&h->max))
		set(&h->max, value);
}

void histogram_add(struct histogram *h, const struct histogram *from)
{
	uint64_t total = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t count = get(&from->counts[i]);

		set(&h->counts[i], get(&h->counts[i]) + count);
		total += count;
	}
	/* Not from->total, which may have grown meanwhile. */
	set(&h->total, get(&h->total) + total);
	if (get(&from->max) > get(&h->max))
		set(&h->max, get(&from->max));
}

uint64_t histogram_total(const struct histogram *h)
{
	return get(&h->total);
}

uint64_t histogram_max(const struct histogram *h)
{
	return get(&h->max);
}

/* The value reported for a bucket: never above the largest of all. */
static uint64_t value_of(const struct histogram *h, size_t bucket)
{
	uint64_t top = top_of(bucket), max = get(&h->max);

	return top < max ? top : max;
}

uint64_t histogram_at(const struct histogram *h, double share)
{
	uint64_t total = get(&h->total), seen = 0;
	/* 0.9 of 10 is 9, whatever the rounding of the last digits. */
	double rank = ceil(share * (double)total - 1e-6);

	if (rank >= (double)total)
		return get(&h->max);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += get(&h->counts[i]);
		if (seen && (double)seen >= rank)
			return value_of(h, i);
	}
	return get(&h->max);
}

uint64_t histogram_up_to(const struct histogram *h, uint64_t value)
{
	uint64_t seen = 0;

	for (size_t i = 0; i <= bucket_of(value); i++)
		seen += get(&h->counts[i]);
	return seen;
}

/* The middle of a bucket stands for its values; never above the largest. */
static double middle_of(const struct histogram *h, size_t bucket)
{
	double below = bucket ? (double)top_of(bucket - 1) + 1 : 0;

	return (below + (double)value_of(h, bucket)) / 2;
}

double histogram_mean(const struct histogram *h)
{
	uint64_t total = get(&h->total);
	double sum = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum += (double)get(&h->counts[i]) * middle_of(h, i);
	return total ? sum / (double)total : 0;
}

double histogram_deviation(const struct histogram *h)
{
	double mean = histogram_mean(h), sum = 0;
	uint64_t total = get(&h->total);

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		double off = middle_of(h, i) - mean;

		sum += (double)get(&h->counts[i]) * off * off;
	}
	return total ? sqrt(sum / (double)total) : 0;
}
