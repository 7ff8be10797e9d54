// SPDX-License-Identifier: MIT
/*
 * Whose keys: this client's identity, and the servers it knows.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/handle.h"
#include "lib/identity.h"

int smx_set_secure(struct smx *smx, const char *identity_file)
{
	char path[FILES_PATH_BYTES], complaint[FILES_COMPLAINT_BYTES];
	struct noise_identity *identity;
	char known_servers[FILES_PATH_BYTES] = "";

	if (identity_file && !*identity_file)
		return handle_fail(smx, SMX_ERROR_USAGE,
			"An empty name is no file for a key");
	if (!identity_file) {
		if (identity_default("client.key", path))
			return handle_fail(smx, SMX_ERROR_IDENTITY,
				"There is no home for a key; name a file");
		identity_file = path;
	}
	if (!*smx->secure.known_servers && !smx->secure.is_pinned &&
		trust_default(known_servers))
		return handle_fail(smx, SMX_ERROR_IDENTITY,
			"There is no home for known servers; name a file");
	if (identity_obtain(identity_file, &identity, complaint))
		return handle_fail(smx, SMX_ERROR_IDENTITY, "%s", complaint);
	key_pair_free((struct noise_identity *)smx->host.identity);
	smx->host.identity = identity;
	if (!*smx->secure.known_servers)
		memcpy(smx->secure.known_servers, known_servers,
			sizeof(known_servers));
	key_format(identity->public, smx->secure.own_key);
	smx->secure.is_wanted = true;
	return 0;
}

int smx_set_server_key(struct smx *smx, const char *key)
{
	struct secure *s = &smx->secure;
	uint8_t pinned[NOISE_KEY_BYTES];

	if (key && key_parse(key, strlen(key), pinned))
		return handle_fail(smx, SMX_ERROR_USAGE,
			"'%.60s' is no public key, which is 44 characters of "
			"base64",
			key);
	if (key)
		memcpy(s->pinned, pinned, sizeof(pinned));
	s->is_pinned = key != NULL;
	return 0;
}

int smx_set_known_servers(struct smx *smx, const char *file)
{
	char path[FILES_PATH_BYTES];

	if (file ? !*file || strlen(file) >= sizeof(path) : trust_default(path))
		return handle_fail(smx, SMX_ERROR_USAGE,
			"There is no such place for known servers");
	snprintf(smx->secure.known_servers, sizeof(smx->secure.known_servers),
		"%s", file ? file : path);
	return 0;
}

void smx_set_trust_new(struct smx *smx, int trusts_new)
{
	smx->secure.trusts_new = trusts_new;
}

int secure_prepare(struct smx *smx, const char *host, unsigned port)
{
	struct secure *s = &smx->secure;
	char complaint[FILES_COMPLAINT_BYTES];
	int error, found;

	s->was_shown = false;
	s->is_known = s->is_pinned;
	if (s->is_pinned) {
		memcpy(s->expected, s->pinned, sizeof(s->expected));
		return 0;
	}
	if (trust_name(host, port, s->name))
		return handle_give_up(smx, SMX_ERROR_USAGE,
			"The host's name is too long to be remembered");
	/* There is none yet if a key was given and then taken back. */
	error = *s->known_servers ? 0 : smx_set_known_servers(smx, NULL);
	if (error) {
		handle_hang_up(smx);
		return error;
	}
	found = trust_find(
		s->known_servers, s->name, s->expected, &s->line, complaint);
	if (found < 0)
		return handle_give_up(smx, SMX_ERROR_IDENTITY, "%s", complaint);
	s->is_known = found;
	return 0;
}

bool secure_is_expected(
	struct session_host *host, const uint8_t key[static NOISE_KEY_BYTES])
{
	struct secure *s = &((struct smx *)host)->secure;

	memcpy(s->shown, key, sizeof(s->shown));
	key_format(key, s->server_key);
	s->was_shown = true;
	return s->is_known ? key_equal(key, s->expected) : s->trusts_new;
}

int secure_refusal(struct smx *smx)
{
	const struct secure *s = &smx->secure;

	if (s->is_pinned)
		return handle_give_up(smx, SMX_ERROR_CHANGED_SERVER,
			"The server shows the key %s, which is not the one "
			"given; somebody may be in between",
			s->server_key);
	if (s->is_known)
		return handle_give_up(smx, SMX_ERROR_CHANGED_SERVER,
			"The key of %s has changed; somebody may be in "
			"between. Ask its keeper; only if it really has a new "
			"key, delete line %u of %s. Shown now: %s",
			s->name, s->line, s->known_servers, s->server_key);
	return handle_give_up(smx, SMX_ERROR_UNKNOWN_SERVER,
		"%s is not known yet; compare its key, then accept it on a "
		"terminal, or with --server-key or --trust-new: %s",
		s->name, s->server_key);
}

int smx_trust_server(struct smx *smx)
{
	struct secure *s = &smx->secure;
	char complaint[FILES_COMPLAINT_BYTES];
	int error;

	if (!s->was_shown || s->is_known)
		return handle_fail(smx, SMX_ERROR_USAGE,
			"There is no new key to be remembered");
	error = trust_add(s->known_servers, s->name, s->shown, smx->timeout_ms,
		complaint);
	if (error == -EEXIST)
		return handle_fail(
			smx, SMX_ERROR_CHANGED_SERVER, "%s", complaint);
	return error ? handle_fail(smx, SMX_ERROR_IDENTITY, "%s", complaint)
		     : 0;
}

int secure_remember(struct smx *smx)
{
	int error = smx->secure.is_known ? 0 : smx_trust_server(smx);

	if (error)
		handle_hang_up(smx);
	return error;
}

const char *smx_server_key(const struct smx *smx)
{
	return smx->secure.was_shown ? smx->secure.server_key : "";
}

const char *smx_own_key(const struct smx *smx)
{
	return smx->secure.own_key;
}
