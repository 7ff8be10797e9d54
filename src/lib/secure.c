// SPDX-License-Identifier: MIT
#include "lib/secure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alarm.h"
#include "lib/expected.h"
#include "lib/identity.h"
#include "net/endpoint.h"

static int load_identity(struct smx *smx, const char *identity_file)
{
	char path[PATHS_BYTES];
	struct noise_identity *identity;

	if (identity_file && !*identity_file)
		return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			"The key file name is empty");
	if (!identity_file) {
		if (identity_default("client.key", path))
			return complaint_print(&smx->complaint,
				SMX_ERROR_IDENTITY,
				"No home directory for the key file; use "
				"--identity FILE");
		identity_file = path;
	}
	if (identity_obtain(identity_file, &identity, &smx->complaint))
		return SMX_ERROR_IDENTITY;
	key_identity_free((struct noise_identity *)smx->host.identity);
	smx->host.identity = identity;
	key_format(identity->public, smx->secure.own_key);
	return 0;
}

int smx_set_secure(struct smx *smx, const char *identity_file)
{
	int error = load_identity(smx, identity_file);

	return error ? error : smx_set_exchange(smx, "noise");
}

int smx_set_exchange(struct smx *smx, const char *name)
{
	enum exchange_id wanted = exchange_named(name ? name : "xor");
	char names[EXCHANGE_LIST_BYTES];
	int error = 0;

	if (wanted == EXCHANGE_COUNT)
		return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			"Unknown exchange '%s'; expected %s", name,
			exchange_list(names));
	if (exchanges[wanted]->needs_identity && !smx->host.identity)
		error = load_identity(smx, NULL);
	if (!error)
		smx->wanted = wanted;
	return error;
}

int smx_add_server_key(struct smx *smx, const char *key)
{
	struct trust_keys *pinned = &smx->secure.pinned;
	uint8_t bytes[NOISE_KEY_BYTES];

	if (key_parse(key, strlen(key), bytes))
		return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			"'%s' is not a public key; expected 44 base64 "
			"characters",
			key);
	if (trust_has(pinned, bytes))
		return 0;
	if (pinned->count == TRUST_KEYS_MAX)
		return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			"A server can have at most %d keys", TRUST_KEYS_MAX);
	memcpy(pinned->keys[pinned->count++].key, bytes, sizeof(bytes));
	return 0;
}

int smx_set_server_key(struct smx *smx, const char *key)
{
	struct trust_keys before = smx->secure.pinned;
	int error;

	smx->secure.pinned.count = 0;
	error = key ? smx_add_server_key(smx, key) : 0;
	if (error)
		smx->secure.pinned = before;
	return error;
}

int smx_set_known_servers(struct smx *smx, const char *file)
{
	char path[PATHS_BYTES];

	if (file ? !*file || strlen(file) >= sizeof(path) : trust_default(path))
		return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			file ? "Invalid path for known_servers"
			     : "No home directory for known_servers");
	snprintf(smx->secure.known_servers, sizeof(smx->secure.known_servers),
		"%s", file ? file : path);
	return 0;
}

void smx_set_trust_new(struct smx *smx, int trusts_new)
{
	smx->secure.trusts_new = trusts_new;
}

void smx_set_plain_guard(struct smx *smx, int guards_plain)
{
	smx->secure.guards_plain = guards_plain;
}

void secure_begin(struct smx *smx)
{
	free(smx->secure.alarm);
	smx->secure.alarm = NULL;
	smx->secure.newer_key[0] = '\0';
	smx->secure.expected.count = 0;
}

/*
 * Looks host up in the files: 0, or -errno and a complaint. A user without a
 * home has only the machine's file. A server known from one file need not be
 * looked up in the other, so a file that cannot be read counts only if no key
 * was found.
 */
static int look_up(struct smx *smx, const char *host)
{
	struct secure *s = &smx->secure;
	struct complaint *complaint = &smx->complaint;
	char bare[ENDPOINT_HOST_BYTES];
	struct complaint second;
	int error = endpoint_parse_host(host, bare, &second)
			    ? -EINVAL
			    : trust_name(bare, smx->remote.port, s->name);
	int later;

	if (error)
		return complaint_print(complaint, error,
			"The host name is too long for known_servers");
	snprintf(s->host, sizeof(s->host), "%.*s", (int)sizeof(s->host) - 1,
		bare);
	s->port = smx->remote.port;
	if (!*s->known_servers && trust_default(s->known_servers))
		*s->known_servers = '\0';
	if (*s->known_servers)
		error = trust_find(
			s->known_servers, s->name, &s->expected, complaint);
	if (error == -E2BIG)
		return error;
	later = trust_find(trust_system_file, s->name, &s->expected, &second);
	if (later == -E2BIG || (later && !error && !s->expected.count))
		return complaint_print(complaint, later, "%s", second.text);
	return s->expected.count ? 0 : error;
}

int secure_prepare(struct smx *smx, const char *host)
{
	struct secure *s = &smx->secure;
	int error;

	s->was_shown = false;
	if (s->pinned.count) {
		s->expected = s->pinned;
		return 0;
	}
	error = look_up(smx, host);
	if (!error)
		return 0;
	handle_hang_up(smx);
	return error == -ENAMETOOLONG ? SMX_ERROR_USAGE : SMX_ERROR_IDENTITY;
}

/* From a file that cannot be read, no server is known. */
int secure_guard(struct smx *smx, const char *host)
{
	const struct trust_keys *known = &smx->secure.expected;

	smx->secure.was_shown = false;
	if (!smx->secure.guards_plain)
		return 0;
	(void)!look_up(smx, host);
	if (!known->count || address_is_loopback(&smx->remote))
		return 0;
	return handle_give_up(smx, SMX_ERROR_KNOWN_SERVER,
		"The key of %s is known (%s, line %u), but this session would "
		"be plain; use --secure, or allow it with --plain",
		smx->secure.name, known->keys[0].path, known->keys[0].line);
}

bool secure_is_expected(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	struct secure *s = &((struct smx *)host)->secure;

	(void)session;
	memcpy(s->shown, key, sizeof(s->shown));
	key_format(key, s->server_key);
	s->was_shown = true;
	return s->expected.count ? trust_has(&s->expected, key) : s->trusts_new;
}

int secure_refusal(struct smx *smx)
{
	struct secure *s = &smx->secure;
	const struct trust_key *first = &s->expected.keys[0];

	if (s->expected.count)
		s->alarm = alarm_text(s);
	if (s->pinned.count)
		return handle_give_up(smx, SMX_ERROR_CHANGED_SERVER,
			"The server presented key %s, not the key given; the "
			"connection may be intercepted",
			s->server_key);
	if (s->expected.count)
		return handle_give_up(smx, SMX_ERROR_CHANGED_SERVER,
			"The key of %s has CHANGED; the connection may be "
			"intercepted. Key presented: %s. Ask the server's "
			"operator. If the key was really replaced, remove line "
			"%u of %s with smx-keygen --forget",
			s->name, s->server_key, first->line, first->path);
	return handle_give_up(smx, SMX_ERROR_UNKNOWN_SERVER,
		"%s is a new server. Verify its key, then accept it on a "
		"terminal, or with --server-key or --trust-new: %s",
		s->name, s->server_key);
}

int smx_trust_server(struct smx *smx)
{
	struct secure *s = &smx->secure;
	int error;

	if (!s->was_shown || s->expected.count)
		return complaint_print(&smx->complaint, SMX_ERROR_USAGE,
			"There is no new key to remember");
	if (!*s->known_servers)
		return complaint_print(&smx->complaint, SMX_ERROR_IDENTITY,
			"No home directory for known_servers; use "
			"--known-servers FILE");
	error = trust_add(s->known_servers, s->name, s->shown, smx->timeout_ms,
		&smx->complaint);
	return error == -EEXIST ? SMX_ERROR_CHANGED_SERVER
	       : error          ? SMX_ERROR_IDENTITY
				: 0;
}

int secure_remember(struct smx *smx)
{
	int error = smx->secure.expected.count ? 0 : smx_trust_server(smx);

	if (error)
		handle_hang_up(smx);
	return error;
}

void expected_keys(const struct smx *smx, struct trust_keys *keys)
{
	const struct secure *s = &smx->secure;

	*keys = s->expected;
	/* A new server that was accepted: its key is known now. */
	if (!keys->count && s->was_shown)
		memcpy(keys->keys[keys->count++].key, s->shown,
			sizeof(s->shown));
}

const char *smx_server_key(const struct smx *smx)
{
	return smx->secure.was_shown ? smx->secure.server_key : "";
}

const char *smx_own_key(const struct smx *smx)
{
	return smx->secure.own_key;
}

const char *smx_newer_key(const struct smx *smx)
{
	return smx->secure.newer_key;
}

int smx_is_known(const struct smx *smx)
{
	return smx->secure.expected.count > 0;
}

const char *smx_alarm(const struct smx *smx)
{
	return smx->secure.alarm ? smx->secure.alarm : "";
}
