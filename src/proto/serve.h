// SPDX-License-Identifier: MIT
/*
 * The path of every request: open, answer, seal. Each exchange makes its own
 * function of this with its own two ends, so that the compiler sees the whole
 * path at once; calls through pointers would cost a third more. Knows neither
 * end.
 */
#pragma once

#include "proto/exchange.h"

/* The number of bytes of the next request, 0 to wait for more, or an error. */
typedef ssize_t request_opener(
	union keys *k, const struct input *in, enum command *request);

/* As in struct exchange. */
typedef int reply_sealer(
	union keys *k, const uint8_t *text, size_t n, struct buffer *out);

static inline ssize_t serve_with(request_opener *opener, reply_sealer *sealer,
	union keys *k, const struct input *in, struct service *to)
{
	struct input left = *in;

	while (left.n && !to->has_ended) {
		enum command request;
		struct reply reply;
		ssize_t used = opener(k, &left, &request);
		int error = 0;

		if (used < 0)
			return used;
		if (used == 0)
			break;
		left.bytes += used;
		left.n -= (size_t)used;
		to->host->answer(to->host, to->session, request, &reply);
		if (request == COMMAND_END)
			to->has_ended = true;
		else
			error = sealer(k, reply.text, reply.length, to->out);
		if (error)
			return error;
	}
	return (ssize_t)(in->n - left.n);
}
