// SPDX-License-Identifier: MIT
/*
 * The words of the service: the requests and the form of their replies.
 * ("Requests and replies" in docs/protocol.md.) Knows no keys and no sessions,
 * and neither the time nor the temperature. Used by both sides.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* The requests that have a reply, numbered as in smx.h, then the others. */
enum command {
	COMMAND_TIME,
	COMMAND_DATE,
	COMMAND_TEMP,
	COMMAND_END,
	COMMAND_UNKNOWN,
	COMMAND_COUNT,
	COMMAND_ASKED = COMMAND_END, /* the number of requests with a reply */
};

enum {
	COMMAND_MAX = 16,  /* bytes of the longest possible word */
	COMMAND_LEAST = 4, /* of the shortest that has a reply */
	COMMAND_SHORT = 4, /* of most words, which are found fastest */
	MESSAGE_MAX = 1024,
	REPLY_MAX = 15, /* a TIME */
	REPLY_ERROR_BYTES = 4,
	TEMP_MIN = -999,
	TEMP_MAX = 9999,
};

struct reply {
	uint8_t length;
	uint8_t text[REPLY_MAX + 1]; /* room for a NUL */
};

/* The reply to anything else: DE AD BE EF. */
extern const uint8_t reply_error[REPLY_ERROR_BYTES];

enum match {
	MATCH_NONE,
	MATCH_PREFIX, /* not empty, and a prefix of a word */
	MATCH_WORD,
};

/*
 * Does text begin with a command word, in any mixture of case? *command is set
 * only for MATCH_WORD. At most COMMAND_MAX bytes are examined.
 */
enum match command_match(const uint8_t *text, size_t n, enum command *command);

/* Are these bytes a word of COMMAND_SHORT letters? If so, sets *command. */
bool command_match_short(
	const uint8_t text[static COMMAND_SHORT], enum command *command);

/*
 * Parses a whole message as a request: the word, in any case, with or without
 * white space around it.
 */
enum command command_parse(const uint8_t *text, size_t n);

/* The word of a command, in capitals; "" for COMMAND_UNKNOWN. */
const char *command_word(enum command command);

/* Bytes of the word; 0 for COMMAND_UNKNOWN. */
size_t command_length(enum command command);

/* 09 to 0D and 20. */
static inline bool is_white(uint8_t byte)
{
	return byte == 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/*
 * The length of a reply that has a fixed length (TIME, DATE) and so needs no
 * end mark, else 0: nothing in a reply of digits shows that no more will
 * follow.
 */
size_t command_reply_bytes(enum command command);

enum fit {
	FIT_NONE,    /* no reply to this command begins like this */
	FIT_PARTLY,  /* a reply may begin like this, but does not end here */
	FIT_PERHAPS, /* a reply may end here or continue */
	FIT_WHOLE,
};

/* Is text, so far, a reply to command, which must have a reply? */
enum fit command_fit(enum command command, const uint8_t *text, size_t n);

/* Is it a complete reply, or the error reply? */
bool command_is_reply(enum command command, const uint8_t *text, size_t n);
