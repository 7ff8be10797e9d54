// SPDX-License-Identifier: MIT
/*
 * The numbered menu, to the letter what the original shows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/attributes.h"
#include "client/client.h"
#include "client/prompt.h"

static void ask(struct client *c, enum smx_command command)
{
	char text[SMX_TEXT_BYTES];
	int error;

	if (!smx_is_connected(c->smx)) {
		c->first = c->first ? c->first : STATUS_NO_REPLY;
		client_say(c, MARK_ERROR,
			"There is no connection; 4 connects again");
		return;
	}
	error = client_ask(c, command, text);
	if (error) {
		client_failed(c, error);
		return;
	}
	client_say(c, MARK_TALK, "Response from server: %s", text);
	client_say(c, MARK_TALK, "RTT: %.2f ms", smx_rtt_ms(c->smx));
}

static bool get_time(struct client *c)
{
	ask(c, SMX_TIME);
	return true;
}

static bool get_date(struct client *c)
{
	ask(c, SMX_DATE);
	return true;
}

static bool get_temperature(struct client *c)
{
	ask(c, SMX_TEMP);
	return true;
}

/* Connects, and shows the two lines about it. */
static bool reset_connection(struct client *c)
{
	char local[SMX_ADDRESS_BYTES], remote[SMX_ADDRESS_BYTES];
	int error = client_connect(c);

	if (error) {
		client_failed(c, error);
		return true;
	}
	smx_local(c->smx, local);
	smx_remote(c->smx, remote);
	client_say(c, MARK_DONE,
		"Connection established with %s from %s. Sum: %u", remote,
		local, smx_local_port(c->smx) + smx_remote_port(c->smx));
	client_say(c, MARK_TALK, "Key exchange time: %.2f ms",
		smx_exchange_ms(c->smx));
	return true;
}

static bool leave(struct client *c)
{
	client_say(c, MARK_NOTICE, "Exiting ...");
	return false;
}

static bool print_menu(struct client *c);

/* clang-format off */
static const struct entry {
	const char *words[3]; /* without case */
	const char *label;
	bool (*act)(struct client *c); /* false: leave the menu */
} entries[] = {
	{ { "time",        NULL   }, "get time",         get_time },
	{ { "date",        NULL   }, "get date",         get_date },
	{ { "temperature", "temp" }, "get temperature",  get_temperature },
	{ { "reset",       NULL   }, "reset connection", reset_connection },
	{ { "exit", "quit", "q"   }, "exit",             leave },
	{ { "help",        "?"    }, "print menu",       print_menu },
};
/* clang-format on */

static bool print_menu(struct client *c)
{
	char text[256];
	int n = snprintf(
		text, sizeof(text), "Choose a command (only the number):\n");

	for (size_t i = 0; i < COUNT_OF(entries); i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%zu. %s\n",
			i + 1, entries[i].label);
	client_write(c, text);
	return true;
}

static const struct entry *by_word(const char *word)
{
	for (size_t i = 0; i < COUNT_OF(entries); i++)
		for (size_t j = 0; j < COUNT_OF(entries[i].words); j++)
			if (entries[i].words[j] &&
				ascii_equal(entries[i].words[j], word))
				return &entries[i];
	return NULL;
}

static bool is_number(const char *text)
{
	text += *text == '-' || *text == '+';
	return *text && text[strspn(text, "0123456789")] == '\0';
}

static bool choose(struct client *c, const char *choice)
{
	const struct entry *entry = by_word(choice);

	if (!entry && is_number(choice)) {
		long number = strtol(choice, NULL, 10);

		if (number < 1 || number > (long)COUNT_OF(entries)) {
			client_say(
				c, MARK_NOTICE, "Invalid option! try again.");
			return true;
		}
		entry = &entries[number - 1];
	}
	if (!entry) {
		client_say(c, MARK_NOTICE, "Option not valid! try again.");
		return true;
	}
	return entry->act(c);
}

static int server_fd(void *context)
{
	struct client *c = context;

	return smx_fd(c->smx);
}

/* The server says something though nobody asked: it can only be its end. */
static void server_ready(void *context)
{
	struct client *c = context;
	int error = smx_check(c->smx);

	/* No request was under way, so with the connection nothing is lost. */
	if (error == SMX_ERROR_LOST)
		client_explain(c);
	else if (error)
		client_failed(c, error);
}

/* Without the white space around it. */
static const char *trim(const char *line, char *text, size_t size)
{
	size_t n;

	line += strspn(line, " \t\r");
	n = strlen(line);
	while (n && ascii_is_space(line[n - 1]))
		n--;
	n = min_size(n, size - 1);
	memcpy(text, line, n);
	text[n] = '\0';
	return text;
}

void menu_run(struct client *c)
{
	const struct bystander server = {
		.fd = server_fd,
		.ready = server_ready,
		.context = c,
	};
	bool is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct prompt *p = prompt_open(is_terminal, &server);
	char text[PROMPT_LINE_BYTES + 1];
	const char *line;

	reset_connection(c);
	if (!smx_is_connected(c->smx))
		goto out;
	if (!p) {
		client_say(c, MARK_ERROR, "Out of memory");
		c->first = STATUS_NO_CONNECTION;
		return;
	}
	print_menu(c);
	while (!c->is_mute) {
		line = prompt_read(p);
		if (!choose(c, line ? trim(line, text, sizeof(text)) : "exit"))
			break;
	}
out:
	prompt_close(p);
}
