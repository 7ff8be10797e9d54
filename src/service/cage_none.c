// SPDX-License-Identifier: MIT
/*
 * Where there is no cage: on other systems, without libseccomp, and in builds
 * with a sanitizer or for coverage, whose own code makes system calls that the
 * server does not. CAGE_ABSENT says which; it is empty if that was chosen.
 */
#include <stdio.h>

#include "service/cage.h"

void cage_close_files(struct cage *cage)
{
	snprintf(cage->missing, sizeof(cage->missing), "%s", CAGE_ABSENT);
}

void cage_close_calls(struct cage *cage)
{
	(void)cage;
}
