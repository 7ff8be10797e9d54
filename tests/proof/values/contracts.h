// SPDX-License-Identifier: MIT
/* What the frames assume of command.h. */
#pragma once

#include "proto/command.h"

/* clang-format off */
/*@ requires text: n > 0 ==> \valid_read(text + (0 .. n - 1));
  @ requires text: n > 0 ==> \initialized(text + (0 .. n - 1));
  @ assigns \result \from text[0 .. n - 1];
  @ ensures \result <= COMMAND_UNKNOWN;
  @*/
enum command command_parse(const uint8_t *text, size_t n);
