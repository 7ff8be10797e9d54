// SPDX-License-Identifier: MIT
/*
 * A main() for the harnesses where there is no fuzzer: gives them every file
 * of the folders named on the command line, and says so as TAP. A harness that
 * is not content aborts.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 16 };

static int replay(const char *folder, const char *name)
{
	static uint8_t data[INPUT_MAX];
	uint8_t *input;
	char path[4096];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!file)
		return -1;
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	input = malloc(size + !size); /* its end is the memory's end */
	if (!input)
		return -1;
	memcpy(input, data, size);
	LLVMFuzzerTestOneInput(input, size);
	free(input);
	return 0;
}

int main(int argc, char **argv)
{
	int count = 0, failed = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++) {
		struct dirent **names;
		int n = scandir(argv[i], &names, NULL, alphasort);

		for (int j = 0; j < n; j++) {
			const char *name = names[j]->d_name;
			int error;

			if (name[0] != '.') {
				error = replay(argv[i], name);
				failed += error != 0;
				printf("%sok %d - %s\n", error ? "not " : "",
					++count, name);
			}
			free(names[j]);
		}
		if (n >= 0)
			free(names);
	}
	printf("1..%d\n", count);
	return failed || !count;
}
