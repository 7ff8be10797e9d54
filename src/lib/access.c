// SPDX-License-Identifier: MIT
#include "lib/access.h"

bool access_needs_identity(const struct access *a)
{
	return exchanges[a->exchange]->needs_identity;
}

static int find_exchange(struct access *a, struct complaint *complaint)
{
	const char *name = a->exchange_name;
	char names[EXCHANGE_LIST_BYTES];

	if (name && a->is_secure)
		return complaint_print(complaint, OPTIONS_WRONG,
			"--secure and --exchange cannot be combined");
	if (!name)
		name = a->is_secure ? "noise" : "xor";
	a->exchange = exchange_named(name);
	if (a->exchange < EXCHANGE_COUNT)
		return 0;
	return complaint_print(complaint, OPTIONS_WRONG,
		"option '--exchange': '%s' is not %s", name,
		exchange_list(names));
}

int access_check(struct access *a, struct complaint *complaint)
{
	int error = find_exchange(a, complaint);

	if (error)
		return error;
	if (access_needs_identity(a) && a->allows_plain)
		return complaint_print(complaint, OPTIONS_WRONG,
			"%s%s and --plain cannot be combined",
			a->is_secure ? "--secure" : "--exchange ",
			a->is_secure ? "" : a->exchange_name);
	if (!access_needs_identity(a) &&
		(a->identity_file || a->server_keys.count || a->trusts_new))
		return complaint_print(complaint, OPTIONS_WRONG,
			"--identity, --server-key and --trust-new require "
			"--secure");
	return 0;
}

int access_apply(const struct access *a, struct smx *smx)
{
	int error = 0;

	smx_set_timeout(smx, a->timeout_ms);
	smx_set_trust_new(smx, a->trusts_new);
	smx_set_plain_guard(smx, !a->allows_plain);
	if (a->known_servers)
		error = smx_set_known_servers(smx, a->known_servers);
	for (size_t i = 0; i < a->server_keys.count && !error; i++)
		error = smx_add_server_key(smx, a->server_keys.texts[i]);
	if (access_needs_identity(a) && !error)
		error = smx_set_secure(smx, a->identity_file);
	return error ? error
		     : smx_set_exchange(smx, exchanges[a->exchange]->name);
}
