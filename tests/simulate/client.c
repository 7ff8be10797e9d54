// SPDX-License-Identifier: MIT
#include "client.h"

#include <errno.h>
#include <string.h>

#include "chance.h"
#include "network.h"
#include "talk.h"
#include "world.h"

enum { STAY_MOST_MS = 200000 };

static struct client clients[CLIENTS];
static bool are_finishing;

static uint64_t in_ms(uint64_t most_ms)
{
	return most_ms && !are_finishing
		       ? world.now_ns +
				 1000000 * (chance_magnitude(most_ms) - 1)
		       : world.now_ns;
}

void clients_begin(void)
{
	memset(clients, 0, sizeof(clients));
	are_finishing = false;
	for (int i = 0; i < CLIENTS; i++)
		clients[i].next_ns = in_ms(chance_below(2) ? 1 : 30000);
}

static void leave(struct client *c, bool resets)
{
	network_leave(c->link, resets);
	session_wipe(&c->session);
	c->link = NULL;
	c->next_ns = in_ms(20000 * world.slowness);
}

static void connect_now(struct client *c)
{
	const struct address from = manner_source();
	uint64_t gone_ns = in_ms(STAY_MOST_MS * world.slowness);

	c->link = network_connect(&from);
	if (!c->link) {
		c->next_ns = world.now_ns + 100000000;
		return;
	}
	c->manner = manner_choose();
	c->handshake = (struct handshake){ 0 };
	c->out_from = c->out_len = c->in_len = 0;
	c->made = 0;
	c->has_said_goodbye = false;
	c->left =
		c->manner->requests ? 1 + chance_below(c->manner->requests) : 0;
	c->next_ns = c->reads_ns = world.now_ns;
	c->leaves_ns = c->manner->habit != HONEST || c->manner->goodbye == STAYS
			       ? gone_ns
			       : UINT64_MAX;
	if (c->manner->habit == SENDS_NOISE)
		talk_babble(c, 1 + chance_below(300));
	else if (c->manner->habit != CONNECTS_ONLY)
		talk_begin(c);
}

static bool wants_to_ask(const struct client *c)
{
	return talk_is_open(c) && c->left && OUT_BYTES - c->out_len > 64 &&
	       c->session.asked_count < c->manner->depth &&
	       (!c->session.asked_count || talk_may_ask(c, COMMAND_TIME));
}

static bool wants_to_go(const struct client *c)
{
	return talk_is_open(c) && !c->left && !c->has_said_goodbye &&
	       c->out_from == c->out_len && c->manner->goodbye != STAYS &&
	       (c->manner->goodbye == FINISHES ||
		       c->manner->goodbye == RESETS || !c->session.asked_count);
}

static void ask(struct client *c)
{
	enum command request = (enum command)chance_below(COMMAND_ASKED);

	talk_ask(c, talk_may_ask(c, request) ? request : COMMAND_TIME);
	c->left--;
	c->next_ns = in_ms(c->manner->think_ms * world.slowness);
	if (c->manner->habit == BREAKS_SESSION && !c->left)
		talk_babble(c, 1 + chance_below(600));
}

static void say_goodbye(struct client *c)
{
	c->has_said_goodbye = true;
	switch (c->manner->goodbye) {
	case ENDS:
		talk_end(c);
		break;
	case FINISHES:
		network_finish(c->link);
		break;
	case LEAVES:
	case RESETS:
		leave(c, c->manner->goodbye == RESETS);
		break;
	case STAYS:
		break;
	}
}

static void send_some(struct client *c)
{
	c->out_from += network_write(
		c->link, c->out + c->out_from, c->out_len - c->out_from);
}

static void read_some(struct client *c)
{
	ssize_t n =
		network_read(c->link, c->in + c->in_len, IN_BYTES - c->in_len);

	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		oracle_left(c->link, c->session.asked_count, n == 0);
		leave(c, false);
		return;
	}
	if (c->manner->habit == SENDS_NOISE ||
		c->manner->habit == CONNECTS_ONLY)
		return;
	c->in_len += (size_t)n;
	c->reads_ns = in_ms(c->manner->deaf_ms);
	if (!talk_hear(c))
		leave(c, true);
}

/* --- what it can do now, and what it will --- */

static bool can_read(const struct client *c)
{
	return network_has_news(c->link) && c->reads_ns <= world.now_ns &&
	       (c->manner->habit != DEAF || !talk_is_open(c) ||
		       c->link->down.has_reset);
}

static bool can_send(const struct client *c)
{
	return c->out_from < c->out_len && network_has_room(c->link);
}

static bool can_decide(const struct client *c)
{
	return c->next_ns <= world.now_ns &&
	       (wants_to_ask(c) || wants_to_go(c));
}

/* A reply that no longer comes is not awaited for ever. */
static bool must_leave(const struct client *c)
{
	return c->leaves_ns <= world.now_ns ||
	       (are_finishing && oracle_is_slow(&c->link->trace));
}

bool client_can_act(int i)
{
	const struct client *c = &clients[i];

	if (!c->link)
		return !are_finishing && c->next_ns <= world.now_ns;
	return must_leave(c) || can_read(c) || can_send(c) || can_decide(c);
}

uint64_t client_due_ns(int i)
{
	const struct client *c = &clients[i];
	uint64_t due_ns = UINT64_MAX;

	if (!c->link)
		return are_finishing ? UINT64_MAX : c->next_ns;
	due_ns = c->leaves_ns;
	if ((wants_to_ask(c) || wants_to_go(c)) && c->next_ns < due_ns)
		due_ns = c->next_ns;
	if (network_has_news(c->link) && c->reads_ns > world.now_ns &&
		c->reads_ns < due_ns)
		due_ns = c->reads_ns;
	return due_ns;
}

void client_act(int i)
{
	struct client *c = &clients[i];

	if (!c->link)
		connect_now(c);
	else if (must_leave(c))
		leave(c, chance_below(2));
	else if (can_read(c) && (!can_send(c) || chance_below(2)))
		read_some(c);
	else if (can_send(c) && (!can_decide(c) || chance_below(2)))
		send_some(c);
	else if (wants_to_ask(c))
		ask(c);
	else
		say_goodbye(c);
}

void clients_finish(void)
{
	are_finishing = true;
	for (int i = 0; i < CLIENTS; i++) {
		struct client *c = &clients[i];

		if (!c->link)
			continue;
		c->next_ns = c->reads_ns = world.now_ns;
		if (c->left > 2)
			c->left = 2;
		if (c->leaves_ns != UINT64_MAX)
			c->leaves_ns = world.now_ns;
	}
}

bool clients_are_gone(void)
{
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i].link)
			return false;
	return true;
}
