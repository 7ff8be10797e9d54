// SPDX-License-Identifier: MIT
#include "proto/exchange.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct exchange *const exchanges[EXCHANGE_COUNT] = {
	[EXCHANGE_XOR] = &exchange_xor,
	[EXCHANGE_NOISE] = &exchange_noise,
};

enum exchange_id exchange_find(const uint8_t *in, size_t n)
{
	enum exchange_id found = EXCHANGE_COUNT;
	bool may_become_another = false;

	for (enum exchange_id i = 0; i < EXCHANGE_COUNT; i++) {
		const char *magic = exchanges[i]->magic;
		size_t length = strlen(magic);

		if (memcmp(in, magic, min_size(n, length)))
			continue;
		if (n < length)
			may_become_another = true;
		else if (found == EXCHANGE_COUNT || length)
			found = i;
	}
	return may_become_another ? EXCHANGE_COUNT : found;
}

enum exchange_id exchange_named(const char *name)
{
	enum exchange_id i = 0;

	while (i < EXCHANGE_COUNT && strcasecmp(exchanges[i]->name, name))
		i++;
	return i;
}

const char *exchange_list(char list[static EXCHANGE_LIST_BYTES])
{
	int n = 0;

	for (enum exchange_id i = 0; i < EXCHANGE_COUNT; i++)
		n += snprintf(list + n, (size_t)(EXCHANGE_LIST_BYTES - n),
			"%s%s", i ? "|" : "", exchanges[i]->name);
	return list;
}

size_t exchange_flight_bytes(const struct exchange *e, int flight)
{
	return e->flight_bytes[flight] + (flight ? 0 : strlen(e->magic));
}
