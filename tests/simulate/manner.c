// SPDX-License-Identifier: MIT
#include "manner.h"

#include "base/attributes.h"
#include "chance.h"
#include "proto/session.h"

static const struct manner manners[] = {
	{ 6, HONEST, 12, 1, 50, 0, ENDS },
	{ 6, HONEST, 80, SESSION_DEPTH_MAX, 0, 0, ENDS },
	{ 3, HONEST, 6, 4, 90000, 0, ENDS },
	{ 3, HONEST, 20, 16, 5, 0, FINISHES },
	{ 2, HONEST, 20, 8, 5, 20000, ENDS },
	{ 2, HONEST, 8, 4, 1000, 0, LEAVES },
	{ 2, HONEST, 8, 8, 1000, 0, RESETS },
	{ 4, HONEST, 4, 2, 90000, 0, STAYS },
	{ 1, CONNECTS_ONLY, 0, 0, 0, 0, STAYS },
	{ 1, SENDS_HALF, 0, 0, 0, 0, LEAVES },
	{ 1, SENDS_NOISE, 0, 0, 0, 0, STAYS },
	{ 1, BREAKS_SESSION, 3, 1, 100, 0, STAYS },
	{ 1, DEAF, 100000, SESSION_DEPTH_MAX, 0, 0, STAYS },
};

struct address manner_source(void)
{
	unsigned n = chance_below(7);
	struct address from = {
		.ip = { 192, 0, 2, (uint8_t)n },
		.port = (uint16_t)chance_below(60000),
	};

	if (n >= 4)
		from = (struct address){
			.ip = { 0x20, 0x01, 0x0d, 0xb8, 0, n == 6, 0,
				(uint8_t)n, [15] = (uint8_t)chance_below(9) },
			.port = from.port,
			.is_ipv6 = true,
		};
	return from;
}

const struct manner *manner_choose(void)
{
	unsigned sum = 0, n;
	const struct manner *m = manners;

	for (size_t i = 0; i < COUNT_OF(manners); i++)
		sum += manners[i].weight;
	for (n = chance_below(sum); n >= m->weight; m++)
		n -= m->weight;
	return m;
}
