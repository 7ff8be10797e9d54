// SPDX-License-Identifier: MIT
#include "server/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "server/connection.h"

enum { LETTERS = 64 }; /* read in one go */

/* What is put into a worker's mailbox. A pipe keeps them whole and in order. */
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

_Static_assert(sizeof(struct letter) <= _POSIX_PIPE_BUF, "written whole");

static void open_letter(struct worker *w, const struct letter *letter)
{
	switch (letter->kind) {
	case LETTER_DEAL:
		connection_open(w, letter->fd, &letter->peer);
		break;
	case LETTER_AUTHORIZE:
		worker_use_list(w, letter->list);
		break;
	case LETTER_IDENTIFY:
		w->host.identity = letter->identity;
		break;
	case LETTER_TURN_PAGE:
		answer_forget(&w->answers);
		break;
	}
}

void mail_read(struct worker *w)
{
	struct letter letters[LETTERS];
	ssize_t n = read(w->mail.fd, letters, sizeof(letters));

	w->has_mail = false;
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(letters[0]); i++)
		open_letter(w, &letters[i]);
	if (n == 0) {
		loop_remove(w->loop, &w->mail);
		close(w->mail.fd);
		w->mail.fd = -1;
		worker_begin_stop(w);
	}
}

int mail_open(struct worker *w)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	w->mail.fd = ends[0];
	w->mail_slot = ends[1];
	/* Writing may wait, for a worker always comes back to its mail. */
	if (fcntl(w->mail.fd, F_SETFL, O_NONBLOCK))
		return -errno;
	return loop_add(w->loop, &w->mail, LOOP_READ);
}

static int post(struct worker *w, const struct letter *letter)
{
	while (write(w->mail_slot, letter, sizeof(*letter)) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int worker_deal(struct worker *w, int fd, const struct address *peer)
{
	return post(w, &(struct letter){
			       .kind = LETTER_DEAL, .fd = fd, .peer = *peer });
}

int worker_authorize(struct worker *w, struct authorized *list)
{
	int error = post(w, &(struct letter){ .kind = LETTER_AUTHORIZE,
				    .list = authorized_share(list) });

	if (error)
		authorized_release(list);
	return error;
}

int worker_identify(struct worker *w, const struct noise_identity *identity)
{
	return post(w, &(struct letter){
			       .kind = LETTER_IDENTIFY, .identity = identity });
}

int worker_turn_page(struct worker *w)
{
	return post(w, &(struct letter){ .kind = LETTER_TURN_PAGE });
}

void worker_stop(struct worker *w)
{
	close(w->mail_slot);
	w->mail_slot = -1;
}
