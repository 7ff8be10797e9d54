// SPDX-License-Identifier: MIT
/*
 * bare: the floor that the server is measured against.
 *
 * It is what remains of a server when everything has been taken away that can
 * be: one thread, one level-triggered epoll, one recv and one send for whatever
 * has arrived. It parses nothing, and answers every REQUEST_BYTES bytes with
 * REPLY_BYTES of 'x'. A request that is cut in two is forgotten; its clients
 * send whole ones. It listens on 127.0.0.1, prints the port, and exits on
 * SIGTERM.
 *
 * With -t THREADS it is built like the server: one thread accepts the
 * connections and deals them in turn, through pipes, to that many other threads
 * that serve them. With -f each connection begins with an exchange of three
 * flights of that many bytes: one is read, one is sent, one is read.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	IN_BYTES = 1024,
	REPLY_MAX = 1024,
	EVENTS = 256,
	THREADS_MAX = 64,
	FILES_MAX = 1 << 20,
};

static struct {
	size_t threads, flight, port, request, reply;
} opt = { .request = 4, .reply = 15 };

static uint8_t replies[IN_BYTES * REPLY_MAX];
static uint8_t flights_read[FILES_MAX]; /* by descriptor */

struct worker {
	int epoll;
	int source; /* where connections come from: the listener, or a pipe */
	int slot;   /* the pipe's other end */
	int (*take)(int source); /* a connection, or -1 */
};

static size_t number(const char *text, size_t least, size_t most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || n < least || n > most)
		errx(2, "'%s' is not a number from %zu to %zu", text, least,
			most);
	return n;
}

static void parse(int argc, char **argv)
{
	static const char usage[] = "usage: bare [-t THREADS] [-f FLIGHT_BYTES]"
				    " PORT [REQUEST_BYTES REPLY_BYTES]";
	int letter;

	while ((letter = getopt(argc, argv, "t:f:")) >= 0) {
		if (letter == 't')
			opt.threads = number(optarg, 1, THREADS_MAX);
		else if (letter == 'f')
			opt.flight = number(optarg, 1, IN_BYTES);
		else
			errx(2, "%s", usage);
	}
	argc -= optind;
	argv += optind;
	if (argc != 1 && argc != 3)
		errx(2, "%s", usage);
	opt.port = number(argv[0], 0, UINT16_MAX);
	if (argc == 3) {
		opt.request = number(argv[1], 1, IN_BYTES);
		opt.reply = number(argv[2], 1, REPLY_MAX);
	}
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

	/* Accepted sockets inherit TCP_NODELAY. */
	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ||
		bind(fd, (struct sockaddr *)&at, len) ||
		listen(fd, SOMAXCONN) ||
		getsockname(fd, (struct sockaddr *)&at, &len))
		err(1, "cannot listen on port %d", port);
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static int accept_one(int listener)
{
	/* cppcheck-suppress nullPointer; there may be nobody to tell */
	return accept4(listener, NULL, NULL, SOCK_NONBLOCK);
}

static int read_one(int mailbox)
{
	int fd;

	return read(mailbox, &fd, sizeof(fd)) == sizeof(fd) ? fd : -1;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

static void welcome(struct worker *w)
{
	int fd = w->take(w->source);

	if (fd < 0)
		return;
	if (fd >= FILES_MAX)
		errx(1, "too many connections");
	flights_read[fd] = 0;
	watch(w->epoll, fd);
}

/* How many bytes are the reply to n bytes. */
static size_t owed(int fd, size_t n)
{
	if (opt.flight && flights_read[fd] < 2)
		return flights_read[fd]++ ? 0 : opt.flight;
	return n / opt.request * opt.reply;
}

static void *serve(void *argument)
{
	struct worker *w = argument;
	size_t room = IN_BYTES / opt.request * opt.request;
	struct epoll_event events[EVENTS];
	uint8_t in[IN_BYTES];

	watch(w->epoll, w->source);
	for (;;) {
		int ready = epoll_wait(w->epoll, events, EVENTS, -1);

		for (int i = 0; i < ready; i++) {
			int fd = events[i].data.fd;

			if (fd == w->source) {
				welcome(w);
				continue;
			}
			ssize_t n = recv(fd, in, room, 0);
			size_t out = n > 0 ? owed(fd, (size_t)n) : 0;
			if (n <= 0 || (out && send(fd, replies, out,
						      MSG_NOSIGNAL) < 0))
				close(fd);
		}
	}
	return NULL;
}

static struct worker new_worker(int source, int (*take)(int source))
{
	struct worker w = {
		.epoll = epoll_create1(0),
		.source = source,
		.take = take,
	};

	if (w.epoll < 0)
		err(1, "epoll_create1");
	return w;
}

static void start_worker(struct worker *w)
{
	pthread_t thread;
	int ends[2];

	if (pipe(ends))
		err(1, "pipe");
	*w = new_worker(ends[0], read_one);
	w->slot = ends[1];
	if (pthread_create(&thread, NULL, serve, w))
		errx(1, "no thread");
}

/* Like the server: accepts until there is none, and waits again. */
static void deal_in_turn(int listener)
{
	static struct worker workers[THREADS_MAX];
	struct epoll_event event;
	int epoll = epoll_create1(0);

	if (epoll < 0)
		err(1, "epoll_create1");
	for (size_t i = 0; i < opt.threads; i++)
		start_worker(&workers[i]);
	watch(epoll, listener);
	for (size_t next = 0;;) {
		int fd = accept_one(listener);

		if (fd < 0)
			epoll_wait(epoll, &event, 1, -1);
		else if (write(workers[next++ % opt.threads].slot, &fd,
				 sizeof(fd)) < 0)
			err(1, "write");
	}
}

static void leave(int signal)
{
	(void)signal;
	_exit(0);
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	memset(replies, 'x', sizeof(replies));
	signal(SIGTERM, leave);
	int listener = listen_on((uint16_t)opt.port);
	struct worker alone = new_worker(listener, accept_one);

	if (opt.threads)
		deal_in_turn(listener);
	serve(&alone);
}
