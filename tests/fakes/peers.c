// SPDX-License-Identifier: MIT
#include "fakes/peers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "fakes/fakes.h"
#include "net/socket.h"
#include "proto/session.h"

struct peer {
	struct session_host host; /* first: the callbacks find the peer */
	struct session session;
	struct handshake handshake;
	const struct peer_script *script;
	int fd;
	size_t taken; /* of what it was sent */
	struct buffer out;
	uint8_t bytes[2048];
	int asked;     /* requests so far */
	size_t intact; /* bytes of out before the fault */
	bool has_fault, is_over;
	uint64_t busy_ns; /* until then */
};

/* Something that leaves a peer later. */
struct letter {
	struct peer *peer;
	bool ends, resets;
	size_t n;
	uint8_t bytes[];
};

struct peers peers;

static struct peer_script scripts[PEER_SCRIPTS_MAX];
static size_t script_count;
static struct peer *all[FAKE_SOCKETS];

static void arrive(void *argument)
{
	struct letter *l = argument;
	int fd = l->peer->fd;

	if (!fake_of(fd)->is_closed) {
		fake_send(fd, l->bytes, l->n);
		if (l->ends)
			fake_of(fd)->has_end = true;
		if (l->resets)
			fake_of(fd)->receive_error = -ECONNRESET;
	}
	free(l);
}

static void send_later(struct peer *p, const uint8_t *bytes, size_t n,
	uint64_t delay_ms, const struct letter *how)
{
	struct letter *l = malloc(sizeof(*l) + n);
	uint64_t at_ns = fake.now_ns + delay_ms * 1000000;

	assert(l);
	*l = *how;
	l->peer = p;
	l->n = n;
	memcpy(l->bytes, bytes, n);
	if (at_ns < p->busy_ns)
		at_ns = p->busy_ns;
	fake_at_ns(at_ns, arrive, l);
}

static void commit_fault(struct peer *p, uint64_t delay_ms)
{
	static const uint8_t garbage[300] = { 0xff, 0xff };
	enum peer_fault fault = p->script->fault;
	const struct letter how = {
		.ends = fault == PEER_CLOSES || fault == PEER_CUTS_CLOSES,
		.resets = fault == PEER_RESETS,
	};
	size_t n = p->intact;

	if (fault == PEER_CUTS || fault == PEER_CUTS_CLOSES)
		n += (p->out.len - n) / 2;
	if (fault == PEER_SENDS_MORE) {
		n = p->out.len;
		p->bytes[n++] = 'x';
	}
	send_later(p, p->bytes, n, delay_ms, &how);
	if (fault == PEER_SENDS_GARBAGE)
		send_later(p, garbage, sizeof(garbage), delay_ms, &how);
	p->is_over = true;
}

static void answer(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	static const char *const texts[COMMAND_COUNT] = {
		[COMMAND_TIME] = "14:08:38.630789",
		[COMMAND_DATE] = "2026-11-26",
	};
	struct peer *p = (struct peer *)host;
	const struct peer_script *s = p->script;
	const char *text = texts[request];

	(void)session;
	peers.requests[request]++;
	if (request >= COMMAND_ASKED)
		return;
	if (!text) /* all others are numbers */
		text = s->number ? s->number : "21";
	reply->length = (uint8_t)strlen(text);
	memcpy(reply->text, text, reply->length);
	p->asked++;
	if (p->asked == s->stall_at)
		p->busy_ns = fake.now_ns + s->stall_ms * 1000000;
	if (p->asked != s->fault_at || p->has_fault)
		return;
	if (s->fault == PEER_ERRS) {
		reply->length = sizeof(reply_error);
		memcpy(reply->text, reply_error, sizeof(reply_error));
		return;
	}
	p->has_fault = true;
	p->intact = p->out.len;
}

static bool is_allowed(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)host, (void)session, (void)key;
	return true;
}

/* Its client has sent something. */
static void hear(int fd)
{
	static const struct letter plain, last = { .ends = true };
	struct peer *p = all[fd - FAKE_FD];
	struct fake_socket *s = fake_of(fd);
	bool was_open = p->session.state >= SESSION_OPEN;
	int asked = p->asked;
	uint64_t delay_ms;
	ssize_t used;

	if (p->is_over)
		return;
	p->out.len = 0;
	used = session_feed(&p->session, &p->host, s->out + p->taken,
		s->out_len - p->taken, false, &p->out);
	assert(used >= 0);
	p->taken += (size_t)used;
	if (p->taken == s->out_len)
		p->taken = s->out_len = 0;
	if ((unsigned)(p->asked - asked) > peers.asked_most)
		peers.asked_most = (unsigned)(p->asked - asked);
	delay_ms = was_open ? p->script->reply_ms : p->script->flight_ms;
	if (p->script->fault_at == PEER_IN_EXCHANGE && p->out.len)
		p->has_fault = true;
	if (!was_open && p->session.state >= SESSION_OPEN)
		peers.sessions++;
	if (p->has_fault)
		commit_fault(p, delay_ms);
	else if (p->session.state == SESSION_ENDED && !p->script->stays)
		send_later(p, p->bytes, p->out.len, delay_ms, &last);
	else if (p->out.len)
		send_later(p, p->bytes, p->out.len, delay_ms, &plain);
}

static void connect_now(void *argument)
{
	struct peer *p = argument;

	fake_of(p->fd)->room = SIZE_MAX;
}

static void welcome(int fd)
{
	const struct peer_script *s =
		&scripts[peers.connections++ % script_count];
	struct peer *p = calloc(1, sizeof(*p));

	assert(p);
	all[fd - FAKE_FD] = p;
	p->fd = fd;
	p->script = s;
	p->host = (struct session_host){
		.draw = random_bytes,
		.answer = answer,
		.is_allowed = is_allowed,
		.identity = s->identity,
		.older = s->older,
	};
	p->out = (struct buffer){ .bytes = p->bytes, .size = sizeof(p->bytes) };
	session_accept(&p->session, &p->handshake);
	fake_of(fd)->started = s->connect_error;
	if (++peers.open > peers.open_most)
		peers.open_most = peers.open;
	if (s->connect_ms) {
		fake_of(fd)->room = 0;
		fake_at(s->connect_ms, connect_now, p);
	}
}

static void bid_farewell(int fd)
{
	(void)fd;
	peers.open--;
}

void peers_begin(const struct peer_script *new_scripts, size_t count)
{
	assert(count <= PEER_SCRIPTS_MAX);
	memcpy(scripts, new_scripts, count * sizeof(*scripts));
	script_count = count;
	peers = (struct peers){ 0 };
	fake.on_start = welcome;
	fake.on_send = hear;
	fake.on_close = bid_farewell;
}

void peers_end(void)
{
	while (fake.happened < fake.event_count) {
		const struct fake_event *e = &fake.events[fake.happened++];

		if (e->act == arrive)
			free(e->argument);
	}
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		free(all[i]);
		all[i] = NULL;
	}
}
