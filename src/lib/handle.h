// SPDX-License-Identifier: MIT
/*
 * What a libsmx handle is made of, for the files that make up the library:
 * smx.c (the calls), stream.c (a session on a socket that is waited for) and
 * secure.c (whose keys). Nobody else looks inside.
 */
#pragma once

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lib/files.h"
#include "lib/trust.h"
#include "net/address.h"
#include "proto/session.h"
#include "smx.h"

enum {
	HANDLE_READ_BYTES = 4096,
	HANDLE_SEND_BYTES = 256, /* a flight, or a request */
};

/* A request under way, or a reply that has not been fetched. */
struct talk {
	enum smx_command command;
	uint64_t sent_ns, replied_ns;
	struct reply reply;
};

/* Whom this side is, and whom it expects to meet. */
struct secure {
	bool is_wanted;
	bool trusts_new;
	bool guards_plain;          /* no plain session with who is known */
	bool was_shown;             /* shown holds what the server has shown */
	struct trust_keys pinned;   /* given; if any, no file is touched */
	struct trust_keys expected; /* these, or what is in the files */
	uint8_t shown[NOISE_KEY_BYTES];
	char host[TRUST_NAME_BYTES]; /* as it was given */
	unsigned port;
	char name[TRUST_NAME_BYTES];          /* of the server, in the files */
	char known_servers[FILES_PATH_BYTES]; /* "": the user has no home */
	char own_key[KEY_TEXT_BYTES];
	char server_key[KEY_TEXT_BYTES];
	/* What it showed first, if then it was asked for an older one. */
	char newer_key[KEY_TEXT_BYTES];
	char *alarm; /* several lines over a changed key; may be NULL */
};

struct smx {
	struct session_host host; /* first: the callbacks find the handle */
	struct session session;
	struct handshake handshake;
	int fd;      /* -1: not connected */
	pid_t owner; /* the process that connected */
	/* For smx_leave(): the session is changing; something is half sent. */
	volatile sig_atomic_t is_busy, is_stuck;
	unsigned timeout_ms;
	bool is_modern;
	bool was_late;  /* the patience for what is kept has run out */
	bool was_heard; /* the server has answered something */
	struct address local, remote;
	uint64_t opened_ns;   /* the last flight was sent */
	uint64_t received_ns; /* the last byte came */
	uint64_t exchange_ns, rtt_ns;
	/* A ring: fetched <= answered <= asked, counted from the start. */
	unsigned asked, answered, fetched;
	struct talk talks[SMX_DEPTH_MAX];
	struct secure secure;
	size_t kept; /* bytes of an incomplete unit, at the start of in */
	uint8_t in[SESSION_KEPT_MAX + HANDLE_READ_BYTES];
	struct complaint complaint; /* what went wrong last */
};

/* What went wrong is put down and ends the connection; returns error. */
int handle_give_up(struct smx *smx, enum smx_error error, const char *format,
	...) PRINTF_LIKE(3, 4);

/* Of the session there is, whatever the next one is to be. */
static inline bool handle_is_secure(const struct smx *smx)
{
	return smx->session.exchange == EXCHANGE_NOISE;
}

/*
 * Is there a connection, and is it this process's own? After fork(2) there are
 * two copies of its keys and counters: a message from each would be sealed
 * under one nonce, and each would read away what the other waits for.
 */
bool handle_is_ours(const struct smx *smx);

/* Closes and forgets, keys first; the addresses and times remain. */
void handle_hang_up(struct smx *smx);

/* --- stream.c: 0 or a negative enum smx_error, as everywhere in lib/ --- */

/* Runs the three flights on smx->fd. */
MUST_CHECK int stream_open(struct smx *smx);

/* Sends a command; it must be possible now. */
MUST_CHECK int stream_send(struct smx *smx, enum command command);

/* Takes what has arrived, without waiting. */
MUST_CHECK int stream_receive(struct smx *smx);

/* Waits until something has happened, at most until then (clock_ns). */
MUST_CHECK int stream_step(struct smx *smx, uint64_t deadline);

uint64_t stream_deadline(const struct smx *smx);

/* Is there a session to be left with END, and nothing half sent? */
bool stream_may_leave(const struct smx *smx);

/* Says END if so, and if the system takes it without waiting. */
void stream_leave(struct smx *smx);

/* --- secure.c: a connection that is being made; each call may end it --- */

/* Nothing is known any more of the server of the last one. */
void secure_begin(struct smx *smx);

/* Before the first flight: which keys may this host show? */
MUST_CHECK int secure_prepare(struct smx *smx, const char *host);

/* Before a plain session: is it one with a server whose key is known? */
MUST_CHECK int secure_guard(struct smx *smx, const char *host);

/* The host's is_allowed: does the server show an expected key? */
bool secure_is_expected(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES]);

/* It did not: which of the reasons is it? */
int secure_refusal(struct smx *smx);

/* After the exchange: a new server that may be trusted is remembered. */
MUST_CHECK int secure_remember(struct smx *smx);

/* --- alarm.c --- */

/* What a person has to know of a changed key; NULL: no memory. */
char *alarm_text(const struct secure *s);
