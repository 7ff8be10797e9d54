// SPDX-License-Identifier: MIT
/*
 * The same bytes, however they are cut, have the same effect on a server. The
 * first byte of the input chooses the exchange (bit 0). Over noise, three bytes
 * say whether, where and how what the client sends is changed; over xor,
 * each of up to 15 bytes chooses a request and its spelling, as what is no
 * request has no borders that survive. The rest is the lengths of the pieces.
 */
#include "fuzz.h"

enum { STREAM_BYTES = 2048, EVENTS_MAX = 64, REQUESTS = 8 };

/* What came of a stream. */
struct events {
	struct session_host host; /* first: see answer() */
	uint8_t said[FUZZ_OUT_BYTES];
	struct buffer out; /* .said */
	enum command requests[EVENTS_MAX];
	size_t count;
	uint8_t state;
};

struct stream {
	uint8_t bytes[STREAM_BYTES];
	size_t length;
};

static void answer(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	struct events *e = (struct events *)host;

	(void)session;
	assert(e->count < EVENTS_MAX);
	e->requests[e->count++] = request;
	*reply = (struct reply){ .length = request == COMMAND_END ? 0 : 10 };
	memset(reply->text, '5', reply->length);
}

static void replied(struct session_host *host, struct session *session,
	enum command request, const struct reply *reply)
{
	(void)host, (void)session, (void)request, (void)reply;
}

static void begin(struct events *e, struct noise_identity *identity,
	uint8_t secret, bool is_secure)
{
	*identity = (struct noise_identity){ .secret = { secret } };
	noise_identity_finish(identity);
	*e = (struct events){
		.host.draw = fuzz_draw,
		.host.answer = answer,
		.host.replied = replied,
		.host.is_allowed = fuzz_allow,
		.host.identity = identity,
		.host.requires_secure = is_secure,
		.out = { .bytes = e->said, .size = sizeof(e->said) },
	};
}

/* cuts: the length of each piece, 0 for all that is left; then all at once. */
static void feed(struct events *e, bool is_secure, const struct stream *stream,
	const uint8_t *cuts, size_t cut_count)
{
	struct noise_identity identity;
	struct handshake handshake = { 0 };
	struct session session;
	size_t end = 0, taken = 0;
	ssize_t used = 0;

	begin(e, &identity, 2, is_secure);
	session_accept(&session, &handshake);
	while (end < stream->length && used >= 0) {
		size_t piece = cut_count ? *cuts++ : 0;
		size_t left = stream->length - end;

		cut_count -= cut_count > 0;
		end += piece && piece < left ? piece : left;
		used = session_feed(&session, &e->host, stream->bytes + taken,
			end - taken, false, &e->out);
		taken += used > 0 ? (size_t)used : 0;
	}
	e->state = session.state;
	session_wipe(&session);
}

/* What a client with the harness's keys sends to the server of feed(). */
static const struct stream *genuine(void)
{
	static struct stream stream;
	static struct events client, server;
	struct noise_identity ours, its;
	struct handshake handshakes[2] = { { 0 } };
	struct session sessions[2];

	if (stream.length)
		return &stream;
	begin(&client, &ours, 3, true);
	begin(&server, &its, 2, true);
	session_accept(&sessions[1], &handshakes[1]);
	if (session_connect(&sessions[0], EXCHANGE_NOISE, &handshakes[0],
		    &client.host, &client.out) ||
		session_feed(&sessions[1], &server.host, client.said,
			client.out.len, false, &server.out) < 0 ||
		session_feed(&sessions[0], &client.host, server.said,
			server.out.len, false, &client.out) < 0)
		abort();
	for (int i = 0; i < REQUESTS; i++)
		if (session_send(&sessions[0],
			    i + 1 < REQUESTS ? (enum command)(i % 3)
					     : COMMAND_END,
			    &client.out))
			abort();
	memcpy(stream.bytes, client.said, client.out.len);
	stream.length = client.out.len;
	session_wipe(&sessions[0]);
	session_wipe(&sessions[1]);
	return &stream;
}

/* S is all 1, so that a third flight of ones makes the key all 0. */
static size_t choose_requests(
	struct stream *stream, const uint8_t *data, size_t size)
{
	static const char *const words[] = { "TIME", "DATE", "TEMP", "END" };
	size_t i;

	memset(stream->bytes, 0, XOR_KEY_BYTES);
	memset(stream->bytes + XOR_KEY_BYTES, 1, XOR_KEY_BYTES);
	stream->length = 2 * XOR_KEY_BYTES;
	for (i = 0; i < size && data[i] & 0x80 && i < 15; i++)
		for (const char *c = words[data[i] & 3]; *c; c++)
			stream->bytes[stream->length++] =
				(uint8_t)(*c | (data[i] & 4 ? 0x20 : 0));
	return i;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct events whole, cut;
	struct stream stream;
	bool is_secure;

	if (size < 4)
		return 0;
	is_secure = !(*data & 1);
	if (!is_secure) {
		size_t n = 1 + choose_requests(&stream, data + 1, size - 1);

		data += n, size -= n;
	} else {
		stream = *genuine();
		stream.bytes[((size_t)data[1] << 8 | data[2]) %
			     stream.length] ^= data[3];
		data += 4, size -= 4;
	}
	feed(&whole, is_secure, &stream, NULL, 0);
	feed(&cut, is_secure, &stream, data, size);
	assert(whole.state == cut.state && whole.count == cut.count);
	assert(!memcmp(whole.requests, cut.requests,
		whole.count * sizeof(whole.requests[0])));
	assert(whole.out.len == cut.out.len &&
		!memcmp(whole.said, cut.said, whole.out.len));
	return 0;
}
