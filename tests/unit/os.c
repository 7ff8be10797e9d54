// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/os.h"

/* What only a process of its own may do: its exit status. */
static int status_of(int (*act)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(act());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* 0: each gap is filled, by what ends a read and refuses a write. */
static int close_and_hold(void)
{
	char byte;

	close(0);
	close(2);
	if (!os_hold_streams() || open("/dev/null", O_RDONLY) < 3)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	if (read(0, &byte, 1) != 0 || write(2, "a", 1) != -1)
		return 2;
	return fcntl(1, F_GETFD) < 0;
}

static void streams_that_were_closed_are_held(void **state)
{
	(void)state;
	assert_int_equal(status_of(close_and_hold), 0);
}

static int close_without_descriptors(void)
{
	close(0);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0, 0 });
	return os_hold_streams() ? 1 : errno != EMFILE;
}

static void streams_that_cannot_be_held_are_said(void **state)
{
	(void)state;
	assert_int_equal(status_of(close_without_descriptors), 0);
}

static void a_file_is_public_by_its_mode(void **state)
{
	char name[] = "/tmp/smx-os-XXXXXX";
	int fd = mkstemp(name), ends[2];

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(unlink(name), 0);
	assert_false(os_is_public_file(fd));
	assert_int_equal(fchmod(fd, 0640), 0);
	assert_true(os_is_public_file(fd));
	assert_int_equal(fchmod(fd, 0604), 0);
	assert_true(os_is_public_file(fd));
	close(fd);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fchmod(ends[0], 0666), 0);
	assert_false(os_is_public_file(ends[0]));
	close(ends[0]);
	close(ends[1]);
	assert_false(os_is_public_file(-1));
}

static unsigned long soft_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) ? 0 : limit.rlim_cur;
}

/* From a limit of 20 of 40; a failure's number, or 0. */
static int raise_descriptors(void)
{
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 20, 40 });
	if (os_raise_descriptors(10) != 20 || soft_limit() != 20)
		return 1;
	if (os_raise_descriptors(30) != 30 || soft_limit() != 30)
		return 2;
	if (os_raise_descriptors(UINT64_MAX) != 40 || soft_limit() != 40)
		return 3;
	return os_raise_descriptors(30) != 40 || soft_limit() != 40;
}

static void descriptors_are_raised_as_far_as_the_system_lets(void **state)
{
	(void)state;
	assert_int_equal(status_of(raise_descriptors), 0);
}

static int forbid_dumps(void)
{
	struct rlimit limit = { 1, 1 };
	bool is_off = true;

	os_forbid_dumps();
	getrlimit(RLIMIT_CORE, &limit);
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
	is_off = prctl(PR_GET_DUMPABLE) == 0;
#endif
	return limit.rlim_cur || limit.rlim_max || !is_off;
}

static void a_process_can_forbid_its_dumps(void **state)
{
	(void)state;
	assert_int_equal(status_of(forbid_dumps), 0);
}

static void a_rest_lasts_as_long_as_was_said(void **state)
{
	uint64_t begin = clock_ns();

	(void)state;
	os_rest_ms(30);
	assert_in_range(clock_ns() - begin, 30000000, 20000000000);
}

static void ignore(int number)
{
	(void)number;
}

static void a_signal_ends_a_rest(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 10000,
		.it_interval.tv_usec = 10000 };
	const struct sigaction action = { .sa_handler = ignore };
	uint64_t begin = clock_ns();

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	os_rest_ms(60000);
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	assert_true(clock_ns() - begin < 50000000000);
}

static void a_threads_time_goes_on_with_work_and_stands_in_a_rest(void **state)
{
	int opened = os_thread_open_wanted();
	uint64_t worked = os_thread_worked_ns();
	uint64_t wanted = os_thread_wanted_ns(opened);
	uint64_t begin = clock_ns();

	(void)state;
	while (clock_ns() - begin < 50000000)
		;
	/* At least one of two processors was ours, or there was a queue. */
	assert_true(os_thread_worked_ns() > worked);
	assert_in_range(os_thread_wanted_ns(opened) - wanted, 25000000,
		clock_ns() - begin + 20000000);
	worked = os_thread_worked_ns();
	os_rest_ms(100);
	assert_true(os_thread_worked_ns() - worked < 50000000);
	os_thread_close_wanted(opened);
}

static void a_files_start_is_read(void **state)
{
	char name[] = "/tmp/smx-os-XXXXXX", bytes[8] = "";
	int fd = mkstemp(name);

	(void)state;
	assert_int_equal(write(fd, "TZif2", 5), 5);
	close(fd);
	assert_int_equal(os_read_start(name, bytes, 4), 4);
	assert_memory_equal(bytes, "TZif", 5);
	assert_int_equal(os_read_start(name, bytes, 8), 5);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(os_read_start(name, bytes, 8), -ENOENT);
	assert_int_equal(os_read_start("/tmp", bytes, 8), -EISDIR);
	/* Nobody writes into this pipe. */
	assert_int_equal(mkfifo(name, 0600), 0);
	assert_int_equal(os_read_start(name, bytes, 8), 0);
	assert_int_equal(unlink(name), 0);
}

static int drop_privileges(void)
{
	if (os_is_privileged() != (geteuid() == 0))
		return 1;
	return geteuid() == 0 && (seteuid(65534) || os_is_privileged());
}

static void root_alone_is_privileged(void **state)
{
	(void)state;
	assert_int_equal(status_of(drop_privileges), 0);
}

static void there_is_randomness_here(void **state)
{
	(void)state;
	assert_true(os_has_randomness());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_that_were_closed_are_held),
		cmocka_unit_test(streams_that_cannot_be_held_are_said),
		cmocka_unit_test(a_file_is_public_by_its_mode),
		cmocka_unit_test(
			descriptors_are_raised_as_far_as_the_system_lets),
		cmocka_unit_test(a_process_can_forbid_its_dumps),
		cmocka_unit_test(a_rest_lasts_as_long_as_was_said),
		cmocka_unit_test(a_signal_ends_a_rest),
		cmocka_unit_test(
			a_threads_time_goes_on_with_work_and_stands_in_a_rest),
		cmocka_unit_test(a_files_start_is_read),
		cmocka_unit_test(root_alone_is_privileged),
		cmocka_unit_test(there_is_randomness_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
