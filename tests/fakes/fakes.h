// SPDX-License-Identifier: MIT
/*
 * A world of the test's own: its clock (base/clock.h, and of base/os.h what
 * takes time), its sockets (net/socket.h), the loop that waits for them
 * (net/loop.h) and the log (base/log.h). Nothing here takes any time: when
 * nothing is ready, the clock is set to when the next thing is to happen, by
 * fake_at(), and that happens; or else to when the wait was to end.
 *
 * A test that links these gets them in place of the real ones. Whatever one of
 * those headers has and a test needs must be here: otherwise the linker takes
 * the real file as well, and complains that it finds the rest twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	FAKE_FD = 100000, /* the first socket; what is below is the system's */
	FAKE_SOCKETS = 512,
	FAKE_IN_BYTES = 65536,
	FAKE_OUT_BYTES = 65536,
	FAKE_LOG_BYTES = 65536,
	FAKE_BATCH = 8, /* of the loop */
	FAKE_EVENTS = 256,
};

/* One end of a connection; the other one is the test. */
struct fake_socket {
	uint8_t in[FAKE_IN_BYTES]; /* what the peer has sent */
	size_t in_len, in_read;
	bool has_end;                /* after that, the peer sends no more */
	int receive_error;           /* … or this comes: -ECONNRESET */
	uint8_t out[FAKE_OUT_BYTES]; /* what the peer was sent */
	size_t out_len;
	size_t room;    /* how many bytes more the peer takes */
	int send_error; /* 0: none */
	unsigned receives, sends;
	int started;      /* what socket_started() tells */
	const void *from; /* as socket_start() was told */
	bool is_finished, is_dropped, is_closed;
	uint64_t closed_ns; /* and when that was */
};

extern struct fake_world {
	uint64_t now_ns;
	uint64_t own_ns; /* that the thread could have worked */
	struct fake_socket *sockets[FAKE_SOCKETS];
	int socket_count;

	/* The results of socket_accept() to come, then -EAGAIN: an error, or 1
	 * for a socket. */
	int accepts[128];
	int accept_count, accepted;
	int listener; /* is ready while there are any of these */

	int loop_error;   /* of loop_add() and loop_tell(); 0: none */
	int wait_error;   /* of the next loop_wait() */
	bool never_waits; /* each of them fails */

	struct fake_event {
		uint64_t at_ns;
		void (*act)(void *argument);
		void *argument;
	} events[FAKE_EVENTS]; /* in order */
	size_t event_count, happened;

	int resolve_error; /* of socket_resolve(): EAI_…; 0: none */
	int start_error;   /* of socket_start(); 0: none */

	/* Called, when not NULL, after a connection was begun, after something
	 * was sent, and before a socket is closed. */
	void (*on_start)(int fd);
	void (*on_send)(int fd);
	void (*on_close)(int fd);

	char log[FAKE_LOG_BYTES];
	size_t log_len;
} fake;

/* A group's set-up for each test: an empty world, some time after its start. */
int fake_begin(void **state);
int fake_end(void **state);

/* A connected socket, whose peer takes all that it is sent. */
int fake_open(void);
struct fake_socket *fake_of(int fd);

/* The peer sends so many bytes. */
void fake_send(int fd, const void *bytes, size_t n);

/* From now on, in so many milliseconds, this is to happen, in some wait. */
void fake_at(uint64_t ms, void (*act)(void *argument), void *argument);
void fake_at_ns(uint64_t at_ns, void (*act)(void *argument), void *argument);

/* Nothing is ready before moment_ns: lets the next thing happen, and returns
 * true, or lets that moment come. UINT64_MAX: there is no such moment. */
bool fake_happen(uint64_t moment_ns);

/* How many lines of the log have this text in them? */
unsigned fake_logged(const char *text);

/* What a wait for fd would find: of LOOP_READ and LOOP_WRITE. */
unsigned fake_ready(int fd);
