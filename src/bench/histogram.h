// SPDX-License-Identifier: MIT
/*
 * Counts of values in buckets that grow with the value: 1 wide up to 255, then
 * 128 buckets to each doubling, so that a reported value is less than 1 % off.
 * (The idea is HdrHistogram's, hdrhistogram.org.) Knows no unit.
 *
 * One thread records; others may read at the same time, and see slightly older
 * counts.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum {
	HISTOGRAM_DIGITS = 7, /* significant bits of a value */
	HISTOGRAM_BUCKETS = (64 - HISTOGRAM_DIGITS + 1) << HISTOGRAM_DIGITS,
};

/* All zero is an empty histogram. */
struct histogram {
	_Atomic uint64_t total;
	_Atomic uint64_t max;
	_Atomic uint64_t counts[HISTOGRAM_BUCKETS];
};

/* The contracts are in ACSL; ./dev proof proves them. */

/*@ requires \valid(h);
  @ assigns *h \from *h, value;
  @ ensures h->max == \max(\old(h->max), value);
  @*/
void histogram_record(struct histogram *h, uint64_t value);

/* Adds all values in from. */
/*@ requires \valid(h) && \valid_read(from) && \separated(h, from);
  @ assigns *h \from *h, *from;
  @ ensures h->max == \max(\old(h->max), from->max);
  @*/
void histogram_add(struct histogram *h, const struct histogram *from);

/* The number of values. */
/*@ requires \valid_read(h);
  @ assigns \result \from h->total;
  @ ensures \result == h->total;
  @*/
uint64_t histogram_total(const struct histogram *h);

/* The largest value, exactly; 0 if there is none. */
/*@ requires \valid_read(h);
  @ assigns \result \from h->max;
  @ ensures \result == h->max;
  @*/
uint64_t histogram_max(const struct histogram *h);

/*
 * The smallest recorded value that is not exceeded by a share, 0 to 1, of all
 * values: of 3 values, the median is the second, and any share above 2/3 gives
 * the third. 0 if there are none.
 */
/*@ requires \valid_read(h) && \is_finite(share) && 0 <= share <= 1;
  @ assigns \result \from *h, share;
  @ ensures \result <= h->max;
  @*/
uint64_t histogram_at(const struct histogram *h, double share);

/* The number of values up to the bucket of this value. */
/*@ requires \valid_read(h);
  @ assigns \result \from *h, value;
  @*/
uint64_t histogram_up_to(const struct histogram *h, uint64_t value);

/* 0 if there are no values. */
/*@ requires \valid_read(h);
  @ assigns \result \from *h;
  @ ensures \is_finite(\result) && \result >= 0;
  @*/
double histogram_mean(const struct histogram *h);
/*@ requires \valid_read(h);
  @ assigns \result \from *h;
  @ ensures \is_finite(\result) && \result >= 0;
  @*/
double histogram_deviation(const struct histogram *h);
