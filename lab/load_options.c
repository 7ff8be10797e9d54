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
		errx(2, "'%s': %zu to %zu wanted", text, least, most);
	return n;
}

static _Noreturn void usage(void)
{
	errx(2, "usage: load [--xor | --secure] [--connections N] [--depth N]\n"
		"            [--requests N] [--idle N] [--together] [--equally]\n"
		"            [--wait] [--handshakes] [--text REQUEST]\n"
		"            HOST PORT [REQUEST_BYTES REPLY_BYTES]");
}

static const struct option {
	const char *name;
	size_t *value;
	size_t least, most; /* 1 and 1: takes no argument */
} options[] = {
	{ "--xor", &opt.xor, 1, 1 },
	{ "--secure", &opt.secure, 1, 1 },
	{ "--handshakes", &opt.handshakes, 1, 1 },
	{ "--wait", &opt.wait, 1, 1 },
	{ "--together", &opt.together, 1, 1 },
	{ "--equally", &opt.equally, 1, 1 },
	{ "--connections", &opt.connections, 0, CONNECTIONS_MAX },
	{ "--idle", &opt.idle, 0, CONNECTIONS_MAX },
	{ "--depth", &opt.depth, 1, DEPTH_MAX },
	{ "--requests", &opt.requests, 0, REQUESTS_MAX },
	{ "--text", NULL, 0, 0 },
};

static const struct option *find_option(const char *name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!strcmp(options[i].name, name))
			return &options[i];
	usage();
}

void options_parse(char **arg)
{
	for (; *arg && !strncmp(*arg, "--", 2); arg++) {
		const struct option *o = find_option(*arg);

		if (o->value == NULL)
			opt.text = arg[1] ? *++arg : "";
		else if (o->least == o->most)
			*o->value = 1;
		else if (*++arg)
			*o->value = options_number(*arg, o->least, o->most);
		else
			usage();
	}
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
	if (opt.text && strlen(opt.text) != opt.request_bytes)
		errx(2, "the text is not of REQUEST_BYTES");
	if (opt.equally && (!opt.connections || opt.handshakes))
		errx(2, "--equally among no connections");
	if (opt.handshakes)
		opt.connections = 0;
}
