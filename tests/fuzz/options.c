// SPDX-License-Identifier: MIT
/*
 * A command line, its words separated by NULs, for a program with an option of
 * each kind. Values are within their bounds, and every refusal has a reason.
 */
#include "base/options.h"
#include "bytes.h"

#include <getopt.h>

enum { WORDS_MAX = 40, LEAST = 1, MOST = 3 };

static struct {
	bool flag;
	const char *text;
	long number;
	unsigned ms;
	int choice, word;
	struct option_list list;
} got;

static const struct option_row rows[] = {
	{ 'f', "flag", NULL, option_flag, &got.flag, 0, 0, "a flag" },
	{ 't', "text", "TEXT", option_text, &got.text, 0, 0, "a text" },
	{ 'n', "number", "N", option_number, &got.number, 1, 65535, "a port" },
	{ 0, "seconds", "S", option_seconds, &got.ms, 0.001, 3600, "a time" },
	{ 0, "choice", "one|two", option_choice, &got.choice, 0, 0, "either" },
	{ 'w', "word", "time|date", option_word, &got.word, 0, 0, "a word" },
	{ 'l', "list", "TEXT", option_list, &got.list, 0, 0, "several" },
};

static const struct options options = {
	.program = "fuzz",
	.usage = "[OPTION...] WORD...",
	.purpose = "Is tried.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.least = LEAST,
	.most = MOST,
	.examples = "",
	.more = "",
};

static void check_values(int argc, int operands)
{
	assert(argc - operands >= LEAST && argc - operands <= MOST);
	assert(got.number >= 1 && got.number <= 65535);
	assert(got.ms >= 1 && got.ms <= 3600000);
	assert(got.choice >= 0 && got.choice < 2);
	assert(got.word >= 0 && got.word < 2);
	assert(got.list.count <= OPTIONS_LIST_MAX);
	for (size_t i = 0; i < got.list.count; i++)
		assert(got.list.texts[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size };
	struct complaint complaint = { "" };
	char *text = bytes_text(&b, size), program[] = "fuzz";
	char *argv[WORDS_MAX + 2] = { program };
	int argc = 1, result;

	for (size_t at = 0; at < size && argc <= WORDS_MAX;
		at += strlen(text + at) + 1)
		argv[argc++] = text + at;
	memset(&got, 0, sizeof(got));
	got.number = got.ms = 1;
	optind = 0; /* glibc: from the beginning */
	result = options_parse(&options, argc, argv, &complaint);
	if (result >= 0)
		check_values(argc, result);
	else
		assert(result != OPTIONS_WRONG || *complaint.text);
	free(text);
	return 0;
}
