// SPDX-License-Identifier: MIT
#include "lab/manners.h"

#include <assert.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

/* The magic, and a point that is on the curve. */
#define FLIGHT                                                                 \
	"SMX1-XX\n"                                                            \
	"an ephemeral public key, so to s"
#define ESCAPES "\x1b]0;owned\a\x1b[2J\r\n\x9b\xff\xfe%s%n\0 GET / \n\n"
#define HTTP                                                                   \
	"GET /wp-login.php HTTP/1.1\r\nHost: 10.0.0.1\r\nUser-Agent: Mozilla"  \
	"/5.0 zgrab/0.x\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n"           \
	"Connection: close\r\n\r\n"
#define TLS                                                                    \
	"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03"                         \
	"thirty-two random bytes, or so.."                                     \
	"\x20\x13\x01\x13\x02\x13\x03"

enum { XOR = 128, NOISE_1 = 40, NOISE_2 = 96, NOISE_3 = 64 };

/* clang-format off */
#define TEXT(text) { .act = SEND, .n = sizeof(text) - 1, .bytes = (text) }
#define NOISE(count) { .act = SEND, .n = (count), .bytes = FLIGHT }
#define NOISE_DRIP(count) { .act = DRIP, .n = (count), .bytes = FLIGHT }
#define ZEROS(count) { .act = SEND, .n = (count) }
#define ZEROS_DRIP(count) { .act = DRIP, .n = (count) }
#define GET(count) { .act = READ, .n = (count) }
#define PUT_BACK(count) { .act = ECHO, .n = (count) }
#define ASK_READING(count) { .act = ASK, .n = (count) }
#define DO(what) { .act = (what) }
#define ROW(name, ...) { .manner = (name), .steps = { __VA_ARGS__ } }

static const struct script scripts[] = {
	/* Half-open: stall or drip, in every flight of either exchange. */
	ROW("half", DO(STAY)),
	ROW("half", ZEROS(1)),
	ROW("half", ZEROS(XOR - 1)),
	ROW("half", ZEROS_DRIP(XOR)),
	ROW("half", ZEROS(XOR)),
	ROW("half", ZEROS(XOR), GET(XOR), ZEROS(XOR - 1)),
	ROW("half", ZEROS(XOR), GET(XOR), ZEROS_DRIP(XOR)),
	ROW("half", NOISE(7)),
	ROW("half", NOISE(NOISE_1 - 1)),
	ROW("half", NOISE_DRIP(NOISE_1)),
	ROW("half", NOISE(NOISE_1)),
	ROW("half", NOISE(NOISE_1), GET(NOISE_2), ZEROS(NOISE_3 - 1)),
	ROW("half", NOISE(NOISE_1), GET(NOISE_2), ZEROS_DRIP(NOISE_3)),
	/* Half-open, and all with part of a flight. */
	ROW("part", ZEROS(1)),
	ROW("part", NOISE(8)),
	ROW("part", ZEROS(XOR), GET(XOR), ZEROS(1)),
	ROW("part", NOISE(NOISE_1), GET(NOISE_2), ZEROS(1)),
	/* First flights that are nobody's: they cost, and lead nowhere. */
	ROW("flights", NOISE(NOISE_1), DO(CLOSE)),
	ROW("flights", NOISE(NOISE_1)),
	ROW("flights", NOISE(NOISE_1), DO(RESET)),
	ROW("flights", NOISE(NOISE_1), GET(NOISE_2)),
	/* Sessions that are open. */
	ROW("idle", ZEROS(XOR), GET(XOR), PUT_BACK(XOR)),
	ROW("unread", ZEROS(XOR), GET(XOR), PUT_BACK(XOR), ASK_READING(0)),
	ROW("soaked", ZEROS(XOR), GET(XOR), PUT_BACK(XOR),
		ASK_READING(1 << 20)),
	/* Rude hang-ups. */
	ROW("rude", DO(RESET)),
	ROW("rude", ZEROS(1), DO(RESET)),
	ROW("rude", ZEROS(XOR), GET(1), DO(RESET)),
	ROW("rude", ZEROS(XOR), DO(CLOSE)),
	ROW("rude", NOISE(NOISE_1), GET(NOISE_2), ZEROS(NOISE_3), DO(CLOSE)),
	ROW("rude", NOISE(NOISE_1), GET(NOISE_2), ZEROS(NOISE_3)),
	/* Scanners. */
	ROW("scan", DO(CLOSE)),
	ROW("scan", TEXT(TLS), DO(CLOSE)),
	ROW("scan", TEXT(ESCAPES), DO(CLOSE)),
	ROW("scan", TEXT(ESCAPES), ZEROS(XOR), GET(XOR), DO(CLOSE)),
	ROW("http", TEXT(HTTP), GET(XOR), TEXT(HTTP), DO(CLOSE)),
	ROW("http", TEXT(HTTP)),
};
/* clang-format on */

static_assert(sizeof(FLIGHT) - 1 == NOISE_1, "a whole flight");

enum { COUNT = sizeof(scripts) / sizeof(*scripts) };

size_t manners_count(const char *manner)
{
	size_t n = 0;

	for (size_t i = 0; i < COUNT; i++)
		n += !strcmp(scripts[i].manner, manner);
	if (!n)
		errx(2, "no manner '%s'", manner);
	return n;
}

const struct script *manners_script(const char *manner, size_t i)
{
	const struct script *script = scripts;

	for (i %= manners_count(manner);; script++)
		if (!strcmp(script->manner, manner) && !i--)
			return script;
}

void manners_list(void)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!i || strcmp(scripts[i].manner, scripts[i - 1].manner))
			puts(scripts[i].manner);
}
