// SPDX-License-Identifier: MIT
/*
 * Sessions whose peer sends any bytes: the flights in their order, some of them
 * cut off by one byte, then the beginning of a message. As in recover.c, each
 * input ends where its room does.
 */
#include "proto/session.h"
#include "__fc_builtin.h"

static struct session session;
static struct handshake handshake;
static struct noise_identity identity, older;
static uint8_t room[FLIGHT_BYTES_MAX + 1], sent[SESSION_KEPT_MAX];
static struct buffer out;

static void draw(uint8_t *bytes, size_t n)
{
	Frama_C_make_unknown((char *)bytes, n);
}

static void answer(struct session_host *host, struct session *of,
	enum command request, struct reply *reply)
{
	(void)host, (void)of;
	//@ assert request <= COMMAND_UNKNOWN;
	reply->length = request == COMMAND_END ? 0 : REPLY_ERROR_BYTES;
	for (int i = 0; i < REPLY_ERROR_BYTES; i++)
		reply->text[i] = reply_error[i];
}

static void replied(struct session_host *host, struct session *of,
	enum command request, const struct reply *reply)
{
	(void)host, (void)of;
	//@ assert request < COMMAND_ASKED;
	//@ assert 1 <= reply->length <= REPLY_MAX;
}

static bool is_allowed(struct session_host *host, struct session *of,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)host, (void)of;
	//@ assert \initialized(key + (0 .. NOISE_KEY_BYTES - 1));
	return Frama_C_interval(0, 1);
}

static struct session_host host = {
	.draw = draw,
	.answer = answer,
	.replied = replied,
	.is_allowed = is_allowed,
	.identity = &identity,
};

/* Any n bytes. */
static ssize_t feed(size_t n)
{
	ssize_t used;

	Frama_C_make_unknown((char *)room, sizeof(room));
	out = (struct buffer){ sent, 0, sizeof(sent) };
	used = session_feed(&session, &host, room + sizeof(room) - n, n,
		Frama_C_interval(0, 1), &out);
	//@ assert used < 0 || used <= n;
	//@ assert out.len <= out.size;
	//@ assert session.state < SESSION_STATES;
	return used;
}

static void draw_keys(void)
{
	Frama_C_make_unknown((char *)&identity, sizeof(identity));
	Frama_C_make_unknown((char *)&older, sizeof(older));
	if (Frama_C_interval(0, 1))
		host.older = &older;
	host.asks_older = Frama_C_interval(0, 1);
	host.requires_secure = Frama_C_interval(0, 1);
}

static void accept(void)
{
	draw_keys();
	session_accept(&session, &handshake);
}

/* The flights of xor, then a request. */
void server_xor(void)
{
	accept();
	feed(128);
	if (session.state != SESSION_EXCHANGE ||
		session.exchange != EXCHANGE_XOR)
		return;
	feed(127);
	//@ assert session.state == SESSION_EXCHANGE;
	feed(128);
	//@ assert session.state == SESSION_OPEN;
	feed(7);
}

/* The flights of noise, then half a header. */
void server_noise(void)
{
	accept();
	feed(40);
	if (session.state != SESSION_EXCHANGE ||
		session.exchange != EXCHANGE_NOISE)
		return;
	feed(63);
	//@ assert session.state == SESSION_EXCHANGE;
	feed(64);
	if (session.state == SESSION_OPEN)
		feed(1);
}

/* After the first flight, that of the server. */
static void connect(enum exchange_id exchange, size_t flight)
{
	int error;

	draw_keys();
	out = (struct buffer){ sent, 0, sizeof(sent) };
	error = session_connect(&session, exchange, &handshake, &host, &out);
	//@ assert error == 0 && session.state == SESSION_EXCHANGE;
	feed(flight - 1);
	//@ assert session.state == SESSION_EXCHANGE;
	feed(flight);
}

static void ask(void)
{
	enum command request = Frama_C_interval(0, COMMAND_ASKED - 1);
	int error = session_send(&session, request, &out);

	//@ assert error == 0 || error == -75;
}

void client_xor(void)
{
	connect(EXCHANGE_XOR, 128);
	//@ assert session.state == SESSION_OPEN;
	ask();
	feed(9);
}

void client_noise(void)
{
	connect(EXCHANGE_NOISE, 96);
	if (session.state != SESSION_OPEN)
		return;
	ask();
	feed(49);
}
