// SPDX-License-Identifier: MIT
#include "server/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char local_file[] = "/etc/localtime";

static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

void zone_open(void)
{
	const char *zone = getenv("TZ");

	/* The file that is used without TZ; only then is it read again. */
	if (zone && !strcmp(zone + (*zone == ':'), local_file))
		unsetenv("TZ");
	tzset();
}

void zone_reload(void)
{
	tzset();
}

static bool is_zone_file(const char *name)
{
	const char *folder = getenv("TZDIR");
	char path[4096], magic[4] = "";
	int fd;

	if (!folder || !*folder)
		folder = "/usr/share/zoneinfo";
	snprintf(path, sizeof(path), "%s%s%s", *name == '/' ? "" : folder,
		*name == '/' ? "" : "/", name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, magic, sizeof(magic)) != sizeof(magic))
		magic[0] = '\0';
	close(fd);
	return !memcmp(magic, "TZif", sizeof(magic));
}

/* Steps over "CET" or "<+03>"; NULL when it is neither. */
static const char *skip_name(const char *text)
{
	size_t n = strspn(text, letters);

	if (*text == '<') {
		n = strcspn(text, ">");
		return n > 3 && text[n] ? text + n + 1 : NULL;
	}
	return n >= 3 ? text + n : NULL;
}

/* Steps over "-1" or "+5:30"; text itself when there is none. */
static const char *skip_offset(const char *text)
{
	size_t sign = *text == '+' || *text == '-';
	size_t n = strspn(text + sign, digits);

	return n ? text + sign + n + strspn(text + sign + n, "0123456789:")
		 : text;
}

/* POSIX, chapter 8.3: std offset [dst [offset] [,start,end]]. */
static bool is_posix(const char *zone)
{
	const char *offset = skip_name(zone);
	const char *summer = offset ? skip_offset(offset) : offset;

	if (summer == offset)
		return false;
	if (!*summer)
		return true;
	summer = skip_name(summer);
	if (!summer)
		return false;
	summer = skip_offset(summer);
	return !*summer ||
	       (*summer == ',' &&
		       !summer[strspn(summer, "0123456789MJ,./:+-")]);
}

bool zone_is_unknown(void)
{
	const char *zone = getenv("TZ");

	if (!zone || !*zone)
		return false;
	zone += *zone == ':';
	/* A system without a data base of zones still knows these two. */
	return *zone && strcmp(zone, "UTC") && strcmp(zone, "GMT") &&
	       !is_posix(zone) && !is_zone_file(zone);
}
