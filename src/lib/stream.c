// SPDX-License-Identifier: MIT
#include "lib/stream.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "lib/secure.h"
#include "net/socket.h"
#include "proto/recover.h"

enum { ORIGINAL_SILENCE_MS = 500 };

static bool is_exchanging(const struct smx *smx)
{
	return smx->session.state == SESSION_EXCHANGE;
}

uint64_t stream_deadline(const struct smx *smx)
{
	return clock_ns() + (uint64_t)smx->timeout_ms * 1000000;
}

/*
 * Does the end look like the server's reaction to our key? It checks its list
 * of keys after the last flight, so the end comes before anything was received:
 * as a reset, or, through an intermediary that turns it into an end of stream,
 * when a reply was due. (An idle session just ends.)
 */
static bool is_unwanted(const struct smx *smx, int error)
{
	return handle_exchange(smx)->needs_identity && !smx->was_heard &&
	       !smx->kept &&
	       (error ? error == ECONNRESET || error == EPIPE
		      : handle_unanswered(smx) > 0);
}

/* error: the errno of the failure; 0 at the end of the stream. */
static int stream_ended(struct smx *smx, int error)
{
	char why[80] = "";

	if (error)
		snprintf(why, sizeof(why), " (%s)", strerror(error));
	if (is_exchanging(smx))
		return handle_give_up(smx, SMX_ERROR_PROTOCOL,
			"The server hung up during the key exchange%s; it may "
			"%s, be full, or not be an smx server",
			why,
			*handle_exchange(smx)->magic
				? "not offer secure sessions"
				: "require --secure");
	if (is_unwanted(smx, error))
		return handle_give_up(smx, SMX_ERROR_NOT_AUTHORIZED,
			"The server hung up before its first reply%s; this "
			"client is probably not on its list of authorized "
			"keys. This client's public key: %s",
			why, smx->secure.own_key);
	return handle_give_up(smx, SMX_ERROR_LOST,
		"The server closed the connection%s; connect again", why);
}

/* smx_leave() may be called meanwhile, but can send nothing any more. */
static int wait_to_send(struct smx *smx, uint64_t deadline)
{
	int ready;

	smx->is_stuck = true;
	smx->is_busy = false;
	ready = socket_wait(smx->fd, SOCKET_WRITE, deadline);
	smx->is_busy = true;
	return ready;
}

/* Sends all of it, waiting at most for the timeout. */
static int send_all(struct smx *smx, const struct buffer *out)
{
	uint64_t deadline = stream_deadline(smx);
	size_t done = 0;

	while (done < out->len) {
		ssize_t n = socket_send_quietly(
			smx->fd, out->bytes + done, out->len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (n != -EAGAIN)
			return stream_ended(smx, (int)-n);
		else if (wait_to_send(smx, deadline) <= 0)
			return handle_give_up(smx, SMX_ERROR_TIMEOUT,
				"The server is not accepting data; try again "
				"later");
	}
	smx->is_stuck = false;
	return 0;
}

/* Feeds what has arrived to the session, and sends its output. */
static int feed_busy(struct smx *smx, size_t n, bool late)
{
	uint8_t bytes[HANDLE_SEND_BYTES];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };
	ssize_t used;
	int error;

	used = session_feed(&smx->session, &smx->host, smx->in, n, late, &out);
	/* "Every failure resets the connection." */
	if (used < 0 && handle_exchange(smx)->resets_on_failure)
		socket_drop_unsent(smx->fd);
	if (used == -EACCES)
		return secure_refusal(smx);
	if (used < 0)
		return handle_give_up(smx, SMX_ERROR_PROTOCOL,
			"The server broke the protocol; is an smx server "
			"listening on that port?");
	smx->kept = n - (size_t)used;
	smx->was_late = late;
	memmove(smx->in, smx->in + used, smx->kept);
	error = send_all(smx, &out);
	sodium_memzero(bytes, sizeof(bytes));
	return error;
}

static int feed_session(struct smx *smx, size_t n, bool late)
{
	int error;

	smx->is_busy = true;
	error = feed_busy(smx, n, late);
	smx->is_busy = false;
	return error;
}

int stream_receive(struct smx *smx)
{
	ssize_t n =
		socket_receive(smx->fd, smx->in + smx->kept, HANDLE_READ_BYTES);

	if (n == -EAGAIN)
		return 0;
	if (n < 0)
		return stream_ended(smx, (int)-n);
	if (n == 0) {
		/* Nothing can follow: what has arrived is complete. */
		if (smx->kept && !is_exchanging(smx)) {
			unsigned due = handle_unanswered(smx);
			int error = feed_session(smx, smx->kept, true);

			if (error || handle_unanswered(smx) < due)
				return error;
		}
		return stream_ended(smx, 0);
	}
	smx->received_ns = clock_ns();
	return feed_session(smx, smx->kept + (size_t)n, false);
}

/*
 * The original replies to our first flight, which it takes for its own, with as
 * many bytes, masked. It echoes what it receives next, so its key becomes that
 * first flight, whose beginning is known; after that it understands an END and
 * releases the session.
 */
static int meet_original(struct smx *smx)
{
	static const char end[] = "END";
	const char *magic = handle_exchange(smx)->magic;
	uint8_t farewell[sizeof(end) - 1];
	ssize_t n = socket_send_quietly(smx->fd, smx->in, smx->kept);
	uint64_t until = clock_ns() + (uint64_t)RECOVER_REPLY_MS * 1000000;

	for (size_t i = 0; i < sizeof(farewell); i++)
		farewell[i] = (uint8_t)(end[i] ^ magic[i]);
	if (n == (ssize_t)smx->kept && socket_wait(smx->fd, 0, until) == 0)
		n = socket_send_quietly(smx->fd, farewell, sizeof(farewell));
	(void)n; /* whether it was sent or not, this is over */
	return handle_give_up(smx, SMX_ERROR_PROTOCOL,
		"The server seems to be the original program, which has no "
		"secure exchange");
}

static bool may_be_original(const struct smx *smx)
{
	const struct exchange *e = handle_exchange(smx);

	return is_exchanging(smx) && *e->magic &&
	       smx->kept == exchange_flight_bytes(e, 0);
}

int stream_step(struct smx *smx, uint64_t deadline)
{
	unsigned patience = may_be_original(smx)
				    ? ORIGINAL_SILENCE_MS
				    : session_patience(&smx->session);
	uint64_t until = deadline;
	bool may_be_whole = smx->kept && patience && !smx->was_late;
	int ready;

	if (may_be_whole) {
		until = smx->received_ns + (uint64_t)patience * 1000000;
		if (until > deadline)
			until = deadline;
	}
	ready = socket_wait(smx->fd, SOCKET_READ, until);
	if (ready > 0)
		return stream_receive(smx);
	if (ready == 0 && may_be_original(smx) && until < deadline)
		return meet_original(smx);
	if (ready == 0 && may_be_whole && until < deadline)
		return feed_session(smx, smx->kept, true);
	if (ready == 0)
		return handle_give_up(smx, SMX_ERROR_TIMEOUT,
			"The server did not answer within %g s%s; try again "
			"later or with a longer timeout",
			smx->timeout_ms / 1000.0,
			is_exchanging(smx) ? " (key exchange)" : "");
	return handle_give_up(
		smx, SMX_ERROR_SYSTEM, "Cannot wait: %s", strerror(-ready));
}

int stream_open(struct smx *smx)
{
	uint64_t deadline = stream_deadline(smx);
	uint8_t bytes[HANDLE_SEND_BYTES];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };
	int error;

	error = session_connect(
		&smx->session, smx->wanted, &smx->handshake, &smx->host, &out);
	if (error)
		return handle_give_up(smx, SMX_ERROR_SYSTEM,
			"Cannot start the key exchange: %s", strerror(-error));
	error = send_all(smx, &out);
	while (!error && is_exchanging(smx))
		error = stream_step(smx, deadline);
	if (error)
		return error;
	smx->opened_ns = clock_ns();
	sodium_memzero(&smx->handshake, sizeof(smx->handshake));
	return 0;
}

int stream_send(struct smx *smx, enum command command)
{
	uint8_t bytes[HANDLE_SEND_BYTES];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };
	int error;

	smx->is_busy = true;
	error = session_send(&smx->session, command, &out);
	if (error)
		error = complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			"Cannot send the request: %s", strerror(-error));
	else
		smx->asked++;
	if (!error)
		error = send_all(smx, &out);
	smx->is_busy = false;
	return error;
}
