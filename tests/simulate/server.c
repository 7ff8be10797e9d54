// SPDX-License-Identifier: MIT
#include "server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chance.h"
#include "crypto/key.h"
#include "faults.h"
#include "lib/authorized.h"
#include "net/socket.h"
#include "net/wake.h"
#include "network.h"
#include "server/admission.h"
#include "server/signals.h"
#include "thread.h"
#include "world.h"

enum { WORKERS = 3, REMIND_MS = 50, LIST_BYTES = KEYS * 64 + 16 };

struct server server;

static struct noise_identity server_key, older_key, client_keys[KEYS];
static struct worker *workers[WORKERS];
static struct authorized *list;
static struct waker waker;
static bool has_come[NSIG], has_waker;

static void make_key(struct noise_identity *identity, uint8_t number)
{
	memset(identity->secret, number, sizeof(identity->secret));
	noise_identity_finish(identity);
}

void server_prepare(void)
{
	make_key(&server_key, 1);
	make_key(&older_key, 2);
	for (unsigned i = 0; i < KEYS; i++)
		make_key(&client_keys[i], (uint8_t)(3 + i));
}

const struct noise_identity *server_client_key(unsigned i)
{
	return &client_keys[i];
}

bool server_is_one_source(const struct address *a, const struct address *b)
{
	return a->is_ipv6 == b->is_ipv6 &&
	       !memcmp(a->ip, b->ip, a->is_ipv6 ? 8 : 4);
}

/* --- server/signals.h --- */

static void raise_signal(int number)
{
	has_come[number] = true;
	if (has_waker)
		waker_wake(&waker);
}

void signals_call(void)
{
	waker_wake(&waker);
}

void signals_hear(void)
{
	waker_clear(&waker);
}

bool signals_take(int number)
{
	bool had_come = has_come[number];

	has_come[number] = false;
	return had_come;
}

/* --- what is read again --- */

/* Some of the clients' keys. */
static struct authorized *make_list(void)
{
	struct complaint complaint;
	struct authorized *made = NULL;
	char *text = malloc(LIST_BYTES), key[KEY_TEXT_BYTES];
	size_t n = 0;

	HOLDS(text, "out of memory");
	n += (size_t)snprintf(text, LIST_BYTES, "# keys\n");
	for (unsigned i = 0; i < KEYS; i++)
		if (chance_below(3))
			n += (size_t)snprintf(text + n, LIST_BYTES - n,
				"%s %c\n",
				key_format(client_keys[i].public, key),
				'a' + (char)i);
	HOLDS(!authorized_parse(text, "list", &made, &complaint),
		"the list cannot be parsed: %s", complaint.text);
	return made;
}

static void reread(struct acceptor *a)
{
	struct authorized *made = make_list();

	for (size_t i = 0; i < a->worker_count; i++)
		mail_authorize(&a->workers[i]->mailbox, made);
	authorized_release(list);
	list = made;
}

static void change_zone(struct acceptor *a)
{
	oracle_zone();
	world.zone = (int)chance_below(2 * ZONE_MOST + 1) - ZONE_MOST;
	oracle_zone();
	for (size_t i = 0; i < a->worker_count; i++) {
		mail_turn_page(&a->workers[i]->mailbox);
		oracle_zone_told(&a->workers[i]->context);
	}
}

static void reload(struct acceptor *a)
{
	change_zone(a);
	if (!server.identity && chance_below(2)) {
		server.identity = &server_key;
		for (size_t i = 0; i < a->worker_count; i++)
			mail_identify(&a->workers[i]->mailbox, &server_key);
	}
	if (!list || a->remind_ns)
		return;
	if (chance_below(2))
		a->remind_ns = clock_ns() + REMIND_MS * 1000000ull;
	else
		reread(a);
}

static void report(struct acceptor *a)
{
	(void)a;
}

void server_disturb(void)
{
	if (!server.is_open)
		return;
	if (fault(FAULT_RELOAD))
		raise_signal(SIGHUP);
	if (fault(FAULT_REPORT))
		raise_signal(SIGUSR1);
}

void server_stop(void)
{
	raise_signal(SIGTERM);
}

void server_forget(struct context *context)
{
	for (enum counter i = 0; context && i < COUNTERS; i++)
		server.closed[i] += counter_read(&context->counters, i);
}

/* --- its life, as in service/main.c --- */

static bool start_workers(struct acceptor *a)
{
	for (long i = 0; i < server.settings.threads; i++) {
		workers[i] = worker_new(&server.settings, &a->peer_log,
			&server.sources, server.identity, server.older, list);
		if (!workers[i])
			return false;
		a->worker_count++;
	}
	return true;
}

static void *live(void *unused)
{
	struct acceptor *a = &server.acceptor;
	unsigned long most = (unsigned long)a->max_connections;
	unsigned long limit = (unsigned long)server.settings.max_connections;

	(void)unused;
	has_waker = !waker_open(&waker);
	if (has_waker && has_come[SIGTERM])
		signals_call();
	peer_log_open(&a->peer_log, NULL, server.settings.quiet, signals_call);
	sources_open(&server.sources, limit, most - limit);
	server.is_open = true;
	if (has_waker && start_workers(a)) {
		a->signals = waker.fd;
		if (acceptor_run(a))
			HOLDS(thread_now->faults, "the server fails");
	}
	socket_close(LISTENER_FD);
	for (size_t i = 0; i < a->worker_count; i++)
		worker_stop(workers[i]);
	for (size_t i = 0; i < a->worker_count; i++)
		worker_free(workers[i]);
	server.is_open = false;
	HOLDS(!server.sources.pool.lent, "%zu sources are left",
		server.sources.pool.lent);
	sources_close(&server.sources);
	if (has_waker) /* the budget is the log's, not the waker's */
		waker_close(&waker);
	has_waker = false;
	peer_log_close(&a->peer_log);
	authorized_release(list);
	list = NULL;
	server.is_over = true;
	return NULL;
}

static void choose_settings(struct settings *s)
{
	static const unsigned idle_ms[] = { 0, 3000, 70000, 300000 };

	/* One by one: the order of initializers is the compiler's choice. */
	*s = (struct settings){ .threads = 1 + (long)chance_below(WORKERS) };
	s->handshake_ms = 1000 * (1 + chance_below(5));
	s->idle_ms = idle_ms[chance_below(COUNT_OF(idle_ms))];
	if (!chance_below(3))
		s->max_per_source = 2 + chance_below(6);
	s->quiet = chance_below(2);
	s->max_connections = 4 + chance_below(12) * (unsigned)s->threads;
}

void server_begin(void)
{
	memset(has_come, 0, sizeof(has_come));
	server = (struct server){ .identity = &server_key };
	choose_settings(&server.settings);
	if (!chance_below(4))
		server.older = &older_key;
	if (!chance_below(3)) {
		list = make_list();
		server.settings.requires_secure = true;
	} else if (!chance_below(6)) {
		server.settings.requires_secure = true;
	} else if (!chance_below(6)) {
		server.identity = NULL;
		server.older = NULL;
	}
	server.acceptor = (struct acceptor){
		.listener = LISTENER_FD,
		.max_connections = (long)admission_most(
			(unsigned long)server.settings.max_connections),
		.reload = reload,
		.remind = reread,
		.report = report,
		.workers = workers,
	};
	HOLDS(thread_start(live, NULL), "no thread");
}
