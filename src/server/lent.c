// SPDX-License-Identifier: MIT
#include "server/lent.h"

#include <errno.h>
#include <string.h>

bool lent_keep_rest(
	struct worker *w, struct connection *c, const uint8_t *bytes, size_t n)
{
	if (!n) {
		if (c->rest) {
			pool_give(&w->rests, c->rest);
			c->rest = NULL;
		}
		return true;
	}
	if (!c->rest)
		c->rest = pool_take(&w->rests);
	if (!c->rest || n > sizeof(c->rest->bytes))
		return false;
	memcpy(c->rest->bytes, bytes, n);
	c->rest->length = (uint16_t)n;
	return true;
}

size_t lent_take_rest(struct worker *w, const struct connection *c)
{
	if (!c->rest)
		return 0;
	memcpy(w->in, c->rest->bytes, c->rest->length);
	return c->rest->length;
}

int lent_keep_unsent(struct worker *w, struct connection *c,
	const struct buffer *out, ssize_t sent)
{
	if (sent == -EAGAIN)
		sent = 0;
	if (sent < 0)
		return (int)sent;
	c->unsent = pool_take(&w->unsents);
	if (!c->unsent)
		return -ENOMEM;
	c->unsent->length = (uint16_t)(out->len - (size_t)sent);
	memcpy(c->unsent->bytes, out->bytes + sent, c->unsent->length);
	return 0;
}

void lent_give_back(struct worker *w, struct connection *c)
{
	pool_give(&w->handshakes, c->session.handshake);
	pool_give(&w->rests, c->rest);
	pool_give(&w->unsents, c->unsent);
	c->session.handshake = NULL;
	c->rest = NULL;
	c->unsent = NULL;
}
