// SPDX-License-Identifier: MIT
#include "lib/status.h"

#include "smx.h"

/* clang-format off */
static const int statuses[] = {
	[-SMX_OK]                   = STATUS_SUCCESS,
	[-SMX_ERROR_USAGE]          = STATUS_WRONG_USAGE,
	[-SMX_ERROR_SYSTEM]         = STATUS_NO_CONNECTION,
	[-SMX_ERROR_RESOLVE]        = STATUS_NO_CONNECTION,
	[-SMX_ERROR_CONNECT]        = STATUS_NO_CONNECTION,
	[-SMX_ERROR_TIMEOUT]        = STATUS_TIMED_OUT,
	[-SMX_ERROR_PROTOCOL]       = STATUS_BAD_PEER,
	[-SMX_ERROR_LOST]           = STATUS_NO_REPLY,
	[-SMX_ERROR_REPLY]          = STATUS_NO_REPLY,
	[-SMX_ERROR_IDENTITY]       = STATUS_REFUSED,
	[-SMX_ERROR_UNKNOWN_SERVER] = STATUS_REFUSED,
	[-SMX_ERROR_CHANGED_SERVER] = STATUS_REFUSED,
	[-SMX_ERROR_NOT_AUTHORIZED] = STATUS_REFUSED,
	[-SMX_ERROR_KNOWN_SERVER]   = STATUS_REFUSED,
};
/* clang-format on */

int status_of(int error)
{
	return statuses[-error];
}
