// SPDX-License-Identifier: MIT
#include "service/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

/* The same numbers on every architecture (since Linux 5.13). */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { WHICH_VERSION = 1, PATH_BENEATH = 1 };

#define READ_FILE (UINT64_C(1) << 2)

struct ruleset {
	uint64_t files, network, scopes;
};

struct path_beneath {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed));

/* What each version can take away, in addition. */
static const struct ruleset versions[] = {
	{ .files = 0x1fff },  /* 1: execute, read, write, list, remove, make */
	{ .files = 1 << 13 }, /* 2: move and link between folders */
	{ .files = 1 << 14 }, /* 3: truncate */
	{ .network = 3 },     /* 4: bind and connect TCP sockets */
	{ .files = 1 << 15 }, /* 5: ioctl on devices */
	{ .scopes = 3 },      /* 6: abstract Unix sockets, signals outside */
};

static int create_ruleset(void)
{
	struct ruleset all = { 0 };
	long version = syscall(CREATE_RULESET, NULL, 0, WHICH_VERSION);

	if (version < 0)
		return -errno;
	for (size_t i = 0; i < COUNT_OF(versions) && (long)i < version; i++) {
		all.files |= versions[i].files;
		all.network |= versions[i].network;
		all.scopes |= versions[i].scopes;
	}
	/* An older kernel takes the longer struct, if the rest is zero. */
	version = syscall(CREATE_RULESET, &all, sizeof(all), 0);
	return version < 0 ? -errno : (int)version;
}

/* Without /proc there is nothing to be read. */
static int keep_readable(int ruleset, const char *readable)
{
	struct path_beneath rule = {
		.allowed = READ_FILE,
		.folder = open(readable, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	int error = 0;

	if (rule.folder < 0)
		return 0;
	if (syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0))
		error = -errno;
	close(rule.folder);
	return error;
}

int landlock_close(const char *readable)
{
	int ruleset = create_ruleset();
	int error = ruleset < 0 ? ruleset : keep_readable(ruleset, readable);

	if (!error && syscall(RESTRICT_SELF, ruleset, 0))
		error = -errno;
	if (ruleset >= 0)
		close(ruleset);
	return error;
}
