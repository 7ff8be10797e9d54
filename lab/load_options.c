// SPDX-License-Identifier: MIT
#include "lab/load_options.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

struct options opt = {
	.connections = 1,
	.depth = 1,
	.requests = 1000,
	.request_bytes = 4,
	.reply_bytes = 15,
};

size_t options_number(const char *text, size_t least, size_t most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || (*end && *end != '\n') || n < least || n > most)
		errx(2, "'%s' is not a number from %zu to %zu", text, least,
			most);
	return n;
}

static _Noreturn void usage(void)
{
	errx(2, "usage: load [--exchange NAME] [--connections N] [--depth N]\n"
		"            [--requests N] [--idle N] [--together] [--equally]\n"
		"            [--wait] [--handshakes] [--text REQUEST]\n"
		"            HOST PORT [REQUEST_BYTES REPLY_BYTES]");
}

static const struct option {
	const char *name;
	const char **text; /* where its argument goes, or else … */
	size_t *number;
	size_t least, most; /* 1 and 1: takes no argument */
} options[] = {
	{ "--exchange", &opt.exchange_name, NULL, 0, 0 },
	{ "--text", &opt.text, NULL, 0, 0 },
	{ "--handshakes", NULL, &opt.handshakes, 1, 1 },
	{ "--wait", NULL, &opt.wait, 1, 1 },
	{ "--together", NULL, &opt.together, 1, 1 },
	{ "--equally", NULL, &opt.equally, 1, 1 },
	{ "--connections", NULL, &opt.connections, 0, CONNECTIONS_MAX },
	{ "--idle", NULL, &opt.idle, 0, CONNECTIONS_MAX },
	{ "--depth", NULL, &opt.depth, 1, DEPTH_MAX },
	{ "--requests", NULL, &opt.requests, 0, REQUESTS_MAX },
};

static const struct option *find_option(const char *name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!strcmp(options[i].name, name))
			return &options[i];
	usage();
}

/* Reads the option that begins there; returns its last word. */
static char **read_option(char **arg)
{
	const struct option *o = find_option(*arg);

	if (o->number && o->least == o->most) {
		*o->number = 1;
		return arg;
	}
	if (!*++arg)
		usage();
	if (o->number)
		*o->number = options_number(*arg, o->least, o->most);
	else
		*o->text = *arg;
	return arg;
}

void options_parse(char **arg)
{
	for (; *arg && !strncmp(*arg, "--", 2); arg++)
		arg = read_option(arg);
	if (!arg[0] || !arg[1])
		usage();
	opt.host = arg[0];
	opt.port = arg[1];
	if (arg[2]) {
		if (has_session() || !arg[3] || arg[4])
			usage();
		opt.request_bytes = options_number(arg[2], 1, BYTES_MAX);
		opt.reply_bytes = options_number(arg[3], 1, BYTES_MAX);
	}
	if (has_session())
		opt.exchange = exchange_named(opt.exchange_name);
	if (opt.exchange == EXCHANGE_COUNT)
		errx(2, "unknown exchange '%s'", opt.exchange_name);
	if (opt.text && strlen(opt.text) != opt.request_bytes)
		errx(2, "--text must have REQUEST_BYTES bytes");
	if (opt.equally && (!opt.connections || opt.handshakes))
		errx(2, "--equally requires connections, and no --handshakes");
	if (opt.handshakes)
		opt.connections = 0;
}
