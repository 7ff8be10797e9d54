// SPDX-License-Identifier: MIT
#include "server/mail.h"

#include "server/lifetime.h"

enum {
	LETTERS = 64,        /* read in one go */
	MAILBOX_ROOM = 1024, /* when full, the main thread waits */
};

/* A letter in a worker's mailbox. */
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

static void use_list(struct context *context, struct authorized *list)
{
	authorized_release(context->authorized);
	context->authorized = list;
	lifetime_each(context, connection_recheck);
}

static void open_letter(struct context *context, const struct letter *letter)
{
	switch (letter->kind) {
	case LETTER_DEAL:
		lifetime_begin(context, letter->fd, &letter->peer);
		break;
	case LETTER_AUTHORIZE:
		use_list(context, letter->list);
		break;
	case LETTER_IDENTIFY:
		context->host.identity = letter->identity;
		break;
	case LETTER_TURN_PAGE:
		answer_forget(&context->answers);
		break;
	}
}

bool mail_take(struct mailbox *from, struct context *context)
{
	struct letter letters[LETTERS];
	int n = mailbox_take(from, letters, LETTERS);

	for (int i = 0; i < n; i++)
		open_letter(context, &letters[i]);
	return n >= 0;
}

int mail_open(struct mailbox *to)
{
	return mailbox_open(to, sizeof(struct letter), MAILBOX_ROOM);
}

void mail_deal(struct mailbox *to, int fd, const struct address *peer)
{
	mailbox_post(
		to, &(struct letter){
			    .kind = LETTER_DEAL, .fd = fd, .peer = *peer });
}

void mail_authorize(struct mailbox *to, struct authorized *list)
{
	mailbox_post(to, &(struct letter){ .kind = LETTER_AUTHORIZE,
				 .list = authorized_share(list) });
}

void mail_identify(struct mailbox *to, const struct noise_identity *identity)
{
	mailbox_post(to, &(struct letter){ .kind = LETTER_IDENTIFY,
				 .identity = identity });
}

void mail_turn_page(struct mailbox *to)
{
	mailbox_post(to, &(struct letter){ .kind = LETTER_TURN_PAGE });
}
