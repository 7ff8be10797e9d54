// SPDX-License-Identifier: MIT
#include "lib/handle.h"

#include <sodium.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/socket.h"
#include "proto/recover.h"

bool handle_is_ours(const struct smx *smx)
{
	return smx->fd >= 0 && smx->owner == getpid();
}

uint64_t handle_ready_ns(const struct smx *smx)
{
	uint64_t last_ns = smx->opened_ns;

	/* The original knows no exchange with a magic. */
	if (smx->is_modern || *handle_exchange(smx)->magic)
		return 0;
	if (handle_unanswered(smx))
		last_ns = smx->talks[(smx->asked - 1) % SMX_DEPTH_MAX].sent_ns;
	return last_ns + (uint64_t)RECOVER_REPLY_MS * 1000000;
}

bool handle_may_leave(const struct smx *smx)
{
	return handle_is_ours(smx) && !smx->is_stuck &&
	       smx->session.state == SESSION_OPEN;
}

void handle_leave(struct smx *smx)
{
	uint8_t bytes[HANDLE_SEND_BYTES];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };

	if (!handle_may_leave(smx))
		return;
	smx->is_busy = true;
	if (!session_send(&smx->session, COMMAND_END, &out))
		(void)!socket_send_quietly(smx->fd, out.bytes, out.len);
	smx->is_busy = false;
}

/*
 * END must not be mistaken for a part of what was sent before. Whether it gets
 * through no longer matters.
 */
static void say_end(struct smx *smx)
{
	while (handle_may_leave(smx) && clock_ns() < handle_ready_ns(smx))
		if (socket_wait(smx->fd, 0, handle_ready_ns(smx)))
			break;
	handle_leave(smx);
}

void handle_hang_up(struct smx *smx)
{
	int fd = smx->fd;

	say_end(smx);
	smx->fd = -1;
	if (fd >= 0)
		socket_close_patiently(fd);
	session_wipe(&smx->session);
	sodium_memzero(&smx->handshake, sizeof(smx->handshake));
	sodium_memzero(smx->in, sizeof(smx->in));
	smx->kept = 0;
	smx->asked = smx->fetched = 0;
	smx->is_stuck = false;
}

int handle_give_up(
	struct smx *smx, enum smx_error error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complaint_vprint(&smx->complaint, error, format, arguments);
	va_end(arguments);
	handle_hang_up(smx);
	return error;
}
