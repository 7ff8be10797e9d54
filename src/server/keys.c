// SPDX-License-Identifier: MIT
#include "server/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* The key, created at the first start if no file was given. */
static int obtain(struct server_keys *k, const struct settings *settings,
	struct complaint *complaint)
{
	char path[PATHS_BYTES];
	const char *file = settings->key;
	int error = 0;

	if (!file) {
		error = identity_default("server.key", path);
		file = path;
		if (error)
			complaint_print(complaint, error,
				"No home directory for the key file; use "
				"--key FILE");
	}
	if (!error)
		error = identity_obtain(file, &k->identity, complaint);
	if (error)
		k->failures++;
	return error;
}

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
	if (!obtain(k, settings, complaint)) {
		*complaint->text = '\0';
		return 0;
	}
	return settings->key || settings->old_key || settings->requires_secure
		       ? -1
		       : 0;
}

void keys_reread(struct server_keys *k, const struct settings *settings,
	struct acceptor *a)
{
	struct complaint complaint;
	struct authorized *list;
	int error = authorized_watch(
		&k->watch, settings->authorized_keys, &list, &complaint);

	if (error > 0) {
		a->remind_ns = clock_ns() + FILES_WATCH_MS * 1000000ull;
		return;
	}
	k->watch = (struct files_watch){ 0 };
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

/* Sessions need not be told: without a key none of them is secure. */
static void retry_key(struct server_keys *k, const struct settings *settings,
	struct acceptor *a)
{
	struct complaint complaint;
	char text[KEY_TEXT_BYTES];

	if (obtain(k, settings, &complaint)) {
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

void keys_reload(struct server_keys *k, const struct settings *settings,
	struct acceptor *a)
{
	if (!k->identity)
		retry_key(k, settings, a);
	/* A list that is being watched will soon be read anyway. */
	files_watch_longer(&k->watch);
	if (settings->authorized_keys && !a->remind_ns)
		keys_reread(k, settings, a);
	else if (!settings->authorized_keys)
		log_line(a->log, MARK_NOTICE,
			"Time zone reread; no --authorized-keys was given");
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
}
