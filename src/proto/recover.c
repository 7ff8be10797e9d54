// SPDX-License-Identifier: MIT
#include "proto/recover.h"

#include <errno.h>
#include <string.h>

/* The first position where D(in) is not white space. */
static size_t skip_white(
	const uint8_t *key, const uint8_t *in, size_t from, size_t n)
{
	while (from < n && is_white(in[from] ^ key[from % XOR_KEY_BYTES]))
		from++;
	return from;
}

/* What is in D(in) at a position: a word, the beginning of one, or neither. */
static enum match match_at(const uint8_t *key, const uint8_t *in, size_t at,
	size_t n, enum command *command)
{
	uint8_t text[COMMAND_MAX];
	size_t length = 0;

	for (; length < sizeof(text) && at < n; length++, at++)
		text[length] = in[at] ^ key[at % XOR_KEY_BYTES];
	return command_match(text, length, command);
}

/* Are the first bytes of in a short word, as most are? */
static bool is_short_word(
	const uint8_t *key, const uint8_t *in, enum command *command)
{
	uint8_t text[COMMAND_SHORT];
	uint32_t word, mask;

	_Static_assert(sizeof(word) == COMMAND_SHORT, "a word in one load");
	memcpy(&word, in, sizeof(word));
	memcpy(&mask, key, sizeof(mask));
	word ^= mask;
	memcpy(text, &word, sizeof(text));
	return command_match_short(text, command);
}

/*
 * Most input is such a word, alone or followed by another. That is rule 2, or
 * rule 1, found at once.
 */
static bool is_plain(
	const uint8_t *key, const uint8_t *in, size_t n, enum command *request)
{
	enum command next;

	return (n == COMMAND_SHORT ||
		       (n >= 2 * (size_t)COMMAND_SHORT &&
			       is_short_word(
				       key, in + COMMAND_SHORT, &next))) &&
	       is_short_word(key, in, request);
}

/* The rules, one by one. */
static COLD size_t recover_by_rule(const uint8_t *key, const uint8_t *in,
	size_t n, bool late, enum command *request)
{
	size_t word, rest;
	enum command next;

	n = min_size(n, MESSAGE_MAX); /* B, the window */
	word = skip_white(key, in, 0, n);
	switch (match_at(key, in, word, n, request)) {
	case MATCH_WORD:
		rest = word + command_length(*request); /* R */
		/* 1. D(R) begins with a word, or a prefix of one: R is new. */
		if (match_at(key, in + rest, 0, n - rest, &next) != MATCH_NONE)
			return rest;
		/* 2. Only white space follows: all of B is one. */
		if (skip_white(key, in, rest, n) == n)
			return n;
		break;
	case MATCH_PREFIX:
		/* 3. Wait, unless the window is full. */
		if (!late && n < MESSAGE_MAX)
			return 0;
		break;
	case MATCH_NONE:
		break;
	}
	/* 4. */
	*request = COMMAND_UNKNOWN;
	return n;
}

size_t recover_request(const uint8_t key[static XOR_KEY_BYTES],
	const uint8_t *in, size_t n, bool late, enum command *request)
{
	return is_plain(key, in, n, request)
		       ? COMMAND_SHORT
		       : recover_by_rule(key, in, n, late, request);
}

static ssize_t recover_error(const uint8_t *text, size_t n)
{
	if (memcmp(text, reply_error, min_size(n, REPLY_ERROR_BYTES)))
		return -EPROTO;
	return n < REPLY_ERROR_BYTES ? 0 : REPLY_ERROR_BYTES;
}

/*
 * The end of a TEMP is not marked: all that has arrived is its reply, or none
 * of it.
 */
static ssize_t recover_text(
	enum command asked, const uint8_t *text, size_t n, bool late)
{
	size_t fixed = command_reply_bytes(asked);
	size_t length = fixed ? min_size(n, fixed) : n;

	switch (command_fit(asked, text, length)) {
	case FIT_WHOLE:
		return (ssize_t)length;
	case FIT_PERHAPS:
		return late ? (ssize_t)length : 0;
	case FIT_PARTLY:
		return 0;
	case FIT_NONE:
		break;
	}
	return -EPROTO;
}

ssize_t recover_reply(const uint8_t key[static XOR_KEY_BYTES],
	const uint8_t *in, size_t n, bool late, enum command asked,
	struct reply *reply)
{
	uint8_t text[REPLY_MAX] = { 0 };
	size_t seen = min_size(n, sizeof(text));
	ssize_t taken;

	xor_apply(text, in, seen, key, XOR_KEY_BYTES);
	taken = text[0] == reply_error[0]
			? recover_error(text, seen)
			: recover_text(asked, text, seen, late);
	if (taken > 0) {
		*reply = (struct reply){ .length = (uint8_t)taken };
		memcpy(reply->text, text, (size_t)taken);
	}
	return taken;
}
