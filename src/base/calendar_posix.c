// SPDX-License-Identifier: MIT
#include "base/calendar.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/os.h"

static const char local_file[] = "/etc/localtime";

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

/* POSIX, chapter 8.3: std offset [dst [offset] [,start,end]]. */
#define NAME "(<[^>]{3,}>|[[:alpha:]]{3,})"
#define SIXTIETHS "(:[0-5]?[0-9]){0,2}"
#define OFFSET "[+-]?(2[0-4]|[01]?[0-9])" SIXTIETHS
#define HOUR "[+-]?(16[0-7]|1[0-5][0-9]|[0-9]{1,2})" SIXTIETHS
#define WEEKDAY "M(1[0-2]|0?[1-9])[.][1-5][.][0-6]"
#define DAY "(0|J?(36[0-5]|3[0-5][0-9]|[12][0-9]{2}|[1-9][0-9]?))"
#define RULE ",(" WEEKDAY "|" DAY ")(/" HOUR ")?"

static bool is_posix(const char *zone)
{
	static const char rule[] =
		"^" NAME OFFSET "(" NAME "(" OFFSET ")?(" RULE RULE ")?)?$";
	regex_t whole;
	bool fits;

	if (regcomp(&whole, rule, REG_EXTENDED | REG_NOSUB))
		return true; /* out of memory: not the zone's fault */
	fits = !regexec(&whole, zone, 0, NULL, 0);
	regfree(&whole);
	return fits;
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

static bool by_system(time_t second, struct tm *local)
{
	return localtime_r(&second, local);
}

static bool (*_Atomic asked)(time_t second, struct tm *local) = by_system;

bool calendar_local(time_t second, struct tm *local)
{
	return asked(second, local);
}

bool calendar_utc(time_t second, struct tm *utc)
{
	return gmtime_r(&second, utc);
}

void calendar_ask(bool (*whom)(time_t second, struct tm *local))
{
	asked = whom;
}
