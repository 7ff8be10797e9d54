// SPDX-License-Identifier: MIT
/*
 * The options on how to reach a server: which exchange, whose keys, which time
 * limit. Knows no socket. Used by smx-client and smx-bench.
 */
#pragma once

#include "base/options.h"
#include "proto/exchange.h"
#include "smx.h"

struct access {
	bool is_secure, trusts_new, allows_plain;
	unsigned timeout_ms;
	const char *exchange_name;                 /* NULL: see is_secure */
	const char *identity_file, *known_servers; /* NULL: the user's own */
	struct option_list server_keys;
	enum exchange_id exchange; /* set by access_check() */
};

/* The rows of a program's options that fill in a struct access. */
/* clang-format off */
#define ACCESS_ROWS(a) \
	{ 's', "secure", NULL, option_flag, &(a).is_secure, 0, 0, \
		"encrypt and authenticate (--exchange noise)" }, \
	{ 0, "exchange", "NAME", option_text, &(a).exchange_name, 0, 0, \
		"key exchange to use (default xor)" }, \
	{ 0, "identity", "FILE", option_text, &(a).identity_file, 0, 0, \
		"key file (default: created at first use)" }, \
	{ 0, "server-key", "KEY", option_list, &(a).server_keys, 0, 0, \
		"accept only this server key; ignore known_servers" }, \
	{ 0, "known-servers", "FILE", option_text, &(a).known_servers, 0, 0, \
		"use FILE instead of the user's known_servers" }, \
	{ 0, "trust-new", NULL, option_flag, &(a).trusts_new, 0, 0, \
		"trust a new server's key without asking" }, \
	{ 0, "plain", NULL, option_flag, &(a).allows_plain, 0, 0, \
		"do not encrypt, even if the server's key is known" }, \
	{ 0, "timeout", "SECONDS", option_seconds, &(a).timeout_ms, \
		0.001, 86400, "time limit for each step (default 10)" }
/* clang-format on */

/* Checks the combination: 0, or OPTIONS_WRONG and a complaint. */
MUST_CHECK int access_check(struct access *a, struct complaint *complaint);

/* Must each side present a key? */
bool access_needs_identity(const struct access *a);

/* Applies it to the handle, before smx_connect(): 0 or an enum smx_error. */
MUST_CHECK int access_apply(const struct access *a, struct smx *smx);
