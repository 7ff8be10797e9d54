// SPDX-License-Identifier: MIT
/*
 * Addresses that answer, refuse, or cannot be reached, on loopback.
 */
#include "helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

#include "lib/connect.h"

static struct sockaddr_in ends[CONNECT_ADDRESSES_MAX + 8];
static struct addrinfo list[COUNT_OF(ends)];

/* A listener that is full takes no more connections: they wait. */
static int listen_at(const char *ip, int backlog, uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, ip, &at.sin_addr);
	assert_int_equal(bind(fd, (void *)&at, size), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (void *)&at, &size), 0);
	*port = at.sin_port;
	return fd;
}

static void put(size_t i, const char *ip, uint16_t port)
{
	ends[i] =
		(struct sockaddr_in){ .sin_family = AF_INET, .sin_port = port };
	inet_pton(AF_INET, ip, &ends[i].sin_addr);
	list[i] = (struct addrinfo){ .ai_family = AF_INET,
		.ai_addr = (void *)&ends[i],
		.ai_addrlen = sizeof(ends[i]) };
	if (i)
		list[i - 1].ai_next = &list[i];
}

static void those_that_refuse_are_passed_over(void **state)
{
	struct address failed;
	uint64_t begun;
	uint16_t port, closed;
	int listener = listen_at("127.0.0.1", 8, &port);
	int gone = listen_at("127.0.0.1", 1, &closed);
	int fd;

	(void)state;
	close(gone);
	for (size_t i = 0; i < 20; i++)
		put(i, "127.0.0.1", closed);
	put(20, "127.0.0.1", port);
	fd = connect_first(list, 30000, &begun, &failed);
	assert_true(fd >= 0);
	close(fd);
	close(listener);
}

static void one_that_is_silent_does_not_hold_up_the_next(void **state)
{
	struct address failed;
	uint64_t begun;
	uint16_t full, port;
	int silent = listen_at("127.0.0.1", 0, &full);
	int listener = listen_at("127.0.0.1", 8, &port);
	int filler[4], fd;

	(void)state;
	put(0, "127.0.0.1", full);
	for (size_t i = 0; i < COUNT_OF(filler); i++) {
		filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(filler[i], (void *)&ends[0], sizeof(ends[0]));
	}
	put(1, "127.0.0.1", port);
	/* A share of the time for each would be ten minutes: no test waits so.
	 */
	fd = connect_first(list, 1200000, &begun, &failed);
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < COUNT_OF(filler); i++)
		close(filler[i]);
	close(silent);
	close(listener);
}

static void the_failure_that_tells_most_is_told(void **state)
{
	struct address failed;
	uint64_t begun;
	uint16_t closed;
	int gone = listen_at("127.0.0.1", 1, &closed);

	(void)state;
	close(gone);
	put(0, "127.0.0.1", closed);
	put(1, "255.255.255.255", closed); /* no way there for TCP */
	assert_int_equal(
		connect_first(list, 30000, &begun, &failed), -ECONNREFUSED);
	assert_int_equal(failed.ip[0], 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_that_refuse_are_passed_over),
		cmocka_unit_test(one_that_is_silent_does_not_hold_up_the_next),
		cmocka_unit_test(the_failure_that_tells_most_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
