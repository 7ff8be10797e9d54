// SPDX-License-Identifier: MIT
#include "bench/contact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "lib/expected.h"
#include "lib/identity.h"
#include "net/socket.h"

enum { OWN_DESCRIPTORS = 16 };

static int probe(struct contact *c, struct plan *plan, struct smx *smx,
	const char *host, const char *port, struct complaint *complaint)
{
	char text[SMX_TEXT_BYTES];
	int error = access_apply(&c->access, smx);

	if (!error)
		error = smx_connect(smx, host, port);
	/* Only a reply shows that the server has authorized this client. */
	if (access_needs_identity(&c->access) && !error)
		error = smx_request(smx, SMX_DATE);
	if (access_needs_identity(&c->access) && !error)
		error = smx_reply(smx, text);
	if (error) {
		c->alarm = strdup(smx_alarm(smx));
		return complaint_print(
			complaint, status_of(error), "%s", smx_message(smx));
	}
	smx_remote(smx, c->server);
	plan->asks_older = *smx_newer_key(smx);
	c->is_known = smx_is_known(smx);
	expected_keys(smx, &plan->expected);
	smx_disconnect(smx);
	return STATUS_SUCCESS;
}

/* Loads the client's key file again, for the sessions of the run. */
static int load_key_pair(
	const struct contact *c, struct plan *plan, struct complaint *complaint)
{
	char path[PATHS_BYTES];
	const char *file = c->access.identity_file;
	struct noise_identity *identity;

	if (!file && identity_default("client.key", path))
		return complaint_print(complaint, STATUS_REFUSED,
			"No home directory for the key file; use --identity "
			"FILE");
	if (identity_load(file ? file : path, &identity, complaint))
		return STATUS_REFUSED;
	plan->identity = identity;
	return STATUS_SUCCESS;
}

static int resolve(const char *host, const char *port, struct addrinfo **found,
	struct complaint *complaint)
{
	int error = socket_resolve(host, port, AI_NUMERICHOST, found);

	if (!error)
		return STATUS_SUCCESS;
	if (error == EAI_MEMORY || error == EAI_SYSTEM)
		return complaint_print(complaint, STATUS_NO_CONNECTION,
			"Cannot read the address '%s': %s", host,
			strerror(error == EAI_MEMORY ? ENOMEM : errno));
	return complaint_print(complaint, STATUS_WRONG_USAGE,
		"'%s' is not an IPv4 or IPv6 address: %s", host,
		gai_strerror(error));
}

/* "[::1]:1337": the address that answered, and no other, is measured. */
static int find_server(
	const struct contact *c, struct plan *plan, struct complaint *complaint)
{
	char host[SMX_ADDRESS_BYTES];
	const char *port = strrchr(c->server, ':');
	int brackets = *c->server == '[';

	snprintf(host, sizeof(host), "%.*s",
		(int)(port - c->server) - 2 * brackets, c->server + brackets);
	return resolve(host, port + 1, &plan->to, complaint);
}

static int add_source(
	struct plan *plan, const char *address, struct complaint *complaint)
{
	struct addrinfo **from = &plan->from[plan->from_count];
	int status;
	int error;

	if (plan->from_count == PLAN_SOURCES_MAX)
		return complaint_print(complaint, STATUS_WRONG_USAGE,
			"--source takes at most %d addresses",
			PLAN_SOURCES_MAX);
	status = resolve(address, NULL, from, complaint);
	if (status)
		return status;
	plan->from_count++;
	if ((*from)->ai_family != plan->to->ai_family)
		return complaint_print(complaint, STATUS_WRONG_USAGE,
			"Source '%s' and the server are different address "
			"families",
			address);
	/* Better now than as an error of every connection. */
	error = socket_try_source(*from);
	if (error)
		return complaint_print(complaint, STATUS_WRONG_USAGE,
			"Cannot connect from '%s': %s", address,
			strerror(-error));
	return STATUS_SUCCESS;
}

static int find_sources(
	const struct contact *c, struct plan *plan, struct complaint *complaint)
{
	char *list = strdup(c->sources ? c->sources : ""), *rest = list, *one;
	int status = STATUS_SUCCESS;

	if (!list)
		return complaint_print(
			complaint, STATUS_NO_CONNECTION, "Out of memory");
	while (c->sources && !status && (one = strsep(&rest, ",")))
		status = add_source(plan, one, complaint);
	free(list);
	return status;
}

static int raise_limit(const struct plan *plan, struct complaint *complaint)
{
	uint64_t wanted = (uint64_t)(plan->connections + OWN_DESCRIPTORS +
				     2 * plan->threads);
	uint64_t granted = os_raise_descriptors(wanted);

	if (granted >= wanted)
		return STATUS_SUCCESS;
	return complaint_print(complaint, STATUS_NO_CONNECTION,
		"The limit of %llu open files is too low for %ld connections; "
		"raise it with ulimit -n",
		(unsigned long long)granted, plan->connections);
}

int contact_make(struct contact *c, struct plan *plan, const char *host,
	const char *port, struct complaint *complaint)
{
	struct smx *smx = smx_new();
	int status;

	if (!smx)
		return complaint_print(complaint, STATUS_NO_CONNECTION,
			"Out of memory, or no system random source");
	status = probe(c, plan, smx, host, port, complaint);
	smx_free(smx);
	if (!status)
		status = find_server(c, plan, complaint);
	if (!status)
		status = find_sources(c, plan, complaint);
	if (!status && access_needs_identity(&c->access))
		status = load_key_pair(c, plan, complaint);
	return status ? status : raise_limit(plan, complaint);
}

void contact_end(struct contact *c, struct plan *plan)
{
	free(c->alarm);
	for (size_t i = 0; i < plan->from_count; i++)
		freeaddrinfo(plan->from[i]);
	if (plan->to)
		freeaddrinfo(plan->to);
	key_identity_free((struct noise_identity *)plan->identity);
}
