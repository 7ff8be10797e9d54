// SPDX-License-Identifier: MIT
#include "client/client.h"

#include <stdarg.h>
#include <unistd.h>

/* clang-format off */
static const enum client_exit exits[] = {
	[-SMX_OK]                   = CLIENT_FINE,
	[-SMX_ERROR_USAGE]          = CLIENT_WRONG_USAGE,
	[-SMX_ERROR_SYSTEM]         = CLIENT_NO_CONNECTION,
	[-SMX_ERROR_RESOLVE]        = CLIENT_NO_CONNECTION,
	[-SMX_ERROR_CONNECT]        = CLIENT_NO_CONNECTION,
	[-SMX_ERROR_TIMEOUT]        = CLIENT_TIMED_OUT,
	[-SMX_ERROR_PROTOCOL]       = CLIENT_BAD_PEER,
	[-SMX_ERROR_LOST]           = CLIENT_NO_REPLY,
	[-SMX_ERROR_REPLY]          = CLIENT_NO_REPLY,
	[-SMX_ERROR_IDENTITY]       = CLIENT_REFUSED,
	[-SMX_ERROR_UNKNOWN_SERVER] = CLIENT_REFUSED,
	[-SMX_ERROR_CHANGED_SERVER] = CLIENT_REFUSED,
	[-SMX_ERROR_NOT_AUTHORISED] = CLIENT_REFUSED,
};
/* clang-format on */

void client_say(const struct client *c, enum mark mark, const char *format, ...)
{
	int fd = mark == MARK_ERROR ? STDERR_FILENO : STDOUT_FILENO;
	va_list arguments;

	va_start(arguments, format);
	mark_vprint(fd, mark,
		mark_wants_colour((enum mark_colours)c->colours, fd), format,
		arguments);
	va_end(arguments);
}

void client_failed(struct client *c, int error)
{
	if (c->first == CLIENT_FINE)
		c->first = exits[-error];
	client_say(c, MARK_ERROR, "%s", smx_message(c->smx));
}

void client_warn(const struct client *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	mark_vprint(STDERR_FILENO, MARK_NOTICE,
		mark_wants_colour((enum mark_colours)c->colours, STDERR_FILENO),
		format, arguments);
	va_end(arguments);
}

int client_ask(
	struct client *c, enum smx_command command, char text[SMX_TEXT_BYTES])
{
	int error = smx_request(c->smx, command);

	return error ? error : smx_reply(c->smx, text);
}
