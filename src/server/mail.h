// SPDX-License-Identifier: MIT
/*
 * What the main thread can tell a worker, as letters in its mailbox. They are
 * kept in order and never lost: with the mailbox full, posting waits until the
 * worker has taken some. Knows no thread. Used by the main thread and a worker.
 */
#pragma once

#include "net/address.h"
#include "net/mailbox.h"
#include "server/context.h"

/* 0 or -errno. */
MUST_CHECK int mail_open(struct mailbox *to);

/* Hands it a connection, which from now on is the worker's. */
void mail_deal(struct mailbox *to, int fd, const struct address *peer);

/* Gives it a new list; sessions whose key is not on it are ended. */
void mail_authorize(struct mailbox *to, struct authorized *list);

/* Gives it the identity that it did not have at its start. */
void mail_identify(struct mailbox *to, const struct noise_identity *identity);

/* Its texts of the current second are no longer right. */
void mail_turn_page(struct mailbox *to);

/*
 * The worker's end: does what the letters say that are there. False when the
 * mailbox has been closed and all of them have been taken.
 */
bool mail_take(struct mailbox *from, struct context *context);
