// SPDX-License-Identifier: MIT
#include "helper.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include "net/address.h"

static struct address of_4(const char *ip, uint16_t port)
{
	struct sockaddr_storage from = { 0 };
	struct sockaddr_in *in = (void *)&from;

	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	assert_int_equal(inet_pton(AF_INET, ip, &in->sin_addr), 1);
	return address_from(&from);
}

static struct address of_6(const char *ip, uint16_t port, uint32_t scope)
{
	struct sockaddr_storage from = { 0 };
	struct sockaddr_in6 *in6 = (void *)&from;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	in6->sin6_scope_id = scope;
	assert_int_equal(inet_pton(AF_INET6, ip, &in6->sin6_addr), 1);
	return address_from(&from);
}

static void assert_text(struct address a, const char *expected)
{
	char text[ADDRESS_TEXT_BYTES];

	assert_ptr_equal(address_format(&a, text), text);
	assert_string_equal(text, expected);
}

static void it_takes_24_bytes(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct address), 24);
}

static void an_address_is_written_as_people_write_it(void **state)
{
	(void)state;
	assert_text(of_4("127.0.0.1", 1337), "127.0.0.1:1337");
	assert_text(of_4("255.255.255.255", 65535), "255.255.255.255:65535");
	assert_text(of_6("::1", 5000, 0), "[::1]:5000");
	assert_text(of_6("2001:db8:0:0:0:0:0:1", 80, 0), "[2001:db8::1]:80");
	assert_text((struct address){ 0 }, "0.0.0.0:0");
}

static void ipv4_that_is_mapped_is_ipv4(void **state)
{
	struct address mapped = of_6("::ffff:192.0.2.7", 7, 3);
	struct address plain = of_4("192.0.2.7", 7);

	(void)state;
	assert_memory_equal(&mapped, &plain, sizeof(plain));
	assert_text(mapped, "192.0.2.7:7");
}

/* Links get other names, and go: an address has one spelling all the same. */
static void a_link_local_address_numbers_its_link(void **state)
{
	(void)state;
	assert_text(of_6("fe80::1", 1337, if_nametoindex("lo")),
		"[fe80::1%1]:1337");
	assert_text(
		of_6("fe80::1", 1337, 0x7ffffff), "[fe80::1%134217727]:1337");
}

static void the_longest_address_has_room(void **state)
{
	struct address a = of_6(
		"fe80:1111:1111:1111:1111:1111:1111:1111", 65535, UINT32_MAX);
	char text[ADDRESS_TEXT_BYTES];

	(void)state;
	address_format(&a, text);
	assert_non_null(strstr(text, "]:65535"));
}

static void any_address_survives(void **state)
{
	(void)state;
	for (int run = 0; run < 10000; run++) {
		char ip[INET6_ADDRSTRLEN], expected[ADDRESS_TEXT_BYTES];
		uint16_t port = (uint16_t)dice_word();
		uint8_t bytes[16];

		dice_bytes(bytes, sizeof(bytes));
		inet_ntop(AF_INET, bytes, ip, sizeof(ip));
		snprintf(expected, sizeof(expected), "%s:%u", ip, port);
		assert_text(of_4(ip, port), expected);
		inet_ntop(AF_INET6, bytes, ip, sizeof(ip));
		snprintf(expected, sizeof(expected), "[%s]:%u", ip, port);
		assert_text(of_6(ip, port, 0), expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_takes_24_bytes),
		cmocka_unit_test(an_address_is_written_as_people_write_it),
		cmocka_unit_test(ipv4_that_is_mapped_is_ipv4),
		cmocka_unit_test(a_link_local_address_numbers_its_link),
		cmocka_unit_test(the_longest_address_has_room),
		cmocka_unit_test(any_address_survives),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
