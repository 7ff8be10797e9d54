// SPDX-License-Identifier: MIT
/*
 * smx-client: the menu, or one command for scripts.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/options.h"
#include "base/os.h"
#include "client/contact.h"
#include "client/menu.h"
#include "client/signals.h"
#include "crypto/key.h"
#include "net/endpoint.h"

static unsigned timeout_ms = 10000;
static bool is_modern, trusts_new;
static const char *identity_file, *known_servers;
static struct option_list server_keys;
static struct client client;
static struct endpoint endpoint;
static int command = -1; /* its place in words; -1: the menu */

/* clang-format off */
static const struct option_row rows[] = {
	{ 's', "secure", NULL, option_flag, &client.is_secure, 0, 0,
		"encrypt and authenticate the session" },
	{ 0, "identity", "FILE", option_text, &identity_file, 0, 0,
		"key file (default: created at first use)" },
	{ 0, "server-key", "KEY", option_list, &server_keys, 0, 0,
		"accept only this server key; ignore known_servers" },
	{ 0, "known-servers", "FILE", option_text, &known_servers, 0, 0,
		"use FILE instead of the user's known_servers" },
	{ 0, "trust-new", NULL, option_flag, &trusts_new, 0, 0,
		"trust a new server's key without asking" },
	{ 0, "plain", NULL, option_flag, &client.allows_plain, 0, 0,
		"do not encrypt, even if the server's key is known" },
	{ 0, "timeout", "SECONDS", option_seconds, &timeout_ms, 0.001, 86400,
		"time limit for each step (default 10)" },
	{ 0, "modern", NULL, option_flag, &is_modern, 0, 0,
		"skip the 20 ms pause the original needs" },
	{ 0, "color", "auto|always|never", option_choice, &client.show.colours, 0, 0,
		"colour the output (default auto: on a terminal)" },
};

static const struct {
	const char *word;
	enum smx_command command;
} words[] = {
	{ "time",        SMX_TIME },
	{ "date",        SMX_DATE },
	{ "temp",        SMX_TEMP },
	{ "temperature", SMX_TEMP },
};
/* clang-format on */

/* What does not go together: 0, or OPTIONS_WRONG and a complaint. */
static int check_options(struct complaint *complaint)
{
	if (client.is_secure && client.allows_plain)
		return complaint_print(complaint, OPTIONS_WRONG,
			"--secure and --plain cannot be combined");
	if (!client.is_secure &&
		(identity_file || server_keys.count || trusts_new))
		return complaint_print(complaint, OPTIONS_WRONG,
			"--identity, --server-key and --trust-new require "
			"--secure");
	return 0;
}

/* The command's place in words, or -1. */
static int find_command(const char *word)
{
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (ascii_equal(words[i].word, word))
			return (int)i;
	return -1;
}

/* The words that are no options: 0, or OPTIONS_WRONG and a complaint. */
static int read_words(char **given, int count, struct complaint *complaint)
{
	int used = endpoint_parse(
		&endpoint, given, count, ENDPOINT_TO_CONNECT, complaint);

	if (used < 0)
		return OPTIONS_WRONG;
	if (count - used > 1)
		return complaint_print(complaint, OPTIONS_WRONG,
			"unexpected operand '%s'", given[used + 1]);
	if (count == used)
		return 0;
	command = find_command(given[used]);
	if (command >= 0)
		return 0;
	return complaint_print(
		complaint, OPTIONS_WRONG, "unknown command '%s'", given[used]);
}

static int check(char **given, int count, struct complaint *complaint)
{
	int error = read_words(given, count, complaint);

	return error ? error : check_options(complaint);
}

static const struct options options = {
	.program = "smx-client",
	.usage = "[OPTION]... HOST PORT [time|date|temp]\n"
		 "       smx-client [OPTION]... HOST:PORT [time|date|temp]",
	.purpose = "Asks an smx server for the time, the date or a "
		   "temperature.\nWithout a command it shows a menu.",
	.rows = rows,
	.count = COUNT_OF(rows),
	.least = 1,
	.most = 3,
	.examples = "  smx-client localhost 1337              open the menu\n"
		    "  smx-client localhost 1337 time         print the time\n"
		    "  smx-client --secure clock.example:1337 date\n",
	.more = "Exit status: 0 success, 1 no valid reply, 2 wrong usage, "
		"3 no connection,\n4 timed out, 5 protocol error, "
		"6 key rejected, 130 interrupted.\nSee smx-client(1).\n",
	.check = check,
	.cannot_start = STATUS_NO_CONNECTION,
};

/* What --secure and its companions ask of libsmx. */
static int settle_security(struct client *c)
{
	int error = 0;

	if (known_servers)
		error = smx_set_known_servers(c->smx, known_servers);
	for (size_t i = 0; i < server_keys.count && !error; i++)
		error = smx_add_server_key(c->smx, server_keys.texts[i]);
	smx_set_trust_new(c->smx, trusts_new);
	smx_set_plain_guard(c->smx, !c->allows_plain);
	return error || !c->is_secure ? error
				      : smx_set_secure(c->smx, identity_file);
}

static int run(void)
{
	int error;

	setlocale(LC_CTYPE, "");
	client.smx = smx_new();
	if (!client.smx) {
		show_error(&client.show,
			"Out of memory, or no system random source");
		return STATUS_NO_CONNECTION;
	}
	client.host = endpoint.host;
	client.port = endpoint.port;
	smx_set_timeout(client.smx, timeout_ms);
	smx_set_modern(client.smx, is_modern);
	signals_catch(&client);
	os_forbid_dumps();
	client.show.form = command < 0 ? SHOW_LINES : SHOW_VALUES;
	error = settle_security(&client);
	if (error)
		client_failed(&client, error);
	else if (command < 0)
		menu_run(&client);
	else if (contact_make(&client))
		client_ask(&client, words[command].command);
	smx_disconnect(client.smx);
	signals_release();
	smx_free(client.smx);
	return client_status(&client);
}

int main(int argc, char **argv)
{
	struct complaint complaint;
	int first = options_begin(&options, argc, argv, stdout, &complaint);

	if (first >= 0)
		return run();
	if (*complaint.text)
		show_error(&client.show, "%s", complaint.text);
	return options_status(&options, first);
}
