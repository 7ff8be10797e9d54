// SPDX-License-Identifier: MIT
#include "net/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/complaint.h"
#include "net/socket.h"

enum { PORT_MAX = 65535 };

/* Copies n characters of text, which are a whole host. */
static int take_host(
	const char *text, size_t n, char *host, struct complaint *complaint)
{
	if (!n)
		return complaint_print(
			complaint, -EINVAL, "the host is missing");
	if (n >= ENDPOINT_HOST_BYTES)
		return complaint_print(complaint, -EINVAL,
			"the host name is too long: '%s'", text);
	memcpy(host, text, n);
	host[n] = '\0';
	return 0;
}

/*
 * The end of the host in text, which starts at the beginning or after a
 * bracket, and what follows it: "" or ":PORT". NULL if the brackets are wrong.
 */
static const char *split(const char *text, const char **host, size_t *n)
{
	const char *colon = strchr(text, ':');

	*host = text;
	if (*text == '[') {
		*host = text + 1;
		*n = strcspn(*host, "]");
		text = *host + *n;
		return *text && (!text[1] || text[1] == ':') ? text + 1 : NULL;
	}
	/* More than one colon: an IPv6 address without a port. */
	*n = colon && !strchr(colon + 1, ':') ? (size_t)(colon - text)
					      : strlen(text);
	return text + *n;
}

int endpoint_parse_host(const char *text, char host[static ENDPOINT_HOST_BYTES],
	struct complaint *complaint)
{
	const char *start;
	size_t n;
	const char *behind = split(text, &start, &n);

	if (!behind || *behind)
		return complaint_print(
			complaint, -EINVAL, "'%s' is not a host", text);
	return take_host(start, n, host, complaint);
}

/* getaddrinfo(3) would also accept a number after white space or a sign. */
bool endpoint_may_be_service(const char *text)
{
	return text[strspn(text, "0123456789")] && !ascii_is_space(*text) &&
	       *text != '+' && *text != '-';
}

/*
 * -1 if it is not one. getaddrinfo(3) accepts any number, and turns 66537 into
 * 1001.
 */
static long port_number(const char *text)
{
	struct sockaddr_storage storage = { 0 };
	struct addrinfo *found;
	long number;

	if (text[strspn(text, "0123456789")] == '\0') {
		number = strtol(text, NULL, 10);
		return number <= PORT_MAX ? number : -1;
	}
	if (!endpoint_may_be_service(text) ||
		socket_resolve("127.0.0.1", text, AI_NUMERICHOST, &found))
		return -1;
	memcpy(&storage, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return address_from(&storage).port;
}

unsigned endpoint_port(const struct endpoint *e)
{
	long number = port_number(e->port);

	return number < 0 ? 0 : (unsigned)number;
}

int endpoint_parse_port(const char *text, unsigned least_port,
	char port[static ENDPOINT_PORT_BYTES], struct complaint *complaint)
{
	if (!*text)
		return complaint_print(
			complaint, -EINVAL, "the port is missing");
	if (strlen(text) >= ENDPOINT_PORT_BYTES ||
		port_number(text) < (long)least_port)
		return complaint_print(complaint, -EINVAL,
			"'%s' is not a port number (%u to %d) or the name of a "
			"TCP service",
			text, least_port, PORT_MAX);
	strcpy(port, text);
	return 0;
}

int endpoint_parse(struct endpoint *e, char *const *words, int count,
	unsigned least_port, struct complaint *complaint)
{
	const char *start, *behind;
	size_t n;
	int error;

	if (count < 1)
		return complaint_print(
			complaint, -EINVAL, "the host is missing");
	behind = split(words[0], &start, &n);
	if (!behind)
		return complaint_print(complaint, -EINVAL,
			"'%s' is not a host; brackets enclose an IPv6 address, "
			"as in [::1]:1337",
			words[0]);
	error = take_host(start, n, e->host, complaint);
	if (error)
		return error;
	if (!*behind && count < 2)
		return complaint_print(complaint, -EINVAL,
			"the port of '%s' is missing", words[0]);
	error = endpoint_parse_port(*behind ? behind + 1 : words[1], least_port,
		e->port, complaint);
	return error ? error : *behind ? 1 : 2;
}
