// SPDX-License-Identifier: MIT
/*
 * Counts of values in buckets that grow with the value: as wide as 1 up to 255,
 * then 128 to each doubling, so that whatever is said of a value is less than
 * 1 % off. (The idea is HdrHistogram's, hdrhistogram.org.) Knows no unit.
 *
 * One thread records; others may read meanwhile, and see a count a moment old.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum {
	HISTOGRAM_DIGITS = 7, /* bits of a value that are told apart */
	HISTOGRAM_BUCKETS = (64 - HISTOGRAM_DIGITS + 1) << HISTOGRAM_DIGITS,
};

/* All zero is an empty one. */
struct histogram {
	_Atomic uint64_t total;
	_Atomic uint64_t max;
	_Atomic uint64_t counts[HISTOGRAM_BUCKETS];
};

void histogram_record(struct histogram *h, uint64_t value);

/* Adds all that from holds. */
void histogram_add(struct histogram *h, const struct histogram *from);

/* How many values there are. */
uint64_t histogram_total(const struct histogram *h);

/* The largest value, exactly; 0 when there is none. */
uint64_t histogram_max(const struct histogram *h);

/*
 * The least value that a share of all values, 0 to 1, does not exceed: of 3
 * values the median is the second, and any share above 2/3 gives the third. 0
 * when there is none.
 */
uint64_t histogram_at(const struct histogram *h, double share);

/* How many values are not above the bucket of this one. */
uint64_t histogram_up_to(const struct histogram *h, uint64_t value);

/* 0 when there are no values. */
double histogram_mean(const struct histogram *h);
double histogram_deviation(const struct histogram *h);
