// SPDX-License-Identifier: MIT
/*
 * The secure exchange: the messages of a Noise XX handshake, with empty
 * payloads, as flights, and messages in padded, sealed frames. "The noise
 * exchange" in docs/protocol.md.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "proto/serve.h"

enum {
	FRAME_HEADER_BYTES = 2,
	FRAME_STEP = 32, /* plaintext lengths are multiples of it */
};

static void start(
	struct handshake *h, union keys *k, const struct session_host *host)
{
	uint8_t ephemeral[NOISE_KEY_BYTES];

	(void)k;
	host->draw(ephemeral, sizeof(ephemeral));
	/* The magic is the prologue. */
	noise_start(&h->noise, h->exchange->pattern, h->role == ROLE_CLIENT,
		(const uint8_t *)h->exchange->magic, strlen(h->exchange->magic),
		host->identity, ephemeral);
	h->noise.marks_e = h->role == ROLE_CLIENT && host->asks_older;
	h->older = host->older;
	sodium_memzero(ephemeral, sizeof(ephemeral));
}

static int write_flight(struct handshake *h, int flight, uint8_t *bytes)
{
	ssize_t n = noise_write(&h->noise, flight, NULL, 0, bytes);

	return n < 0 ? (int)n : 0;
}

static int read_flight(
	struct handshake *h, union keys *k, int flight, const uint8_t *bytes)
{
	uint8_t payload[1];
	ssize_t n = noise_read(&h->noise, flight, bytes,
		h->exchange->flight_bytes[flight], payload);

	if (n < 0)
		return (int)n;
	if (flight == 0 && h->older && noise_is_marked(h->noise.re))
		h->noise.s = h->older;
	memcpy(k->noise.peer, h->noise.rs, sizeof(k->noise.peer));
	return 0;
}

static const uint8_t *peer(const union keys *k)
{
	return k->noise.peer;
}

static void finish(const struct handshake *h, union keys *k)
{
	noise_split(&h->noise, &k->noise.transport);
}

/* The smallest multiple of FRAME_STEP that holds n bytes. */
static size_t padded(size_t n)
{
	return (n + FRAME_STEP - 1) / FRAME_STEP * FRAME_STEP;
}

/* Is n valid in a frame's header? 32k + 16, k from 1 to 32. */
static bool is_frame_length(size_t n)
{
	return n >= FRAME_STEP + NOISE_TAG_BYTES &&
	       n <= MESSAGE_MAX + NOISE_TAG_BYTES &&
	       (n - NOISE_TAG_BYTES) % FRAME_STEP == 0;
}

/*
 * The length of n bytes without the NULs at the end; there are usually many, so
 * by eights.
 */
static size_t stripped(const uint8_t *text, size_t n)
{
	uint64_t last;

	for (; n >= sizeof(last); n -= sizeof(last)) {
		memcpy(&last, text + n - sizeof(last), sizeof(last));
		if (last)
			break;
	}
	while (n && !text[n - 1])
		n--;
	return n;
}

/*
 * Opens the next frame and removes the padding. The length is checked before
 * the rest of the frame arrives.
 */
static ssize_t open_frame(union keys *k, const uint8_t *in, size_t n,
	uint8_t text[static MESSAGE_MAX], size_t *length)
{
	size_t sealed, left;
	int error;

	if (n < FRAME_HEADER_BYTES)
		return 0;
	sealed = (size_t)in[0] << 8 | in[1];
	if (!is_frame_length(sealed))
		return -EPROTO;
	if (n < FRAME_HEADER_BYTES + sealed)
		return 0;
	error = noise_decrypt(&k->noise.transport.receive,
		in + FRAME_HEADER_BYTES, sealed, text);
	if (error)
		return error;
	left = stripped(text, sealed - NOISE_TAG_BYTES);
	if (!left)
		return -EPROTO;
	*length = left;
	return (ssize_t)(FRAME_HEADER_BYTES + sealed);
}

static ssize_t open_request(
	union keys *k, const struct input *in, enum command *request)
{
	uint8_t text[MESSAGE_MAX];
	size_t length = 0;
	ssize_t used = open_frame(k, in->bytes, in->n, text, &length);

	if (used > 0)
		*request = command_parse(text, length);
	return used;
}

static ssize_t open_reply(union keys *k, const struct input *in,
	enum command asked, struct reply *reply)
{
	uint8_t text[MESSAGE_MAX];
	size_t length = 0;
	ssize_t used = open_frame(k, in->bytes, in->n, text, &length);

	if (used <= 0)
		return used;
	if (!command_is_reply(asked, text, length))
		return -EPROTO;
	*reply = (struct reply){ .length = (uint8_t)length };
	memcpy(reply->text, text, length);
	return used;
}

static int seal(
	union keys *k, const uint8_t *text, size_t n, struct buffer *out)
{
	size_t length = padded(n);
	size_t sealed = length + NOISE_TAG_BYTES;
	uint8_t *frame;
	int error;

	if (n < 1 || n > MESSAGE_MAX || !text[n - 1])
		return -EINVAL;
	frame = buffer_extend(out, FRAME_HEADER_BYTES + sealed);
	if (!frame)
		return -ENOBUFS;
	frame[0] = (uint8_t)(sealed >> 8);
	frame[1] = (uint8_t)sealed;
	frame += FRAME_HEADER_BYTES;
	memcpy(frame, text, n);
	memset(frame + n, 0, length - n);
	error = noise_encrypt(&k->noise.transport.send, frame, length, frame);
	if (error) /* it is in the clear */
		out->len -= FRAME_HEADER_BYTES + sealed;
	return error;
}

static ssize_t serve(union keys *k, const struct input *in, struct service *to)
{
	return serve_with(open_request, seal, k, in, to);
}

const struct exchange exchange_noise = {
	.name = "noise",
	.magic = "SMX1-XX\n",
	.flights = 3,
	.flight_bytes = { 32, 96, 64 },
	.needs_identity = true,
	.resets_on_failure = true,
	.is_costly = true,
	.pattern = &noise_xx,
	.start = start,
	.write = write_flight,
	.read = read_flight,
	.peer = peer,
	.finish = finish,
	.serve = serve,
	.open_reply = open_reply,
	.seal = seal,
};
