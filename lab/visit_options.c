// SPDX-License-Identifier: MIT
#include "lab/visit_options.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

struct options opt = {
	.every = 10,
	.seconds = 10,
	.patience = 10,
	.retry_most = 1000,
	.exchange = EXCHANGE_COUNT,
};

static const struct option {
	const char *name;
	size_t *value;
} options[] = {
	{ "--guests", &opt.guests },
	{ "--every", &opt.every },
	{ "--rate", &opt.rate },
	{ "--herd", &opt.herd },
	{ "--parallel", &opt.parallel },
	{ "--seconds", &opt.seconds },
	{ "--patience", &opt.patience },
	{ "--retry", &opt.retry },
	{ "--retry-most", &opt.retry_most },
};

static _Noreturn void usage(void)
{
	errx(2, "usage: visit [--guests N] [--every MILLISECONDS]\n"
		"             [--rate N | --herd N | --parallel N]\n"
		"             [--seconds N] [--patience SECONDS]\n"
		"             [--retry MILLISECONDS [--retry-most MILLISECONDS]]\n"
		"             [--exchange NAME]\n"
		"             [--from ADDRESS[/BITS*COUNT]] HOST PORT");
}

static void set_number(const char *name, const char *text)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!strcmp(options[i].name, name)) {
			char *end;

			*options[i].value = strtoul(text, &end, 10);
			if (end == text || *end || *options[i].value > 10000000)
				usage();
			return;
		}
	usage();
}

void options_parse(char **arg)
{
	for (; *arg && arg[1] && !strncmp(*arg, "--", 2); arg += 2) {
		if (!strcmp(*arg, "--from"))
			sources_parse(&opt.from, arg[1]);
		else if (strcmp(*arg, "--exchange"))
			set_number(*arg, arg[1]);
		else if ((opt.exchange = exchange_named(arg[1])) ==
			 EXCHANGE_COUNT)
			usage();
	}
	if (!arg[0] || !arg[1] || !opt.every)
		usage();
	opt.to = sources_resolve(arg[0], arg[1]);
}
