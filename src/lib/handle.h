// SPDX-License-Identifier: MIT
/*
 * The contents of a libsmx handle, and how its connection ends. Knows neither
 * how a session is made nor which keys are expected. Used only by the files of
 * the library.
 */
#pragma once

#include <signal.h>
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

/* A request in flight, or a reply that has not been fetched. */
struct talk {
	enum smx_command command;
	uint64_t sent_ns, replied_ns;
	struct reply reply;
};

/* This side's identity, and the keys expected of the server. */
struct secure {
	bool trusts_new;
	bool guards_plain; /* no plain session with a known server */
	bool was_shown;    /* shown is the key that the server has presented */
	struct trust_keys pinned;   /* given; if any, no file is touched */
	struct trust_keys expected; /* these, or what is in the files */
	uint8_t shown[NOISE_KEY_BYTES];
	char host[TRUST_NAME_BYTES]; /* as it was given */
	unsigned port;
	char name[TRUST_NAME_BYTES];     /* of the server, in the files */
	char known_servers[PATHS_BYTES]; /* "": the user has no home directory
					  */
	char own_key[KEY_TEXT_BYTES];
	char server_key[KEY_TEXT_BYTES];
	/* The key it presented first, if it was then asked for an older one. */
	char newer_key[KEY_TEXT_BYTES];
	char *alarm; /* several lines about a changed key */
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
	enum exchange_id wanted; /* from the next connection on */
	bool is_modern;
	bool was_late;  /* the time limit for what is kept has passed */
	bool was_heard; /* the server has sent something */
	struct address local, remote;
	uint64_t opened_ns;   /* the last flight was sent */
	uint64_t received_ns; /* the last byte was received */
	uint64_t exchange_ns, rtt_ns;
	/*
	 * A ring, counted from the start: replies that were fetched, and
	 * requests. The session knows how many requests are outstanding.
	 */
	unsigned fetched, asked;
	struct talk talks[SMX_DEPTH_MAX];
	struct secure secure;
	size_t kept; /* bytes of an incomplete unit, at the start of in */
	uint8_t in[SESSION_KEPT_MAX + HANDLE_READ_BYTES];
	struct complaint complaint; /* the last failure */
};

/* Of the present session, whatever the next one is to be. */
static inline const struct exchange *handle_exchange(const struct smx *smx)
{
	return exchanges[smx->session.exchange];
}

/* The number of outstanding requests. */
static inline unsigned handle_unanswered(const struct smx *smx)
{
	return smx->session.asked_count;
}

/* The place of the nth request, counted from the start. */
static inline struct talk *handle_talk(struct smx *smx, unsigned n)
{
	return &smx->talks[n % SMX_DEPTH_MAX];
}

/*
 * Is there a connection, and does it belong to this process? After fork(2)
 * there are two copies of its keys and counters: a message from each would be
 * sealed under the same nonce, and each would read what the other waits for.
 */
bool handle_is_ours(const struct smx *smx);

/*
 * The time from which something may be sent (clock_ns). The original must have
 * had time to receive flight 3, and each request, separately (docs/protocol.md,
 * "The xor exchange").
 */
uint64_t handle_ready_ns(const struct smx *smx);

/* Is there a session to end with END, with nothing half sent? */
bool handle_may_leave(const struct smx *smx);

/* Sends END if so, and if the system accepts it without waiting. */
void handle_leave(struct smx *smx);

/* Sends END, closes and wipes, keys first; the addresses and times remain. */
void handle_hang_up(struct smx *smx);

/* Records a failure and ends the connection; returns error. */
int handle_give_up(struct smx *smx, enum smx_error error, const char *format,
	...) PRINTF_LIKE(3, 4);
