// SPDX-License-Identifier: MIT
#include "service/errands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "lib/files.h"
#include "service/zone.h"

/* The helper's own. */
struct desk {
	const struct settings *settings;
	struct files_watch watch;
};

int errands_obtain_key(const struct settings *settings,
	struct noise_identity **identity, struct complaint *complaint)
{
	char path[PATHS_BYTES];
	const char *file = settings->key;

	if (!file) {
		int error = identity_default("server.key", path);

		file = path;
		if (error)
			return complaint_print(complaint, error,
				"No home directory for the key file; use "
				"--key FILE");
	}
	return identity_obtain(file, identity, complaint);
}

static void bring(struct report *report, const void *bytes, size_t n)
{
	report->bytes = malloc(n);
	report->length = n;
	if (report->bytes)
		memcpy(report->bytes, bytes, n);
	else
		report->error = complaint_print(
			&report->complaint, -ENOMEM, "Out of memory");
}

static void fetch_list(void *context, struct report *report)
{
	struct desk *desk = context;

	report->error = files_read_watched(&desk->watch,
		desk->settings->authorized_keys, FILES_GUARDED, &report->bytes,
		&report->complaint);
	if (report->error > 0)
		return;
	desk->watch = (struct files_watch){ 0 };
	report->length = report->error ? 0 : strlen(report->bytes);
}

static void give_list_longer(void *context, struct report *report)
{
	struct desk *desk = context;

	(void)report;
	files_watch_longer(&desk->watch);
}

static void fetch_key(void *context, struct report *report)
{
	struct desk *desk = context;
	struct noise_identity *identity = NULL;

	report->error = errands_obtain_key(
		desk->settings, &identity, &report->complaint);
	if (!identity)
		return;
	bring(report, identity->secret, sizeof(identity->secret));
	key_identity_free(identity);
}

static void fetch_zone(void *context, struct report *report)
{
	static struct zone zone;

	(void)context;
	calendar_reload();
	zone_survey(&zone);
	bring(report, &zone, sizeof(zone));
}

static helper_errand *const errands[ERRANDS] = {
	[ERRAND_LIST] = fetch_list,
	[ERRAND_LIST_LONGER] = give_list_longer,
	[ERRAND_KEY] = fetch_key,
	[ERRAND_ZONE] = fetch_zone,
};

int errands_start(struct helper *h, const struct settings *settings)
{
	static struct desk desk;

	desk.settings = settings;
	return helper_start(h, errands, ERRANDS, &desk);
}
