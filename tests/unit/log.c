// SPDX-License-Identifier: MIT
#include "helper.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum { THREADS = 8, LINES = 2500 };

/* A descriptor that takes no byte, and does not call that an error. */
static _Atomic int idle_fd = -1;
static atomic_uint idle_writes;

ssize_t write(int fd, const void *bytes, size_t n)
{
	if (fd != idle_fd)
		return syscall(SYS_write, fd, bytes, n);
	/* Who goes on like this for ever is to be seen to end. */
	return ++idle_writes < 10000 ? 0 : (ssize_t)n;
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* What comes out of a pipe until its end, at a reader's own pace. */
struct reader {
	int fd;
	long pause_ms; /* between two reads */
	size_t step;   /* bytes of one */
	pthread_t thread;
	size_t len;
	char text[4 << 20];
};

static void *reader_main(void *argument)
{
	struct reader *r = argument;
	ssize_t n;

	do {
		sleep_ms(r->pause_ms);
		assert(r->len + r->step < sizeof(r->text));
		n = read(r->fd, r->text + r->len, r->step);
		r->len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	return NULL;
}

static struct reader *reader_start(int fd, long pause_ms, size_t step)
{
	struct reader *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->fd = fd;
	r->pause_ms = pause_ms;
	r->step = step;
	assert_int_equal(pthread_create(&r->thread, NULL, reader_main, r), 0);
	return r;
}

/* To be called when the writing end is closed. */
static void reader_join(struct reader *r)
{
	assert_int_equal(pthread_join(r->thread, NULL), 0);
	close(r->fd);
}

/* A thread that adds lines. */
struct adder {
	struct log *log;
	int number;
	pthread_t thread;
};

static void *adder_main(void *argument)
{
	struct adder *a = argument;

	for (int i = 0; i < LINES; i++)
		log_line(a->log, MARK_TALK, "adder %d line %d of so many",
			a->number, i);
	return NULL;
}

static void add_from_many_threads(struct log *log)
{
	struct adder adders[THREADS];

	for (int i = 0; i < THREADS; i++) {
		adders[i] = (struct adder){ .log = log, .number = i };
		assert_int_equal(pthread_create(&adders[i].thread, NULL,
					 adder_main, &adders[i]),
			0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(adders[i].thread, NULL);
}

/* Is it one of an adder's, whole? */
static bool is_added(const char *line, int *who, int *which)
{
	int end = 0;

	sscanf(line, "[-] adder %d line %d of so many%n", who, which, &end);
	return end && !line[end];
}

/* How many lines it says are lost; a line that says anything else fails. */
static unsigned long confessed(const char *line)
{
	unsigned long lost = 0;
	int end = 0;

	sscanf(line, "[!] %lu log line%n", &lost, &end);
	assert_true(end && lost);
	assert_string_equal(line + end + (lost != 1),
		" dropped: output was not being read");
	return lost;
}

/*
 * Every line is whole, each thread's are in order, and those that came and
 * those that were reported lost are all that were added. Returns the lost.
 */
static unsigned long account(char *text)
{
	unsigned long came = 0, lost = 0;
	int last[THREADS], who, which;
	char *rest;

	memset(last, -1, sizeof(last));
	for (char *line = strtok_r(text, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		if (!is_added(line, &who, &which)) {
			lost += confessed(line);
			continue;
		}
		assert_in_range(who, 0, THREADS - 1);
		assert_true(which > last[who]);
		last[who] = which;
		came++;
	}
	assert_int_equal(came + lost, THREADS * LINES);
	return lost;
}

static void lines_come_out_as_they_were_added(void **state)
{
	struct reader *r;
	struct log *log;
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	log = log_open(pipes[1], false);
	r = reader_start(pipes[0], 0, 4096);
	log_line(log, MARK_STATE, "one %d", 1);
	log_line(log, MARK_ERROR, "two\n%s", "");
	log_close(log, 5000);
	log = log_open(pipes[1], true);
	log_line(log, MARK_DONE, "three");
	log_close(log, 5000);
	close(pipes[1]);
	reader_join(r);
	assert_string_equal(r->text,
		"[*] one 1\n[X] two\\x0a\n\033[1;32m[#] three\033[0m\n");
	free(r);
}

static void a_line_comes_out_at_once(void **state)
{
	struct log *log;
	char text[64];
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	log = log_open(pipes[1], false);
	for (int i = 0; i < 100; i++) {
		log_line(log, MARK_STATE, "now");
		assert_int_equal(read(pipes[0], text, sizeof(text)), 8);
	}
	log_close(log, 5000);
	close(pipes[0]);
	close(pipes[1]);
}

static void no_log_is_a_log_too(void **state)
{
	(void)state;
	log_line(NULL, MARK_STATE, "nowhere");
	log_close(NULL, 1000);
}

/* 20,000 lines are some 700 KB: more than two halves and a pipe hold. */
static unsigned long add_with_reader(
	int flags, long pause_ms, bool is_reader_late)
{
	struct reader *r = NULL;
	unsigned long lost;
	struct log *log;
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(fcntl(pipes[1], F_SETFL, flags), 0);
	log = log_open(pipes[1], false);
	if (!is_reader_late)
		r = reader_start(pipes[0], pause_ms, 20011);
	add_from_many_threads(log);
	if (is_reader_late)
		r = reader_start(pipes[0], pause_ms, 20011);
	log_close(log, 20000);
	close(pipes[1]);
	reader_join(r);
	lost = account(r->text);
	free(r);
	return lost;
}

static void what_is_lost_while_nobody_reads_is_told_later(void **state)
{
	(void)state;
	assert_true(add_with_reader(0, 0, true) > 0);
}

static void a_slow_reader_gets_whole_lines(void **state)
{
	(void)state;
	add_with_reader(0, 20, false);
}

static void a_quick_reader_gets_whole_lines(void **state)
{
	(void)state;
	add_with_reader(0, 0, false);
}

static void a_descriptor_that_does_not_block_is_the_same(void **state)
{
	(void)state;
	assert_true(add_with_reader(O_NONBLOCK, 5, true) > 0);
	add_with_reader(O_NONBLOCK, 5, false);
}

static void adding_and_closing_never_wait_for_who_does_not_read(void **state)
{
	uint64_t begun = clock_ns(), closing;
	struct log *log;
	int pipes[2]; /* to stay open, since the log's writer stays in it */

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	log = log_open(pipes[1], false);
	add_from_many_threads(log);
	closing = clock_ns();
	assert_true(closing - begun < 10000000000);
	log_close(log, 200);
	assert_in_range(clock_ns() - closing, 190000000, 2000000000);
}

/* A log whose writes fail; *fd is to be closed after it. */
static struct log *open_without_reader(int *fd)
{
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	close(pipes[0]);
	*fd = pipes[1];
	return log_open(*fd, false);
}

static void a_reader_that_is_gone_is_no_reason_to_wait(void **state)
{
	uint64_t begun = clock_ns();
	int fd;
	struct log *log = open_without_reader(&fd);

	(void)state;
	add_from_many_threads(log);
	log_close(log, 20000);
	assert_true(clock_ns() - begun < 10000000000);
	close(fd);
}

/* Each try is a rest, and each rest gives the processor away. */
static void a_log_that_cannot_write_tries_less_and_less_often(void **state)
{
	struct rusage before, after;
	int fd;
	struct log *log = open_without_reader(&fd);

	(void)state;
	log_line(log, MARK_STATE, "a line");
	getrusage(RUSAGE_SELF, &before);
	sleep_ms(900);
	getrusage(RUSAGE_SELF, &after);
	log_close(log, 20000);
	assert_in_range(after.ru_nvcsw - before.ru_nvcsw, 0, 20);
	close(fd);
}

static void a_device_that_takes_nothing_is_not_asked_for_ever(void **state)
{
	int pipes[2];
	struct log *log;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	idle_fd = pipes[1];
	assert_int_equal(
		mark_print(idle_fd, MARK_ERROR, false, "no more"), -EIO);
	assert_int_equal(idle_writes, 1);
	log = log_open(idle_fd, false);
	log_line(log, MARK_STATE, "a line");
	sleep_ms(50);
	log_close(log, 20000);
	assert_true(idle_writes < 100);
	idle_fd = -1;
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_out_as_they_were_added),
		cmocka_unit_test(a_line_comes_out_at_once),
		cmocka_unit_test(no_log_is_a_log_too),
		cmocka_unit_test(what_is_lost_while_nobody_reads_is_told_later),
		cmocka_unit_test(a_slow_reader_gets_whole_lines),
		cmocka_unit_test(a_quick_reader_gets_whole_lines),
		cmocka_unit_test(a_descriptor_that_does_not_block_is_the_same),
		cmocka_unit_test(
			adding_and_closing_never_wait_for_who_does_not_read),
		cmocka_unit_test(a_reader_that_is_gone_is_no_reason_to_wait),
		cmocka_unit_test(
			a_log_that_cannot_write_tries_less_and_less_often),
		cmocka_unit_test(
			a_device_that_takes_nothing_is_not_asked_for_ever),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
