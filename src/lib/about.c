// SPDX-License-Identifier: MIT
/*
 * The calls of libsmx that only look: at the last connection, its times, what
 * went wrong, and what a number means.
 */
#include "lib/handle.h"

const char *smx_version(void)
{
	return SMX_VERSION;
}

void smx_local(const struct smx *smx, char text[SMX_ADDRESS_BYTES])
{
	address_format(&smx->local, text);
}

void smx_remote(const struct smx *smx, char text[SMX_ADDRESS_BYTES])
{
	address_format(&smx->remote, text);
}

unsigned smx_local_port(const struct smx *smx)
{
	return smx->local.port;
}

unsigned smx_remote_port(const struct smx *smx)
{
	return smx->remote.port;
}

int smx_is_local(const struct smx *smx)
{
	return address_is_loopback(&smx->remote);
}

double smx_exchange_ms(const struct smx *smx)
{
	return (double)smx->exchange_ns / 1e6;
}

double smx_rtt_ms(const struct smx *smx)
{
	return (double)smx->rtt_ns / 1e6;
}

const char *smx_message(const struct smx *smx)
{
	return smx ? smx->complaint.text : smx_strerror(SMX_ERROR_SYSTEM);
}

const char *smx_strerror(int error)
{
	/* clang-format off */
	static const char *const texts[] = {
		[-SMX_OK]                   = "fine",
		[-SMX_ERROR_USAGE]          = "the call is wrong here and now",
		[-SMX_ERROR_SYSTEM]         = "the system has no means left",
		[-SMX_ERROR_RESOLVE]        = "the name cannot be resolved",
		[-SMX_ERROR_CONNECT]        = "no connection could be made",
		[-SMX_ERROR_TIMEOUT]        = "no answer in time",
		[-SMX_ERROR_PROTOCOL]       = "the peer broke the protocol",
		[-SMX_ERROR_LOST]           = "the connection was lost",
		[-SMX_ERROR_REPLY]          = "the server answered with an error",
		[-SMX_ERROR_IDENTITY]       = "the key file cannot be used",
		[-SMX_ERROR_UNKNOWN_SERVER] = "the server is not known yet",
		[-SMX_ERROR_CHANGED_SERVER] = "the server shows another key",
		[-SMX_ERROR_NOT_AUTHORIZED] = "the server does not want this client",
		[-SMX_ERROR_KNOWN_SERVER]   = "the server's key is known, the session would be plain",
	};
	/* clang-format on */

	if (error > 0 || -error >= (int)COUNT_OF(texts))
		return "unknown error";
	return texts[-error];
}
