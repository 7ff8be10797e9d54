// SPDX-License-Identifier: MIT
/*
 * Both ways of finding where a message ends. Of the first byte bit 0 says that
 * patience is over, bits 1 and 2 what was asked, bit 3 that the next 128 bytes
 * are the key; without it the key is zero, and everything in the clear.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/recover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_requests(
	const uint8_t *key, const uint8_t *in, size_t n, bool late)
{
	while (n) {
		enum command request = COMMAND_COUNT;
		size_t taken = recover_request(key, in, n, late, &request);

		assert(taken <= n && taken <= MESSAGE_MAX);
		assert(taken ? request < COMMAND_COUNT : !late);
		if (!taken)
			break;
		in += taken;
		n -= taken;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t key[XOR_KEY_BYTES] = { 0 };
	struct reply reply = { 0 };
	uint8_t head;
	ssize_t taken;

	if (size < 2)
		return 0;
	head = *data++, size--;
	if (head & 8 && size > sizeof(key)) {
		memcpy(key, data, sizeof(key));
		data += sizeof(key), size -= sizeof(key);
	}
	check_requests(key, data, size, head & 1);
	taken = recover_reply(key, data, size, head & 1,
		(enum command)((head >> 1 & 3) % 3), &reply);
	assert(taken <= REPLY_MAX && taken <= (ssize_t)size);
	assert(reply.length == (taken > 0 ? taken : 0));
	assert(!reply.text[reply.length]);
	return 0;
}
