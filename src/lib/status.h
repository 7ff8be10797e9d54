// SPDX-License-Identifier: MIT
/*
 * The exit statuses of the programs, and the status for each failure of libsmx.
 * They are in the man pages too. Used by smx-client and smx-bench.
 */
#pragma once

enum status {
	STATUS_SUCCESS = 0,
	STATUS_NO_REPLY = 1, /* a reply was an error, or was lost */
	STATUS_WRONG_USAGE = 2,
	STATUS_NO_CONNECTION = 3, /* could not resolve or connect */
	STATUS_TIMED_OUT = 4,
	STATUS_BAD_PEER = 5, /* it broke the protocol */
	STATUS_REFUSED = 6,  /* keys: one side does not trust the other */
	STATUS_INTERRUPTED = 130,
};

/* The enum status of an enum smx_error. */
int status_of(int error);
