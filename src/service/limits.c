// SPDX-License-Identifier: MIT
#include "service/limits.h"

#include <stdint.h>

#include "base/os.h"
#include "server/admission.h"
#include "server/worker.h"

enum {
	OWN_DESCRIPTORS = 16, /* without the workers', with some to spare */
	PLACES_LEAST = 16,    /* of a worker, or there are fewer workers */
};

static long possible; /* connections, as far as descriptors go */

void limits_settle(struct settings *settings)
{
	long own = OWN_DESCRIPTORS + WORKER_DESCRIPTORS * settings->threads;
	uint64_t granted = os_raise_descriptors(UINT64_MAX);
	long most = granted < CONNECTIONS_MAX ? (long)granted - own
					      : CONNECTIONS_MAX;

	possible = most > 3 ? most : 3;
	if (!settings->max_connections)
		settings->max_connections =
			2 * possible -
			(long)admission_most((unsigned long)possible);
	/* When full, each worker has several, of which some can give way. */
	most = 1 + (settings->max_connections - 1) / PLACES_LEAST;
	if (settings->threads > most)
		settings->threads = most;
}

long limits_connections(const struct settings *settings)
{
	return (long)admission_most((unsigned long)settings->max_connections);
}

void limits_warn(const struct settings *settings, struct log *log)
{
	if (limits_connections(settings) <= possible)
		return;
	log_line(log, MARK_ERROR,
		"--max-connections %ld needs a descriptor limit of %ld "
		"(ulimit -n); beyond %ld, connections will wait",
		settings->max_connections,
		limits_connections(settings) + OWN_DESCRIPTORS +
			WORKER_DESCRIPTORS * settings->threads,
		possible);
}
