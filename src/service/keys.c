// SPDX-License-Identifier: MIT
#include "service/keys.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "service/errands.h"
#include "service/zone.h"

int keys_load(struct server_keys *k, struct settings *settings,
	struct complaint *complaint)
{
	if (settings->authorized_keys) {
		settings->requires_secure = true;
		if (authorized_load_settled(settings->authorized_keys,
			    &k->authorized, complaint))
			return -1;
	}
	/* It is read once: an identity does not move while it is used. */
	if (settings->old_key &&
		identity_load(settings->old_key, &k->older, complaint))
		return -1;
	if (!errands_obtain_key(settings, &k->identity, complaint)) {
		*complaint->text = '\0';
		return 0;
	}
	k->failures++;
	return settings->key || settings->old_key || settings->requires_secure
		       ? -1
		       : 0;
}

/* The list that the helper has read: 1 if it is not complete yet. */
static int fetch_list(struct server_keys *k, const struct settings *settings,
	struct authorized **list, struct complaint *complaint)
{
	struct report report;
	int error = helper_ask(&k->helper, ERRAND_LIST, &report);

	if (!error)
		error = report.error;
	if (!error) {
		char *text = report.bytes;

		report.bytes = NULL;
		error = authorized_parse(text, settings->authorized_keys, list,
			&report.complaint);
	}
	*complaint = report.complaint;
	helper_forget(&report);
	return error;
}

void keys_reread(struct server_keys *k, const struct settings *settings,
	struct acceptor *a)
{
	struct complaint complaint;
	struct authorized *list;
	int error = fetch_list(k, settings, &list, &complaint);

	if (error > 0) {
		a->remind_ns = clock_ns() + FILES_WATCH_MS * 1000000ull;
		return;
	}
	if (error) {
		log_line(a->log, MARK_ERROR, "Keeping the old key list: %s",
			complaint.text);
		return;
	}
	for (size_t i = 0; i < a->worker_count; i++)
		mail_authorize(&a->workers[i]->mailbox, list);
	log_line(a->log, MARK_STATE, "%zu authorized key%s",
		authorized_count(list), authorized_count(list) == 1 ? "" : "s");
	authorized_release(k->authorized);
	k->authorized = list;
}

static int fetch_key(struct server_keys *k, struct complaint *complaint)
{
	struct report report;
	int error = helper_ask(&k->helper, ERRAND_KEY, &report);

	if (!error)
		error = report.error;
	if (!error && report.length == NOISE_KEY_BYTES)
		k->identity = key_identity_new();
	if (k->identity) {
		memcpy(k->identity->secret, report.bytes, NOISE_KEY_BYTES);
		noise_identity_finish(k->identity);
		key_identity_seal(k->identity);
	} else if (!error) {
		error = complaint_print(
			&report.complaint, -ENOMEM, "Out of memory for a key");
	}
	*complaint = report.complaint;
	helper_forget(&report);
	return error;
}

/* Sessions need not be told: without a key none of them is secure. */
static void retry_key(struct server_keys *k, struct acceptor *a)
{
	struct complaint complaint;
	char text[KEY_TEXT_BYTES];

	if (fetch_key(k, &complaint)) {
		k->failures++;
		log_line(a->log, MARK_ERROR,
			"Secure sessions are off, serving xor only: %s; SIGHUP "
			"tries again",
			complaint.text);
		return;
	}
	for (size_t i = 0; i < a->worker_count; i++)
		mail_identify(&a->workers[i]->mailbox, k->identity);
	log_line(a->log, MARK_STATE, "Public key: %s",
		key_format(k->identity->public, text));
}

/* As it was, if the helper cannot say. */
static void reread_zone(struct server_keys *k, struct acceptor *a)
{
	struct report report;

	if (helper_ask(&k->helper, ERRAND_ZONE, &report) || report.error)
		log_line(a->log, MARK_ERROR, "Keeping the old time zone: %s",
			report.complaint.text);
	else if (report.length == sizeof(struct zone) &&
		 zone_use((const struct zone *)report.bytes))
		for (size_t i = 0; i < a->worker_count; i++)
			mail_turn_page(&a->workers[i]->mailbox);
	helper_forget(&report);
}

static void give_list_longer(struct server_keys *k)
{
	struct report report;
	int error = helper_ask(&k->helper, ERRAND_LIST_LONGER, &report);

	(void)error; /* the next reading will say so */
	helper_forget(&report);
}

void keys_reload(struct server_keys *k, const struct settings *settings,
	struct acceptor *a)
{
	reread_zone(k, a);
	if (!k->identity)
		retry_key(k, a);
	if (!settings->authorized_keys)
		log_line(a->log, MARK_NOTICE,
			"Time zone reread; no --authorized-keys was given");
	else if (a->remind_ns)
		/* A list that is being watched will soon be read anyway. */
		give_list_longer(k);
	else
		keys_reread(k, settings, a);
}

void keys_report(const struct server_keys *k, struct log *log)
{
	if (!k->identity)
		log_line(log, MARK_STATE,
			"Secure sessions are off: the key could not be loaded "
			"(%lu attempts)",
			k->failures);
}

void keys_free(struct server_keys *k)
{
	authorized_release(k->authorized);
	key_identity_free(k->identity);
	key_identity_free(k->older);
	helper_stop(&k->helper);
}
