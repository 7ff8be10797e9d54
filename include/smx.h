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
 * Every function that returns an int returns 0 or a negative enum smx_error,
 * unless its comment says otherwise; smx_message() then explains the failure.
 * Every wait is bounded by the timeout (name resolution by that of the system's
 * resolver). The library prints nothing, neither raises nor handles signals,
 * and never ends the process. Use each handle in one thread at a time;
 * different handles are independent. After fork() a connection belongs to the
 * parent: in the child, every call that would use it fails with SMX_ERROR_USAGE
 * and does not touch it, smx_disconnect() and smx_free() close only the child's
 * copy of the descriptor, and smx_connect() makes a connection for the child.
 * The header is valid C89 and C++98.
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

/* The version of this header; smx_version() returns the library's. */
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
	SMX_ERROR_USAGE = -1,    /* invalid call in this state */
	SMX_ERROR_SYSTEM = -2,   /* out of memory or descriptors */
	SMX_ERROR_RESOLVE = -3,  /* the name could not be resolved */
	SMX_ERROR_CONNECT = -4,  /* no address accepted it */
	SMX_ERROR_TIMEOUT = -5,  /* the time limit was exceeded */
	SMX_ERROR_PROTOCOL = -6, /* not an smx server, or broken */
	SMX_ERROR_LOST = -7,     /* the connection was lost */
	SMX_ERROR_REPLY = -8,    /* an error reply; the session continues */
	SMX_ERROR_IDENTITY = -9, /* a key or a key file cannot be used */
	SMX_ERROR_UNKNOWN_SERVER = -10, /* see smx_trust_server() */
	SMX_ERROR_CHANGED_SERVER = -11, /* not an expected key */
	SMX_ERROR_NOT_AUTHORIZED = -12, /* it hung up after our key */
	SMX_ERROR_KNOWN_SERVER = -13,   /* see smx_set_plain_guard() */
	/* The spelling up to 0.1.0. */
	SMX_ERROR_NOT_AUTHORISED = SMX_ERROR_NOT_AUTHORIZED
};

enum {
	SMX_TEXT_BYTES = 64,    /* the longest reply, with its NUL */
	SMX_ADDRESS_BYTES = 64, /* the longest address, with its NUL */
	SMX_KEY_BYTES = 45,     /* a public key in base64, with its NUL */
	SMX_DEPTH_MAX = 32      /* requests in flight at the same time */
};

struct smx;

/* The version of the library, such as "0.2.0". */
SMX_API const char *smx_version(void);

/* Returns a handle that is not connected; NULL if memory runs out. */
SMX_API SMX_MUST_CHECK struct smx *smx_new(void);

/* Disconnects, wipes the keys and frees the handle. smx may be NULL. */
SMX_API void smx_free(struct smx *smx);

/*
 * The time limit for connecting, for the key exchange, for each reply, and for
 * waiting while another program updates the known servers. The default is
 * 10000.
 */
SMX_API void smx_set_timeout(struct smx *smx, unsigned milliseconds);

/*
 * States that the server is smx. The original program needs a pause of 20 ms
 * before the first request, and can have only one request in flight. With smx
 * there is no pause, and SMX_TIME and SMX_DATE may be pipelined. A secure
 * session is always with smx, and may pipeline everything.
 */
SMX_API void smx_set_modern(struct smx *smx, int is_modern);

/*
 * Makes the next and all later smx_connect() use the secure exchange.
 * identity_file is this client's key file, which is created if it does not
 * exist. NULL selects the user's own: client.key in $CREDENTIALS_DIRECTORY,
 * $STATE_DIRECTORY or $XDG_STATE_HOME/smx. A failure changes nothing.
 */
SMX_API SMX_MUST_CHECK int smx_set_secure(
	struct smx *smx, const char *identity_file);

/*
 * Makes the next and all later smx_connect() use the exchange of this name.
 * "xor", or NULL, is what a new handle uses, and what the original knows;
 * "noise" is the secure one. If it needs a key file, that of smx_set_secure()
 * is used, or else the user's own, which is created if it does not exist. If
 * there is no such exchange, smx_message() lists those there are. A failure
 * changes nothing.
 */
SMX_API SMX_MUST_CHECK int smx_set_exchange(struct smx *smx, const char *name);

/*
 * Secure sessions: accepts only a server that presents this key, and uses no
 * file of known servers. NULL undoes this. A failure changes nothing.
 */
SMX_API SMX_MUST_CHECK int smx_set_server_key(struct smx *smx, const char *key);

/*
 * Adds another key to that of smx_set_server_key(). The server may present any
 * of them; there can be at most 16. A failure changes nothing.
 */
SMX_API SMX_MUST_CHECK int smx_add_server_key(struct smx *smx, const char *key);

/*
 * Sets the file of known servers; NULL selects the user's own,
 * $XDG_CONFIG_HOME/smx/known_servers. /etc/smx/known_servers is read in
 * addition, and is the only file for a user without a home directory. If the
 * files contain several keys of a server, at most 16, it may present any of
 * them.
 */
SMX_API SMX_MUST_CHECK int smx_set_known_servers(
	struct smx *smx, const char *file);

/*
 * Off by default. If on, an smx_connect() that is not secure also looks the
 * server up among the known servers. If it is found, smx_is_known() returns 1,
 * and the call fails with SMX_ERROR_KNOWN_SERVER before anything is sent,
 * unless the server is on this machine's loopback interface. A file that cannot
 * be read does not prevent a plain session.
 */
SMX_API void smx_set_plain_guard(struct smx *smx, int guards_plain);

/* 1 if a key of the server of the last smx_connect() was known, else 0. */
SMX_API int smx_is_known(const struct smx *smx);

/* Secure sessions: trusts and remembers new servers without asking. */
SMX_API void smx_set_trust_new(struct smx *smx, int trusts_new);

/*
 * After SMX_ERROR_UNKNOWN_SERVER: remembers the key that the server presented,
 * so that the next smx_connect() expects it. Call this only once the key that
 * smx_server_key() returns has been verified, by a person or by other reliable
 * means.
 */
SMX_API SMX_MUST_CHECK int smx_trust_server(struct smx *smx);

/* The key the server presented last, and this client's; "" if none. */
SMX_API const char *smx_server_key(const struct smx *smx);
SMX_API const char *smx_own_key(const struct smx *smx);

/*
 * A server whose key was replaced may still hold the old one (smx-server
 * --old-key). If it presents a key that is not expected, smx_connect() connects
 * once more and asks for the old one. If that is expected, the session uses it,
 * and this returns the new key, which a person should verify and remember.
 * Otherwise it returns "".
 */
SMX_API const char *smx_newer_key(const struct smx *smx);

/*
 * After SMX_ERROR_CHANGED_SERVER: the text to show to the user, several lines
 * that each end in a newline: the expected keys and where they are stored, the
 * key presented, and the command that forgets the expected ones. Otherwise "".
 * It is valid until the next smx_connect().
 */
SMX_API const char *smx_alarm(const struct smx *smx);

/*
 * Connects to the first address of host that accepts the connection, and
 * exchanges keys. port is a number from 1 to 65535 or a service name. Any
 * existing connection is closed first. After a failure the handle is not
 * connected.
 */
SMX_API SMX_MUST_CHECK int smx_connect(
	struct smx *smx, const char *host, const char *port);

/* The word of a request, such as "TIME"; NULL if there is no such request. */
SMX_API const char *smx_command_word(int command);

/*
 * Sends a request. SMX_ERROR_USAGE if not connected, or if the reply to a
 * previous request must be received first.
 */
SMX_API SMX_MUST_CHECK int smx_request(
	struct smx *smx, enum smx_command command);

/*
 * Waits for the reply to the oldest request and stores it in text, terminated
 * by a NUL; on failure text is unchanged. After SMX_ERROR_REPLY and
 * SMX_ERROR_USAGE the session continues; any other failure ends it.
 */
SMX_API SMX_MUST_CHECK int smx_reply(
	struct smx *smx, char text[SMX_TEXT_BYTES]);

/*
 * Call this when smx_fd() is readable while no reply is outstanding: the server
 * has closed the connection, or sent data that was not requested. Does not
 * wait.
 */
SMX_API SMX_MUST_CHECK int smx_check(struct smx *smx);

/*
 * Sends END to the server if the system accepts it without waiting, closes the
 * connection and wipes its keys. Every call that ends a session sends END in
 * the same way.
 */
SMX_API void smx_disconnect(struct smx *smx);

/*
 * For a signal handler that is about to end the process: sends END to the
 * server if the session is open. It does not wait, and is async-signal-safe in
 * the thread that uses the handle. SMX_ERROR_USAGE means that it interrupted
 * the library in the middle of an operation; return from the handler, and call
 * it again a millisecond later (with the original this may take 20 ms). After
 * it has returned 0, the handle can only be disconnected and freed. A server
 * that is the original program loses a worker for each client that vanishes
 * without END.
 */
SMX_API SMX_MUST_CHECK int smx_leave(struct smx *smx);

/* 1 if connected, else 0. */
SMX_API int smx_is_connected(const struct smx *smx);

/* The socket, to be polled for reading only; -1 if not connected. */
SMX_API int smx_fd(const struct smx *smx);

/* The ends of the last connection, as "127.0.0.1:1337" or "[::1]:1337". */
SMX_API void smx_local(const struct smx *smx, char text[SMX_ADDRESS_BYTES]);
SMX_API void smx_remote(const struct smx *smx, char text[SMX_ADDRESS_BYTES]);

/* Their port numbers. */
SMX_API unsigned smx_local_port(const struct smx *smx);
SMX_API unsigned smx_remote_port(const struct smx *smx);

/* 1 if the last connection was to the loopback interface, else 0. */
SMX_API int smx_is_local(const struct smx *smx);

/* Milliseconds from before connecting to the end of the key exchange. */
SMX_API double smx_exchange_ms(const struct smx *smx);

/*
 * Milliseconds from sending a request to the end of its reply, for the reply
 * that smx_reply() returned last.
 */
SMX_API double smx_rtt_ms(const struct smx *smx);

/*
 * One line that says what failed last, why, and what to do; never NULL. It is
 * valid until the next call on this handle.
 */
SMX_API const char *smx_message(const struct smx *smx);

/* Describes an error in general terms; never NULL. */
SMX_API const char *smx_strerror(int error);

#ifdef __cplusplus
}
#endif
