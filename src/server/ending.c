// SPDX-License-Identifier: MIT
#include "server/ending.h"

#include "net/socket.h"
#include "server/lent.h"

void ending_say(const struct worker *w, enum mark mark, const char *what,
	const struct address *peer)
{
	char text[ADDRESS_TEXT_BYTES];

	if (!w->settings->quiet)
		log_line(w->log, mark, "%s %s", what,
			address_format(peer, text));
}

/* Gives back all that was lent; what the worker lends comes back wiped. */
static void release(struct worker *w, struct connection *c)
{
	deadline_clear(&c->deadline);
	lent_give_back(w, c);
	session_wipe(&c->session);
	pool_give(&w->connections, c);
	count(&w->counters, COUNT_CLOSED);
}

/* release() follows every other use: it wipes the connection. */
void connection_close(struct worker *w, struct connection *c)
{
	ending_say(w, MARK_NOTICE, "Connection ended with", &c->peer);
	loop_remove(w->loop, &c->watch);
	socket_close(c->watch.fd);
	release(w, c);
}

void ending_refuse(struct worker *w, struct connection *c, enum counter reason)
{
	const uint8_t *key = session_peer(&c->session);
	char text[KEY_TEXT_BYTES];

	count(&w->counters, reason);
	if (reason != COUNT_IDLE) {
		refusals_say(&w->refusals, w->log, w->now_ms, reason, &c->peer,
			key ? key_format(key, text) : NULL);
		/* "Every failure resets the connection." And what a peer does
		 * not take, the kernel shall not keep either. */
		if (session_exchange(&c->session)->resets_on_failure || c->unsent)
			socket_drop_unsent(c->watch.fd);
	}
	connection_close(w, c);
}

void ending_hung_up(struct worker *w, struct connection *c)
{
	if (session_handshake_over(&c->session))
		connection_close(w, c);
	else
		ending_refuse(w, c, COUNT_LEFT);
}
