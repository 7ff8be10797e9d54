// SPDX-License-Identifier: MIT
#include "helper.h"

#include "lib/status.h"
#include "smx.h"

/* As the man pages have them. */
static void each_failure_has_its_status(void **state)
{
	static const struct {
		enum smx_error error;
		int status;
	} rows[] = {
		{ SMX_OK, 0 },
		{ SMX_ERROR_USAGE, 2 },
		{ SMX_ERROR_SYSTEM, 3 },
		{ SMX_ERROR_RESOLVE, 3 },
		{ SMX_ERROR_CONNECT, 3 },
		{ SMX_ERROR_TIMEOUT, 4 },
		{ SMX_ERROR_PROTOCOL, 5 },
		{ SMX_ERROR_LOST, 1 },
		{ SMX_ERROR_REPLY, 1 },
		{ SMX_ERROR_IDENTITY, 6 },
		{ SMX_ERROR_UNKNOWN_SERVER, 6 },
		{ SMX_ERROR_CHANGED_SERVER, 6 },
		{ SMX_ERROR_NOT_AUTHORIZED, 6 },
		{ SMX_ERROR_KNOWN_SERVER, 6 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(status_of(rows[i].error), rows[i].status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure_has_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
