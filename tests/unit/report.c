// SPDX-License-Identifier: MIT
#include "helper.h"

#include <jansson.h>

#include "bench/report.h"

static struct plan plan;
static struct result result;
static const struct report report = { &plan, &result, "[::1]:1337" };
static char *text;
static size_t length;

static int empty(void **state)
{
	(void)state;
	plan = (struct plan){ .connections = 2, .threads = 1, .depth = 1 };
	memset(&result, 0, sizeof(result));
	result.remained = 2;
	return 0;
}

static int forget_text(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static FILE *begin(void)
{
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	return out;
}

static json_t *as_json(void)
{
	FILE *out = begin();
	json_t *o;

	assert_int_equal(report_json(&report, out), 0);
	fclose(out);
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	return o;
}

static void record(enum tally_time time, uint64_t ns, int times)
{
	while (times--)
		histogram_record(&result.tally.times[time], ns);
}

static const json_t *latency(const json_t *o, const char *which)
{
	return json_object_get(json_object_get(o, "latency"), which);
}

static void a_run_without_anything_is_zeros_and_nulls(void **state)
{
	json_t *o = as_json();

	(void)state;
	assert_true(json_integer_value(json_object_get(o, "completed")) == 0);
	assert_true(json_real_value(json_object_get(o, "achieved_per_s")) == 0);
	assert_true(json_is_null(
		json_object_get(latency(o, "request"), "mean_ms")));
	assert_true(
		json_is_null(json_object_get(latency(o, "connect"), "p50_ms")));
	assert_int_equal(
		json_object_size(json_object_get(o, "connections_failed")), 0);
	json_decref(o);
}

static void each_mode_has_its_latencies(void **state)
{
	static const struct {
		enum plan_mode mode;
		size_t count;
		bool requests, uncorrected;
	} expected[] = {
		{ PLAN_CLOSED, 3, true, false },
		{ PLAN_OPEN, 4, true, true },
		{ PLAN_HANDSHAKES, 2, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		json_t *o;

		plan.mode = expected[i].mode;
		o = as_json();
		assert_int_equal(
			json_object_size(json_object_get(o, "latency")),
			expected[i].count);
		assert_int_equal(
			latency(o, "request") != NULL, expected[i].requests);
		assert_int_equal(latency(o, "request_uncorrected") != NULL,
			expected[i].uncorrected);
		json_decref(o);
		forget_text(NULL);
	}
}

static void errors_are_all_that_went_wrong(void **state)
{
	const json_t *failed;
	json_t *o;

	(void)state;
	tally_count(&result.tally, TALLY_WRONG, 1);
	tally_count(&result.tally, TALLY_MISSING, 20);
	tally_count(&result.tally, TALLY_RESET, 300);
	tally_count(&result.tally, TALLY_SYSTEM, 4000);
	result.never_left = 50000;
	tally_count(&result.tally, TALLY_UNSENT, 7);    /* no error */
	tally_count(&result.tally, TALLY_CUT_SHORT, 7); /* neither */
	assert_int_equal(report_errors(&report), 54321);
	o = as_json();
	failed = json_object_get(o, "connections_failed");
	assert_int_equal(json_object_size(failed), 2);
	assert_true(json_integer_value(json_object_get(
			    failed, tally_reason(TALLY_SYSTEM))) == 4000);
	json_decref(o);
}

static void the_distribution_ends_with_the_largest_value(void **state)
{
	static const char expected[] =
		"       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
		"    0.000100 0.000000000000          3           1.00\n"
		"    0.000100 0.100000000000          3           1.11\n"
		"    0.000100 0.200000000000          3           1.25\n"
		"    0.000100 0.300000000000          3           1.43\n"
		"    0.000100 0.400000000000          3           1.67\n"
		"    0.000100 0.500000000000          3           2.00\n"
		"    0.000100 0.550000000000          3           2.22\n"
		"    0.000100 0.600000000000          3           2.50\n"
		"    0.000100 0.650000000000          3           2.86\n"
		"    0.000100 0.700000000000          3           3.33\n"
		"    0.000100 0.750000000000          3           4.00\n"
		"    0.000200 1.000000000000          4\n";
	FILE *out = begin();

	(void)state;
	record(TALLY_REQUEST, 100, 3);
	record(TALLY_REQUEST, 200, 1);
	assert_int_equal(report_hgrm(&report, out), 0);
	fclose(out);
	assert_memory_equal(text, expected, sizeof(expected) - 1);
	assert_non_null(strstr(text, "Total count    =            4]\n"));
}

static void the_distribution_of_nothing_has_no_lines(void **state)
{
	static const char head[] =
		"       Value     Percentile TotalCount 1/(1-Percentile)\n\n#";
	FILE *out = begin();

	(void)state;
	assert_int_equal(report_hgrm(&report, out), 0);
	fclose(out);
	assert_memory_equal(text, head, sizeof(head) - 1);
}

/* How long the row is that begins so. */
static size_t row_length(const char *start)
{
	const char *row = strstr(text, start);

	assert_non_null(row);
	return strcspn(row + 1, "\n");
}

static void columns_hold_waits_of_any_length(void **state)
{
	FILE *out = begin();

	(void)state;
	record(TALLY_CONNECT, 1, 1);
	record(TALLY_EXCHANGE, 9999 * UINT64_C(1000000), 1);
	record(TALLY_REQUEST, 5000 * UINT64_C(1000000000), 1);
	report_text(&report, out);
	fclose(out);
	assert_int_equal(
		row_length("\n  connect "), row_length("\n  latency, ms "));
	assert_true(row_length("\n  latency, ms ") < 80);
	assert_int_equal(
		row_length("\n  key exchange "), row_length("\n  connect "));
	assert_int_equal(
		row_length("\n  request "), row_length("\n  connect "));
}

static int doubts;

PRINTF_LIKE(1, 2)
static void count_doubt(const char *format, ...)
{
	(void)format;
	doubts++;
}

static void a_run_that_went_well_raises_no_doubts(void **state)
{
	(void)state;
	result.seconds = 1.001; /* which is less, once it was multiplied */
	plan.duration_ns = 1001000000;
	result.busiest = 0.5;
	doubts = 0;
	report_doubts(&report, count_doubt);
	assert_int_equal(doubts, 0);
	result.remained = 0;
	report_doubts(&report, count_doubt);
	assert_int_equal(doubts, 1);
}

static int allocations_left; /* until one fails */

static void *take_or_fail(size_t n)
{
	return allocations_left-- ? malloc(n) : NULL;
}

static void a_report_is_whole_or_an_error(void **state)
{
	int i = 0, error;
	char *whole;

	(void)state;
	record(TALLY_REQUEST, 1000, 3);
	json_decref(as_json());
	whole = text;
	json_set_alloc_funcs(take_or_fail, free);
	do {
		FILE *out = begin();

		allocations_left = i++;
		error = report_json(&report, out);
		fclose(out);
		if (error)
			forget_text(NULL);
	} while (error && i < 10000);
	json_set_alloc_funcs(malloc, free);
	assert_in_range(i, 50, 9999);
	assert_string_equal(text, whole);
	free(whole);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, empty, forget_text)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_run_without_anything_is_zeros_and_nulls),
		TEST(each_mode_has_its_latencies),
		TEST(errors_are_all_that_went_wrong),
		TEST(the_distribution_ends_with_the_largest_value),
		TEST(the_distribution_of_nothing_has_no_lines),
		TEST(columns_hold_waits_of_any_length),
		TEST(a_run_that_went_well_raises_no_doubts),
		TEST(a_report_is_whole_or_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
