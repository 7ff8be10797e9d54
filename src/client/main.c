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

static bool is_modern;
static struct client client = { .access.timeout_ms = 10000 };
static struct endpoint endpoint;
static int command = -1; /* enum smx_command; -1: the menu */
static char usage[640];

/* clang-format off */
static const struct option_row rows[] = {
	ACCESS_ROWS(client.access),
	{ 0, "modern", NULL, option_flag, &is_modern, 0, 0,
		"skip the 20 ms pause the original needs" },
	{ 0, "color", "auto|always|never", option_choice, &client.show.colours, 0, 0,
		"colour the output (default auto: on a terminal)" },
};
/* clang-format on */

/* Reads the operands: 0, or OPTIONS_WRONG and a complaint. */
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
	command = client_find_command(given[used]);
	if (command >= 0)
		return 0;
	return complaint_print(
		complaint, OPTIONS_WRONG, "unknown command '%s'", given[used]);
}

static int check(char **given, int count, struct complaint *complaint)
{
	int error = read_words(given, count, complaint);

	return error ? error : access_check(&client.access, complaint);
}

static const struct options options = {
	.program = "smx-client",
	.usage = usage,
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
	smx_set_modern(client.smx, is_modern);
	signals_catch(&client);
	os_forbid_dumps();
	client.show.form = command < 0 ? SHOW_LINES : SHOW_VALUES;
	error = access_apply(&client.access, client.smx);
	if (error)
		client_failed(&client, error);
	else if (command < 0)
		menu_run(&client);
	else if (contact_open(&client))
		client_ask(&client, (enum smx_command)command);
	smx_disconnect(client.smx);
	signals_release();
	smx_free(client.smx);
	return client_status(&client);
}

static void write_usage(void)
{
	char list[256] = "", name[CLIENT_WORD_BYTES];
	size_t n = 0;

	for (int i = 0; client_command_name(i, name) && n < sizeof(list); i++)
		n += (size_t)snprintf(
			list + n, sizeof(list) - n, "%s%s", i ? "|" : "", name);
	snprintf(usage, sizeof(usage),
		"[OPTION]... HOST PORT [%s]\n"
		"       smx-client [OPTION]... HOST:PORT [%s]",
		list, list);
}

int main(int argc, char **argv)
{
	struct complaint complaint;
	int first;

	write_usage();
	first = options_begin(&options, argc, argv, stdout, &complaint);
	if (first >= 0)
		return run();
	if (*complaint.text)
		show_error(&client.show, "%s", complaint.text);
	return options_status(&options, first);
}
