// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Some 1,500 of the usual lines. */
enum {
	LOG_QUEUE_BYTES = 1 << 17,
	ROUND_MS = 20,  /* see log_close(); also the first pause */
	REST_MS = 1000, /* the longest pause of a log that cannot write */
};

/*
 * Two halves that are swapped: threads append to one while the writer writes
 * the other. Only whole lines are added, so a line is never torn.
 */
struct log {
	int fd;
	bool colour;
	bool running;
	bool closing;
	bool writing;
	int fault;          /* the writer's: why writing failed last, or 0 */
	unsigned long lost; /* lines dropped since the last that was queued */
	size_t len;         /* of halves[filling] */
	int filling;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t writer;
	char halves[2][LOG_QUEUE_BYTES];
};

static struct timespec moment_in(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	t.tv_sec += (time_t)(ms / 1000) + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* Waits for this long, or until the log is to end: is it? */
static bool rest(struct log *log, unsigned ms)
{
	struct timespec until = moment_in(ms);
	bool closing;

	pthread_mutex_lock(&log->lock);
	while (!log->closing &&
		!pthread_cond_timedwait(&log->changed, &log->lock, &until))
		;
	closing = log->closing;
	pthread_mutex_unlock(&log->lock);
	return closing;
}

/*
 * A disk can have space again, and a pipe a reader, so a failed write is
 * retried from the byte where it failed, while the queue fills up. At the end
 * there is no waiting, only one more try.
 */
static void write_out(struct log *log, const char *bytes, size_t n)
{
	const struct timespec slowly = { .tv_nsec = ROUND_MS * 1000000L };
	unsigned rest_ms = ROUND_MS;
	bool is_last = false;

	while (n) {
		ssize_t done = write(log->fd, bytes, n);

		if (!done)
			errno = EIO; /* there are devices that take nothing */
		if (done > 0) {
			bytes += done;
			n -= (size_t)done;
			rest_ms = ROUND_MS;
		} else if (errno == EAGAIN) {
			nanosleep(&slowly, NULL);
		} else if (errno != EINTR) {
			log->fault = errno;
			if (is_last)
				return;
			is_last = rest(log, rest_ms);
			rest_ms = rest_ms < REST_MS / 2 ? 2 * rest_ms : REST_MS;
		}
	}
}

PRINTF_LIKE(3, 0)
static size_t append(
	struct log *log, enum mark mark, const char *format, va_list arguments)
{
	char line[MARK_LINE_BYTES];
	size_t n = mark_format(line, mark, log->colour, format, arguments);

	if (n > LOG_QUEUE_BYTES - log->len) {
		log->lost++;
		return 0;
	}
	memcpy(log->halves[log->filling] + log->len, line, n);
	log->len += n;
	return n;
}

PRINTF_LIKE(3, 4)
static void append_line(
	struct log *log, enum mark mark, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(log, mark, format, arguments);
	va_end(arguments);
}

/* Reports a loss once there is room again. Called with the lock held. */
static void confess(struct log *log)
{
	unsigned long lost = log->lost;

	if (lost) {
		log->lost = 0;
		append_line(log, MARK_NOTICE, "%lu log line%s dropped: %s",
			lost, lost == 1 ? "" : "s",
			log->fault ? strerror(log->fault)
				   : "output was not being read");
		log->fault = 0;
	}
}

static void *writer_main(void *argument)
{
	struct log *log = argument;

	pthread_mutex_lock(&log->lock);
	log->running = true;
	pthread_cond_broadcast(&log->changed);
	for (;;) {
		char *bytes = log->halves[log->filling];
		size_t n = log->len;

		if (!n) {
			if (log->closing)
				break;
			pthread_cond_wait(&log->changed, &log->lock);
			continue;
		}
		log->filling = !log->filling;
		log->len = 0;
		log->writing = true;
		confess(log);
		pthread_mutex_unlock(&log->lock);
		write_out(log, bytes, n);
		pthread_mutex_lock(&log->lock);
		log->writing = false;
	}
	pthread_cond_broadcast(&log->changed);
	pthread_mutex_unlock(&log->lock);
	return NULL;
}

struct log *log_open(int fd, bool colour)
{
	struct log *log = calloc(1, sizeof(*log));
	pthread_condattr_t monotonic;
	int error;

	if (!log)
		return NULL;
	log->fd = fd;
	log->colour = colour;
	pthread_mutex_init(&log->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&log->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	error = pthread_create(&log->writer, NULL, writer_main, log);
	if (error) {
		free(log);
		errno = error;
		return NULL;
	}
	pthread_mutex_lock(&log->lock);
	while (!log->running)
		pthread_cond_wait(&log->changed, &log->lock);
	pthread_mutex_unlock(&log->lock);
	return log;
}

size_t log_line(struct log *log, enum mark mark, const char *format, ...)
{
	va_list arguments;
	size_t n;

	if (!log)
		return 0;
	va_start(arguments, format);
	pthread_mutex_lock(&log->lock);
	n = append(log, mark, format, arguments);
	pthread_cond_broadcast(&log->changed);
	pthread_mutex_unlock(&log->lock);
	va_end(arguments);
	return n;
}

/*
 * Waits for a change, or a moment: true if the moment has passed. A process
 * that is stopped meanwhile loses one moment, not all of its time limit.
 */
static bool wait_a_round(struct log *log)
{
	struct timespec until = moment_in(ROUND_MS);

	return pthread_cond_timedwait(&log->changed, &log->lock, &until);
}

void log_close(struct log *log, unsigned patience_ms)
{
	unsigned rounds = patience_ms / ROUND_MS;
	bool done;

	if (!log)
		return;
	pthread_mutex_lock(&log->lock);
	log->closing = true;
	pthread_cond_broadcast(&log->changed);
	while ((log->len || log->writing) && rounds)
		rounds -= wait_a_round(log);
	done = !log->len && !log->writing;
	pthread_mutex_unlock(&log->lock);
	if (!done) {
		pthread_detach(log->writer);
		return;
	}
	pthread_join(log->writer, NULL);
	pthread_cond_destroy(&log->changed);
	pthread_mutex_destroy(&log->lock);
	free(log);
}
