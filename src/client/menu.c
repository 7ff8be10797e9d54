// SPDX-License-Identifier: MIT
#include "client/menu.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "client/contact.h"
#include "client/input.h"
#include "client/prompt.h"
#include "terminal/terminal.h"

static void ask(struct client *c, enum smx_command command)
{
	if (smx_is_connected(c->smx)) {
		client_ask(c, command);
		return;
	}
	c->first = c->first ? c->first : STATUS_NO_REPLY;
	show_error(&c->show, "Not connected; 4 reconnects");
}

static bool reset_connection(struct client *c)
{
	(void)!contact_open(c);
	return true;
}

static bool leave(struct client *c)
{
	show_line(&c->show, MARK_NOTICE, "Exiting ...");
	return false;
}

static bool print_menu(struct client *c);

/* clang-format off */
static const struct entry {
	const char *label;
	const char *words[3];          /* without case; a request has its own */
	bool (*act)(struct client *c); /* false: leave the menu */
	enum smx_command command;      /* without act */
} entries[] = {
	{ "get time",         { NULL }, NULL, SMX_TIME },
	{ "get date",         { NULL }, NULL, SMX_DATE },
	{ "get temperature",  { NULL }, NULL, SMX_TEMP },
	{ "reset connection", { "reset", NULL }, reset_connection, 0 },
	{ "exit",             { "exit", "quit", "q" }, leave, 0 },
	{ "print menu",       { "help", "?" }, print_menu, 0 },
};
/* clang-format on */

/* Requests that the original does not have follow its entries. */
enum { ENTRIES = COUNT_OF(entries), MORE = SMX_TEMP + 1 };

static bool print_menu(struct client *c)
{
	char name[CLIENT_WORD_BYTES], line[64];

	show_text(&c->show, "Choose a command (only the number):\n");
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(line, sizeof(line), "%d. %s\n", i + 1,
			entries[i].label);
		show_text(&c->show, line);
	}
	for (int i = 0; client_command_name(MORE + i, name); i++) {
		snprintf(line, sizeof(line), "%d. get %s\n", ENTRIES + i + 1,
			name);
		show_text(&c->show, line);
	}
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

static bool choose_entry(struct client *c, const struct entry *entry)
{
	if (entry->act)
		return entry->act(c);
	ask(c, entry->command);
	return true;
}

static bool choose_number(struct client *c, const char *choice)
{
	long number = strtol(choice, NULL, 10);

	if (number >= 1 && number <= ENTRIES)
		return choose_entry(c, &entries[number - 1]);
	number += MORE - ENTRIES - 1;
	if (number >= MORE && number < INT_MAX && smx_command_word((int)number))
		ask(c, (enum smx_command)number);
	else
		show_line(&c->show, MARK_NOTICE, "Invalid option! try again.");
	return true;
}

static bool choose_line(struct client *c, const char *choice)
{
	const struct entry *entry = by_word(choice);
	int command = client_find_command(choice);

	if (entry)
		return choose_entry(c, entry);
	if (is_number(choice))
		return choose_number(c, choice);
	if (command >= 0)
		ask(c, (enum smx_command)command);
	else
		show_line(
			&c->show, MARK_NOTICE, "Option not valid! try again.");
	return true;
}

static int server_fd(void *context)
{
	struct client *c = context;

	return smx_fd(c->smx);
}

/*
 * The server has sent something that was not requested: this can only be its
 * end.
 */
static void server_ready(void *context)
{
	struct client *c = context;
	int error = smx_check(c->smx);

	/* No request was in flight, so nothing is lost with the connection. */
	if (error == SMX_ERROR_LOST)
		show_message(&c->show, c->smx);
	else if (error)
		client_failed(c, error);
}

/* Removes the white space around it. */
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

/* On a terminal the lines are typed after a prompt. */
static bool has_terminal(void)
{
	return terminal_is(STDIN_FILENO) && terminal_is(STDOUT_FILENO);
}

/* A line of the menu; false if it was the last. */
static bool take_line(struct client *c, int result, const char *line)
{
	char text[INPUT_LINE_BYTES + 1] = "exit";

	if (result >= 0)
		return choose_line(
			c, result ? trim(line, text, sizeof(text)) : text);
	c->first = c->first ? c->first : STATUS_NO_REPLY;
	show_error(
		&c->show, "Cannot read standard input: %s", strerror(-result));
	return false;
}

void menu_run(struct client *c)
{
	const struct bystander server = {
		.fd = server_fd,
		.ready = server_ready,
		.context = c,
	};
	struct input_lines lines = { 0 };
	bool is_typed = has_terminal();
	struct prompt *p = is_typed ? prompt_open(&server) : NULL;
	const char *line = NULL;
	int result;

	if (!contact_open(c))
		goto out;
	if (is_typed && !p) {
		show_error(&c->show, "Out of memory");
		c->first = STATUS_NO_CONNECTION;
		return;
	}
	print_menu(c);
	while (!c->show.is_mute) {
		result = p ? prompt_read(p, &line)
			   : input_line(&lines, &server, &line);
		if (!take_line(c, result, line))
			break;
	}
out:
	prompt_close(p);
}
