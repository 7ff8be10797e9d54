// SPDX-License-Identifier: MIT
/*
 * Connecting, with what a person has to be asked or told meanwhile.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "client/client.h"
#include "client/prompt_plain.h"

enum { ANSWER_BYTES = 128, QUESTIONS = 5 };

/* A line of the terminal; false at its end. Nothing is read ahead. */
static bool read_answer(char answer[static ANSWER_BYTES])
{
	size_t n = 0;

	for (;;) {
		char c;
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN) {
			/* Somebody else made it so: wait as read() would. */
			poll(&(struct pollfd){ .fd = STDIN_FILENO,
				     .events = POLLIN },
				1, -1);
			continue;
		}
		if (got <= 0) {
			/* behind the question that got no line */
			mark_write(STDERR_FILENO, "\n", 1);
			return false;
		}
		if (c == '\n')
			break;
		if (c != ' ' && c != '\r' && n < ANSWER_BYTES - 1)
			answer[n++] = (char)(c ? c : PROMPT_STRAY);
	}
	answer[n] = '\0';
	return true;
}

/* As ssh asks: does a person know this key? */
static bool is_accepted(const struct client *c)
{
	const char *key = smx_server_key(c->smx);
	char answer[ANSWER_BYTES];

	client_warn(c, "The server %s port %s is not known yet. Its key is",
		c->host, c->port);
	client_warn(c, "    %s", key);
	for (int i = 0; i < QUESTIONS; i++) {
		static const char question[] =
			"Compare it with what its keeper says. Accept it (yes, "
			"no, or the key itself)? ";

		if (mark_write(STDERR_FILENO, question, sizeof(question) - 1) ||
			!read_answer(answer) || ascii_equal(answer, "no"))
			return false;
		if (ascii_equal(answer, "yes") || !strcmp(answer, key))
			return true;
		if (strlen(answer) == SMX_KEY_BYTES - 1) {
			client_warn(c, "That is another key.");
			return false;
		}
		client_warn(c, "Please type yes, no, or the key.");
	}
	return false;
}

/*
 * A server waits for no human: the connection was closed before the question,
 * and the next one expects exactly the key that was accepted.
 */
static int connect_asking(struct client *c)
{
	int error = smx_connect(c->smx, c->host, c->port);

	c->was_declined = false;
	if (error != SMX_ERROR_UNKNOWN_SERVER || !isatty(STDIN_FILENO) ||
		!isatty(STDERR_FILENO))
		return error;
	c->was_declined = !is_accepted(c);
	if (c->was_declined)
		return error;
	error = smx_trust_server(c->smx);
	return error ? error : smx_connect(c->smx, c->host, c->port);
}

static bool is_loopback(const char *address)
{
	return !strncmp(address, "127.", 4) || !strncmp(address, "[::1]", 5);
}

/* The session is plain, and somebody might have meant another. */
static void warn_of_plain(const struct client *c)
{
	char remote[SMX_ADDRESS_BYTES];

	smx_remote(c->smx, remote);
	if (!is_loopback(remote))
		client_warn(c,
			"Anyone on the path can read and change this session; "
			"--secure prevents it");
	else if (smx_is_known(c->smx))
		client_warn(c,
			"This server's key is known, but this session is "
			"plain; --secure uses the key, --plain silences this");
}

int client_connect(struct client *c)
{
	int error = connect_asking(c);

	if (error || c->was_warned)
		return error;
	if (!c->is_secure)
		warn_of_plain(c);
	else if (*smx_newer_key(c->smx))
		client_warn(c,
			"The server has a new key; this session uses the old "
			"one. Once its operator has confirmed the new key, add "
			"it to known_servers: [%s]:%u %s",
			c->host, smx_remote_port(c->smx),
			smx_newer_key(c->smx));
	else
		return 0;
	c->was_warned = true;
	return 0;
}
