// SPDX-License-Identifier: MIT
/*
 * smx-server: reads its options, starts the workers, accepts until it is told
 * to stop, and cleans up. What goes wrong before it serves is said here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/options.h"
#include "crypto/random.h"
#include "lib/identity.h"
#include "server/acceptor.h"
#include "server/listener.h"
#include "server/signals.h"

enum {
	EXIT_WRONG_USAGE = 2,
	CONNECTIONS_MAX = 1000000,
	OWN_DESCRIPTORS = 16, /* besides the workers'; some to spare */
	LOG_PATIENCE_MS = 400,
};

static struct settings settings = {
	.host = "0.0.0.0",
	.port = 1337,
	.threads = 8,
	.handshake_ms = 5000,
	.idle_ms = 300000,
	.colours = MARK_COLOURS_AUTO,
};

/* clang-format off */
static const struct option_row rows[] = {
	{ 't', "threads", "N", option_number, &settings.threads, 1, THREADS_MAX,
		"worker threads, 1 to 64 (default 8)" },
	{ 0, "host", "ADDR", option_text, &settings.host, 0, 0,
		"address or name to listen on (default 0.0.0.0)" },
	{ 'p', "port", "N", option_number, &settings.port, 0, 65535,
		"port; 0 takes a free one (default 1337)" },
	{ 0, "max-connections", "N", option_number, &settings.max_connections,
		1, CONNECTIONS_MAX,
		"close what comes beyond (default: the descriptor limit)" },
	{ 0, "handshake-timeout", "SECONDS", option_seconds,
		&settings.handshake_ms, 0.001, 86400,
		"for the key exchange, from accept (default 5)" },
	{ 0, "idle-timeout", "SECONDS", option_seconds, &settings.idle_ms,
		0, 4000000,
		"since the last request; 0: never (default 300)" },
	{ 0, "key", "FILE", option_text, &settings.key, 0, 0,
		"this server's key (default: made at first start)" },
	{ 0, "authorized-keys", "FILE", option_text, &settings.authorized_keys,
		0, 0, "serve only the clients listed; SIGHUP reads it again" },
	{ 0, "require-secure", NULL, option_flag, &settings.requires_secure,
		0, 0, "serve secure sessions only" },
	{ 'q', "quiet", NULL, option_flag, &settings.quiet, 0, 0,
		"no line when a connection comes or goes" },
	{ 0, "color", "auto|always|never", option_choice, &settings.colours,
		0, 0, "colour the lines (default auto: on a terminal)" },
};
/* clang-format on */

static const struct options options = {
	.program = "smx-server",
	.usage = "[OPTION]...",
	.purpose = "Answers TIME, DATE and TEMP over TCP, after a key "
		   "exchange in three flights.",
	.rows = rows,
	.count = COUNT_OF(rows),
	.more = "SIGINT and SIGTERM stop it, SIGHUP reads the list "
		"of keys again,\nSIGUSR1 shows the counters. "
		"See smx-server(1).\n",
};

static struct noise_identity *identity; /* NULL: xor only */
static struct authorized *authorized;   /* NULL: everybody */

PRINTF_LIKE(1, 2)
static void complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	mark_vprint(STDERR_FILENO, MARK_ERROR,
		mark_wants_colour(
			(enum mark_colours)settings.colours, STDERR_FILENO),
		format, arguments);
	va_end(arguments);
}

/*
 * As many descriptors as the system grants, and unless it was said otherwise
 * as many connections as those allow.
 */
static void settle_limits(void)
{
	long own = OWN_DESCRIPTORS + WORKER_DESCRIPTORS * settings.threads;
	long most = CONNECTIONS_MAX;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit))
			getrlimit(RLIMIT_NOFILE, &limit);
		if (limit.rlim_cur < (rlim_t)most)
			most = (long)limit.rlim_cur - own;
	}
	if (!settings.max_connections)
		settings.max_connections = most > 0 ? most : 1;
}

/* Stops the workers, all of them at the same time. */
static void stop(struct acceptor *a)
{
	for (size_t i = 0; i < a->worker_count; i++)
		worker_stop(a->workers[i]);
	for (size_t i = 0; i < a->worker_count; i++)
		worker_free(a->workers[i]);
}

static int start_workers(struct acceptor *a)
{
	for (long i = 0; i < settings.threads; i++) {
		a->workers[i] =
			worker_new(&settings, a->log, identity, authorized);
		if (!a->workers[i])
			return -errno;
		a->worker_count++;
	}
	return 0;
}

/* SIGHUP: all or nothing. */
static void reload(struct acceptor *a)
{
	char complaint[FILES_COMPLAINT_BYTES];
	struct authorized *list;

	if (!settings.authorized_keys) {
		log_line(a->log, MARK_NOTICE,
			"Nothing to be read again: no --authorized-keys");
		return;
	}
	if (authorized_load(settings.authorized_keys, &list, complaint)) {
		log_line(a->log, MARK_ERROR, "The old list stays: %s",
			complaint);
		return;
	}
	for (size_t i = 0; i < a->worker_count; i++)
		worker_authorize(a->workers[i], list);
	log_line(a->log, MARK_STATE, "%zu authorized keys",
		authorized_count(list));
	authorized_release(list);
}

static void greet(struct log *log, const struct address *at)
{
	char text[ADDRESS_TEXT_BYTES], key[KEY_TEXT_BYTES];

	log_line(log, MARK_STATE,
		"Server started with %ld threads and it's listening on %s...",
		settings.threads, address_format(at, text));
	if (identity)
		log_line(log, MARK_STATE, "Public key: %s",
			key_format(identity->public, key));
}

static int serve(int listener, const struct address *at, int signals)
{
	struct worker *workers[THREADS_MAX];
	struct acceptor a = {
		.listener = listener,
		.signals = signals,
		.max_connections = settings.max_connections,
		.reload = reload,
		.workers = workers,
		.log = log_open(STDOUT_FILENO,
			mark_wants_colour((enum mark_colours)settings.colours,
				STDOUT_FILENO)),
	};
	const char *what = "start";
	int error = a.log ? start_workers(&a) : -ENOMEM;

	signals_here();
	if (!error) {
		what = "go on";
		greet(a.log, at);
		error = acceptor_run(&a);
	}
	close(listener);
	stop(&a);
	if (error)
		complain("The server cannot %s: %s", what, strerror(-error));
	else
		log_line(a.log, MARK_NOTICE, "Server stopped, sessions: %lu",
			counted(&a.counters, COUNT_OPENED));
	log_close(a.log, LOG_PATIENCE_MS);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

/*
 * Who this server is, and whom it serves. Without a key of its own it can
 * still serve xor, unless somebody asked for more.
 */
static int load_keys(void)
{
	char complaint[FILES_COMPLAINT_BYTES] = "There is no home for a key";
	char path[FILES_PATH_BYTES];
	const char *file = settings.key;
	int error = 0;

	if (settings.authorized_keys) {
		settings.requires_secure = true;
		if (authorized_load(
			    settings.authorized_keys, &authorized, complaint)) {
			complain("%s", complaint);
			return -1;
		}
	}
	if (!file) {
		error = identity_default("server.key", path);
		file = path;
	}
	if (!error)
		error = identity_obtain(file, &identity, complaint);
	if (!error)
		return 0;
	if (settings.key || settings.requires_secure) {
		complain("%s", complaint);
		return -1;
	}
	complain("No secure sessions, xor only: %s", complaint);
	return 0;
}

int main(int argc, char **argv)
{
	char complaint[LISTENER_COMPLAINT_BYTES];
	struct address at;
	int first;
	int listener, signals, status = EXIT_FAILURE;

	if (!options_hold_streams())
		return EXIT_FAILURE;
	first = options_parse(&options, argc, argv, complaint);
	if (options_answer(&options, first, stdout)) {
		if (!fflush(stdout))
			return EXIT_SUCCESS;
		complain("Cannot write: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	if (first < 0) {
		complain("%s (see smx-server --help)", complaint);
		return EXIT_WRONG_USAGE;
	}
	settle_limits();
	key_forbid_dumps();
	signals = signals_open();
	if (crypto_init() || signals < 0) {
		complain("Cannot start: no randomness or no descriptors");
		return EXIT_FAILURE;
	}
	listener = listener_open(settings.host, settings.port, &at, complaint);
	if (listener < 0) {
		complain("%s", complaint);
		return EXIT_FAILURE;
	}
	if (!load_keys())
		status = serve(listener, &at, signals);
	authorized_release(authorized);
	key_pair_free(identity);
	return status;
}
