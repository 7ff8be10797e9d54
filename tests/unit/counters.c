// SPDX-License-Identifier: MIT
#include "helper.h"

#include <pthread.h>
#include <unistd.h>

#include "server/counters.h"

enum { THREADS = 4, COUNTS = 100000 };

static void the_first_counters_are_the_commands(void **state)
{
	(void)state;
	for (enum command c = 0; c < COMMAND_UNKNOWN; c++)
		assert_string_equal(
			counter_name((enum counter)c), command_word(c));
	assert_string_equal(counter_name(COUNT_UNKNOWN), "unknown");
	assert_int_equal(COUNT_FULL, COMMAND_COUNT);
	for (enum counter i = 0; i < COUNT_OPENED; i++)
		assert_true(strlen(counter_name(i)));
}

/* Three lines about n threads' counters, as they come out of the log. */
static void report(
	struct counters *const counters[], size_t n, char text[static 4096])
{
	struct log *log;
	int pipes[2];
	ssize_t more;

	assert_int_equal(pipe(pipes), 0);
	log = log_open(pipes[1], false);
	counters_report(log, counters, n);
	log_close(log, 5000);
	close(pipes[1]);
	while ((more = read(pipes[0], text, 1024)) > 0)
		text += more;
	*text = '\0';
	close(pipes[0]);
}

static void assert_says(const char *text, const char *format, ...)
	PRINTF_LIKE(2, 3);
static void assert_says(const char *text, const char *format, ...)
{
	char expected[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(expected, sizeof(expected), format, arguments);
	va_end(arguments);
	if (!strstr(text, expected))
		fail_msg("\"%s\" is not in \"%s\"", expected, text);
}

static void what_nobody_counted_is_nothing(void **state)
{
	char text[4096];

	(void)state;
	report(NULL, 0, text);
	assert_says(text, "[*] Sessions: 0 now, 0 in all\n");
	assert_says(text, "[*] Requests: 0 TIME, 0 DATE, 0 TEMP, 0 END, "
			  "0 unknown\n");
	assert_says(text,
		"[*] Refused: 0 too many connections, 0 handshake "
		"timeout, 0 idle timeout, 0 stalled, 0 protocol error");
}

static void the_report_is_the_sum_over_all_threads(void **state)
{
	static const char *const names[] = {
		[COMMAND_TIME] = "TIME",
		[COMMAND_DATE] = "DATE",
		[COMMAND_TEMP] = "TEMP",
		[COMMAND_END] = "END",
		[COUNT_UNKNOWN] = "unknown",
		[COUNT_FULL] = "too many connections",
		[COUNT_HANDSHAKE] = "handshake timeout",
		[COUNT_IDLE] = "idle timeout",
		[COUNT_STALLED] = "stalled",
		[COUNT_BROKEN] = "protocol error",
	};
	struct counters a = { 0 }, b = { 0 };
	struct counters *const both[] = { &a, &b };
	char text[4096];

	(void)state;
	for (enum counter i = 0; i < COUNTERS; i++)
		for (unsigned n = 0; n <= i; n++) {
			counter_add(&a, i);
			counter_add(i == COUNT_CLOSED ? &a : &b, i);
			if (i == COUNT_OPENED)
				counter_add(&b, i);
		}
	assert_int_equal(counter_read(&a, COUNT_IDLE), COUNT_IDLE + 1);
	report(both, 2, text);
	for (unsigned i = 0; i < COUNT_OF(names); i++)
		assert_says(text, " %u %s", 2 * (i + 1), names[i]);
	assert_says(text, "Sessions: %u now, %u in all\n",
		3 * (COUNT_OPENED + 1u) - 2 * (COUNT_CLOSED + 1u),
		3 * (COUNT_OPENED + 1u));
}

static void *count_much(void *argument)
{
	for (unsigned i = 0; i < COUNTS; i++) {
		counter_add(argument, COUNT_OPENED);
		counter_add(argument, COUNT_CLOSED);
	}
	return NULL;
}

static void anyone_may_read_while_threads_count(void **state)
{
	static struct counters counters[THREADS];
	unsigned long before[THREADS] = { 0 };
	pthread_t threads[THREADS];
	bool is_done = false;

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_much,
					 &counters[i]),
			0);
	while (!is_done) {
		is_done = true;
		for (size_t i = 0; i < THREADS; i++) {
			unsigned long now =
				counter_read(&counters[i], COUNT_OPENED);

			assert_in_range(now, before[i], COUNTS);
			before[i] = now;
			is_done = is_done && now == COUNTS;
		}
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(
			counter_read(&counters[i], COUNT_CLOSED), COUNTS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_counters_are_the_commands),
		cmocka_unit_test(what_nobody_counted_is_nothing),
		cmocka_unit_test(the_report_is_the_sum_over_all_threads),
		cmocka_unit_test(anyone_may_read_while_threads_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
