// SPDX-License-Identifier: MIT
/*
 * How many connections and threads there can be, as far as the system's limit
 * on descriptors goes. Used by the program's main thread.
 */
#pragma once

#include "base/log.h"
#include "server/settings.h"

enum { CONNECTIONS_MAX = 1000000 };

/*
 * Uses as many descriptors as the system grants, and unless an option says
 * otherwise, as many connections as those allow. Once, at startup.
 */
void limits_settle(struct settings *settings);

/* At most this many at a time, with the reserve for those that begin. */
long limits_connections(const struct settings *settings);

/* Says so if that needs more descriptors than are granted. */
void limits_warn(const struct settings *settings, struct log *log);
