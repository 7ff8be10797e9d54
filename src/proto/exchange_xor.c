// SPDX-License-Identifier: MIT
/*
 * The original exchange, step by step as in "The xor exchange" of
 * docs/protocol.md. Applying a mask and removing it is the same operation, so
 * every flight is the previous one, xored with this side's mask.
 */
#include <errno.h>
#include <string.h>

#include "proto/exchange.h"
#include "proto/recover.h"
#include "proto/serve.h"

/* Step 1: each byte uniform in 1..255, so zeros are drawn again. */
static void draw_nonzero(
	uint8_t *bytes, size_t n, const struct session_host *host)
{
	host->draw(bytes, n);
	for (size_t i = 0; i < n; i++)
		while (!bytes[i])
			host->draw(&bytes[i], 1);
}

static void start(
	struct handshake *h, union keys *k, const struct session_host *host)
{
	draw_nonzero(h->xor.mask, sizeof(h->xor.mask), host);
	if (h->role == ROLE_CLIENT) {
		draw_nonzero(k->xor, sizeof(k->xor), host);
		memcpy(h->xor.block, k->xor, sizeof(h->xor.block));
	}
}

/* Steps 2 to 4: XC from X, XCS from XC, XS from XCS. */
static int write_flight(struct handshake *h, int flight, uint8_t *bytes)
{
	(void)flight;
	xor_apply(bytes, h->xor.block, sizeof(h->xor.block), h->xor.mask,
		sizeof(h->xor.mask));
	return 0;
}

static int read_flight(
	struct handshake *h, union keys *k, int flight, const uint8_t *bytes)
{
	(void)k;
	(void)flight;
	memcpy(h->xor.block, bytes, sizeof(h->xor.block));
	return 0;
}

/* Step 5: the server has X from XS; the client drew it. */
static void finish(const struct handshake *h, union keys *k)
{
	if (h->role == ROLE_SERVER)
		xor_apply(k->xor, h->xor.block, sizeof(h->xor.block),
			h->xor.mask, sizeof(h->xor.mask));
}

static ssize_t open_request(
	union keys *k, const struct input *in, enum command *request)
{
	return (ssize_t)recover_request(
		k->xor, in->bytes, in->n, in->late, request);
}

static ssize_t open_reply(union keys *k, const struct input *in,
	enum command asked, struct reply *reply)
{
	return recover_reply(k->xor, in->bytes, in->n, in->late, asked, reply);
}

/* inline, or gcc does not inline it: a request then costs 5 % more. */
static inline int seal(
	union keys *k, const uint8_t *text, size_t n, struct buffer *out)
{
	uint8_t *bytes = buffer_extend(out, n);

	if (!bytes)
		return -ENOBUFS;
	xor_apply(bytes, text, n, k->xor, sizeof(k->xor));
	return 0;
}

static ssize_t serve(union keys *k, const struct input *in, struct service *to)
{
	return serve_with(open_request, seal, k, in, to);
}

const struct exchange exchange_xor = {
	.name = "xor",
	.flights = 3,
	.flight_bytes = { 128, 128, 128 },
	.start = start,
	.write = write_flight,
	.read = read_flight,
	.finish = finish,
	.serve = serve,
	.open_reply = open_reply,
	.seal = seal,
	.patience = {
		[ROLE_CLIENT] = RECOVER_REPLY_MS,
		[ROLE_SERVER] = RECOVER_REQUEST_MS,
	},
};
