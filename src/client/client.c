// SPDX-License-Identifier: MIT
#include "client/client.h"

void client_failed(struct client *c, int error)
{
	if (!c->first)
		c->first = status_of(error);
	if (c->was_declined)
		show_error(&c->show, "The server's key was not accepted");
	else
		show_failure(&c->show, c->smx);
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

int client_status(const struct client *c)
{
	return !c->first && c->show.is_mute ? STATUS_NO_REPLY : c->first;
}
