// SPDX-License-Identifier: MIT
#include "client/client.h"

#include <stddef.h>

#include "base/ascii.h"

int client_status(const struct client *c)
{
	return !c->first && c->show.is_mute ? STATUS_NO_REPLY : c->first;
}

void client_failed(struct client *c, int error)
{
	if (!client_status(c))
		c->first = status_of(error);
	if (c->was_declined)
		show_error(&c->show, "The server's key was not accepted");
	else
		show_failure(&c->show, c->smx);
}

int client_find_command(const char *word)
{
	const char *known;

	/* The menu's name for it. */
	if (ascii_equal(word, "temperature"))
		return SMX_TEMP;
	for (int i = 0; (known = smx_command_word(i)); i++)
		if (ascii_equal(word, known))
			return i;
	return -1;
}

const char *client_command_name(
	int command, char name[static CLIENT_WORD_BYTES])
{
	const char *word = smx_command_word(command);
	size_t n = 0;

	if (!word)
		return NULL;
	for (; n < CLIENT_WORD_BYTES - 1 && word[n]; n++)
		name[n] = ascii_lower(word[n]);
	name[n] = '\0';
	return name;
}

void client_ask(struct client *c, enum smx_command command)
{
	char text[SMX_TEXT_BYTES];
	int error = smx_request(c->smx, command);

	if (!error)
		error = smx_reply(c->smx, text);
	if (error)
		client_failed(c, error);
	else
		show_reply(&c->show, c->smx, text);
}
