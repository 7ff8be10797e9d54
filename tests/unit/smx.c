// SPDX-License-Identifier: MIT
/*
 * The calls of libsmx, against a server that a child of this test is.
 */
#include "folder.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "crypto/key.h"
#include "proto/session.h"
#include "smx.h"

enum { BYTES = SESSION_KEPT_MAX + 4096, OUT_BYTES = 65536 };

#define OTHER_KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct noise_identity identity;
static char server_key[KEY_TEXT_BYTES], port[6];
static int listener;
static pid_t child;

static void answer(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	(void)session;
	static const char *const texts[COMMAND_COUNT] = { "12:34:56.789012",
		"2024-11-25", "-7", "", "\xde\xad\xbe\xef" };

	(void)host;
	reply->length = (uint8_t)strlen(texts[request]);
	memcpy(reply->text, texts[request], reply->length);
}

static bool allow(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)session;
	(void)host;
	(void)key;
	return true;
}

static void serve(int fd)
{
	static struct session session;
	static struct handshake handshake;
	static uint8_t in[BYTES], bytes[OUT_BYTES];
	struct session_host host = {
		.draw = random_bytes,
		.answer = answer,
		.is_allowed = allow,
		.identity = &identity,
	};
	size_t kept = 0;
	ssize_t n;

	memset(&session, 0, sizeof(session));
	memset(&handshake, 0, sizeof(handshake));
	session_accept(&session, &handshake);
	while ((n = read(fd, in + kept, sizeof(in) - kept)) > 0) {
		struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };
		ssize_t used;

		kept += (size_t)n;
		used = session_feed(&session, &host, in, kept, false, &out);
		if (used < 0 || send(fd, bytes, out.len, MSG_NOSIGNAL) < 0 ||
			session.state == SESSION_ENDED)
			break;
		kept -= (size_t)used;
		memmove(in, in + used, kept);
	}
	close(fd);
}

static void serve_all(int number)
{
	(void)number;
	for (;;)
		serve(accept(listener, NULL, NULL));
}

static int set_up(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);

	(void)state;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (crypto_init() || listener < 0 ||
		bind(listener, (struct sockaddr *)&at, sizeof(at)) ||
		listen(listener, 16) ||
		getsockname(listener, (struct sockaddr *)&at, &size))
		return -1;
	snprintf(port, sizeof(port), "%u", (unsigned)ntohs(at.sin_port));
	random_bytes(identity.secret, sizeof(identity.secret));
	noise_identity_finish(&identity);
	key_format(identity.public, server_key);
	child = spawn(serve_all, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kill(child, SIGKILL);
	reap(child);
	close(listener);
	return 0;
}

/* A handle whose files are all in the test's folder. */
static struct smx *handle(void)
{
	struct smx *smx = smx_new();

	assert_non_null(smx);
	unsetenv("STATE_DIRECTORY");
	setenv("XDG_STATE_HOME", folder, 1);
	setenv("XDG_CONFIG_HOME", folder, 1);
	return smx;
}

static const char *known_servers(void)
{
	return in_folder("smx/known_servers");
}

static struct smx *secure_handle(void)
{
	struct smx *smx = handle();

	assert_int_equal(smx_set_secure(smx, NULL), 0);
	return smx;
}

static struct smx *modern_session(void)
{
	struct smx *smx = handle();

	smx_set_modern(smx, true);
	assert_int_equal(smx_connect(smx, "127.0.0.1", port), 0);
	return smx;
}

static void a_key_that_is_taken_back_was_never_given(void **state)
{
	struct smx *smx = handle();
	char expected[128];

	(void)state;
	assert_int_equal(smx_set_server_key(smx, OTHER_KEY), 0);
	assert_int_equal(smx_set_secure(smx, NULL), 0);
	assert_int_equal(smx_set_server_key(smx, NULL), 0);
	smx_set_trust_new(smx, true);
	assert_int_equal(smx_connect(smx, "127.0.0.1", port), 0);
	snprintf(expected, sizeof(expected), "[127.0.0.1]:%s %s\n", port,
		server_key);
	assert_string_equal(get_text(known_servers()), expected);
	smx_free(smx);
}

static void what_is_no_key_leaves_the_one_that_was_given(void **state)
{
	struct smx *smx = secure_handle();

	(void)state;
	assert_int_equal(smx_set_server_key(smx, OTHER_KEY), 0);
	assert_int_equal(smx_set_server_key(smx, "oops"), SMX_ERROR_USAGE);
	smx_set_trust_new(smx, true);
	assert_int_equal(
		smx_connect(smx, "127.0.0.1", port), SMX_ERROR_CHANGED_SERVER);
	smx_free(smx);
}

static void a_key_is_trusted_for_the_server_that_showed_it_or_not_at_all(
	void **state)
{
	struct smx *smx = secure_handle();

	(void)state;
	assert_int_equal(
		smx_connect(smx, "localhost", port), SMX_ERROR_UNKNOWN_SERVER);
	assert_int_equal(smx_set_server_key(smx, server_key), 0);
	assert_int_equal(smx_connect(smx, "127.0.0.1", port), 0);
	assert_int_equal(smx_set_server_key(smx, NULL), 0);
	/* That one was expected: it is none to be trusted. */
	assert_int_equal(smx_trust_server(smx), SMX_ERROR_USAGE);
	assert_int_equal(access(known_servers(), F_OK), -1);
	assert_int_equal(
		smx_connect(smx, "127.0.0.1", port), SMX_ERROR_UNKNOWN_SERVER);
	assert_int_equal(smx_trust_server(smx), 0);
	assert_non_null(strstr(get_text(known_servers()), "[127.0.0.1]:"));
	assert_int_equal(smx_connect(smx, "127.0.0.1", port), 0);
	smx_free(smx);
}

static void an_empty_name_is_no_file(void **state)
{
	struct smx *smx = handle();

	(void)state;
	assert_int_equal(smx_set_secure(smx, ""), SMX_ERROR_USAGE);
	assert_int_equal(smx_set_known_servers(smx, ""), SMX_ERROR_USAGE);
	assert_int_equal(smx_connect(smx, "127.0.0.1", port), 0); /* by xor */
	assert_int_equal(folder_count(), 0);
	smx_free(smx);
}

static void a_port_is_a_number_in_range_or_a_name(void **state)
{
	static const char *const wrong[] = { "", "0", "65536", "-1", "+80",
		" 80", "99999999999999999999999" };
	struct smx *smx = handle();
	char around[16];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(smx_connect(smx, "127.0.0.1", wrong[i]),
			SMX_ERROR_USAGE);
	/* As many as 16 bits hold, and the one that listens. */
	snprintf(around, sizeof(around), "%d", 65536 + atoi(port));
	assert_int_equal(
		smx_connect(smx, "127.0.0.1", around), SMX_ERROR_USAGE);
	assert_int_equal(smx_connect(smx, NULL, port), SMX_ERROR_USAGE);
	assert_int_equal(smx_connect(smx, "127.0.0.1", NULL), SMX_ERROR_USAGE);
	assert_int_equal(smx_connect(smx, "127.0.0.1", "no-such-service"),
		SMX_ERROR_RESOLVE);
	smx_free(smx);
}

static void nothing_is_asked_over_xor_behind_a_temperature(void **state)
{
	struct smx *smx = modern_session();

	(void)state;
	assert_int_equal(smx_request(smx, SMX_TEMP), 0);
	assert_int_equal(smx_request(smx, SMX_TIME), SMX_ERROR_USAGE);
	assert_true(smx_is_connected(smx));
	smx_free(smx);
}

static void secure_is_the_next_session_not_the_one_there_is(void **state)
{
	struct smx *smx = modern_session();
	char text[SMX_TEXT_BYTES];

	(void)state;
	smx_set_trust_new(smx, true);
	assert_int_equal(smx_set_secure(smx, NULL), 0);
	assert_int_equal(smx_request(smx, SMX_TIME), 0);
	assert_int_equal(smx_request(smx, SMX_TEMP), SMX_ERROR_USAGE);
	assert_int_equal(smx_reply(smx, text), 0);
	assert_string_equal(smx_server_key(smx), "");
	assert_int_equal(smx_connect(smx, "127.0.0.1", port), 0);
	assert_string_equal(smx_server_key(smx), server_key);
	smx_free(smx);
}

static void the_header_and_the_library_are_of_one_version(void **state)
{
	char version[32];

	(void)state;
	snprintf(version, sizeof(version), "%d.%d.%d", SMX_VERSION_MAJOR,
		SMX_VERSION_MINOR, SMX_VERSION_PATCH);
	assert_string_equal(smx_version(), version);
}

static void the_old_spelling_names_the_same_error(void **state)
{
	(void)state;
	assert_int_equal(SMX_ERROR_NOT_AUTHORISED, SMX_ERROR_NOT_AUTHORIZED);
}

static struct smx *shared;

/* What the child of a process with a session may do, and what not: 0 or which
 * of it went wrong. */
static int misuse(void)
{
	char text[SMX_TEXT_BYTES];

	if (smx_is_connected(shared) || smx_fd(shared) != -1)
		return 1;
	if (smx_request(shared, SMX_DATE) != SMX_ERROR_USAGE)
		return 2;
	if (smx_reply(shared, text) != SMX_ERROR_USAGE)
		return 3;
	if (smx_check(shared) != SMX_ERROR_USAGE)
		return 4;
	if (smx_leave(shared))
		return 6;
	if (smx_request(shared, SMX_DATE) != SMX_ERROR_USAGE)
		return 7;
	return strstr(smx_message(shared), "fork") ? 0 : 5;
}

static void misuse_and_free(int number)
{
	int wrong = misuse();

	(void)number;
	smx_free(shared);
	_exit(wrong);
}

static void misuse_and_disconnect(int number)
{
	int wrong = misuse();

	(void)number;
	smx_disconnect(shared);
	_exit(wrong);
}

static void (*const children[])(
	int) = { misuse_and_free, misuse_and_disconnect };

/* The reply to each of its requests, in order, whatever children do. */
static void a_childs_copy_of_a_session_harms_nothing(void **state)
{
	char text[SMX_TEXT_BYTES];

	(void)state;
	for (int secure = 0; secure < 2; secure++) {
		shared = secure ? secure_handle() : handle();
		smx_set_trust_new(shared, true);
		assert_int_equal(smx_connect(shared, "127.0.0.1", port), 0);
		for (size_t i = 0; i < COUNT_OF(children); i++) {
			/* idle, with a request under way, with its reply */
			assert_int_equal(reap(spawn(children[i], 0)), 0);
			assert_int_equal(smx_request(shared, SMX_DATE), 0);
			assert_int_equal(reap(spawn(children[i], 0)), 0);
			assert_int_equal(smx_reply(shared, text), 0);
			assert_string_equal(text, "2024-11-25");
		}
		assert_int_equal(smx_request(shared, SMX_TIME), 0);
		assert_int_equal(smx_reply(shared, text), 0);
		assert_string_equal(text, "12:34:56.789012");
		smx_free(shared);
	}
}

static void connect_anew(int number)
{
	char text[SMX_TEXT_BYTES];

	(void)number;
	/* The test's server serves one at a time, and has the parent's. */
	smx_set_timeout(shared, 1);
	_exit(smx_connect(shared, "127.0.0.1", port) != SMX_ERROR_TIMEOUT ||
		smx_request(shared, SMX_DATE) != SMX_ERROR_USAGE ||
		smx_reply(shared, text) != SMX_ERROR_USAGE);
}

static void use_unconnected(int number)
{
	char text[SMX_TEXT_BYTES];

	(void)number;
	_exit(smx_connect(shared, "127.0.0.1", port) ||
		smx_request(shared, SMX_DATE) || smx_reply(shared, text));
}

static void a_child_may_connect_for_itself(void **state)
{
	char text[SMX_TEXT_BYTES];

	(void)state;
	shared = handle();
	assert_int_equal(reap(spawn(use_unconnected, 0)), 0);
	assert_int_equal(smx_connect(shared, "127.0.0.1", port), 0);
	assert_int_equal(reap(spawn(connect_anew, 0)), 0);
	assert_int_equal(smx_request(shared, SMX_DATE), 0);
	assert_int_equal(smx_reply(shared, text), 0);
	smx_free(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(a_key_that_is_taken_back_was_never_given),
		FOLDER_TEST(what_is_no_key_leaves_the_one_that_was_given),
		FOLDER_TEST(
			a_key_is_trusted_for_the_server_that_showed_it_or_not_at_all),
		FOLDER_TEST(an_empty_name_is_no_file),
		FOLDER_TEST(a_port_is_a_number_in_range_or_a_name),
		FOLDER_TEST(nothing_is_asked_over_xor_behind_a_temperature),
		FOLDER_TEST(secure_is_the_next_session_not_the_one_there_is),
		cmocka_unit_test(the_header_and_the_library_are_of_one_version),
		cmocka_unit_test(the_old_spelling_names_the_same_error),
		FOLDER_TEST(a_childs_copy_of_a_session_harms_nothing),
		FOLDER_TEST(a_child_may_connect_for_itself),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
