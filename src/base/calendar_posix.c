// SPDX-License-Identifier: MIT
#include "base/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/os.h"

static const char local_file[] = "/etc/localtime";

static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

enum { PATH_BYTES = 4096 };

/* TZ, spelled in two ways, if it names a file; see calendar_reload(). */
static char spellings[2][PATH_BYTES + 8];
static unsigned spelling;

static bool find_file(const char *name, char path[static PATH_BYTES])
{
	const char *folder = getenv("TZDIR");
	char magic[4] = "";

	if (!folder || !*folder)
		folder = "/usr/share/zoneinfo";
	snprintf(path, PATH_BYTES, "%s%s%s", *name == '/' ? "" : folder,
		*name == '/' ? "" : "/", name);
	return os_read_start(path, magic, sizeof(magic)) == sizeof(magic) &&
	       !memcmp(magic, "TZif", sizeof(magic));
}

void calendar_open(void)
{
	const char *zone = getenv("TZ");
	char path[PATH_BYTES];

	spellings[0][0] = spellings[1][0] = '\0';
	spelling = 0;
	/* The file that is used without TZ; it is reread as it is. */
	if (zone && !strcmp(zone + (*zone == ':'), local_file))
		unsetenv("TZ");
	else if (zone && zone[*zone == ':'] &&
		 find_file(zone + (*zone == ':'), path) && *path == '/')
		for (size_t i = 0; i < 2; i++)
			snprintf(spellings[i], sizeof(spellings[i]), "TZ=%s%s",
				i ? "/" : "", path);
	tzset();
}

/* What TZ names is reread only if TZ has changed, even if only its spelling. */
void calendar_reload(void)
{
	spelling = !spelling;
	if (*spellings[spelling])
		putenv(spellings[spelling]);
	tzset();
}

/* These skip what they name, if it is there and valid. */
static bool take_char(const char **at, char c)
{
	bool is_there = **at == c;

	*at += is_there;
	return is_there;
}

static bool take_number(const char **at, unsigned least, unsigned most)
{
	size_t n = strspn(*at, digits);
	unsigned long number = strtoul(*at, NULL, 10);

	*at += n;
	return n > 0 && n <= 3 && number >= least && number <= most;
}

/* "CET" or "<+03>" */
static bool take_name(const char **at)
{
	bool is_quoted = take_char(at, '<');
	size_t n = is_quoted ? strcspn(*at, ">") : strspn(*at, letters);

	*at += n;
	return n >= 3 && (!is_quoted || take_char(at, '>'));
}

/* "-1" or "+5:30" */
static bool take_time(const char **at, unsigned hours)
{
	bool is_right;

	(void)(take_char(at, '-') || take_char(at, '+'));
	is_right = take_number(at, 0, hours);
	for (int i = 0; i < 2 && is_right && take_char(at, ':'); i++)
		is_right = take_number(at, 0, 59);
	return is_right;
}

/* ",M3.5.0/2", ",J60" or ",59" */
static bool take_rule(const char **at)
{
	bool is_right = take_char(at, ',');

	if (take_char(at, 'M'))
		is_right = is_right && take_number(at, 1, 12) &&
			   take_char(at, '.') && take_number(at, 1, 5) &&
			   take_char(at, '.') && take_number(at, 0, 6);
	else
		is_right = is_right && take_number(at, take_char(at, 'J'), 365);
	return is_right && (!take_char(at, '/') || take_time(at, 167));
}

/* POSIX, chapter 8.3: std offset [dst [offset] [,start,end]]. */
static bool is_posix(const char *zone)
{
	if (!take_name(&zone) || !take_time(&zone, 24))
		return false;
	if (!*zone)
		return true;
	if (!take_name(&zone))
		return false;
	if (*zone && *zone != ',' && !take_time(&zone, 24))
		return false;
	if (!*zone)
		return true;
	for (int rules = 0; rules < 2; rules++)
		if (!take_rule(&zone))
			return false;
	return !*zone;
}

bool calendar_is_unknown(void)
{
	const char *zone = getenv("TZ");
	char path[PATH_BYTES];

	if (!zone || !*zone)
		return false;
	zone += *zone == ':';
	/* A system without a database of zones still knows these two. */
	return *zone && strcmp(zone, "UTC") && strcmp(zone, "GMT") &&
	       !is_posix(zone) && !find_file(zone, path);
}

void calendar_now(struct timespec *now)
{
	clock_gettime(CLOCK_REALTIME, now);
}

bool calendar_local(time_t second, struct tm *local)
{
	return localtime_r(&second, local);
}
