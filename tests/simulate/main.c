// SPDX-License-Identifier: MIT
/*
 * The program of "./dev simulate": runs one simulation after another, each in
 * the world that follows from its seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/attributes.h"
#include "chance.h"
#include "course.h"
#include "crew.h"
#include "crypto/random.h"
#include "server.h"
#include "world.h"

enum { FAILED = 1, CANNOT = 2 };

static unsigned long long from = 1, count = 1000;
static int jobs;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run_seeds(void)
{
	double begun = seconds();
	struct crew_result r = crew_run(from, count, jobs);

	printf("%llu seeds from %llu, %.1f million steps, %.1f million a "
	       "minute, %llu sessions, %llu requests: %u failed",
		r.seeds, from, (double)r.steps / 1e6,
		(double)r.steps * 60 / (seconds() - begun) / 1e6, r.sessions,
		r.requests, r.failures);
	for (unsigned i = 0; i < r.failures && i < CREW_FAILED; i++)
		printf("%s%llu", i ? " " : ": ",
			(unsigned long long)crew_failed(i));
	putchar('\n');
	return r.failures || r.seeds != count ? FAILED : 0;
}

static int run_one(const char *seed)
{
	return crew_replay(strtoull(seed, NULL, 10)) ? 0 : FAILED;
}

/* What happens in it, as far as it gets, one line for each step. */
static int tell(const char *seed)
{
	world_tell();
	course_run(strtoull(seed, NULL, 10));
	return 0;
}

/* The seeds of a file, one at the beginning of each line, as TAP. */
static int run_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];
	unsigned tests = 0, failures = 0;

	if (!file) {
		perror(path);
		return CANNOT;
	}
	while (fgets(line, sizeof(line), file)) {
		bool is_good;

		if (*line < '0' || *line > '9')
			continue;
		line[strcspn(line, "\n")] = '\0';
		printf("# ");
		is_good = !run_one(line);
		failures += !is_good;
		printf("%sok %u - seed %s\n", is_good ? "" : "not ", ++tests,
			line);
	}
	fclose(file);
	printf("1..%u\n", tests);
	return failures || !tests ? FAILED : 0;
}

static int usage(FILE *to)
{
	fputs("Usage: ./dev simulate [SEEDS] [--from N] [--jobs N]\n"
	      "       ./dev simulate --seed N\n"
	      "       ./dev simulate --tell N\n"
	      "       ./dev simulate --file FILE\n\n"
	      "Simulates a server and its clients: a thousand executions, or\n"
	      "SEEDS, one for each seed from 1 or N on. The last line names\n"
	      "the seeds in which something did not hold.\n\n"
	      "--seed replays one, twice, and compares; --tell prints what\n"
	      "happens in it; --file replays each that a line begins with.\n",
		to);
	return to == stdout ? 0 : CANNOT;
}

/* clang-format off */
static const struct {
	const char *name;
	int (*run)(const char *value);
} rows[] = {
	{ "--seed", run_one },
	{ "--tell", tell },
	{ "--file", run_file },
};
/* clang-format on */

/* An option of a run of many: false if it is none. */
static bool set(const char *name, const char *value)
{
	if (!strcmp(name, "--from"))
		from = strtoull(value, NULL, 10);
	else if (!strcmp(name, "--jobs"))
		jobs = (int)strtol(value, NULL, 10);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	jobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
	chance_rule();
	if (crypto_init())
		return CANNOT;
	server_prepare();
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return usage(stdout);
		if (*argv[i] >= '0' && *argv[i] <= '9') {
			count = strtoull(argv[i], NULL, 10);
			continue;
		}
		for (size_t k = 0; value && k < COUNT_OF(rows); k++)
			if (!strcmp(argv[i], rows[k].name))
				return rows[k].run(value);
		if (!value || !set(argv[i++], value))
			return usage(stderr);
	}
	jobs = jobs < 1 ? 1 : jobs > CREW_JOBS ? CREW_JOBS : jobs;
	return run_seeds();
}
