// SPDX-License-Identifier: MIT
#include "helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/socket.h"

static uint64_t in_ms(uint64_t ms)
{
	return clock_ns() + ms * 1000000;
}

static struct addrinfo *resolve(const char *host, unsigned port)
{
	struct addrinfo *found;
	char text[8];

	snprintf(text, sizeof(text), "%u", port);
	assert_int_equal(socket_resolve(host, text,
				 AI_NUMERICHOST | AI_NUMERICSERV, &found),
		0);
	return found;
}

static int listen_at(const char *host, unsigned port, int backlog)
{
	struct addrinfo *at = resolve(host, port);
	int fd = socket_listen(at, backlog);

	freeaddrinfo(at);
	return fd;
}

static int connect_to(const char *host, unsigned port, uint64_t deadline)
{
	struct addrinfo *to = resolve(host, port);
	int fd = socket_start(to, NULL), ready, error;

	freeaddrinfo(to);
	if (fd < 0)
		return fd;
	ready = socket_wait(fd, SOCKET_WRITE, deadline);
	error = ready > 0 ? socket_started(fd) : ready ? ready : -ETIMEDOUT;
	if (error)
		close(fd);
	return error ? error : fd;
}

/* The three sockets of one connection. */
struct trio {
	int listener, client, server;
	struct address from;
};

static struct trio open_trio(const char *host)
{
	struct trio t;

	t.listener = listen_at(host, 0, 8);
	assert_true(t.listener >= 0);
	t.client = connect_to(host, socket_local(t.listener).port, in_ms(2000));
	assert_true(t.client >= 0);
	assert_int_equal(socket_wait(t.listener, POLLIN, in_ms(2000)), POLLIN);
	t.server = socket_accept(t.listener, &t.from);
	assert_true(t.server >= 0);
	return t;
}

static void close_trio(struct trio *t)
{
	close(t->listener);
	close(t->client);
	close(t->server);
}

static void names_and_numbers_are_resolved(void **state)
{
	struct addrinfo *found = NULL;
	const struct sockaddr_in *in;

	(void)state;
	assert_int_equal(socket_resolve("127.0.0.1", "1337", 0, &found), 0);
	in = (const void *)found->ai_addr;
	assert_int_equal(found->ai_family, AF_INET);
	assert_int_equal(found->ai_socktype, SOCK_STREAM);
	assert_int_equal(in->sin_port, htons(1337));
	assert_int_equal(in->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_null(found->ai_next);
	freeaddrinfo(found);
	found = resolve("::1", 65535);
	assert_int_equal(found->ai_family, AF_INET6);
	freeaddrinfo(found);
	assert_int_not_equal(
		socket_resolve("no.address", "1", AI_NUMERICHOST, &found), 0);
	assert_int_not_equal(socket_resolve("127.0.0.1", "no service",
				     AI_NUMERICHOST, &found),
		0);
}

static void assert_connects(const char *host)
{
	struct trio t = open_trio(host);
	struct address server = socket_local(t.server);
	struct address client = socket_local(t.client);
	struct address seen_by_client = socket_remote(t.client);
	struct address seen_by_server = socket_remote(t.server);

	assert_memory_equal(&client, &t.from, sizeof(client));
	assert_memory_equal(&client, &seen_by_server, sizeof(client));
	assert_memory_equal(&server, &seen_by_client, sizeof(client));
	assert_int_equal(server.port, socket_local(t.listener).port);
	close_trio(&t);
}

static void both_ends_know_each_other(void **state)
{
	int fd = listen_at("::1", 0, 1);

	(void)state;
	assert_connects("127.0.0.1");
	if (fd < 0)
		return; /* there is no IPv6 here */
	close(fd);
	assert_connects("::1");
}

static void assert_manners(int fd, bool sends_at_once)
{
	int on = 0;
	socklen_t size = sizeof(on);

	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(
		getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
	assert_int_equal(on != 0, sends_at_once);
}

static void sockets_neither_block_nor_delay_nor_survive_exec(void **state)
{
	struct trio t = open_trio("127.0.0.1");

	(void)state;
	assert_manners(t.listener, true);
	assert_manners(t.client, true);
	assert_manners(t.server, true);
	close_trio(&t);
}

static void accepting_does_not_wait(void **state)
{
	struct address from = { .port = 7 };
	int fd = listen_at("127.0.0.1", 0, 8);

	(void)state;
	assert_int_equal(socket_accept(fd, &from), -EAGAIN);
	assert_int_equal(from.port, 7);
	close(fd);
	assert_int_equal(socket_accept(fd, &from), -EBADF);
}

static void an_address_that_cannot_be_had_is_refused(void **state)
{
	int fd = listen_at("127.0.0.1", 0, 8);

	(void)state;
	assert_int_equal(
		listen_at("127.0.0.1", socket_local(fd).port, 8), -EADDRINUSE);
	close(fd);
	assert_int_equal(listen_at("192.0.2.1", 0, 8), -EADDRNOTAVAIL);
}

static void an_address_can_be_had_again_at_once(void **state)
{
	struct trio t = open_trio("127.0.0.1");
	unsigned port = socket_local(t.listener).port;
	int fd;

	(void)state;
	close(t.listener);
	close(t.server); /* first, so that it lingers in TIME_WAIT */
	close(t.client);
	fd = listen_at("127.0.0.1", port, 8);
	assert_true(fd >= 0);
	close(fd);
}

static void a_connection_that_is_refused_says_so(void **state)
{
	int fd = listen_at("127.0.0.1", 0, 8);
	unsigned port = socket_local(fd).port;

	(void)state;
	close(fd);
	assert_int_equal(
		connect_to("127.0.0.1", port, in_ms(2000)), -ECONNREFUSED);
}

static void a_connection_that_takes_too_long_is_waited_for(void **state)
{
	/* Of a full backlog the system drops what else would connect. */
	int listener = listen_at("127.0.0.1", 0, 0), clients[16], fd, n = 0;
	unsigned port = socket_local(listener).port;
	uint64_t begun;

	(void)state;
	do {
		begun = clock_ns();
		fd = connect_to("127.0.0.1", port, in_ms(50));
		if (fd >= 0)
			clients[n++] = fd;
	} while (fd >= 0 && n < 16);
	assert_int_equal(fd, -ETIMEDOUT);
	assert_in_range(clock_ns() - begun, 49000000, 2000000000);
	while (n)
		close(clients[--n]);
	close(listener);
}

static void a_deadline_that_has_passed_is_a_look(void **state)
{
	struct trio t = open_trio("127.0.0.1");

	(void)state;
	assert_int_equal(socket_wait(t.server, POLLIN, 0), 0);
	assert_int_equal(send(t.client, "x", 1, 0), 1);
	assert_int_equal(socket_wait(t.server, POLLIN, in_ms(2000)), POLLIN);
	assert_int_equal(socket_wait(t.server, POLLIN, 0), POLLIN);
	assert_int_equal(socket_wait(t.server, POLLOUT, 0), POLLOUT);
	close_trio(&t);
}

static void bytes_go_through_and_nothing_waits(void **state)
{
	struct trio t = open_trio("127.0.0.1");
	uint8_t bytes[8] = "";

	(void)state;
	assert_int_equal(socket_receive(t.server, bytes, 8), -EAGAIN);
	assert_int_equal(socket_send(t.client, (const uint8_t *)"smx", 3), 3);
	assert_int_equal(socket_wait(t.server, POLLIN, in_ms(2000)), POLLIN);
	assert_int_equal(socket_receive(t.server, bytes, 8), 3);
	assert_string_equal((char *)bytes, "smx");
	close_trio(&t);
}

static void a_peer_that_takes_nothing_stops_the_sending(void **state)
{
	static const uint8_t bytes[1 << 16];
	struct trio t = open_trio("127.0.0.1");
	ssize_t n;

	(void)state;
	do
		n = socket_send(t.client, bytes, sizeof(bytes));
	while (n > 0);
	assert_int_equal(n, -EAGAIN);
	close_trio(&t);
}

static void the_end_of_a_stream_is_zero_bytes(void **state)
{
	struct trio t = open_trio("127.0.0.1");
	uint8_t bytes[8];

	(void)state;
	assert_int_equal(socket_send(t.client, (const uint8_t *)"a", 1), 1);
	socket_finish(t.client);
	assert_int_equal(socket_wait(t.server, POLLIN, in_ms(2000)), POLLIN);
	assert_int_equal(socket_receive(t.server, bytes, 8), 1);
	assert_int_equal(socket_wait(t.server, POLLIN, in_ms(2000)), POLLIN);
	assert_int_equal(socket_receive(t.server, bytes, 8), 0);
	/* The other direction is still open. */
	assert_int_equal(socket_send(t.server, (const uint8_t *)"b", 1), 1);
	assert_int_equal(socket_wait(t.client, POLLIN, in_ms(2000)), POLLIN);
	assert_int_equal(socket_receive(t.client, bytes, 8), 1);
	close_trio(&t);
	assert_int_equal(socket_receive(-1, bytes, 8), -EBADF);
	assert_int_equal(socket_send(-1, bytes, 8), -EBADF);
}

static void sending_quietly_raises_no_signal(void **state)
{
	static const uint8_t bytes[64];
	struct trio t = open_trio("127.0.0.1");
	ssize_t n;

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	socket_drop_unsent(t.server);
	close(t.server);
	assert_true(socket_wait(t.client, 0, in_ms(2000)) > 0);
	do
		n = socket_send_quietly(t.client, bytes, sizeof(bytes));
	while (n == -ECONNRESET);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(n, -EPIPE);
	close(t.client);
	close(t.listener);
}

static void only_an_address_of_this_machine_is_a_source(void **state)
{
	struct addrinfo *ours = resolve("127.0.0.1", 0);
	struct addrinfo *theirs = resolve("192.0.2.1", 0);

	(void)state;
	assert_int_equal(socket_try_source(ours), 0);
	assert_int_equal(socket_try_source(theirs), -EADDRNOTAVAIL);
	freeaddrinfo(ours);
	freeaddrinfo(theirs);
}

static void ignore(int number)
{
	(void)number;
}

static void a_wait_lasts_until_its_deadline_whatever_signals_come(void **state)
{
	const struct itimerval often = {
		.it_value.tv_usec = 10000,
		.it_interval.tv_usec = 10000,
	};
	const struct sigaction action = { .sa_handler = ignore };
	struct trio t = open_trio("127.0.0.1");
	uint64_t begun = clock_ns();

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_int_equal(socket_wait(t.server, POLLIN, begun + 100000000), 0);
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	assert_in_range(clock_ns() - begun, 100000000, 2000000000);
	close_trio(&t);
}

static void dropping_what_is_unsent_resets_the_connection(void **state)
{
	struct trio t = open_trio("127.0.0.1");
	uint8_t bytes[8] = "smx";
	ssize_t n;

	(void)state;
	assert_int_equal(socket_send(t.server, bytes, 3), 3);
	socket_drop_unsent(t.server);
	close(t.server);
	assert_true(socket_wait(t.client, POLLHUP, in_ms(2000)) > 0);
	do
		n = socket_receive(t.client, bytes, 8);
	while (n > 0);
	assert_int_equal(n, -ECONNRESET);
	assert_int_equal(socket_send(t.client, bytes, 8), -EPIPE);
	close(t.client);
	close(t.listener);
}

static void what_is_no_socket_has_no_ends(void **state)
{
	static const struct address nowhere;
	struct address a = socket_local(-1), b = socket_remote(-1);

	(void)state;
	assert_memory_equal(&a, &nowhere, sizeof(a));
	assert_memory_equal(&b, &nowhere, sizeof(b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers_are_resolved),
		cmocka_unit_test(both_ends_know_each_other),
		cmocka_unit_test(
			sockets_neither_block_nor_delay_nor_survive_exec),
		cmocka_unit_test(accepting_does_not_wait),
		cmocka_unit_test(an_address_that_cannot_be_had_is_refused),
		cmocka_unit_test(an_address_can_be_had_again_at_once),
		cmocka_unit_test(a_connection_that_is_refused_says_so),
		cmocka_unit_test(
			a_connection_that_takes_too_long_is_waited_for),
		cmocka_unit_test(a_deadline_that_has_passed_is_a_look),
		cmocka_unit_test(bytes_go_through_and_nothing_waits),
		cmocka_unit_test(a_peer_that_takes_nothing_stops_the_sending),
		cmocka_unit_test(the_end_of_a_stream_is_zero_bytes),
		cmocka_unit_test(sending_quietly_raises_no_signal),
		cmocka_unit_test(only_an_address_of_this_machine_is_a_source),
		cmocka_unit_test(
			a_wait_lasts_until_its_deadline_whatever_signals_come),
		cmocka_unit_test(dropping_what_is_unsent_resets_the_connection),
		cmocka_unit_test(what_is_no_socket_has_no_ends),
	};

	signal(SIGPIPE, SIG_IGN); /* as socket_send() asks */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
