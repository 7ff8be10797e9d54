// SPDX-License-Identifier: MIT
/*
 * What the main thread can tell a worker, as letters in its mailbox. They are
 * kept in order and never lost: if the mailbox is full, posting waits until the
 * worker has taken some. Knows no thread. Used by the main thread and a worker.
 */
#pragma once

#include "net/address.h"
#include "net/mailbox.h"
#include "server/context.h"

/* 0 or -errno. */
MUST_CHECK int mail_open(struct mailbox *to);

/* Passes it a connection, which then belongs to the worker. */
void mail_deal(struct mailbox *to, int fd, const struct address *peer);

/* Passes it a new list; sessions whose key is not on it are ended. */
void mail_authorize(struct mailbox *to, struct authorized *list);

/* Passes it the identity that was missing at startup. */
void mail_identify(struct mailbox *to, const struct noise_identity *identity);

/* Invalidates its texts of the current second. */
void mail_turn_page(struct mailbox *to);

/*
 * For the worker: carries out the letters that have arrived. False if the
 * mailbox has been closed and all of them have been taken.
 */
bool mail_take(struct mailbox *from, struct context *context);
