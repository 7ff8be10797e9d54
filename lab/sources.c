// SPDX-License-Identifier: MIT
#include "lab/sources.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static uint8_t *address_bytes(struct sockaddr_storage *at, size_t *n)
{
	if (at->ss_family == AF_INET6) {
		*n = 16;
		return ((struct sockaddr_in6 *)at)->sin6_addr.s6_addr;
	}
	*n = 4;
	return (uint8_t *)&((struct sockaddr_in *)at)->sin_addr;
}

void sources_parse(struct sources *s, const char *text)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST }, *found;
	char address[64] = "";
	unsigned bits = 0, count = 1;
	size_t most;
	int fields = sscanf(text, "%63[^/]/%u*%u", address, &bits, &count);

	if (fields < 1 || getaddrinfo(address, NULL, &hints, &found))
		errx(2, "'%s': ADDRESS[/BITS*COUNT] wanted", text);
	memcpy(&s->first, found->ai_addr, found->ai_addrlen);
	s->length = found->ai_addrlen;
	freeaddrinfo(found);
	address_bytes(&s->first, &most);
	if (fields == 1)
		bits = (unsigned)most * 8;
	if (fields == 2 || !count || !bits || bits % 8 || bits > most * 8)
		errx(2, "'%s': ADDRESS[/BITS*COUNT] wanted", text);
	s->bytes = bits / 8;
	s->count = count;
}

struct sockaddr_storage sources_at(const struct sources *s, size_t i)
{
	struct sockaddr_storage at = s->first;
	size_t carry = i % s->count, most;
	uint8_t *bytes = address_bytes(&at, &most);

	for (size_t byte = s->bytes; byte-- && carry; carry >>= 8) {
		carry += bytes[byte];
		bytes[byte] = (uint8_t)carry;
	}
	return at;
}

/* The port is chosen when it connects, or the addresses would run out of them;
 * and an address may be any that is routed here. */
static int bind_to(int fd, const struct sources *s, size_t i)
{
	struct sockaddr_storage at = sources_at(s, i);
	int one = 1;

	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (at.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof(one));
	return bind(fd, (struct sockaddr *)&at, s->length) ? -errno : 0;
}

int sources_connect(const struct sources *s, size_t i,
	const struct addrinfo *to, int receive_bytes)
{
	int one = 1, error = 0;
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (receive_bytes)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
			sizeof(receive_bytes));
	if (s->count)
		error = bind_to(fd, s, i);
	if (!error && connect(fd, to->ai_addr, to->ai_addrlen) &&
		errno != EINPROGRESS)
		error = -errno;
	if (!error)
		return fd;
	close(fd);
	return error;
}

size_t sources_raise_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		err(1, "getrlimit");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "setrlimit");
	return files.rlim_cur;
}

struct addrinfo *sources_resolve(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *to;
	int error = getaddrinfo(host, port, &hints, &to);

	if (error)
		errx(1, "%s: %s", host, gai_strerror(error));
	return to;
}
