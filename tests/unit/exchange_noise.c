// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>

#include "crypto/random.h"
#include "proto/exchange.h"

enum {
	FRAME = 50, /* of a short message */
	FRAME_MAX = 2 + MESSAGE_MAX + NOISE_TAG_BYTES,
	FRAMES = 8,
};

static const struct exchange *const noise = &exchange_noise;

/* The keys of either side, as the flights leave them. */
static union keys client, server;

/* What the client has sealed, and what is left of 64 KiB. */
static uint8_t sent[1 << 16];
static struct buffer out;

static int start(void **state)
{
	(void)state;
	memset(&client, 0, sizeof(client));
	dice_bytes(client.noise.transport.send.k, NOISE_KEY_BYTES);
	dice_bytes(client.noise.transport.receive.k, NOISE_KEY_BYTES);
	server = client;
	server.noise.transport.send = client.noise.transport.receive;
	server.noise.transport.receive = client.noise.transport.send;
	out = (struct buffer){ sent, 0, sizeof(sent) };
	return 0;
}

static int seal(const void *text, size_t n)
{
	return noise->seal(&client, text, n, &out);
}

/* Seals n bytes of plaintext as they are, right or not, behind a header. */
static size_t seal_raw(const uint8_t *plain, size_t n)
{
	size_t sealed = n + NOISE_TAG_BYTES;

	sent[0] = (uint8_t)(sealed >> 8);
	sent[1] = (uint8_t)sealed;
	assert_int_equal(
		noise_encrypt(&client.noise.transport.send, plain, n, sent + 2),
		0);
	return 2 + sealed;
}

static enum command heard; /* what the server's host was asked last */

static void answer(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	(void)session;
	(void)host;
	heard = request;
	*reply = (struct reply){ .length = 1, .text = "x" };
}

/* What the server makes of n bytes; *request is COMMAND_COUNT if nothing. */
static ssize_t take(const uint8_t *bytes, size_t n, enum command *request)
{
	const struct input in = { bytes, n, false };
	struct session_host host = { .answer = answer };
	uint8_t room[64];
	struct buffer replies = { .bytes = room, .size = sizeof(room) };
	struct service to = { .host = &host, .out = &replies };
	ssize_t used;

	heard = COMMAND_COUNT;
	used = noise->serve(&server, &in, &to);
	assert_int_equal(to.has_ended, heard == COMMAND_END);
	*request = heard;
	return used;
}

static void assert_taken(const uint8_t *bytes, size_t n, enum command expected)
{
	enum command request;

	assert_int_equal(take(bytes, n, &request), n);
	assert_int_equal(request, expected);
}

static void assert_refused(const uint8_t *bytes, size_t n)
{
	union keys before = server;
	enum command request;

	assert_int_equal(take(bytes, n, &request), -EPROTO);
	assert_int_equal(request, COMMAND_COUNT);
	assert_memory_equal(&server, &before, sizeof(before));
}

static void short_messages_are_all_of_one_length(void **state)
{
	static const char *const texts[] = { "TIME", "DATE", "TEMP", "END",
		"12:34:56.789012", "2024-11-25", "-999", "0",
		"\xde\xad\xbe\xef" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		out.len = 0;
		assert_int_equal(seal(texts[i], strlen(texts[i])), 0);
		assert_int_equal(out.len, FRAME);
	}
}

static void a_frame_is_a_message_and_the_least_padding(void **state)
{
	uint8_t text[MESSAGE_MAX], plain[MESSAGE_MAX];

	(void)state;
	for (size_t n = 1; n <= MESSAGE_MAX; n++) {
		size_t padded = (n + 31) & ~(size_t)31;

		dice_bytes(text, n);
		text[n - 1] |= 1;
		out.len = 0;
		assert_int_equal(seal(text, n), 0);
		assert_int_equal(out.len, 2 + padded + NOISE_TAG_BYTES);
		assert_int_equal(sent[0] << 8 | sent[1], padded + 16);
		assert_int_equal(noise_decrypt(&server.noise.transport.receive,
					 sent + 2, padded + 16, plain),
			0);
		assert_memory_equal(plain, text, n);
		for (size_t i = n; i < padded; i++)
			assert_int_equal(plain[i], 0);
	}
	assert_int_equal(client.noise.transport.send.n, MESSAGE_MAX);
}

static void a_frame_waits_until_it_is_whole(void **state)
{
	uint8_t text[MESSAGE_MAX];
	enum command request;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text + 700, "date", 4);
	assert_int_equal(seal(text, sizeof(text)), 0);
	for (size_t n = 1; n < out.len; n++) {
		assert_int_equal(take(sent, n, &request), 0);
		assert_int_equal(server.noise.transport.receive.n, 0);
	}
	assert_taken(sent, FRAME_MAX, COMMAND_DATE);
}

static void each_wrong_length_is_refused_though_the_tag_is_right(void **state)
{
	static uint8_t plain[1 << 16];
	enum command request;

	(void)state;
	memcpy(plain, "TIME", 4);
	for (unsigned n = 0; n < 1 << 16; n++) {
		bool is_valid = n >= 48 && n <= 1040 && (n - 16) % 32 == 0;
		const uint8_t header[2] = { (uint8_t)(n >> 8), (uint8_t)n };

		assert_int_equal(
			take(header, 2, &request), is_valid ? 0 : -EPROTO);
		/* Whole, too, and sealed by who has the keys. */
		if (n < NOISE_TAG_BYTES || n + 2 > sizeof(sent) ||
			(n > 4096 && n % 61))
			continue;
		start(state);
		seal_raw(plain, n - NOISE_TAG_BYTES);
		if (is_valid)
			assert_taken(sent, n + 2, COMMAND_TIME);
		else
			assert_int_equal(take(sent, n + 2, &request), -EPROTO);
		assert_int_equal(server.noise.transport.receive.n, is_valid);
	}
}

static void padding_alone_is_no_message(void **state)
{
	static const uint8_t nothing[MESSAGE_MAX];
	enum command request;

	(void)state;
	for (size_t n = 32; n <= MESSAGE_MAX; n += 32) {
		size_t length = seal_raw(nothing, n);

		assert_int_equal(take(sent, length, &request), -EPROTO);
		assert_int_equal(request, COMMAND_COUNT);
	}
}

static void all_NULs_at_the_end_are_padding_and_no_others(void **state)
{
	uint8_t plain[MESSAGE_MAX] = "TIME";

	(void)state;
	for (size_t n = 32; n <= MESSAGE_MAX; n += 32)
		assert_taken(sent, seal_raw(plain, n), COMMAND_TIME);
	plain[2] = '\0';
	assert_taken(sent, seal_raw(plain, 32), COMMAND_UNKNOWN);
	memcpy(plain, "\0TIME", 6);
	assert_taken(sent, seal_raw(plain, 32), COMMAND_UNKNOWN);
	memcpy(plain, "TIME\0x", 6);
	assert_taken(sent, seal_raw(plain, 32), COMMAND_UNKNOWN);
}

/* An error that is no message changes neither the buffer nor the nonce. */
static void assert_not_sealed(const void *text, size_t n, int expected)
{
	struct buffer before = out;
	uint64_t nonce = client.noise.transport.send.n;

	assert_int_equal(seal(text, n), expected);
	assert_int_equal(out.len, before.len);
	assert_true(client.noise.transport.send.n == nonce);
}

static void what_is_no_message_is_not_sealed(void **state)
{
	static uint8_t text[MESSAGE_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_not_sealed(text, 0, -EINVAL);
	assert_not_sealed(text, MESSAGE_MAX + 1, -EINVAL);
	assert_not_sealed("", 1, -EINVAL);
	assert_not_sealed("TIME", 5, -EINVAL);
	text[MESSAGE_MAX - 1] = '\0';
	assert_not_sealed(text, MESSAGE_MAX, -EINVAL);
}

static void what_does_not_fit_is_not_sealed(void **state)
{
	(void)state;
	for (out.size = 0; out.size < FRAME; out.size++)
		assert_not_sealed("TIME", 4, -ENOBUFS);
	assert_int_equal(seal("TIME", 4), 0);
	assert_not_sealed("TIME", 4, -ENOBUFS);
	assert_taken(sent, FRAME, COMMAND_TIME);
}

/* Whoever sends what is in the buffer must not find the clear text there. */
static void without_nonces_nothing_is_sealed(void **state)
{
	enum command request;

	(void)state;
	client.noise.transport.send.n = UINT64_MAX - 1;
	server.noise.transport.receive.n = UINT64_MAX - 1;
	assert_int_equal(seal("TIME", 4), 0);
	assert_taken(sent, FRAME, COMMAND_TIME);
	assert_int_equal(take(sent, FRAME, &request), -EOVERFLOW);
	assert_not_sealed("TIME", 4, -EOVERFLOW);
}

static void of_many_frames_only_the_next_is_taken(void **state)
{
	(void)state;
	for (int i = 0; i < FRAMES; i++)
		assert_int_equal(seal(command_word((enum command)(i % 4)),
					 command_length((enum command)(i % 4))),
			0);
	for (size_t next = 0; next < FRAMES; next++) {
		for (size_t i = 0; i < FRAMES; i++)
			if (i != next)
				assert_refused(sent + FRAME * i, FRAME);
		assert_taken(
			sent + FRAME * next, FRAME, (enum command)(next % 4));
	}
}

static ssize_t take_reply(const char *text, enum command asked)
{
	struct reply reply = { 99, "" };
	struct input in = { sent, 0, false };
	ssize_t used;

	out.len = 0;
	assert_int_equal(seal(text, strlen(text)), 0);
	in.n = out.len;
	used = noise->open_reply(&server, &in, asked, &reply);
	if (used > 0) {
		assert_int_equal(reply.length, strlen(text));
		assert_memory_equal(reply.text, text, reply.length);
	} else {
		assert_int_equal(reply.length, 99);
	}
	return used;
}

static void a_reply_must_be_one_to_what_was_asked(void **state)
{
	static const char *const replies[] = { "12:34:56.789012", "2024-11-25",
		"-999" };

	(void)state;
	for (enum command c = COMMAND_TIME; c <= COMMAND_TEMP; c++) {
		assert_int_equal(take_reply("\xde\xad\xbe\xef", c), FRAME);
		assert_int_equal(take_reply("?", c), -EPROTO);
		assert_int_equal(
			take_reply(
				"a very long reply, of more than one step", c),
			-EPROTO);
		for (size_t i = 0; i < COUNT_OF(replies); i++)
			assert_int_equal(take_reply(replies[i], c),
				i == c ? FRAME : -EPROTO);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(short_messages_are_all_of_one_length),
		TEST(a_frame_is_a_message_and_the_least_padding),
		TEST(a_frame_waits_until_it_is_whole),
		TEST(each_wrong_length_is_refused_though_the_tag_is_right),
		TEST(padding_alone_is_no_message),
		TEST(all_NULs_at_the_end_are_padding_and_no_others),
		TEST(what_is_no_message_is_not_sealed),
		TEST(what_does_not_fit_is_not_sealed),
		TEST(without_nonces_nothing_is_sealed),
		TEST(of_many_frames_only_the_next_is_taken),
		TEST(a_reply_must_be_one_to_what_was_asked),
	};

	return crypto_init() || cmocka_run_group_tests(tests, dice_seed, NULL);
}
