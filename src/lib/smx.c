// SPDX-License-Identifier: MIT
/*
 * The calls of libsmx. They are documented in include/smx.h.
 */
#include "smx.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/random.h"
#include "lib/dial.h"
#include "lib/handle.h"
#include "lib/secure.h"
#include "lib/stream.h"
#include "net/socket.h"

enum { TIMEOUT_MS = 10000 };

_Static_assert((int)SMX_TEXT_BYTES > (int)REPLY_MAX, "the longest reply fits");
_Static_assert((int)SMX_DEPTH_MAX == SESSION_DEPTH_MAX, "one bound");
_Static_assert((int)SMX_TIME == COMMAND_TIME && (int)SMX_DATE == COMMAND_DATE &&
		       (int)SMX_TEMP == COMMAND_TEMP,
	"one numbering");

/* The condition for every use of the connection. */
static int need_connection(struct smx *smx)
{
	if (handle_is_ours(smx))
		return 0;
	if (smx->fd < 0)
		return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			"Not connected; connect first");
	return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
		"This connection belongs to the process that forked; connect "
		"again to use the handle here");
}

static void keep_reply(struct session_host *host, struct session *session,
	enum command request, const struct reply *reply)
{
	struct smx *smx = (struct smx *)host;
	struct talk *talk =
		handle_talk(smx, smx->asked - handle_unanswered(smx) - 1);

	(void)session;
	(void)request;
	talk->reply = *reply;
	talk->replied_ns = smx->received_ns;
	smx->was_heard = true;
}

struct smx *smx_new(void)
{
	struct smx *smx;

	if (crypto_init())
		return NULL;
	smx = calloc(1, sizeof(*smx));
	if (!smx)
		return NULL;
	smx->fd = -1;
	smx->timeout_ms = TIMEOUT_MS;
	smx->host = (struct session_host){
		.draw = random_bytes,
		.replied = keep_reply,
		.is_allowed = secure_is_expected,
	};
	return smx;
}

void smx_free(struct smx *smx)
{
	if (!smx)
		return;
	smx_disconnect(smx);
	secure_begin(smx);
	key_identity_free((struct noise_identity *)smx->host.identity);
	sodium_memzero(smx, sizeof(*smx));
	free(smx);
}

void smx_set_timeout(struct smx *smx, unsigned milliseconds)
{
	smx->timeout_ms = milliseconds;
}

void smx_set_modern(struct smx *smx, int is_modern)
{
	smx->is_modern = is_modern;
}

/* host is the name given, to the connection that goes there. */
static int open_session(
	struct smx *smx, const char *to, const char *port, const char *host)
{
	bool has_keys = exchanges[smx->wanted]->needs_identity;
	uint64_t begun_ns;
	int error = dial_open(to, port, smx->timeout_ms, &smx->fd, &begun_ns,
		&smx->complaint);

	if (error)
		return error;
	smx->local = socket_local(smx->fd);
	smx->remote = socket_remote(smx->fd);
	smx->was_heard = false;
	error = has_keys ? secure_prepare(smx, host) : secure_guard(smx, host);
	if (!error)
		error = stream_open(smx);
	if (!error)
		smx->exchange_ns = smx->opened_ns - begun_ns;
	if (!error && has_keys)
		error = secure_remember(smx);
	return error;
}

/*
 * The server has presented a key that is not expected. It may have an older
 * one, which it presents on request ("An older key" in docs/protocol.md). If
 * not, the key it presented first counts.
 */
static int ask_older(struct smx *smx, const char *host)
{
	struct secure *s = &smx->secure;
	const struct trust_keys expected = s->expected;
	const struct complaint first = smx->complaint;
	char to[ADDRESS_TEXT_BYTES];
	char shown[KEY_TEXT_BYTES], *first_alarm = s->alarm;
	char *port = strrchr(address_format(&smx->remote, to), ':');
	int error;

	memcpy(shown, s->server_key, sizeof(shown));
	s->alarm = NULL;
	secure_begin(smx);
	*port++ = '\0';
	smx->host.asks_older = true;
	error = open_session(smx, to, port, host);
	smx->host.asks_older = false;
	if (!error) {
		memcpy(s->newer_key, shown, sizeof(shown));
		free(first_alarm);
		return 0;
	}
	free(s->alarm);
	s->alarm = first_alarm;
	/*
	 * It must not be treated as a new server, whose key could be trusted.
	 */
	s->expected = expected;
	s->was_shown = true;
	memcpy(s->server_key, shown, sizeof(shown));
	smx->complaint = first;
	return SMX_ERROR_CHANGED_SERVER;
}

int smx_connect(struct smx *smx, const char *host, const char *port)
{
	int error;

	smx_disconnect(smx);
	secure_begin(smx);
	smx->owner = getpid();
	error = open_session(smx, host, port, host);
	/* (Another program may have remembered one in the meantime.) */
	return error == SMX_ERROR_CHANGED_SERVER && smx->secure.expected.count
		       ? ask_older(smx, host)
		       : error;
}

/*
 * Before a request is sent, nothing may be unread ("Replies, recovered by the
 * client").
 */
static int prepare(struct smx *smx)
{
	int error = 0;

	if (!handle_unanswered(smx))
		error = smx_check(smx);
	while (!error && clock_ns() < handle_ready_ns(smx))
		if (socket_wait(smx->fd, SOCKET_READ, handle_ready_ns(smx)))
			error = smx_check(smx);
	return error;
}

static bool ends_by_itself(enum smx_command command)
{
	return command_reply_bytes((enum command)command) > 0;
}

/* Over xor, only replies of fixed length, and only with smx. */
static bool may_pipeline(struct smx *smx, enum smx_command command)
{
	const struct talk *last = handle_talk(smx, smx->asked - 1);

	return exchange_keeps_borders(handle_exchange(smx)) ||
	       (smx->is_modern && ends_by_itself(command) &&
		       ends_by_itself(last->command));
}

int smx_request(struct smx *smx, enum smx_command command)
{
	struct talk *talk;
	int error = need_connection(smx);

	if (error)
		return error;
	if ((unsigned)command >= COMMAND_ASKED)
		return complaint_print(
			&smx->complaint, SMX_ERROR_USAGE, "Unknown command");
	if (smx->asked - smx->fetched == SMX_DEPTH_MAX ||
		(handle_unanswered(smx) && !may_pipeline(smx, command)))
		return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			"Wait for the reply to the previous request");
	error = prepare(smx);
	if (error)
		return error;
	talk = handle_talk(smx, smx->asked);
	talk->command = command;
	talk->sent_ns = clock_ns();
	return stream_send(smx, (enum command)command);
}

int smx_reply(struct smx *smx, char text[SMX_TEXT_BYTES])
{
	uint64_t deadline = stream_deadline(smx);
	struct talk *talk;
	int error = need_connection(smx);

	if (error)
		return error;
	if (smx->asked == smx->fetched)
		return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			"No request is outstanding");
	while (!error && smx->asked - handle_unanswered(smx) == smx->fetched)
		error = stream_step(smx, deadline);
	if (error)
		return error;
	talk = handle_talk(smx, smx->fetched++);
	smx->rtt_ns = talk->replied_ns - talk->sent_ns;
	if (talk->reply.length == sizeof(reply_error) &&
		!memcmp(talk->reply.text, reply_error, sizeof(reply_error)))
		return complaint_print(&smx->complaint, SMX_ERROR_REPLY,
			"The server does not know this request");
	memcpy(text, talk->reply.text, talk->reply.length);
	text[talk->reply.length] = '\0';
	return 0;
}

int smx_check(struct smx *smx)
{
	int error = need_connection(smx);

	return error ? error : stream_receive(smx);
}

void smx_disconnect(struct smx *smx)
{
	handle_hang_up(smx);
}

int smx_leave(struct smx *smx)
{
	int error = errno;

	if ((handle_is_ours(smx) && smx->is_busy) ||
		(handle_may_leave(smx) && clock_ns() < handle_ready_ns(smx)))
		return SMX_ERROR_USAGE;
	handle_leave(smx);
	errno = error;
	return 0;
}

int smx_is_connected(const struct smx *smx)
{
	return handle_is_ours(smx);
}

int smx_fd(const struct smx *smx)
{
	return handle_is_ours(smx) ? smx->fd : -1;
}
