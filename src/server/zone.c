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

enum { PATH_BYTES = 4096 };

/* TZ, spelled in two ways, when it names a file; see zone_reload(). */
static char spellings[2][PATH_BYTES + 8];
static unsigned spelling;

static bool find_file(const char *name, char path[static PATH_BYTES])
{
	const char *folder = getenv("TZDIR");
	char magic[4] = "";
	int fd;

	if (!folder || !*folder)
		folder = "/usr/share/zoneinfo";
	snprintf(path, PATH_BYTES, "%s%s%s", *name == '/' ? "" : folder,
		*name == '/' ? "" : "/", name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, magic, sizeof(magic)) != sizeof(magic))
		magic[0] = '\0';
	close(fd);
	return !memcmp(magic, "TZif", sizeof(magic));
}

void zone_open(void)
{
	const char *zone = getenv("TZ");
	char path[PATH_BYTES];

	spellings[0][0] = spellings[1][0] = '\0';
	spelling = 0;
	/* The file that is used without TZ; then it is read again as it is. */
	if (zone && !strcmp(zone + (*zone == ':'), local_file))
		unsetenv("TZ");
	else if (zone && zone[*zone == ':'] &&
		 find_file(zone + (*zone == ':'), path) && *path == '/')
		for (size_t i = 0; i < 2; i++)
			snprintf(spellings[i], sizeof(spellings[i]), "TZ=%s%s",
				i ? "/" : "", path);
	tzset();
}

/* What TZ names is read again only when TZ has changed, if only its letters. */
void zone_reload(void)
{
	spelling = !spelling;
	if (*spellings[spelling])
		putenv(spellings[spelling]);
	tzset();
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
	char path[PATH_BYTES];

	if (!zone || !*zone)
		return false;
	zone += *zone == ':';
	/* A system without a data base of zones still knows these two. */
	return *zone && strcmp(zone, "UTC") && strcmp(zone, "GMT") &&
	       !is_posix(zone) && !find_file(zone, path);
}
