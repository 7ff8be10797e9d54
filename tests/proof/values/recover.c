// SPDX-License-Identifier: MIT
/*
 * Every byte and every key. The input ends where its room does, so that a byte
 * read beyond it is an alarm. For that, each length is a case of its own.
 */
#include <errno.h>

#include "../contracts/command.h"
#include "__fc_builtin.h"
#include "proto/recover.h"

static uint8_t key[XOR_KEY_BYTES], room[LONGEST];

static const uint8_t *input(size_t n)
{
	Frama_C_make_unknown((char *)key, sizeof(key));
	Frama_C_make_unknown((char *)room, sizeof(room));
	return room + sizeof(room) - n;
}

static void request_of(size_t n)
{
	bool late = Frama_C_interval(0, 1);
	enum command request;
	size_t used = recover_request(key, input(n), n, late, &request);

	//@ assert taken: used <= n;
	//@ assert decided: late ==> used > 0;
	//@ assert request: used > 0 ==> 0 <= request <= COMMAND_UNKNOWN;
}

void requests(void)
{
	//@ loop unroll LONGEST;
	for (size_t n = 1; n <= LONGEST; n++)
		request_of(n);
}

static void reply_of(size_t n)
{
	bool late = Frama_C_interval(0, 1);
	enum command asked = Frama_C_interval(0, COMMAND_ASKED - 1);
	struct reply reply = { 0 };
	ssize_t used = recover_reply(key, input(n), n, late, asked, &reply);

	//@ assert taken: used == -EPROTO || 0 <= used <= n;
	//@ assert length: used > 0 ==> reply.length == used;
	//@ assert fits: reply.length <= REPLY_MAX;
	//@ assert terminated: reply.text[REPLY_MAX] == 0;
}

void replies(void)
{
	//@ loop unroll LONGEST;
	for (size_t n = 1; n <= LONGEST; n++)
		reply_of(n);
}
