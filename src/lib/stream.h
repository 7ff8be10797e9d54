// SPDX-License-Identifier: MIT
/*
 * A handle's session on its blocking socket: functions return 0 or a negative
 * enum smx_error, and a failure has ended the connection. Knows no names and no
 * files. Used by smx.c.
 */
#pragma once

#include "lib/handle.h"

/* Runs the key exchange on smx->fd. */
MUST_CHECK int stream_open(struct smx *smx);

/* Sends a command; it must be possible now. */
MUST_CHECK int stream_send(struct smx *smx, enum command command);

/* Takes what has arrived, without waiting: 0, even if nothing has. */
MUST_CHECK int stream_receive(struct smx *smx);

/* Waits until something has happened, at most until deadline (clock_ns). */
MUST_CHECK int stream_step(struct smx *smx, uint64_t deadline);

/* The end of a timeout that begins now. */
uint64_t stream_deadline(const struct smx *smx);
