// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <netinet/in.h>

#include "net/socket.h"
#include "service/listener.h"

/* A name that has two addresses, and what listening on each comes to. */
static int resolved, listened[2];
static unsigned tried, freed;

static struct sockaddr_in at[2];
static struct addrinfo found[2];

int socket_resolve(
	const char *host, const char *port, int flags, struct addrinfo **result)
{
	(void)host;
	assert_string_equal(port, "1337");
	assert_int_equal(flags, AI_PASSIVE);
	*result = found;
	return resolved;
}

void freeaddrinfo(struct addrinfo *result)
{
	assert_ptr_equal(result, found);
	freed++;
}

int socket_listen(const struct addrinfo *address, int backlog)
{
	assert_ptr_equal(address, &found[tried]);
	assert_true(backlog > 0);
	return listened[tried++];
}

struct address socket_local(int fd)
{
	return (struct address){ .ip = { 192, 0, 2, 9 }, .port = (uint16_t)fd };
}

static struct endpoint where;
static struct complaint complaint;
static struct address address;

static int set_up(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		at[i].sin_family = AF_INET;
		at[i].sin_addr.s_addr = htonl(0xc0000201u + (unsigned)i);
		at[i].sin_port = htons(1337);
		found[i].ai_addr = (struct sockaddr *)&at[i];
		found[i].ai_addrlen = sizeof(at[i]);
	}
	found[0].ai_next = &found[1];
	resolved = 0;
	tried = freed = 0;
	complaint.text[0] = '\0';
	return listener_where(&where, "name", NULL, &complaint);
}

/* What came of it, and how many addresses were tried. */
static void opens(int first, int second, int expected, unsigned tries)
{
	listened[0] = first;
	listened[1] = second;
	assert_int_equal(listener_open(&where, &address, &complaint), expected);
	assert_int_equal(tried, tries);
	assert_int_equal(freed, 1);
}

static void complains(const char *text)
{
	if (!strstr(complaint.text, text))
		fail_msg("'%s' is not in '%s'", text, complaint.text);
}

static void the_port_is_given_once_or_is_1337(void **state)
{
	static const struct {
		const char *host, *port, *expected;
	} rows[] = {
		{ "0.0.0.0", NULL, "1337" },
		{ "0.0.0.0", "80", "80" },
		{ "0.0.0.0", "0", "0" },
		{ "::1", "80", "80" },
		{ "[::1]:81", NULL, "81" },
		{ "name:82", NULL, "82" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(listener_where(&where, rows[i].host,
					 rows[i].port, &complaint),
			0);
		assert_string_equal(where.port, rows[i].expected);
	}
	assert_int_equal(
		listener_where(&where, "name:82", "82", &complaint), -EINVAL);
	complains("'name:82'");
	assert_int_equal(
		listener_where(&where, "name", "65536", &complaint), -EINVAL);
	complains("65536");
}

static void the_first_address_is_taken(void **state)
{
	(void)state;
	opens(5, -EINVAL, 5, 1);
	assert_int_equal(address.port, 5);
}

static void another_address_is_tried(void **state)
{
	(void)state;
	opens(-EAFNOSUPPORT, 6, 6, 2);
	assert_int_equal(address.port, 6);
}

static void the_reason_of_the_first_address_is_reported(void **state)
{
	(void)state;
	opens(-EADDRINUSE, -EACCES, -1, 2);
	complains("Cannot listen on 192.0.2.1:1337: ");
	complains(strerror(EADDRINUSE));
}

static void what_can_be_done_is_added(void **state)
{
	static const struct {
		int error;
		const char *advice;
	} rows[] = {
		{ EADDRINUSE, "another --port" },
		{ EADDRNOTAVAIL, "--host" },
		{ EINVAL, "fe80::1%eth0" },
		{ EACCES, "another --port" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		set_up(state);
		opens(-rows[i].error, -EINVAL, -1, 2);
		complains(rows[i].advice);
	}
	set_up(state);
	opens(-EMFILE, -EINVAL, -1, 2);
	assert_null(strstr(complaint.text, "--"));
}

static void a_name_without_an_address_is_a_complaint(void **state)
{
	(void)state;
	resolved = EAI_NONAME;
	assert_int_equal(listener_open(&where, &address, &complaint), -1);
	complains("Cannot resolve 'name': ");
	complains(gai_strerror(EAI_NONAME));
	resolved = EAI_SYSTEM;
	errno = EMFILE;
	assert_int_equal(listener_open(&where, &address, &complaint), -1);
	complains(strerror(EMFILE));
	assert_int_equal(tried, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			the_port_is_given_once_or_is_1337, set_up),
		cmocka_unit_test_setup(the_first_address_is_taken, set_up),
		cmocka_unit_test_setup(another_address_is_tried, set_up),
		cmocka_unit_test_setup(
			the_reason_of_the_first_address_is_reported, set_up),
		cmocka_unit_test_setup(what_can_be_done_is_added, set_up),
		cmocka_unit_test_setup(
			a_name_without_an_address_is_a_complaint, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
