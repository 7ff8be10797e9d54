// SPDX-License-Identifier: MIT
#include "service/helper.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/os.h"
#include "base/os_signals.h"

enum {
	LENGTH_MAX = 128 << 20,
	STOP_MS = 300,
	OPENED_MAX = 1024, /* as many descriptors as may be open at the start */
};

/* What comes before the complaint and the bytes. */
struct heading {
	int error;
	uint32_t complaint;
	uint64_t length;
};

/* --- in the helper ---------------------------------------------------------*/

/* Without the server nobody reads, and the helper has no reason to go on. */
static void send_all(int channel, const void *bytes, size_t n)
{
	const char *next = bytes;

	while (n) {
		ssize_t done = write(channel, next, n);

		if (done < 0 && errno != EINTR)
			_exit(EXIT_FAILURE);
		if (done > 0) {
			next += done;
			n -= (size_t)done;
		}
	}
}

static void bring(int channel, const struct report *report)
{
	const struct heading heading = {
		.error = report->error,
		.complaint = (uint32_t)strlen(report->complaint.text),
		.length = report->bytes ? report->length : 0,
	};

	send_all(channel, &heading, sizeof(heading));
	send_all(channel, report->complaint.text, heading.complaint);
	send_all(channel, report->bytes, heading.length);
}

/*
 * Only the channel stays, and signals are the server's: it says when to stop,
 * and a key that is being written must be finished.
 */
static void settle(int channel)
{
	static const int meant_for_server[] = { SIGINT, SIGTERM, SIGHUP,
		SIGUSR1, SIGUSR2, SIGQUIT };

	for (size_t i = 0; i < COUNT_OF(meant_for_server); i++)
		os_signals_ignore(meant_for_server[i]);
	os_signals_ignore(SIGPIPE);
	for (int fd = 0; fd < OPENED_MAX; fd++)
		if (fd != channel)
			close(fd);
	if (!os_hold_streams())
		_exit(EXIT_FAILURE);
	pthread_setname_np(pthread_self(), "smx-helper");
}

static _Noreturn void serve(int channel, helper_errand *const errands[],
	size_t count, void *context)
{
	uint8_t order;

	settle(channel);
	for (;;) {
		struct report report = { 0 };
		ssize_t n = read(channel, &order, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || order >= count)
			_exit(n ? EXIT_FAILURE : EXIT_SUCCESS);
		errands[order](context, &report);
		bring(channel, &report);
		helper_forget(&report);
	}
}

/* --- in the server ---------------------------------------------------------*/

int helper_start(struct helper *h, helper_errand *const errands[], size_t count,
	void *context)
{
	int ends[2];
	pid_t child;

	h->channel = -1;
	h->owed = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	/* Its end is nobody's business: no zombie is left to be waited for. */
	os_signals_ignore(SIGCHLD);
	child = fork();
	if (child < 0) {
		int error = -errno;

		close(ends[0]);
		close(ends[1]);
		return error;
	}
	if (!child)
		serve(ends[1], errands, count, context);
	close(ends[1]);
	h->channel = ends[0];
	return 0;
}

/* Waits until there is something to read: 0, or -ETIMEDOUT. */
static int wait_for(int channel, uint64_t deadline_ns)
{
	struct pollfd wanted = { .fd = channel, .events = POLLIN };

	for (;;) {
		uint64_t now_ns = clock_ns();
		int left_ms = now_ns < deadline_ns
				      ? (int)((deadline_ns - now_ns) / 1000000)
				      : 0;

		if (poll(&wanted, 1, left_ms) > 0)
			return 0;
		if (now_ns >= deadline_ns)
			return -ETIMEDOUT;
	}
}

/* All n bytes, which go nowhere if there is no place for them. */
static int receive(int channel, void *place, size_t n, uint64_t deadline_ns)
{
	char nowhere[4096] = { 0 };
	size_t got = 0;

	while (got < n) {
		size_t most = n - got;
		int error = wait_for(channel, deadline_ns);
		ssize_t done;

		if (error)
			return error;
		if (!place && most > sizeof(nowhere))
			most = sizeof(nowhere);
		done = recv(channel, place ? (char *)place + got : nowhere,
			most, MSG_DONTWAIT);
		if (!done || (done < 0 && errno != EINTR && errno != EAGAIN))
			return -EPIPE;
		if (done > 0)
			got += (size_t)done;
	}
	if (!place)
		sodium_memzero(nowhere, sizeof(nowhere));
	return 0;
}

/* A report that is late is still waited for; one that breaks off is not. */
static int receive_report(
	struct helper *h, struct report *report, uint64_t deadline_ns)
{
	struct heading heading = { 0 };
	int error = wait_for(h->channel, deadline_ns);

	if (error)
		return error;
	error = receive(h->channel, &heading, sizeof(heading), deadline_ns);
	if (!error && (heading.complaint >= sizeof(report->complaint.text) ||
			      heading.length > LENGTH_MAX))
		error = -EPIPE;
	if (!error)
		error = receive(h->channel, report->complaint.text,
			heading.complaint, deadline_ns);
	if (error)
		return -EPIPE;
	report->complaint.text[heading.complaint] = '\0';
	report->error = heading.error;
	report->length = (size_t)heading.length;
	/* With a NUL, so that a text can be used as it is. */
	report->bytes = malloc(report->length + 1);
	if (receive(h->channel, report->bytes, report->length, deadline_ns)) {
		helper_forget(report);
		return -EPIPE;
	}
	h->owed--;
	if (!report->bytes)
		return -ENOMEM;
	report->bytes[report->length] = '\0';
	return 0;
}

static int explain(struct helper *h, int error, struct complaint *complaint)
{
	switch (error) {
	case -EPIPE:
		if (h->channel >= 0)
			close(h->channel);
		h->channel = -1;
		return complaint_print(complaint, error,
			"the helper process, which reads files for the server, "
			"has ended; restart the server");
	case -ETIMEDOUT:
		return complaint_print(complaint, error,
			"the file system has not answered for %d seconds",
			HELPER_PATIENCE_MS / 1000);
	default:
		return complaint_print(
			complaint, error, "%s", strerror(-error));
	}
}

int helper_ask(struct helper *h, uint8_t order, struct report *report)
{
	uint64_t deadline_ns = clock_ns() + HELPER_PATIENCE_MS * 1000000ull;
	int error = h->channel < 0 ? -EPIPE : 0;

	*report = (struct report){ 0 };
	while (!error && h->owed) {
		error = receive_report(h, report, deadline_ns);
		helper_forget(report);
	}
	if (!error &&
		send(h->channel, &order, 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
		error = -EPIPE;
	if (!error) {
		h->owed++;
		error = receive_report(h, report, deadline_ns);
	}
	return error ? explain(h, error, &report->complaint) : 0;
}

void helper_forget(struct report *report)
{
	if (report->bytes)
		sodium_memzero(report->bytes, report->length);
	free(report->bytes);
	*report = (struct report){ 0 };
}

void helper_stop(struct helper *h)
{
	uint64_t deadline_ns = clock_ns() + STOP_MS * 1000000ull;
	char rest[256];

	if (h->channel < 0)
		return;
	shutdown(h->channel, SHUT_WR);
	/* It closes its end when it ends. */
	while (!wait_for(h->channel, deadline_ns) &&
		recv(h->channel, rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
	close(h->channel);
	h->channel = -1;
}
