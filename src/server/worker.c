// SPDX-License-Identifier: MIT
#include "server/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/random.h"
#include "server/connection.h"

enum {
	FLIGHTS_MAX = 256, /* looked at in one wake */
	LETTERS = 64,      /* read in one go */
	REST_MS = 1000,    /* rule 3 of the request recovery */
	STALLED_MS = 30000,
	DRAIN_MS = 1000,
};

_Static_assert((1 + READ_BYTES / 4) * REPLY_MAX <= REPLY_BYTES,
	"all replies to one read fit");

/* What is put into a worker's mailbox. A pipe keeps them whole and in order. */
struct letter {
	enum {
		LETTER_DEAL,
		LETTER_AUTHORIZE,
		LETTER_IDENTIFY,
		LETTER_TURN_PAGE,
	} kind;
	int fd;
	struct address peer;
	struct authorized *list;
	const struct noise_identity *identity;
};

_Static_assert(sizeof(struct letter) <= _POSIX_PIPE_BUF, "written whole");

static void answer_request(
	struct session_host *host, enum command request, struct reply *reply)
{
	struct worker *w = (struct worker *)host;

	count(&w->counters, (enum counter)request);
	answer(&w->answers, request, reply);
}

static bool is_allowed(
	struct session_host *host, const uint8_t key[static NOISE_KEY_BYTES])
{
	struct worker *w = (struct worker *)host;

	w->peer_name = w->authorized ? authorized_find(w->authorized, key) : "";
	return w->peer_name;
}

static struct connection *connection_of(struct deadline *d)
{
	return (struct connection *)((char *)d -
				     offsetof(struct connection, deadline));
}

/* Stopping is due at its time like everything else. */
static void look_ahead(struct worker *w)
{
	deadlines_look_ahead(&w->deadlines);
	if (w->stopping && w->stop_by_ms < w->deadlines.next_ms)
		w->deadlines.next_ms = w->stop_by_ms;
}

/* Ends those whose time has come, of every kind. */
static void expire(struct worker *w)
{
	for (enum deadline_kind kind = 0; kind < DEADLINE_KINDS; kind++) {
		struct deadline *d;

		while ((d = deadlines_due(&w->deadlines, kind, w->now_ms)))
			connection_due(w, connection_of(d), kind);
	}
	look_ahead(w);
}

/* Each of them, whatever it waits for; it may close itself. */
static void for_each(
	struct worker *w, void (*act)(struct worker *w, struct connection *c))
{
	for (enum deadline_kind kind = 0; kind < DEADLINE_KINDS; kind++) {
		struct deadline *d = deadlines_first(&w->deadlines, kind);

		while (d) {
			struct deadline *next =
				deadlines_next(&w->deadlines, kind, d);

			act(w, connection_of(d));
			d = next;
		}
	}
}

/* Each moves to a queue of a later stage, or is closed. */
static void begin_stop(struct worker *w)
{
	w->stopping = true;
	w->stop_by_ms = w->now_ms + WORKER_STOP_MS;
	for_each(w, connection_stop);
	look_ahead(w);
}

static void authorize(struct worker *w, struct authorized *list)
{
	authorized_release(w->authorized);
	w->authorized = list;
	for_each(w, connection_recheck);
}

static void open_letter(struct worker *w, const struct letter *letter)
{
	switch (letter->kind) {
	case LETTER_DEAL:
		connection_open(w, letter->fd, &letter->peer);
		break;
	case LETTER_AUTHORIZE:
		authorize(w, letter->list);
		break;
	case LETTER_IDENTIFY:
		w->host.identity = letter->identity;
		break;
	case LETTER_TURN_PAGE:
		answer_forget(&w->answers);
		break;
	}
}

/* Its end is the order to stop: of all letters the one that cannot be lost. */
static void read_mail(struct worker *w)
{
	struct letter letters[LETTERS];
	ssize_t n = read(w->mail.fd, letters, sizeof(letters));

	w->has_mail = false;
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(letters[0]); i++)
		open_letter(w, &letters[i]);
	if (n == 0) {
		loop_remove(w->loop, &w->mail);
		close(w->mail.fd);
		w->mail.fd = -1;
		begin_stop(w);
	}
}

static bool is_finished(const struct worker *w)
{
	return w->stopping &&
	       (!w->connections.lent || w->now_ms >= w->stop_by_ms);
}

/* How long to wait: INT_MAX, which is 24 days, stands for ever. */
static int timeout_ms(const struct worker *w)
{
	uint64_t due_ms = w->deadlines.next_ms;

	if (due_ms <= w->now_ms)
		return 0;
	return due_ms - w->now_ms > INT_MAX ? INT_MAX
					    : (int)(due_ms - w->now_ms);
}

/*
 * Up to and with the first one that is costly. A full batch may have left out
 * requests that are ready, and they go first; but after so many batches that
 * everybody has had a turn, it is the flights' turn too.
 */
static COLD void run_flights(struct worker *w,
	struct connection *const flights[], int n, bool is_full)
{
	if (is_full &&
		w->full_wakes++ < w->connections.lent / (size_t)loop_batch)
		return;
	w->full_wakes = 0;
	w->has_run_flight = false;
	for (int i = 0; i < n && !w->has_run_flight; i++)
		connection_ready(w, flights[i]);
}

/*
 * Serves what is ready, sessions first: a flight of the noise exchange takes
 * as long as a hundred requests. So of the connections that are still in their
 * flights no more than one costly flight is run; the others are reported again
 * by the next wait, together with what has become ready meanwhile.
 */
__attribute__((flatten)) static void serve(struct worker *w)
{
	struct connection *flights[FLIGHTS_MAX];
	int flight_count = 0;
	int n = loop_wait(w->loop, timeout_ms(w));
	struct watch *ready;

	w->now_ms = clock_ms();
	if (n < 0) /* no memory for it; it may pass */
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	while ((ready = loop_next(w->loop))) {
		struct connection *c = (struct connection *)ready;

		if (ready == &w->mail)
			w->has_mail = true;
		else if (session_handshake_over(&c->session))
			connection_ready(w, c);
		else if (flight_count < FLIGHTS_MAX)
			flights[flight_count++] = c;
	}
	if (flight_count)
		run_flights(w, flights, flight_count, n == loop_batch);
}

static void *worker_main(void *argument)
{
	struct worker *w = argument;

	w->now_ms = clock_ms();
	while (!is_finished(w)) {
		serve(w);
		if (w->deadlines.next_ms <= w->now_ms)
			expire(w);
		/* Last, since it may close what events still point at. */
		if (w->has_mail)
			read_mail(w);
	}
	for_each(w, connection_close);
	refusals_flush(&w->refusals, w->log);
	return NULL;
}

static int open_mailbox(struct worker *w)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	w->mail.fd = ends[0];
	w->mail_slot = ends[1];
	/* Writing may wait, for a worker always comes back to its mail. */
	if (fcntl(w->mail.fd, F_SETFL, O_NONBLOCK))
		return -errno;
	return loop_add(w->loop, &w->mail, LOOP_READ);
}

static void init_deadlines(struct worker *w)
{
	const unsigned spans_ms[DEADLINE_KINDS] = {
		[DEADLINE_HANDSHAKE] = w->settings->handshake_ms,
		[DEADLINE_IDLE] = w->settings->idle_ms,
		[DEADLINE_REST] = REST_MS,
		[DEADLINE_STALLED] = STALLED_MS,
		[DEADLINE_DRAIN] = DRAIN_MS,
	};

	deadlines_init(&w->deadlines, spans_ms);
}

static void init_pools(struct worker *w)
{
	size_t most = (size_t)w->settings->max_connections;

	pool_init(&w->connections, sizeof(struct connection), most);
	pool_init(&w->handshakes, sizeof(struct handshake), most);
	pool_init(&w->rests, sizeof(struct rest), most);
	pool_init(&w->unsents, sizeof(struct unsent), most);
}

static void release(struct worker *w)
{
	if (w->mail.fd >= 0)
		close(w->mail.fd);
	if (w->mail_slot >= 0)
		close(w->mail_slot);
	loop_close(w->loop);
	pool_wipe(&w->connections);
	pool_wipe(&w->handshakes);
	pool_wipe(&w->rests);
	pool_wipe(&w->unsents);
	authorized_release(w->authorized);
	explicit_bzero(w, sizeof(*w));
	free(w);
}

struct worker *worker_new(const struct settings *settings, struct log *log,
	const struct noise_identity *identity, struct authorized *authorized)
{
	struct worker *w = calloc(1, sizeof(*w));
	int error = -ENOMEM;

	if (!w)
		goto out;
	w->host = (struct session_host){
		.draw = random_bytes,
		.answer = answer_request,
		.is_allowed = is_allowed,
		.identity = identity,
		.requires_secure = settings->requires_secure,
	};
	w->settings = settings;
	w->log = log;
	w->authorized = authorized_share(authorized);
	w->mail.fd = w->mail_slot = -1;
	init_deadlines(w);
	init_pools(w);
	w->loop = loop_open();
	error = w->loop ? open_mailbox(w) : -errno;
	if (!error)
		error = -pthread_create(&w->thread, NULL, worker_main, w);
	if (!error)
		return w;
	release(w);
out:
	errno = -error;
	return NULL;
}

static int post(struct worker *w, const struct letter *letter)
{
	while (write(w->mail_slot, letter, sizeof(*letter)) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int worker_deal(struct worker *w, int fd, const struct address *peer)
{
	return post(w, &(struct letter){
			       .kind = LETTER_DEAL, .fd = fd, .peer = *peer });
}

int worker_authorize(struct worker *w, struct authorized *list)
{
	int error = post(w, &(struct letter){ .kind = LETTER_AUTHORIZE,
				    .list = authorized_share(list) });

	if (error)
		authorized_release(list);
	return error;
}

int worker_identify(struct worker *w, const struct noise_identity *identity)
{
	return post(w, &(struct letter){
			       .kind = LETTER_IDENTIFY, .identity = identity });
}

int worker_turn_page(struct worker *w)
{
	return post(w, &(struct letter){ .kind = LETTER_TURN_PAGE });
}

void worker_stop(struct worker *w)
{
	close(w->mail_slot);
	w->mail_slot = -1;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	pthread_join(w->thread, NULL);
	release(w);
}
