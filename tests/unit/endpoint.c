// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>

#include "net/endpoint.h"

static struct endpoint e;
static struct complaint complaint[1];

static int parse(const char *one, const char *two)
{
	char *words[] = { (char *)one, (char *)two };

	return endpoint_parse(
		&e, words, two ? 2 : 1, ENDPOINT_TO_CONNECT, complaint);
}

static void assert_right(const char *one, const char *two, int used,
	const char *host, const char *port)
{
	assert_int_equal(parse(one, two), used);
	assert_string_equal(e.host, host);
	assert_string_equal(e.port, port);
}

static void it_is_one_word_or_two(void **state)
{
	(void)state;
	assert_right("a.example", "1337", 2, "a.example", "1337");
	assert_right("a.example:1337", NULL, 1, "a.example", "1337");
	assert_right("a.example:1337", "time", 1, "a.example", "1337");
	assert_right("127.0.0.1:1", "2", 1, "127.0.0.1", "1");
}

static int parse_to_listen(const char *word)
{
	char *words[] = { (char *)word };

	return endpoint_parse(&e, words, 1, ENDPOINT_TO_LISTEN, complaint);
}

static void to_listen_the_port_may_be_left_to_the_system(void **state)
{
	(void)state;
	assert_int_equal(parse_to_listen("[::1]:0"), 1);
	assert_string_equal(e.port, "0");
	assert_int_equal(parse_to_listen("[::1]:65536"), -EINVAL);
	assert_non_null(
		strstr(complaint->text, "a port number (0 to 65535) or "));
}

static void an_address_of_ipv6_may_stand_in_brackets(void **state)
{
	(void)state;
	assert_right("::1", "1337", 2, "::1", "1337");
	assert_right("[::1]", "1337", 2, "::1", "1337");
	assert_right("[::1]:1337", NULL, 1, "::1", "1337");
	assert_right("[fe80::1%eth0]:1337", NULL, 1, "fe80::1%eth0", "1337");
	assert_right("fe80::1%eth0", "1337", 2, "fe80::1%eth0", "1337");
}

static void a_port_may_be_the_name_of_a_service(void **state)
{
	(void)state;
	assert_right("a.example", "http", 2, "a.example", "http");
	assert_right("a.example:http", "time", 1, "a.example", "http");
}

static void a_port_has_a_number(void **state)
{
	static const struct {
		const char *port;
		unsigned number;
	} rows[] = { { "1337", 1337 }, { "65535", 65535 }, { "0", 0 },
		{ "0080", 80 }, { "http", 80 }, { "", 0 }, { "65536", 0 },
		{ "99999999999999999999", 0 }, { "none-such", 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		strcpy(e.port, rows[i].port);
		assert_int_equal(endpoint_port(&e), rows[i].number);
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *one, *two, *complaint;
	} rows[] = {
		{ "", "1", "the host is missing" },
		{ ":1", NULL, "the host is missing" },
		{ "[]:1", NULL, "the host is missing" },
		{ "a", NULL, "the port of 'a' is missing" },
		{ "::1", NULL, "the port of '::1' is missing" },
		{ "a:", NULL, "the port is missing" },
		{ "a", "", "the port is missing" },
		{ "a:0", NULL, "'0' is not a port number " },
		{ "a", "65536", "'65536' is not a port number " },
		{ "a", "99999999999999999999", "is not a port number " },
		{ "a", "-1", "'-1' is not a port number " },
		{ "a", "\t1337", "'\t1337' is not a port" },
		{ "a", "no-such-service", "'no-such-service' is not a port" },
		{ "[::1", "1", "'[::1' is not a host" },
		{ "[::1]x", "1", "'[::1]x' is not a host" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(parse(rows[i].one, rows[i].two), -EINVAL);
		assert_non_null(strstr(complaint->text, rows[i].complaint));
	}
}

static void a_host_alone_has_no_port(void **state)
{
	char host[ENDPOINT_HOST_BYTES];

	(void)state;
	assert_int_equal(endpoint_parse_host("[::1]", host, complaint), 0);
	assert_string_equal(host, "::1");
	assert_int_equal(endpoint_parse_host("::1", host, complaint), 0);
	assert_string_equal(host, "::1");
	assert_int_equal(
		endpoint_parse_host("a:1337", host, complaint), -EINVAL);
	assert_int_equal(endpoint_parse_host("", host, complaint), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_one_word_or_two),
		cmocka_unit_test(to_listen_the_port_may_be_left_to_the_system),
		cmocka_unit_test(an_address_of_ipv6_may_stand_in_brackets),
		cmocka_unit_test(a_port_may_be_the_name_of_a_service),
		cmocka_unit_test(a_port_has_a_number),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(a_host_alone_has_no_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
