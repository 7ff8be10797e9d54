// SPDX-License-Identifier: MIT
/*
 * A real worker, and in which order it does things that are ready together.
 * It is held up in the answer to a request while everything is made ready, and
 * what its host is asked for tells what it is doing: no clock is needed.
 */
#include "helper.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/random.h"
#include "server/worker.h"

enum { SESSIONS = 20, HANDSHAKES = 20, FLIGHT_1_BYTES = 40 };

/* The client's end of a connection to the worker. */
struct client {
	struct session_host host;
	struct session session;
	struct handshake handshake;
	int fd;
	uint8_t sent[256];
	struct buffer out;
};

static struct settings settings = {
	.max_connections = 100,
	.handshake_ms = 60000,
	.idle_ms = 0,
	.quiet = true,
};
static struct noise_identity identity;
static struct worker *worker;
static struct client gate, sessions[SESSIONS], handshakes[HANDSHAKES];

/* What was done, a letter each: a request, a flight. */
static char done[256];
static size_t done_count;
static sem_t gate_reached, gate_open, finished;
static bool is_recording, asks_between;

static void send_all(struct client *c)
{
	assert_int_equal(write(c->fd, c->sent, c->out.len), c->out.len);
	c->out.len = 0;
}

static void ask(struct client *c)
{
	assert_int_equal(session_send(&c->session, COMMAND_TIME, &c->out), 0);
	send_all(c);
}

static void record(char what)
{
	if (is_recording)
		done[done_count++] = what;
	if (done_count == SESSIONS + HANDSHAKES + (asks_between ? 1 : 0))
		sem_post(&finished);
}

/* In the worker's thread. */
static void answer_here(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	(void)session;
	(void)host;
	*reply = (struct reply){ 15, "12:34:56.789012" };
	if (request == COMMAND_DATE) { /* the gate's */
		sem_post(&gate_reached);
		sem_wait(&gate_open);
		is_recording = true;
	} else {
		record('R');
	}
}

/* The server draws its ephemeral key when it runs the costly flight. */
static void draw_here(uint8_t *bytes, size_t n)
{
	random_bytes(bytes, n);
	if (n != NOISE_KEY_BYTES)
		return;
	if (is_recording && asks_between && !memchr(done, 'F', done_count))
		ask(&sessions[0]); /* becomes ready during the first flight */
	record('F');
}

static bool allow(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)session;
	(void)host;
	return key;
}

/* Connects and runs the flights of an exchange, up to the first one only. */
static void connect_with(
	struct client *c, enum exchange_id exchange, bool wholly)
{
	const struct address nowhere = { 0 };
	int ends[2];

	*c = (struct client){
		.host = { .draw = random_bytes,
			.is_allowed = allow,
			.identity = &identity },
		.out = { .size = sizeof(c->sent) },
	};
	c->out.bytes = c->sent;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	c->fd = ends[0];
	assert_int_equal(session_connect(&c->session, exchange, &c->handshake,
				 &c->host, &c->out),
		0);
	mail_deal(&worker->mailbox, ends[1], &nowhere);
	if (wholly) {
		uint8_t in[256];
		ssize_t n;

		send_all(c);
		n = read(c->fd, in, sizeof(in));
		assert_int_equal(session_feed(&c->session, &c->host, in,
					 (size_t)n, false, &c->out),
			n);
		send_all(c);
	}
}

static int start(void **state)
{
	(void)state;
	if (crypto_init())
		return -1;
	random_bytes(identity.secret, sizeof(identity.secret));
	noise_identity_finish(&identity);
	sem_init(&gate_reached, 0, 0);
	sem_init(&gate_open, 0, 0);
	sem_init(&finished, 0, 0);
	is_recording = false;
	done_count = 0;
	worker = worker_new(&settings, NULL, &identity, NULL, NULL);
	if (!worker)
		return -1;
	worker->context.host.answer = answer_here;
	worker->context.host.draw = draw_here;
	connect_with(&gate, EXCHANGE_XOR, true);
	for (int i = 0; i < SESSIONS; i++)
		connect_with(&sessions[i], EXCHANGE_XOR, true);
	for (int i = 0; i < HANDSHAKES; i++)
		connect_with(&handshakes[i], EXCHANGE_NOISE, false);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	worker_stop(worker);
	worker_free(worker);
	close(gate.fd);
	for (int i = 0; i < SESSIONS; i++)
		close(sessions[i].fd);
	for (int i = 0; i < HANDSHAKES; i++)
		close(handshakes[i].fd);
	return 0;
}

/* Holds the worker up, makes everything ready, and lets it go. */
static void run(void)
{
	/* Whatever it did before is over when it answers the gate. */
	assert_int_equal(
		session_send(&gate.session, COMMAND_DATE, &gate.out), 0);
	send_all(&gate);
	sem_wait(&gate_reached);
	for (int i = 0; i < HANDSHAKES; i++)
		send_all(&handshakes[i]);
	for (int i = 0; i < SESSIONS; i++)
		ask(&sessions[i]);
	sem_post(&gate_open);
	sem_wait(&finished);
}

static void all_requests_go_before_the_first_flight(void **state)
{
	(void)state;
	asks_between = false;
	run();
	for (int i = 0; i < SESSIONS; i++)
		assert_int_equal(done[i], 'R');
	for (int i = SESSIONS; i < SESSIONS + HANDSHAKES; i++)
		assert_int_equal(done[i], 'F');
}

static void a_request_waits_for_one_flight_at_most(void **state)
{
	(void)state;
	asks_between = true;
	run();
	assert_memory_equal(done + SESSIONS, "FRF", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			all_requests_go_before_the_first_flight, start, finish),
		cmocka_unit_test_setup_teardown(
			a_request_waits_for_one_flight_at_most, start, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
