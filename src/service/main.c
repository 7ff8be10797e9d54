// SPDX-License-Identifier: MIT
/*
 * smx-server: reads its options, starts the workers, accepts connections until
 * it is told to stop, and cleans up. It reports whatever fails before it
 * serves.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/options.h"
#include "base/os.h"
#include "base/os_signals.h"
#include "crypto/random.h"
#include "net/socket.h"
#include "server/signals.h"
#include "service/cage.h"
#include "service/errands.h"
#include "service/keys.h"
#include "service/limits.h"
#include "service/listener.h"
#include "service/user.h"

enum { LOG_PATIENCE_MS = 400 };

static struct settings settings = {
	.host = "0.0.0.0",
	.threads = 8,
	.handshake_ms = 5000,
	.idle_ms = 3600000,
	.colours = MARK_COLOURS_AUTO,
};

/* clang-format off */
static const struct option_row rows[] = {
	{ 't', "threads", "N", option_number, &settings.threads, 1, THREADS_MAX,
		"worker threads, 1 to 64 (default 8)" },
	{ 0, "host", "HOST[:PORT]", option_text, &settings.host, 0, 0,
		"address or name to listen on (default 0.0.0.0)" },
	{ 'p', "port", "PORT", option_text, &settings.port, 0, 0,
		"port or service name; 0: any free (default 1337)" },
	{ 0, "max-connections", "N", option_number, &settings.max_connections,
		1, CONNECTIONS_MAX,
		"accept at most N (default: descriptor limit)" },
	{ 0, "max-per-source", "N", option_number, &settings.max_per_source,
		1, CONNECTIONS_MAX,
		"accept at most N from one address or IPv6 /64" },
	{ 0, "handshake-timeout", "SECONDS", option_seconds,
		&settings.handshake_ms, 0.001, 86400,
		"time limit for the key exchange (default 5)" },
	{ 0, "idle-timeout", "SECONDS", option_seconds, &settings.idle_ms,
		0, 4000000,
		"close idle sessions; 0: never (default 3600)" },
	{ 0, "key", "FILE", option_text, &settings.key, 0, 0,
		"key file (default: created at first start)" },
	{ 0, "old-key", "FILE", option_text, &settings.old_key, 0, 0,
		"previous key file, for clients that expect it" },
	{ 0, "authorized-keys", "FILE", option_text, &settings.authorized_keys,
		0, 0, "serve only the clients listed in FILE" },
	{ 0, "require-secure", NULL, option_flag, &settings.requires_secure,
		0, 0, "serve only secure sessions" },
	{ 0, "user", "NAME", option_text, &settings.user, 0, 0,
		"become this user once the port is open" },
	{ 0, "no-cage", NULL, option_flag, &settings.has_no_cage, 0, 0,
		"allow all system calls, for debuggers" },
	{ 'q', "quiet", NULL, option_flag, &settings.quiet, 0, 0,
		"do not log connections" },
	{ 0, "color", "auto|always|never", option_choice, &settings.colours,
		0, 0, "colour the output (default auto: on a terminal)" },
};
/* clang-format on */

static struct endpoint where; /* where to listen */

static int check(char **words, int count, struct complaint *complaint)
{
	(void)words;
	(void)count;
	return listener_where(&where, settings.host, settings.port, complaint);
}

static const struct options options = {
	.program = "smx-server",
	.usage = "[OPTION]...",
	.purpose = "Answers requests for the time, the date and a temperature "
		   "over TCP.",
	.rows = rows,
	.count = COUNT_OF(rows),
	.examples =
		"  smx-server                             all of IPv4, port 1337\n"
		"  smx-server --host ::1 --port 5000 -q   IPv6 loopback, no log\n"
		"  smx-server --authorized-keys clients   listed clients only\n",
	.more = "SIGINT and SIGTERM stop it, SIGHUP rereads the authorized "
		"keys,\nand SIGUSR1 prints the counters. See smx-server(1).\n",
	.check = check,
	.cannot_start = EXIT_FAILURE,
};

static struct server_keys keys;
static struct sources sources;
static struct cage cage;
static bool zone_is_unknown;

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

/* Stops all workers at the same time. */
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
		os_signals_hold();
		a->workers[i] = worker_new(&settings, &a->peer_log, &sources,
			keys.identity, keys.older, keys.authorized);
		os_signals_release();
		if (!a->workers[i]) {
			int error = errno;

			complain("Cannot start worker thread %ld of %ld: %s",
				i + 1, settings.threads, strerror(error));
			return -error;
		}
		a->worker_count++;
	}
	return 0;
}

static void reload_all(struct acceptor *a)
{
	keys_reload(&keys, &settings, a);
}

static void reread_keys(struct acceptor *a)
{
	keys_reread(&keys, &settings, a);
}

static void report_keys(struct acceptor *a)
{
	keys_report(&keys, a->log);
}

static void greet(struct log *log, const struct address *at)
{
	char text[ADDRESS_TEXT_BYTES], key[KEY_TEXT_BYTES];

	log_line(log, MARK_STATE,
		"Server started with %ld threads and it's listening on %s...",
		settings.threads, address_format(at, text));
	if (keys.identity)
		log_line(log, MARK_STATE, "Public key: %s",
			key_format(keys.identity->public, key));
	if (keys.older)
		log_line(log, MARK_STATE, "Old public key: %s",
			key_format(keys.older->public, key));
	limits_warn(&settings, log);
	if (*cage.missing)
		log_line(log, MARK_NOTICE, "Running without %s", cage.missing);
	if (zone_is_unknown)
		log_line(log, MARK_ERROR,
			"TZ does not name a known time zone; times are "
			"probably UTC: %s",
			getenv("TZ"));
}

/* Starts the log and the workers; reports a failure. */
static int start_threads(struct acceptor *a)
{
	int error;

	os_signals_hold();
	a->log = log_open(STDOUT_FILENO,
		mark_wants_colour(
			(enum mark_colours)settings.colours, STDOUT_FILENO));
	error = a->log ? 0 : -errno;
	os_signals_release();
	peer_log_open(&a->peer_log, a->log, settings.quiet, signals_call);
	if (error)
		complain("Cannot start the log thread: %s", strerror(-error));
	sources_open(&sources, (unsigned long)settings.max_connections,
		(unsigned long)(limits_connections(&settings) -
				settings.max_connections));
	return error ? error : start_workers(a);
}

/* A thread that is just starting still makes calls of its own. */
static void close_calls(struct acceptor *a)
{
	for (size_t i = 0; i < a->worker_count; i++)
		while (!a->workers[i]->is_running)
			os_rest_ms(1);
	cage_close_calls(&cage);
}

static int serve_until_stopped(
	int listener, const struct address *at, int signals)
{
	struct worker *workers[THREADS_MAX];
	struct acceptor a = {
		.listener = listener,
		.signals = signals,
		.max_connections = limits_connections(&settings),
		.reload = reload_all,
		.remind = reread_keys,
		.report = report_keys,
		.workers = workers,
	};
	bool has_started;
	int error = 0;

	if (!settings.has_no_cage)
		cage_close_files(&cage);
	has_started = !start_threads(&a);
	if (has_started) {
		if (!settings.has_no_cage)
			close_calls(&a);
		signals_wait_for_loop(true);
		greet(a.log, at);
		error = acceptor_run(&a);
	}
	socket_close(listener);
	stop(&a);
	sources_close(&sources);
	peer_log_close(&a.peer_log);
	if (error) {
		signals_wait_for_loop(false);
		complain("The server failed: %s", strerror(-error));
	} else if (has_started) {
		log_line(a.log, MARK_NOTICE, "Server stopped, sessions: %lu",
			counter_read(&a.counters, COUNT_OPENED));
	}
	log_close(a.log, LOG_PATIENCE_MS);
	return error || !has_started ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* What only root, or a process with files, may do: 0 with a complaint, or -1.
 */
static int get_ready(struct complaint *complaint)
{
	int error;

	if (settings.user && user_become(settings.user, complaint))
		return -1;
	os_forbid_dumps(); /* a change of user permits them again */
	error = errands_start(&keys.helper, &settings);
	if (error)
		return complaint_print(complaint, -1,
			"Cannot start the helper process: %s",
			strerror(-error));
	return keys_load(&keys, &settings, complaint);
}

/* Opens what a server needs and serves; returns the exit status. */
static int open_and_serve(int signals)
{
	struct complaint complaint;
	struct address at;
	int status = EXIT_FAILURE;
	int listener = listener_open(&where, &at, &complaint);

	if (listener < 0) {
		complain("%s", complaint.text);
		return status;
	}
	if (get_ready(&complaint)) {
		complain("%s", complaint.text);
	} else {
		if (*complaint.text)
			complain("Secure sessions are off, serving xor only: "
				 "%s; SIGHUP tries again",
				complaint.text);
		status = serve_until_stopped(listener, &at, signals);
	}
	keys_free(&keys);
	return status;
}

static int prepare_and_serve(int signals)
{
	if (signals < 0) {
		complain("Cannot start: %s", strerror(-signals));
		return EXIT_FAILURE;
	}
	limits_settle(&settings);
	if (crypto_init()) {
		complain("Cannot start: no system random source");
		return EXIT_FAILURE;
	}
	calendar_open();
	zone_is_unknown = calendar_is_unknown();
	return open_and_serve(signals);
}

int main(int argc, char **argv)
{
	struct complaint complaint;
	int first = options_begin(&options, argc, argv, stdout, &complaint);
	/* Before anything is written, since nobody may be reading. */
	int signals = signals_open();

	if (first >= 0)
		return prepare_and_serve(signals);
	if (*complaint.text)
		complain("%s", complaint.text);
	return options_status(&options, first);
}
