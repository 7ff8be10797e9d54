// SPDX-License-Identifier: MIT
#include "client/prompt.h"

#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/os_signals.h"
#include "client/input.h"

struct prompt {
	struct bystander bystander;
	EditLine *editor;
	History *history;
	char line[INPUT_LINE_BYTES + 1];
	struct waker waker; /* called by the signal handlers */
	char kept;          /* a byte read too early */
	bool has_kept;
	int error; /* of the input: -errno, or 0 */
};

static void draw_line(struct prompt *p)
{
	el_set(p->editor, EL_REFRESH);
}

/* While a line is being typed: prints above it, and shows the line again. */
static void ready_above(void *context)
{
	struct prompt *p = context;

	putchar('\n');
	fflush(stdout);
	p->bystander.ready(p->bystander.context);
	draw_line(p);
}

static int bystander_fd(void *context)
{
	struct prompt *p = context;

	return p->bystander.fd(p->bystander.context);
}

static char *prompt_text(EditLine *editor)
{
	static char text[] = "> ";

	(void)editor;
	return text;
}

static const int noticed[] = { SIGCONT, SIGWINCH };
static volatile sig_atomic_t has_come[NSIG];
static const struct waker *called_by;

static void notice_signal(int number)
{
	has_come[number] = 1;
	waker_wake(called_by);
}

/* Cleared before acting: one that arrives in between is kept. */
static bool take_signal(int number)
{
	bool result = has_come[number];

	has_come[number] = 0;
	return result;
}

/*
 * Another program that used the terminal may have changed its modes; libedit
 * checks them only if it believes it has restored its own. The line is drawn
 * over any remains of it.
 */
static void draw_again(void *context)
{
	struct prompt *p = context;

	bool was_continued, was_resized;

	waker_clear(&p->waker);
	was_continued = take_signal(SIGCONT);
	was_resized = take_signal(SIGWINCH);
	if (was_continued) {
		el_set(p->editor, EL_PREP_TERM, 0);
		el_set(p->editor, EL_PREP_TERM, 1);
	}
	if (was_resized)
		el_resize(p->editor);
	if (was_continued || was_resized) {
		putchar('\r');
		fflush(stdout);
		draw_line(p);
	}
}

/* Signals are acted upon only while waiting for a line. */
static int notice_signals(struct prompt *p)
{
	int error = waker_open(&p->waker);

	if (error)
		return error;
	called_by = &p->waker;
	for (size_t i = 0; i < COUNT_OF(noticed); i++)
		os_signals_catch(noticed[i], notice_signal);
	return 0;
}

static void ignore_signals(struct prompt *p)
{
	for (size_t i = 0; i < COUNT_OF(noticed); i++)
		os_signals_reset(noticed[i]);
	called_by = NULL;
	waker_close(&p->waker);
}

/* Reads one byte, like input_read(). */
static ssize_t get_byte(struct prompt *p, char *byte)
{
	const struct bystander above = {
		.fd = bystander_fd,
		.ready = ready_above,
		.waker = &p->waker,
		.woken = draw_again,
		.context = p,
	};

	if (!p->has_kept)
		return input_read(&above, byte, 1);
	p->has_kept = false;
	*byte = p->kept;
	return 1;
}

/*
 * Reads one character from its bytes: 1, 0 at the end, -1 on failure. A byte
 * that shows that those before it are not a character begins the next one.
 */
static int get_character(EditLine *editor, wchar_t *character)
{
	struct prompt *p = NULL;
	mbstate_t state = { 0 };
	size_t length = (size_t)-2;
	char byte;

	el_get(editor, EL_CLIENTDATA, &p);
	while (length == (size_t)-2) {
		bool is_first = mbsinit(&state);
		ssize_t n = get_byte(p, &byte);

		if (n < 0)
			p->error = (int)n;
		if (n <= 0)
			return n ? -1 : 0;
		length = mbrtowc(character, &byte, 1, &state);
		p->has_kept = length == (size_t)-1 && !is_first;
		p->kept = byte;
	}
	if (length == (size_t)-1 || *character == L'\0')
		*character = INPUT_STRAY;
	return 1;
}

static bool editor_open(struct prompt *p)
{
	HistEvent event;

	p->editor = el_init("smx-client", stdin, stdout, stderr);
	p->history = history_init();
	if (!p->editor || !p->history)
		return false;
	history(p->history, &event, H_SETSIZE, 100);
	history(p->history, &event, H_SETUNIQUE, 1);
	el_set(p->editor, EL_CLIENTDATA, p);
	el_set(p->editor, EL_PROMPT, prompt_text);
	el_set(p->editor, EL_EDITOR, "emacs");
	el_set(p->editor, EL_HIST, history, p->history);
	el_set(p->editor, EL_GETCFN, get_character);
	el_source(p->editor, NULL); /* the user's ~/.editrc */
	return true;
}

struct prompt *prompt_open(const struct bystander *bystander)
{
	struct prompt *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->bystander = *bystander;
	if (!editor_open(p) || notice_signals(p)) {
		prompt_close(p);
		return NULL;
	}
	return p;
}

int prompt_read(struct prompt *p, const char **line)
{
	HistEvent event;
	int n = 0;
	const char *text;

	p->error = 0;
	text = el_gets(p->editor, &n);
	if (!text || n <= 0 || p->error) {
		putchar('\n'); /* after a prompt without a line */
		fflush(stdout);
		return p->error;
	}
	snprintf(p->line, sizeof(p->line), "%.*s", (int)strcspn(text, "\n"),
		text);
	if (*p->line)
		history(p->history, &event, H_ENTER, p->line);
	*line = p->line;
	return 1;
}

void prompt_close(struct prompt *p)
{
	if (!p)
		return;
	if (p->editor)
		el_end(p->editor);
	if (p->history)
		history_end(p->history);
	if (called_by)
		ignore_signals(p);
	free(p);
}
