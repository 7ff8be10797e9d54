// SPDX-License-Identifier: MIT
#include "server/lent.h"

#include <string.h>

void lent_init(struct lent *lent, size_t most)
{
	pool_init(&lent->arrivals, sizeof(struct arrival), most);
	pool_init(&lent->rests, sizeof(struct rest), most);
	pool_init(&lent->unsents, sizeof(struct unsent), most);
}

void lent_wipe(struct lent *lent)
{
	pool_wipe(&lent->arrivals);
	pool_wipe(&lent->rests);
	pool_wipe(&lent->unsents);
}

bool lent_keep_rest(
	struct lent *lent, struct rest **rest, const uint8_t *bytes, size_t n)
{
	if (!n) {
		lent_return_rest(lent, rest);
		return true;
	}
	if (!*rest)
		*rest = pool_take(&lent->rests);
	if (!*rest || n > sizeof((*rest)->bytes))
		return false;
	memcpy((*rest)->bytes, bytes, n);
	(*rest)->length = (uint16_t)n;
	return true;
}

bool lent_keep_unsent(struct lent *lent, struct unsent **unsent,
	const uint8_t *bytes, size_t n)
{
	*unsent = pool_take(&lent->unsents);
	if (!*unsent)
		return false;
	memcpy((*unsent)->bytes, bytes, n);
	(*unsent)->length = (uint16_t)n;
	return true;
}

void lent_return_arrival(struct lent *lent, struct arrival **from)
{
	if (*from)
		queue_remove(&(*from)->place);
	pool_give(&lent->arrivals, *from);
	*from = NULL;
}

void lent_return_rest(struct lent *lent, struct rest **from)
{
	pool_give(&lent->rests, *from);
	*from = NULL;
}

void lent_return_unsent(struct lent *lent, struct unsent **from)
{
	pool_give(&lent->unsents, *from);
	*from = NULL;
}
