// SPDX-License-Identifier: MIT
/*
 * Frames of any bytes, and any result of decryption. Each header that may begin
 * a frame is a case of its own, and what may be read ends where the room does:
 * after the header, or, of a frame that is there, after the frame.
 */
#include <errno.h>

#include "../contracts/command.h"
#include "__fc_builtin.h"
#include "proto/exchange.h"

enum {
	HEADER = 2,
	FIRST = 48, /* the lengths that a header may have, */
	LAST = 1040,
	STEP = 32,   /* each so much more than the one before */
	MORE = 1100, /* bytes that have arrived besides */
};

/* Of the lengths that there are, unless all, only some. */
#define EACH (TAKEN * STEP)

static uint8_t room[HEADER + LAST + HEADER];
static union keys keys;

static size_t between(size_t least, size_t most)
{
	return Frama_C_unsigned_long_long_interval(least, most);
}

/* n bytes, of which only the first may be read. */
static struct input input(size_t readable, size_t n, size_t sealed)
{
	uint8_t *in = room + sizeof(room) - readable;

	Frama_C_make_unknown((char *)&keys, sizeof(keys));
	Frama_C_make_unknown((char *)room, sizeof(room));
	in[0] = (uint8_t)(sealed >> 8);
	in[1] = (uint8_t)sealed;
	return (struct input){ in, n, false };
}

static ssize_t open_reply(struct input in)
{
	enum command asked = Frama_C_interval(0, COMMAND_ASKED - 1);
	struct reply reply = { 0 };
	ssize_t used = exchange_noise.open_reply(&keys, &in, asked, &reply);

	//@ assert reply.length <= REPLY_MAX;
	//@ assert reply.text[REPLY_MAX] == 0;
	return used;
}

/* What is between two lengths that there are. */
static void refused(size_t least, size_t most)
{
	ssize_t used = open_reply(
		input(HEADER, between(HEADER, MORE), between(least, most)));

	//@ assert used == -EPROTO;
}

/* A frame that is there, with or without more, and one that is not yet. */
static void accepted(size_t sealed)
{
	size_t whole = HEADER + sealed;
	ssize_t used =
		open_reply(input(whole, between(whole, whole + MORE), sealed));

	//@ assert used < 0 || used == whole;
	used = open_reply(input(HEADER, between(HEADER, whole - 1), sealed));
	//@ assert used == 0;
}

void sealed_replies(void)
{
	ssize_t used;

	Frama_C_make_unknown((char *)room, sizeof(room));
	used = open_reply((struct input){ room + sizeof(room) - 1, 1, false });
	//@ assert used == 0;
	refused(0, FIRST - 1);
	//@ loop unroll 32;
	for (size_t at = FIRST; at <= LAST; at += EACH) {
		accepted(at);
		/* Its first byte is the same for all that are between. */
		refused(at + 1, at + STEP / 2 - 1);
		refused(at + STEP / 2, at + STEP - 1);
	}
	refused(LAST + STEP, 4 * 256 + 255);
	refused(5 * 256, 255 * 256 + 255);
}

/* A reply of each length. */
static void answer(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	uint8_t length = Frama_C_interval(1, REPLY_MAX);

	(void)host, (void)session;
	//@ assert request <= COMMAND_UNKNOWN;
	//@ split length;
	reply->length = length;
	Frama_C_make_unknown((char *)reply->text, sizeof(reply->text));
	/* Only a reply that ends in a NUL is not one. */
	reply->text[length - 1] = Frama_C_interval(1, 255);
}

/* A request, more that is not a whole frame, and so much room for the reply. */
static void serve_with_room(size_t sealed, size_t more, size_t size)
{
	uint8_t sent[HEADER + FIRST];
	struct session_host host = { .answer = answer };
	struct buffer out = { sent + sizeof(sent) - size, 0, size };
	struct service to = { .host = &host, .out = &out };
	size_t whole = HEADER + sealed;
	struct input in = input(whole + more, whole + more, sealed);
	ssize_t used = exchange_noise.serve(&keys, &in, &to);

	//@ assert used < 0 || used == whole;
	//@ assert out.len == 0 || out.len == sizeof(sent);
	//@ assert out.len == sizeof(sent) ==> used == whole || more >= HEADER;
}

void frames(void)
{
	//@ loop unroll 32;
	for (size_t at = FIRST; at <= LAST; at += EACH) {
		serve_with_room(at, 0, HEADER + FIRST);
		serve_with_room(at, 1, HEADER + FIRST - 1);
		serve_with_room(at, HEADER, HEADER + FIRST);
	}
}

/* A text of n bytes, into exactly the room that it needs, or a byte less. */
static void seal_of(size_t n)
{
	uint8_t text[MESSAGE_MAX + 1], sent[HEADER + LAST];
	size_t size = HEADER + 16 + (n + STEP - 1) / STEP * STEP;
	size_t less = Frama_C_interval(0, 1);
	struct buffer out;
	int error;

	Frama_C_make_unknown((char *)text, sizeof(text));
	Frama_C_make_unknown((char *)&keys, sizeof(keys));
	//@ split less;
	size = size < sizeof(sent) ? size - less : sizeof(sent) - less;
	out = (struct buffer){ sent + sizeof(sent) - size, 0, size };
	error = exchange_noise.seal(&keys, text + sizeof(text) - n, n, &out);
	//@ assert error == 0 ==> out.len == size && !less;
	//@ assert error ==> out.len == 0;
	//@ assert n == 0 || n > MESSAGE_MAX ==> error == -EINVAL;
}

void sealed(void)
{
	seal_of(0);
	//@ loop unroll 1024;
	for (size_t n = 1; n <= MESSAGE_MAX; n += TAKEN)
		seal_of(n);
	seal_of(MESSAGE_MAX);
	seal_of(MESSAGE_MAX + 1);
}
