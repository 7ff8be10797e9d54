// SPDX-License-Identifier: MIT
#include "client/prompt.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/input.h"

struct prompt {
	struct bystander bystander;
	struct input_lines lines;
};

/* The terminal keeps what has been typed, but does not show it again. */
static void draw_line(void)
{
	fputs("> ", stdout);
	fflush(stdout);
}

/* While a line is being typed: prints above it, and shows the line again. */
static void ready_above(void *context)
{
	struct prompt *p = context;

	putchar('\n');
	fflush(stdout);
	p->bystander.ready(p->bystander.context);
	draw_line();
}

static int bystander_fd(void *context)
{
	struct prompt *p = context;

	return p->bystander.fd(p->bystander.context);
}

struct prompt *prompt_open(const struct bystander *bystander)
{
	struct prompt *p = calloc(1, sizeof(*p));

	if (p)
		p->bystander = *bystander;
	return p;
}

int prompt_read(struct prompt *p, const char **line)
{
	const struct bystander above = {
		.fd = bystander_fd,
		.ready = ready_above,
		.context = p,
	};
	int result;

	draw_line();
	result = input_line(&p->lines, &above, line);
	if (result <= 0) {
		putchar('\n'); /* after a prompt without a line */
		fflush(stdout);
	}
	return result;
}

void prompt_close(struct prompt *p)
{
	free(p);
}
