// SPDX-License-Identifier: MIT
#include "client/client.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* How writing to stdout went; a failure is said once, and counts. */
static void written(struct client *c, int error)
{
	if (!error || c->is_mute)
		return;
	c->is_mute = true;
	if (c->first == STATUS_FINE)
		c->first = STATUS_NO_REPLY;
	client_say(c, MARK_ERROR, "Cannot write: %s", strerror(-error));
}

void client_say(struct client *c, enum mark mark, const char *format, ...)
{
	int fd = mark == MARK_ERROR ? STDERR_FILENO : STDOUT_FILENO;
	va_list arguments;
	int error;

	va_start(arguments, format);
	error = mark_vprint(fd, mark,
		mark_wants_colour((enum mark_colours)c->colours, fd), format,
		arguments);
	va_end(arguments);
	if (fd == STDOUT_FILENO)
		written(c, error);
}

void client_write(struct client *c, const char *text)
{
	written(c, mark_write(STDOUT_FILENO, text, strlen(text)));
}

void client_explain(struct client *c)
{
	client_say(c, MARK_ERROR, "%s",
		c->was_declined ? "The server's key was not accepted"
				: smx_message(c->smx));
}

void client_failed(struct client *c, int error)
{
	if (c->first == STATUS_FINE)
		c->first = status_of(error);
	mark_print_lines(STDERR_FILENO, MARK_NOTICE,
		mark_wants_colour((enum mark_colours)c->colours, STDERR_FILENO),
		smx_alarm(c->smx));
	client_explain(c);
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
