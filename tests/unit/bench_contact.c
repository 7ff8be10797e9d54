// SPDX-License-Identifier: MIT
/*
 * The first connection, with a library that is none: it does what it is told,
 * and puts down what it was asked. The addresses are real ones.
 */
#include "helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "bench/contact.h"
#include "folder.h"
#include "lib/expected.h"
#include "lib/identity.h"

struct smx {
	unsigned timeout_ms;
	int trusts_new, guards_plain;
	char log[256]; /* what was called, in order */
};

static struct contact contact;
static struct plan plan;
static struct smx fake;
static bool has_no_memory;
static const char *failing; /* the call that fails … */
static int failure;         /* … and how */
static const char *remote, *newer;
static char key_file[PATHS_BYTES];

static int call(struct smx *smx, const char *what)
{
	size_t n = strlen(smx->log);

	snprintf(smx->log + n, sizeof(smx->log) - n, "%s ", what);
	return failing && !strcmp(what, failing) ? failure : 0;
}

struct smx *smx_new(void)
{
	fake = (struct smx){ 0 };
	return has_no_memory ? NULL : &fake;
}

void smx_free(struct smx *smx)
{
	(void)call(smx, "free");
}

void smx_set_timeout(struct smx *smx, unsigned milliseconds)
{
	smx->timeout_ms = milliseconds;
}

void smx_set_trust_new(struct smx *smx, int trusts_new)
{
	smx->trusts_new = trusts_new;
}

void smx_set_plain_guard(struct smx *smx, int guards_plain)
{
	smx->guards_plain = guards_plain;
}

int smx_set_known_servers(struct smx *smx, const char *file)
{
	return call(smx, file);
}

int smx_add_server_key(struct smx *smx, const char *key)
{
	return call(smx, key);
}

int smx_set_secure(struct smx *smx, const char *identity_file)
{
	(void)identity_file;
	return call(smx, "secure");
}

int smx_set_exchange(struct smx *smx, const char *name)
{
	return call(smx, name);
}

int smx_connect(struct smx *smx, const char *host, const char *port)
{
	assert_string_equal(host, "host");
	assert_string_equal(port, "1337");
	return call(smx, "connect");
}

int smx_request(struct smx *smx, enum smx_command command)
{
	assert_int_equal(command, SMX_DATE);
	return call(smx, "request");
}

int smx_reply(struct smx *smx, char text[SMX_TEXT_BYTES])
{
	(void)text;
	return call(smx, "reply");
}

const char *smx_alarm(const struct smx *smx)
{
	(void)smx;
	return "ALARM\n";
}

const char *smx_message(const struct smx *smx)
{
	(void)smx;
	return "what went wrong";
}

void smx_remote(const struct smx *smx, char text[SMX_ADDRESS_BYTES])
{
	(void)smx;
	strcpy(text, remote);
}

const char *smx_newer_key(const struct smx *smx)
{
	(void)smx;
	return newer;
}

int smx_is_known(const struct smx *smx)
{
	(void)smx;
	return 1;
}

void smx_disconnect(struct smx *smx)
{
	(void)call(smx, "disconnect");
}

void expected_keys(const struct smx *smx, struct trust_keys *keys)
{
	(void)smx;
	keys->count = 1;
	memset(keys->keys[0].key, 7, NOISE_KEY_BYTES);
}

static int set_up(void **state)
{
	(void)state;
	contact = (struct contact){ .access.timeout_ms = 1234 };
	plan = (struct plan){ .connections = 5, .threads = 1 };
	complaint->text[0] = '\0';
	has_no_memory = false;
	failing = NULL;
	remote = "127.0.0.1:1337";
	newer = "";
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	contact_end(&contact, &plan);
	return 0;
}

static int make(void)
{
	return contact_make(&contact, &plan, "host", "1337", complaint);
}

static void a_plain_connection_is_made_and_asked_nothing(void **state)
{
	(void)state;
	assert_int_equal(make(), STATUS_SUCCESS);
	assert_string_equal(fake.log, "xor connect disconnect free ");
	assert_int_equal(fake.timeout_ms, 1234);
	assert_true(fake.guards_plain);
	assert_false(fake.trusts_new);
	assert_string_equal(contact.server, remote);
	assert_true(contact.is_known);
	assert_false(plan.asks_older);
	assert_null(plan.identity);
	assert_null(contact.alarm);
}

static void a_secure_one_is_asked_once_whether_it_wants_this_client(
	void **state)
{
	(void)state;
	contact.access.exchange = EXCHANGE_NOISE;
	contact.access.identity_file = key_file;
	contact.access.known_servers = "known";
	contact.access.trusts_new = true;
	contact.access.server_keys =
		(struct option_list){ 2, { "one", "two" } };
	newer = "another key";
	assert_int_equal(make(), STATUS_SUCCESS);
	assert_string_equal(fake.log, "known one two secure noise connect "
				      "request reply disconnect free ");
	assert_true(fake.trusts_new);
	assert_true(plan.asks_older);
	assert_non_null(plan.identity);
	assert_int_equal(plan.expected.count, 1);
	assert_int_equal(plan.expected.keys[0].key[0], 7);
}

static void whatever_fails_ends_it_with_its_status_and_words(void **state)
{
	static const struct {
		const char *call;
		int error, status;
	} rows[] = {
		{ "known", SMX_ERROR_USAGE, STATUS_WRONG_USAGE },
		{ "one", SMX_ERROR_USAGE, STATUS_WRONG_USAGE },
		{ "secure", SMX_ERROR_IDENTITY, STATUS_REFUSED },
		{ "connect", SMX_ERROR_CONNECT, STATUS_NO_CONNECTION },
		{ "connect", SMX_ERROR_TIMEOUT, STATUS_TIMED_OUT },
		{ "connect", SMX_ERROR_PROTOCOL, STATUS_BAD_PEER },
		{ "reply", SMX_ERROR_NOT_AUTHORIZED, STATUS_REFUSED },
		{ "reply", SMX_ERROR_TIMEOUT, STATUS_TIMED_OUT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		set_up(NULL);
		contact.access.exchange = EXCHANGE_NOISE;
		contact.access.identity_file = key_file;
		contact.access.known_servers = "known";
		contact.access.server_keys =
			(struct option_list){ 1, { "one" } };
		failing = rows[i].call;
		failure = rows[i].error;
		assert_int_equal(make(), rows[i].status);
		assert_string_equal(complaint->text, "what went wrong");
		assert_string_equal(contact.alarm, "ALARM\n");
		/* It is the last that was done, and the handle is freed. */
		assert_non_null(strstr(fake.log, rows[i].call));
		assert_string_equal(
			strstr(fake.log, rows[i].call) + strlen(rows[i].call),
			" free ");
		assert_null(plan.to);
		tear_down(NULL);
	}
	set_up(NULL);
}

static void without_memory_there_is_no_connection(void **state)
{
	(void)state;
	has_no_memory = true;
	assert_int_equal(make(), STATUS_NO_CONNECTION);
	assert_true(*complaint->text);
}

static void an_identity_that_cannot_be_read_is_refused(void **state)
{
	(void)state;
	contact.access.exchange = EXCHANGE_NOISE;
	contact.access.identity_file = "/nowhere/at/all";
	assert_int_equal(make(), STATUS_REFUSED);
	assert_non_null(strstr(complaint->text, "/nowhere/at/all"));
}

static void the_address_that_answered_is_measured(void **state)
{
	static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
	const struct sockaddr_in *four;
	const struct sockaddr_in6 *six;

	(void)state;
	assert_int_equal(make(), STATUS_SUCCESS);
	four = (const struct sockaddr_in *)(const void *)plan.to->ai_addr;
	assert_int_equal(four->sin_family, AF_INET);
	assert_int_equal(ntohl(four->sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_equal(ntohs(four->sin_port), 1337);
	tear_down(NULL);
	set_up(NULL);
	remote = "[::1]:99";
	assert_int_equal(make(), STATUS_SUCCESS);
	six = (const struct sockaddr_in6 *)(const void *)plan.to->ai_addr;
	assert_int_equal(six->sin6_family, AF_INET6);
	assert_memory_equal(&six->sin6_addr, &loopback, sizeof(loopback));
	assert_int_equal(ntohs(six->sin6_port), 99);
}

static void the_sources_are_taken_in_order(void **state)
{
	(void)state;
	contact.sources = "127.0.0.3,127.0.0.4,127.0.0.3";
	assert_int_equal(make(), STATUS_SUCCESS);
	assert_int_equal(plan.from_count, 3);
	for (uint32_t i = 0; i < 3; i++) {
		const struct sockaddr_in *from =
			(const void *)plan.from[i]->ai_addr;

		assert_int_equal(
			ntohl(from->sin_addr.s_addr) & 0xff, i == 1 ? 4 : 3);
	}
}

static void a_source_that_will_not_do_is_wrong_usage(void **state)
{
	static char many[65 * 10 + 1];
	static const struct {
		const char *sources, *words;
	} rows[] = {
		{ "localhost", "localhost" },
		{ "127.0.0.1,", "''" },
		{ "", "''" },
		{ "::1", "::1" },
		{ "127.0.0.1,192.0.2.1", "192.0.2.1" },
		{ many, "64" },
	};

	(void)state;
	for (int i = 0; i < 65; i++)
		strcat(many, i ? ",127.0.0.1" : "127.0.0.1");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		set_up(NULL);
		contact.sources = rows[i].sources;
		assert_int_equal(make(), STATUS_WRONG_USAGE);
		assert_non_null(strstr(complaint->text, rows[i].words));
		tear_down(NULL);
	}
	set_up(NULL);
}

static int make_key(void **state)
{
	struct noise_identity *identity;

	if (folder_make(state))
		return -1;
	snprintf(key_file, sizeof(key_file), "%s", in_folder("key"));
	if (identity_make(key_file, &identity, complaint))
		return -1;
	key_identity_free(identity);
	return 0;
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(a_plain_connection_is_made_and_asked_nothing),
		RUN(a_secure_one_is_asked_once_whether_it_wants_this_client),
		RUN(whatever_fails_ends_it_with_its_status_and_words),
		RUN(without_memory_there_is_no_connection),
		RUN(an_identity_that_cannot_be_read_is_refused),
		RUN(the_address_that_answered_is_measured),
		RUN(the_sources_are_taken_in_order),
		RUN(a_source_that_will_not_do_is_wrong_usage),
	};

	return cmocka_run_group_tests(tests, make_key, folder_remove);
}
