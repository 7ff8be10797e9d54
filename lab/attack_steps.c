// SPDX-License-Identifier: MIT
#include "lab/attack_steps.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

uint64_t steps_sent, steps_read;

static bool is_dripping; /* now */

static enum outcome failed_io(void)
{
	return errno == EAGAIN || errno == EINTR ? WAITS : ENDED;
}

static enum outcome send_some(struct connection *c, const struct step *s,
	const void *bytes, size_t most)
{
	static const uint8_t zeros[ECHO_MAX];
	const uint8_t *all = bytes ? bytes : zeros;
	ssize_t n;

	if (c->done == s->n)
		return DONE;
	n = send(c->fd, all + c->done, most, MSG_NOSIGNAL);
	if (n < 0)
		return failed_io();
	steps_sent += (uint64_t)n;
	c->done = (uint16_t)(c->done + n);
	return c->done == s->n ? DONE : WAITS;
}

static enum outcome run_send(struct connection *c, const struct step *s)
{
	return send_some(c, s, s->bytes, s->n - c->done);
}

static enum outcome run_echo(struct connection *c, const struct step *s)
{
	return send_some(c, s, c->kept, s->n - c->done);
}

/* What is read beside is not wanted, but its end is. */
static enum outcome run_stay(struct connection *c, const struct step *s)
{
	uint8_t in[1024];
	ssize_t n;

	(void)s;
	while ((n = recv(c->fd, in, sizeof(in), 0)) > 0)
		steps_read += (uint64_t)n;
	return n ? failed_io() : ENDED;
}

static enum outcome run_drip(struct connection *c, const struct step *s)
{
	enum outcome outcome = run_stay(c, s);

	return outcome == WAITS && is_dripping ? send_some(c, s, s->bytes, 1)
					       : outcome;
}

static enum outcome run_read(struct connection *c, const struct step *s)
{
	ssize_t n = 1;

	while (c->done < s->n && n > 0) {
		n = recv(c->fd, c->kept + c->done, s->n - c->done, 0);
		if (n > 0) {
			steps_read += (uint64_t)n;
			c->done = (uint16_t)(c->done + n);
		}
	}
	return n > 0 ? DONE : n ? failed_io() : ENDED;
}

/* Of the replies, the first n bytes are read: by then the kernel lets the
 * server keep much more for us than it did at first. */
static enum outcome run_ask(struct connection *c, const struct step *s)
{
	static char requests[4 * 256], in[4096];
	ssize_t n = 1;

	for (size_t i = 0; !requests[0] || i; i = (i + 4) % sizeof(requests))
		memcpy(requests + i, "TIME", 4);
	while (c->taken < s->n && n > 0) {
		n = recv(c->fd, in, sizeof(in), 0);
		if (n > 0) {
			steps_read += (uint64_t)n;
			c->taken += (size_t)n;
		}
	}
	if (!n)
		return ENDED;
	while ((n = send(c->fd, requests + c->done, sizeof(requests) - c->done,
			MSG_NOSIGNAL)) > 0) {
		steps_sent += (uint64_t)n;
		c->done = (uint16_t)((c->done + (size_t)n) % sizeof(requests));
	}
	return failed_io();
}

static enum outcome run_close(struct connection *c, const struct step *s)
{
	(void)c;
	(void)s;
	return LEFT;
}

static enum outcome run_reset(struct connection *c, const struct step *s)
{
	struct linger reset = { .l_onoff = 1 };

	(void)s;
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	return LEFT;
}

static enum outcome (*const run[ACTS])(
	struct connection *, const struct step *) = {
	[STAY] = run_stay,
	[SEND] = run_send,
	[DRIP] = run_drip,
	[READ] = run_read,
	[ECHO] = run_echo,
	[ASK] = run_ask,
	[CLOSE] = run_close,
	[RESET] = run_reset,
};

enum outcome steps_run(struct connection *c, bool drips)
{
	enum outcome outcome = DONE;

	is_dripping = drips;
	while (outcome == DONE) {
		const struct step *s = &c->script->steps[c->step];

		outcome = run[s->act](c, s);
		if (outcome == DONE) {
			c->step++;
			c->done = 0;
		}
	}
	return outcome;
}

bool steps_is_dripping(const struct connection *c)
{
	return c->script->steps[c->step].act == DRIP;
}
