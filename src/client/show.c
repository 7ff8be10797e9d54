// SPDX-License-Identifier: MIT
#include "client/show.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* Takes the result of writing to stdout; a failure is reported once. */
static void written(struct show *s, int error)
{
	if (!error || s->is_mute)
		return;
	s->is_mute = true;
	show_error(s, "Cannot write: %s", strerror(-error));
}

PRINTF_LIKE(4, 0)
static int print(struct show *s, int fd, enum mark mark, const char *format,
	va_list arguments)
{
	return mark_vprint(fd, mark,
		mark_wants_colour((enum mark_colours)s->colours, fd), format,
		arguments);
}

void show_line(struct show *s, enum mark mark, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	written(s, print(s, STDOUT_FILENO, mark, format, arguments));
	va_end(arguments);
}

void show_text(struct show *s, const char *text)
{
	written(s, mark_write(STDOUT_FILENO, text, strlen(text)));
}

void show_notice(struct show *s, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print(s, STDERR_FILENO, MARK_NOTICE, format, arguments);
	va_end(arguments);
}

void show_error(struct show *s, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print(s, STDERR_FILENO, MARK_ERROR, format, arguments);
	va_end(arguments);
}

int show_question(const char *text)
{
	return mark_write(STDERR_FILENO, text, strlen(text));
}

void show_message(struct show *s, const struct smx *smx)
{
	show_error(s, "%s", smx_message(smx));
}

void show_failure(struct show *s, const struct smx *smx)
{
	mark_print_lines(STDERR_FILENO, MARK_NOTICE,
		mark_wants_colour((enum mark_colours)s->colours, STDERR_FILENO),
		smx_alarm(smx));
	show_message(s, smx);
}

void show_connection(struct show *s, const struct smx *smx)
{
	char local[SMX_ADDRESS_BYTES], remote[SMX_ADDRESS_BYTES];

	if (s->form == SHOW_VALUES)
		return;
	smx_local(smx, local);
	smx_remote(smx, remote);
	show_line(s, MARK_DONE,
		"Connection established with %s from %s. Sum: %u", remote,
		local, smx_local_port(smx) + smx_remote_port(smx));
	show_line(s, MARK_TALK, "Key exchange time: %.2f ms",
		smx_exchange_ms(smx));
}

void show_reply(struct show *s, const struct smx *smx, const char *text)
{
	char value[SMX_TEXT_BYTES + 1];

	if (s->form == SHOW_VALUES) {
		show_text(s, strcat(strcpy(value, text), "\n"));
		return;
	}
	show_line(s, MARK_TALK, "Response from server: %s", text);
	show_line(s, MARK_TALK, "RTT: %.2f ms", smx_rtt_ms(smx));
}
