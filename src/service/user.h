// SPDX-License-Identifier: MIT
/*
 * Becoming another user for good, after what only root may do has been done.
 * Used by the program's main thread, before any other is started.
 */
#pragma once

#include "base/attributes.h"
#include "base/complaint.h"

/*
 * Takes the user, the groups and the home directory ($HOME) of that user of the
 * system: 0, or -errno with a complaint, after which the process must end. Only
 * root can become someone else; whoever it already is may be named.
 */
MUST_CHECK int user_become(const char *name, struct complaint *complaint);
