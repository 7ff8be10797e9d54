// SPDX-License-Identifier: MIT
/*
 * What the helper is sent for, a row each: the files that a running server
 * reads again, and the key that it may have to make. Used by the program's main
 * thread.
 */
#pragma once

#include "lib/identity.h"
#include "server/settings.h"
#include "service/helper.h"

enum errand {
	/*
	 * The text of the list of authorized keys. error 1: it is still being
	 * written, ask again in FILES_WATCH_MS.
	 */
	ERRAND_LIST,
	ERRAND_LIST_LONGER, /* gives a list that is being written more time */
	ERRAND_KEY,         /* the default key, made if there is none */
	ERRAND_ZONE,        /* the time zone, as a struct zone */
	ERRANDS,
};

/* 0 or -errno. */
MUST_CHECK int errands_start(struct helper *h, const struct settings *settings);

/*
 * The identity in the key file, or in the default one, which is made at the
 * first start: as the helper does it, but here.
 */
MUST_CHECK int errands_obtain_key(const struct settings *settings,
	struct noise_identity **identity, struct complaint *complaint);
