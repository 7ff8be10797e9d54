// SPDX-License-Identifier: MIT
#include "server/mail.h"

#include "server/lifetime.h"

enum {
	LETTERS = 64,        /* read in one go */
	MAILBOX_ROOM = 1024, /* then the main thread waits for the worker */
};

/* What is put into a worker's mailbox. */
struct letter {
	enum {
		LETTER_DEAL,
		LETTER_AUTHORIZE,
		LETTER_IDENTIFY,
		LETTER_TURN_PAGE,
	} kind;
	int fd;
	struct address peer;
	struct authorized *list;
	const struct noise_identity *identity;
};

static void open_letter(struct worker *w, const struct letter *letter)
{
	switch (letter->kind) {
	case LETTER_DEAL:
		lifetime_begin(&w->context, letter->fd, &letter->peer);
		break;
	case LETTER_AUTHORIZE:
		worker_use_list(w, letter->list);
		break;
	case LETTER_IDENTIFY:
		w->context.host.identity = letter->identity;
		break;
	case LETTER_TURN_PAGE:
		answer_forget(&w->context.answers);
		break;
	}
}

void mail_read(struct worker *w)
{
	struct letter letters[LETTERS];
	int n = mailbox_take(&w->mailbox, letters, LETTERS);

	w->has_mail = false;
	for (int i = 0; i < n; i++)
		open_letter(w, &letters[i]);
	if (n < 0 && !w->stopping)
		worker_begin_stop(w);
}

int mail_open(struct worker *w)
{
	int error =
		mailbox_open(&w->mailbox, sizeof(struct letter), MAILBOX_ROOM);

	if (error)
		return error;
	w->mail.fd = w->mailbox.waker.fd;
	return loop_add(w->context.loop, &w->mail, LOOP_READ);
}

void worker_deal(struct worker *w, int fd, const struct address *peer)
{
	mailbox_post(&w->mailbox,
		&(struct letter){
			.kind = LETTER_DEAL, .fd = fd, .peer = *peer });
}

void worker_authorize(struct worker *w, struct authorized *list)
{
	mailbox_post(&w->mailbox, &(struct letter){ .kind = LETTER_AUTHORIZE,
					  .list = authorized_share(list) });
}

void worker_identify(struct worker *w, const struct noise_identity *identity)
{
	mailbox_post(&w->mailbox, &(struct letter){ .kind = LETTER_IDENTIFY,
					  .identity = identity });
}

void worker_turn_page(struct worker *w)
{
	mailbox_post(&w->mailbox, &(struct letter){ .kind = LETTER_TURN_PAGE });
}

void worker_stop(struct worker *w)
{
	mailbox_close(&w->mailbox);
}
