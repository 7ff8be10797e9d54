// SPDX-License-Identifier: MIT
/*
 * The part of Landlock that the cage needs (the kernel's documentation,
 * userspace-api/landlock.rst). Its header may be older than the kernel that the
 * program will run on, so the numbers are here. Linux only.
 */
#pragma once

#include "base/attributes.h"

/*
 * Takes every right on files and on new TCP connections away from this thread,
 * and from those that it will start; but what is below the folder readable, if
 * that exists, can still be read. 0 or -errno: -ENOSYS or -EOPNOTSUPP if the
 * kernel does not have Landlock. Rights that this kernel cannot take stay.
 */
MUST_CHECK int landlock_close(const char *readable);
