// SPDX-License-Identifier: MIT
/*
 * The calls of libsmx that only return information: on the last connection, its
 * times, the last failure, and the meaning of errors.
 */
#include "lib/handle.h"

const char *smx_version(void)
{
	return SMX_VERSION;
}

const char *smx_command_word(int command)
{
	return command >= 0 && command < COMMAND_ASKED
		       ? command_word((enum command)command)
		       : NULL;
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
		[-SMX_OK]                   = "success",
		[-SMX_ERROR_USAGE]          = "invalid call in this state",
		[-SMX_ERROR_SYSTEM]         = "out of system resources",
		[-SMX_ERROR_RESOLVE]        = "the name could not be resolved",
		[-SMX_ERROR_CONNECT]        = "could not connect",
		[-SMX_ERROR_TIMEOUT]        = "no answer within the time limit",
		[-SMX_ERROR_PROTOCOL]       = "the peer broke the protocol",
		[-SMX_ERROR_LOST]           = "the connection was lost",
		[-SMX_ERROR_REPLY]          = "the server replied with an error",
		[-SMX_ERROR_IDENTITY]       = "the key file cannot be used",
		[-SMX_ERROR_UNKNOWN_SERVER] = "the server's key is not known",
		[-SMX_ERROR_CHANGED_SERVER] = "the server presented a different key",
		[-SMX_ERROR_NOT_AUTHORIZED] = "the server did not authorize this client",
		[-SMX_ERROR_KNOWN_SERVER]   = "the server's key is known, but the session would be plain",
	};
	/* clang-format on */

	if (error > 0 || -error >= (int)COUNT_OF(texts))
		return "unknown error";
	return texts[-error];
}
