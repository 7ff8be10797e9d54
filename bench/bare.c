// SPDX-License-Identifier: MIT
/*
 * bare: the floor that the server is measured against.
 *
 * What is left of a server when everything is taken away that could be: one
 * thread, one level-triggered epoll, one recv and one send for whatever has
 * come.  It parses nothing, keeps nothing about a connection, and answers
 * every REQUEST_BYTES it gets with REPLY_BYTES of 'x'.  A request cut in two is
 * forgotten; its peers send whole ones.  Listens on 127.0.0.1 and prints the
 * port; leaves on SIGTERM.
 */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { IN_BYTES = 1024, REPLY_MAX = 1024, EVENTS = 256 };

static size_t number(const char *text, size_t least, size_t most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || n < least || n > most)
		errx(2, "'%s': %zu to %zu wanted", text, least, most);
	return n;
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(at);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
		bind(fd, (struct sockaddr *)&at, len) ||
		listen(fd, SOMAXCONN) ||
		getsockname(fd, (struct sockaddr *)&at, &len))
		err(1, "cannot listen on port %d", port);
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

static void welcome(int epoll, int listener)
{
	int one = 1;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	watch(epoll, fd);
}

static void leave(int signal)
{
	(void)signal;
	_exit(0);
}

int main(int argc, char **argv)
{
	static uint8_t in[IN_BYTES], out[IN_BYTES * REPLY_MAX];
	struct epoll_event events[EVENTS];

	if (argc != 2 && argc != 4)
		errx(2, "usage: bare PORT [REQUEST_BYTES REPLY_BYTES]");
	size_t request = argc == 4 ? number(argv[2], 1, IN_BYTES) : 4;
	size_t reply = argc == 4 ? number(argv[3], 1, REPLY_MAX) : 15;
	size_t room = IN_BYTES / request * request;

	memset(out, 'x', sizeof(out));
	signal(SIGTERM, leave);
	int listener = listen_on((uint16_t)number(argv[1], 0, UINT16_MAX));
	int epoll = epoll_create1(0);
	if (epoll < 0)
		err(1, "epoll_create1");
	watch(epoll, listener);

	for (;;) {
		int ready = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < ready; i++) {
			int fd = events[i].data.fd;

			if (fd == listener) {
				welcome(epoll, listener);
				continue;
			}
			ssize_t n = recv(fd, in, room, 0);
			size_t owed = n > 0 ? (size_t)n / request * reply : 0;
			if (n <= 0 || send(fd, out, owed, MSG_NOSIGNAL) < 0)
				close(fd);
		}
	}
}
