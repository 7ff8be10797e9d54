// SPDX-License-Identifier: MIT
#include "client/client.h"

#include <stdarg.h>
#include <unistd.h>

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
	if (c->first == STATUS_FINE)
		c->first = status_of(error);
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
