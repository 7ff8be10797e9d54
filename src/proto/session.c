// SPDX-License-Identifier: MIT
#include "proto/session.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

enum { ASKED_BITS = 4, ASKED_A_WORD = 64 / ASKED_BITS };

_Static_assert(COMMAND_COUNT <= 1 << ASKED_BITS, "a request fits");
_Static_assert(SESSION_DEPTH_MAX == 2 * ASKED_A_WORD, "all of them fit");

/*
 * Takes complete units: their length, 0 to wait for more, or a negative error.
 */
typedef ssize_t unit_taker(struct session *s, struct session_host *host,
	const struct input *in, struct buffer *out);

static unit_taker take_choice, take_flight, take_request, take_reply,
	take_nothing, discard;

#define MAY(state) (1u << SESSION_##state)

/* clang-format off */
static const struct {
	unit_taker *take[2]; /* by role */
	unsigned may_follow;
} states[SESSION_STATES] = {
	[SESSION_NEW]      = { { take_nothing, take_nothing }, MAY(CHOICE) | MAY(EXCHANGE) | MAY(FAILED) },
	[SESSION_CHOICE]   = { { take_nothing, take_choice  }, MAY(EXCHANGE) | MAY(FAILED) },
	[SESSION_EXCHANGE] = { { take_flight,  take_flight  }, MAY(OPEN) | MAY(FAILED) },
	[SESSION_OPEN]     = { { take_reply,   take_request }, MAY(ENDED) | MAY(FAILED) },
	[SESSION_ENDED]    = { { discard,      discard      }, MAY(ENDED) },
	[SESSION_FAILED]   = { { take_nothing, take_nothing }, MAY(FAILED) },
};
/* clang-format on */

static void change_state(struct session *s, enum session_state next)
{
	assert(states[s->state].may_follow & 1u << next);
	s->state = (uint8_t)next;
}

/* The whole handshake machine is a counter of flights. */
static enum role flight_writer(unsigned flight)
{
	return flight % 2 ? ROLE_SERVER : ROLE_CLIENT;
}

/* Writes the flights that are this side's turn; opens after the last one. */
static int advance(struct session *s, struct buffer *out)
{
	const struct exchange *e = session_exchange(s);
	size_t said = out->len;

	while (s->flight < e->flights && flight_writer(s->flight) == s->role) {
		size_t length = exchange_flight_bytes(e, s->flight);
		size_t magic = length - e->flight_bytes[s->flight];
		uint8_t *bytes = buffer_extend(out, length);
		int error = -ENOBUFS;

		if (bytes) {
			memcpy(bytes, e->magic, magic);
			error = e->write(
				s->handshake, s->flight, bytes + magic);
		}
		if (error) {
			out->len = said; /* never half a flight */
			return error;
		}
		s->flight++;
	}
	if (s->flight == e->flights) {
		e->finish(s->handshake, &s->keys);
		memset(s->asked, 0, sizeof(s->asked));
		change_state(s, SESSION_OPEN);
	}
	return 0;
}

static void begin(struct session *s, enum exchange_id exchange,
	const struct session_host *host)
{
	s->exchange = (uint8_t)exchange;
	s->handshake->exchange = exchanges[exchange];
	s->handshake->role = (enum role)s->role;
	change_state(s, SESSION_EXCHANGE);
	session_exchange(s)->start(s->handshake, &s->keys, host);
}

/* Will the other side write another flight? */
static bool expects_flight(const struct session *s)
{
	for (unsigned i = s->flight; i < session_exchange(s)->flights; i++)
		if (flight_writer(i) != s->role)
			return true;
	return false;
}

/*
 * The key is checked only after everything from the peer has been verified, so
 * a key that is not allowed fails exactly where a wrong tag does.
 */
static int check_peer(struct session *s, struct session_host *host)
{
	const uint8_t *key = session_peer(s);

	return key && !host->is_allowed(host, s, key) ? -EACCES : 0;
}

static ssize_t take_flight(struct session *s, struct session_host *host,
	const struct input *in, struct buffer *out)
{
	const struct exchange *e = session_exchange(s);
	size_t length = exchange_flight_bytes(e, s->flight);
	size_t magic = length - e->flight_bytes[s->flight];
	int error;

	if (in->n < length)
		return 0;
	/* The magic was compared when it determined the exchange. */
	error = e->read(s->handshake, &s->keys, s->flight, in->bytes + magic);
	if (error)
		return error;
	s->flight++;
	if (!expects_flight(s))
		error = check_peer(s, host);
	if (!error)
		error = advance(s, out);
	return error ? error : (ssize_t)length;
}

static bool is_served(
	enum exchange_id exchange, const struct session_host *host)
{
	return exchanges[exchange]->needs_identity ? host->identity != NULL
						   : !host->requires_secure;
}

/*
 * "Which exchange is it?" If the exchange that the bytes begin is not offered,
 * the session ends at the first byte that shows it.
 */
static ssize_t take_choice(struct session *s, struct session_host *host,
	const struct input *in, struct buffer *out)
{
	enum exchange_id found = exchange_find(in->bytes, in->n);

	if (found == EXCHANGE_COUNT)
		return 0;
	if (!is_served(found, host))
		return -EPROTONOSUPPORT;
	begin(s, found, host);
	return take_flight(s, host, in, out);
}

static enum command oldest_asked(const struct session *s)
{
	return (enum command)(s->asked[0] & ((1 << ASKED_BITS) - 1));
}

static void remember_asked(struct session *s, enum command request)
{
	unsigned at = s->asked_count++;

	s->asked[at / ASKED_A_WORD] |= (uint64_t)request
				       << at % ASKED_A_WORD * ASKED_BITS;
}

static void forget_oldest_asked(struct session *s)
{
	s->asked[0] = s->asked[0] >> ASKED_BITS | s->asked[1]
							  << (64 - ASKED_BITS);
	s->asked[1] >>= ASKED_BITS;
	s->asked_count--;
}

static ssize_t take_request(struct session *s, struct session_host *host,
	const struct input *in, struct buffer *out)
{
	struct service to = { .host = host, .session = s, .out = out };
	ssize_t used = session_exchange(s)->serve(&s->keys, in, &to);

	if (to.has_ended)
		change_state(s, SESSION_ENDED);
	return used;
}

static ssize_t take_reply(struct session *s, struct session_host *host,
	const struct input *in, struct buffer *out)
{
	enum command asked = oldest_asked(s);
	struct reply reply;
	ssize_t used;

	(void)out;
	if (!s->asked_count)
		return -EPROTO; /* not requested */
	used = session_exchange(s)->open_reply(&s->keys, in, asked, &reply);
	if (used > 0) {
		forget_oldest_asked(s);
		host->replied(host, s, asked, &reply);
	}
	return used;
}

static ssize_t take_nothing(struct session *s, struct session_host *host,
	const struct input *in, struct buffer *out)
{
	(void)s, (void)host, (void)in, (void)out;
	return -EPROTO;
}

static ssize_t discard(struct session *s, struct session_host *host,
	const struct input *in, struct buffer *out)
{
	(void)s, (void)host, (void)out;
	return (ssize_t)in->n;
}

int session_connect(struct session *s, enum exchange_id exchange,
	struct handshake *handshake, struct session_host *host,
	struct buffer *out)
{
	*s = (struct session){ .handshake = handshake, .role = ROLE_CLIENT };
	if (exchanges[exchange]->needs_identity && !host->identity)
		return -ENOENT;
	begin(s, exchange, host);
	return advance(s, out);
}

void session_accept(struct session *s, struct handshake *handshake)
{
	*s = (struct session){ .handshake = handshake, .role = ROLE_SERVER };
	change_state(s, SESSION_CHOICE);
}

ssize_t session_feed(struct session *s, struct session_host *host,
	const uint8_t *in, size_t n, bool late, struct buffer *out)
{
	struct input left = { in, n, late };

	while (left.n) {
		unit_taker *take = states[s->state].take[s->role];
		/* It is nearly always this one, so it is inlined here. */
		ssize_t unit = take == take_request
				       ? take_request(s, host, &left, out)
				       : take(s, host, &left, out);

		if (unit < 0) {
			change_state(s, SESSION_FAILED);
			return unit;
		}
		if (unit == 0)
			break;
		left.bytes += unit;
		left.n -= (size_t)unit;
	}
	return (ssize_t)(n - left.n);
}

struct flight session_flight(struct session *s, const struct session_host *host,
	const uint8_t *in, size_t n)
{
	const struct exchange *e;
	size_t length;

	if (s->state == SESSION_CHOICE && n) {
		enum exchange_id found = exchange_find(in, n);

		if (found == EXCHANGE_COUNT)
			return (struct flight){ 0 };
		if (!is_served(found, host))
			return (struct flight){ .length = n };
		s->exchange = (uint8_t)found;
	}
	e = session_exchange(s);
	length = exchange_flight_bytes(e, s->flight);
	return (struct flight){
		.length = n < length ? 0 : length,
		.is_costly = e->is_costly,
		.is_last = s->flight + 2 >= e->flights,
	};
}

int session_send(struct session *s, enum command request, struct buffer *out)
{
	const char *word = command_word(request);
	int error;

	if (s->state != SESSION_OPEN)
		return -ENOTCONN;
	if (request >= COMMAND_UNKNOWN)
		return -EINVAL;
	if (s->asked_count == SESSION_DEPTH_MAX)
		return -EBUSY;
	error = session_exchange(s)->seal(
		&s->keys, (const uint8_t *)word, command_length(request), out);
	if (error)
		return error;
	if (request == COMMAND_END)
		change_state(s, SESSION_ENDED);
	else
		remember_asked(s, request);
	return 0;
}

void session_end(struct session *s)
{
	change_state(s, SESSION_ENDED);
}

unsigned session_patience(const struct session *s)
{
	return s->state == SESSION_OPEN ? session_exchange(s)->patience[s->role]
					: 0;
}

const uint8_t *session_peer(const struct session *s)
{
	const struct exchange *e = session_exchange(s);

	return e->peer && s->state >= SESSION_EXCHANGE && !expects_flight(s)
		       ? e->peer(&s->keys)
		       : NULL;
}

void session_wipe(struct session *s)
{
	sodium_memzero(s, sizeof(*s));
	noise_clean_stack();
}
