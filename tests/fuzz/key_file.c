// SPDX-License-Identifier: MIT
/*
 * A key file. It is read from a real file, since its reader takes a path; what
 * is read is one line of the input, and whatever is wrong with a file, the
 * complaint does not tell what is in it.
 */
#include "bytes.h"
#include "crypto/random.h"
#include "lib/identity.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { TOLD = 8 }; /* characters of a secret */

static char folder[64], path[80];

static void clean(void)
{
	unlink(path);
	rmdir(folder);
}

static void begin(void)
{
	snprintf(folder, sizeof(folder), "%s/fuzz-key-XXXXXX", P_tmpdir);
	if (crypto_init() || !mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/key", folder);
	atexit(clean);
}

static void put(const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd))
		abort();
}

/* A part of what cannot be read must not be shown: it may be a key. */
static void check_is_silent(const char *complaint, const char *text, size_t n)
{
	for (size_t i = 0; i + TOLD <= n; i++) {
		char part[TOLD + 1] = "";

		memcpy(part, text + i, TOLD);
		if (strlen(part) == TOLD &&
			strspn(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789+/=") == TOLD)
			assert(!strstr(complaint, part));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct noise_identity *identity = NULL;
	struct complaint complaint = { "" };
	char *text = malloc(size + 1), key[KEY_TEXT_BYTES];
	int error;

	if (!*path)
		begin();
	assert(text);
	memcpy(text, data, size);
	text[size] = '\0';
	put(data, size);
	error = identity_load(path, &identity, &complaint);
	if (error) {
		assert(*complaint.text && !identity);
		check_is_silent(complaint.text, text, size);
	} else {
		assert(strstr(text, key_format(identity->secret, key)));
		key_identity_free(identity);
	}
	free(text);
	return 0;
}
