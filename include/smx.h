/* SPDX-License-Identifier: MIT */
/*
 * libsmx: the client side of smx, the simple message exchange service.
 *
 *	struct smx *smx = smx_new();
 *	char text[SMX_TEXT_BYTES];
 *
 *	if (smx && !smx_connect(smx, "localhost", "1337") &&
 *	    !smx_request(smx, SMX_TIME) && !smx_reply(smx, text))
 *		puts(text);
 *	else
 *		fputs(smx_message(smx), stderr);
 *	smx_free(smx);
 *
 * Every function that returns an int returns 0, or a negative enum smx_error;
 * smx_message() then tells the rest. All waiting is bounded by the timeout
 * (name resolution by that of the system's resolver). Nothing is printed, no
 * signal is raised or handled, the process is never ended. A handle is for one
 * thread at a time; different handles are independent. After fork() a
 * connection remains the parent's: in the child every call that would use it
 * fails with SMX_ERROR_USAGE and leaves it alone, smx_disconnect() and
 * smx_free() close only the child's copy of the descriptor, and smx_connect()
 * makes a connection of the child's own. The header is valid C89 and C++98.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SMX_API __attribute__((visibility("default")))
#define SMX_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SMX_API
#define SMX_MUST_CHECK
#endif

/* The version of this header; smx_version() is that of the library. */
#define SMX_VERSION_MAJOR 0
#define SMX_VERSION_MINOR 2
#define SMX_VERSION_PATCH 0

enum smx_command {
	SMX_TIME, /* HH:MM:SS.ffffff, the server's local time */
	SMX_DATE, /* YYYY-MM-DD, likewise */
	SMX_TEMP  /* degrees Celsius, -999 to 9999 */
};

enum smx_error {
	SMX_OK = 0,
	SMX_ERROR_USAGE = -1,    /* the call is wrong here and now */
	SMX_ERROR_SYSTEM = -2,   /* no memory, no descriptor */
	SMX_ERROR_RESOLVE = -3,  /* the name means no address */
	SMX_ERROR_CONNECT = -4,  /* no address took the connection */
	SMX_ERROR_TIMEOUT = -5,  /* no answer in time */
	SMX_ERROR_PROTOCOL = -6, /* the peer is no smx server, or broken */
	SMX_ERROR_LOST = -7,     /* the connection ended */
	SMX_ERROR_REPLY = -8,    /* the server's error reply; it goes on */
	SMX_ERROR_IDENTITY = -9, /* a key or a key file cannot be used */
	SMX_ERROR_UNKNOWN_SERVER = -10, /* see smx_trust_server() */
	SMX_ERROR_CHANGED_SERVER = -11, /* not the key that is expected */
	SMX_ERROR_NOT_AUTHORIZED = -12, /* probably: it hung up on our key */
	SMX_ERROR_KNOWN_SERVER = -13,   /* see smx_set_plain_guard() */
	/* As it was spelled up to 0.1.0. */
	SMX_ERROR_NOT_AUTHORISED = SMX_ERROR_NOT_AUTHORIZED
};

enum {
	SMX_TEXT_BYTES = 64,    /* room for every reply, and its NUL */
	SMX_ADDRESS_BYTES = 64, /* the longest address, and its NUL */
	SMX_KEY_BYTES = 45,     /* a public key in base64, and its NUL */
	SMX_DEPTH_MAX = 32      /* requests under way at the same time */
};

struct smx;

/* The library's version, as "0.2.0". */
SMX_API const char *smx_version(void);

/* A handle, not connected; NULL when there is no memory. */
SMX_API SMX_MUST_CHECK struct smx *smx_new(void);

/* Disconnects, wipes the keys, frees. smx may be NULL. */
SMX_API void smx_free(struct smx *smx);

/*
 * For connecting, for the key exchange, for each reply, and for whoever else is
 * adding to the known servers; default 10,000.
 */
SMX_API void smx_set_timeout(struct smx *smx, unsigned milliseconds);

/*
 * Says that the server is smx and not the original. The original needs a pause
 * of 20 ms before the first request, and each request after the reply to the
 * last; with it, SMX_TIME and SMX_DATE may be pipelined, and nothing waits. A
 * secure session is always with smx, and may pipeline everything.
 */
SMX_API void smx_set_modern(struct smx *smx, int is_modern);

/*
 * From the next smx_connect() on: the secure exchange. identity_file holds
 * this client's key pair and is made when there is none; NULL: the user's own,
 * client.key in $STATE_DIRECTORY or else in $XDG_STATE_HOME/smx. On failure
 * nothing is changed.
 */
SMX_API SMX_MUST_CHECK int smx_set_secure(
	struct smx *smx, const char *identity_file);

/*
 * Secure: this key, and no other, is expected of the server, and no file of
 * known servers is touched. NULL: as if never called. On failure nothing is
 * changed.
 */
SMX_API SMX_MUST_CHECK int smx_set_server_key(struct smx *smx, const char *key);

/* Secure: this key as well; a server may show any of those given, at most 16.
 * On failure nothing is changed. */
SMX_API SMX_MUST_CHECK int smx_add_server_key(struct smx *smx, const char *key);

/*
 * Where known servers are remembered; NULL: the user's own file,
 * $XDG_CONFIG_HOME/smx/known_servers. /etc/smx/known_servers is read besides,
 * and is all there is for a user without a home. All lines about a server
 * count: it may show any of these keys, at most 16.
 */
SMX_API SMX_MUST_CHECK int smx_set_known_servers(
	struct smx *smx, const char *file);

/*
 * Off by default. On: a smx_connect() that is not secure also looks the server
 * up among the known ones. If it is there, smx_is_known() says so, and unless
 * its address is one of this machine's loopback interface, the call fails with
 * SMX_ERROR_KNOWN_SERVER before anything is sent. A file that cannot be read
 * prevents no plain session.
 */
SMX_API void smx_set_plain_guard(struct smx *smx, int guards_plain);

/* Was a key expected of the server of the last smx_connect()? */
SMX_API int smx_is_known(const struct smx *smx);

/* Secure: a server that is not known yet is trusted and remembered. */
SMX_API void smx_set_trust_new(struct smx *smx, int trusts_new);

/*
 * After SMX_ERROR_UNKNOWN_SERVER: remembers the key that the server showed, so
 * that the next smx_connect() expects it. To be called when a person, or
 * something as good, has compared smx_server_key().
 */
SMX_API SMX_MUST_CHECK int smx_trust_server(struct smx *smx);

/* The key the server showed last, and this client's; "" when there is none. */
SMX_API const char *smx_server_key(const struct smx *smx);
SMX_API const char *smx_own_key(const struct smx *smx);

/*
 * A server that has replaced its key may still have the old one (smx-server
 * --old-key). If it shows a key that is not expected, smx_connect() connects
 * once more and asks for the old one. When that is expected, the session is
 * made with it, and this is the new key, which a person should verify and
 * remember. "" in any other case.
 */
SMX_API const char *smx_newer_key(const struct smx *smx);

/*
 * After SMX_ERROR_CHANGED_SERVER: what a person has to be told, in several
 * lines, each with its line end: the keys expected and where they stand, the
 * key presented, and the command that forgets the former. Otherwise "". It
 * stays valid until the next smx_connect().
 */
SMX_API const char *smx_alarm(const struct smx *smx);

/*
 * Connects to the first address of host that takes the connection, and agrees
 * on keys. port is a number from 1 to 65535 or a service name. Whatever
 * connection the handle had is dropped first. After a failure it is not
 * connected.
 */
SMX_API SMX_MUST_CHECK int smx_connect(
	struct smx *smx, const char *host, const char *port);

/*
 * Sends a request. SMX_ERROR_USAGE when not connected, or when another is
 * under way that must be answered first.
 */
SMX_API SMX_MUST_CHECK int smx_request(
	struct smx *smx, enum smx_command command);

/*
 * Waits for the oldest request's reply and puts it, NUL-terminated, into text,
 * which a failure leaves alone. After SMX_ERROR_REPLY the session goes on,
 * after any other failure but SMX_ERROR_USAGE it is over.
 */
SMX_API SMX_MUST_CHECK int smx_reply(
	struct smx *smx, char text[SMX_TEXT_BYTES]);

/*
 * To be called when smx_fd() is readable and no reply is awaited: has the
 * server gone, or said what nobody asked for? Does not wait.
 */
SMX_API SMX_MUST_CHECK int smx_check(struct smx *smx);

/*
 * Says END to the server if the system takes it without waiting, closes, wipes
 * the keys. Every call that ends a session says END in the same way.
 */
SMX_API void smx_disconnect(struct smx *smx);

/*
 * For a signal handler that is about to end the process: says END to the server
 * if the session is open. It does not wait, and is async-signal-safe in the
 * thread that uses the handle. SMX_ERROR_USAGE: the interrupted code is in the
 * middle of something; return from the handler, and call it again a millisecond
 * later (at most 20 ms, towards the original). After 0 the handle can only be
 * disconnected and freed. A server that is the original program loses a worker
 * for each client that vanishes without END.
 */
SMX_API SMX_MUST_CHECK int smx_leave(struct smx *smx);

SMX_API int smx_is_connected(const struct smx *smx);

/* The socket, to be polled for reading and nothing else; -1: none. */
SMX_API int smx_fd(const struct smx *smx);

/* The two ends of the last connection, as "127.0.0.1:1337" or "[::1]:1337". */
SMX_API void smx_local(const struct smx *smx, char text[SMX_ADDRESS_BYTES]);
SMX_API void smx_remote(const struct smx *smx, char text[SMX_ADDRESS_BYTES]);

/* Their port numbers. */
SMX_API unsigned smx_local_port(const struct smx *smx);
SMX_API unsigned smx_remote_port(const struct smx *smx);

/* Was the last connection to this machine's own loopback interface? */
SMX_API int smx_is_local(const struct smx *smx);

/* Milliseconds from before the TCP connect to the end of the exchange. */
SMX_API double smx_exchange_ms(const struct smx *smx);

/*
 * Milliseconds from sending the request to the last byte of its reply; of the
 * reply that smx_reply() returned last.
 */
SMX_API double smx_rtt_ms(const struct smx *smx);

/*
 * What went wrong last, in one line with its cause and what to try; never
 * NULL. It stays valid until the next call on this handle.
 */
SMX_API const char *smx_message(const struct smx *smx);

/* An error's name in general terms; never NULL. */
SMX_API const char *smx_strerror(int error);

#ifdef __cplusplus
}
#endif
