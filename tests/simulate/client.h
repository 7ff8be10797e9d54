// SPDX-License-Identifier: MIT
/*
 * The clients of a simulation. Each has a real session and a manner: a row that
 * says what it does with it. When its connection has ended, it connects again,
 * in another manner. Knows nothing of the server.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { CLIENTS = 40 };

void clients_begin(void);

bool client_can_act(int i);
uint64_t client_due_ns(int i);
void client_act(int i);

/* From now on none connects; all finish what they have begun. */
void clients_finish(void);
bool clients_are_gone(void);
