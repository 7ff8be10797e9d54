// SPDX-License-Identifier: MIT
/*
 * The points of Curve25519 whose order divides 8, in every spelling that
 * X25519 reads as one of them: 0, 1, two of order 8, and p - 1, p and p + 1,
 * each with the top bit clear and set (RFC 7748 ignores it). Whatever is
 * multiplied by them comes out as zero.
 */
#pragma once

#include <sodium.h>

#include "base/attributes.h"
#include "crypto/noise.h"

static const char *const low_order[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

enum { LOW_ORDER_POINTS = 2 * COUNT_OF(low_order) };

static inline void low_order_point(
	size_t i, uint8_t point[static NOISE_KEY_BYTES])
{
	sodium_hex2bin(point, NOISE_KEY_BYTES, low_order[i / 2],
		(size_t)2 * NOISE_KEY_BYTES, NULL, NULL, NULL);
	point[NOISE_KEY_BYTES - 1] |= (uint8_t)(i % 2 << 7);
}
