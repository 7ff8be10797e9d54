// SPDX-License-Identifier: MIT
#include "client/contact.h"

#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "client/input.h"
#include "terminal/terminal.h"

enum { ANSWER_BYTES = 128, QUESTIONS = 5 };

/* A line from the terminal; false at its end. Nothing is read ahead. */
static bool read_answer(char answer[static ANSWER_BYTES])
{
	size_t n = 0;
	char c;

	while (input_read(NULL, &c, 1) == 1) {
		if (c == '\n') {
			answer[n] = '\0';
			return true;
		}
		if (c != ' ' && c != '\r' && n < ANSWER_BYTES - 1)
			answer[n++] = (char)(c ? c : INPUT_STRAY);
	}
	/* After a question without a line in reply. */
	(void)!show_question("\n");
	return false;
}

/* Asks, as ssh does, whether the user knows this key. */
static bool is_accepted(struct client *c)
{
	const char *key = smx_server_key(c->smx);
	char answer[ANSWER_BYTES];

	show_notice(&c->show, "%s port %s is a new server. Its public key is",
		c->host, c->port);
	show_notice(&c->show, "    %s", key);
	for (int i = 0; i < QUESTIONS; i++) {
		static const char question[] =
			"Check it with the server's operator. Accept it "
			"(yes/no, or paste the key)? ";

		if (show_question(question) || !read_answer(answer) ||
			ascii_equal(answer, "no"))
			return false;
		if (ascii_equal(answer, "yes") || !strcmp(answer, key))
			return true;
		if (strlen(answer) == SMX_KEY_BYTES - 1) {
			show_notice(&c->show, "That key is different.");
			return false;
		}
		show_notice(&c->show, "Please answer yes or no, or paste the "
				      "key.");
	}
	return false;
}

/*
 * A server does not wait for people: the connection was closed before the
 * question, and the next one expects exactly the key that was accepted.
 */
static int connect_asking(struct client *c)
{
	int error = smx_connect(c->smx, c->host, c->port);

	c->was_declined = false;
	if (error != SMX_ERROR_UNKNOWN_SERVER || !terminal_is(STDIN_FILENO) ||
		!terminal_is(STDERR_FILENO))
		return error;
	c->was_declined = !is_accepted(c);
	if (c->was_declined)
		return error;
	error = smx_trust_server(c->smx);
	return error ? error : smx_connect(c->smx, c->host, c->port);
}

/* Warns that the session is plain, which may not be intended. */
static void warn_of_plain(struct client *c)
{
	if (!smx_is_local(c->smx))
		show_notice(&c->show,
			"Anyone on the path can read and change this session; "
			"--secure prevents it");
	else if (smx_is_known(c->smx))
		show_notice(&c->show,
			"This server's key is known, but this session is "
			"plain; --secure uses the key, --plain silences this");
	else
		return;
	c->was_warned = true;
}

static void warn_of_new_key(struct client *c)
{
	show_notice(&c->show,
		"The server has a new key; this session uses the old one. Once "
		"its operator has confirmed the new key, add it to "
		"known_servers: [%s]:%u %s",
		c->host, smx_remote_port(c->smx), smx_newer_key(c->smx));
	c->was_warned = true;
}

bool contact_open(struct client *c)
{
	int error = connect_asking(c);

	if (error) {
		client_failed(c, error);
		return false;
	}
	if (!c->was_warned && !access_needs_identity(&c->access))
		warn_of_plain(c);
	else if (!c->was_warned && *smx_newer_key(c->smx))
		warn_of_new_key(c);
	show_connection(&c->show, c->smx);
	return true;
}
