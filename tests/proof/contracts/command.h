// SPDX-License-Identifier: MIT
/*
 * What is proved of command.h, and of what it is made with. Frama-C adds the
 * contracts to those functions.
 */
#pragma once

#include "proto/command.h"

/* clang-format off */
/*@ assigns \nothing;
  @ ensures \result == \min(a, b);
  @*/
static inline size_t min_size(size_t a, size_t b);

/*@ assigns \nothing;
  @ ensures \result == 0 || \result == 1;
  @*/
static inline bool is_white(uint8_t byte);

/*@ logic integer word_length(integer command) =
  @   0 <= command <= COMMAND_TEMP ? 4 : command == COMMAND_END ? 3 : 0;
  @*/

/*@ requires text: n > 0 ==> \valid_read(text + (0 .. n - 1));
  @ requires command: \valid(command);
  @ requires apart: \separated(command, text + (0 .. n - 1));
  @ assigns *command \from *command, text[0 .. n - 1];
  @ assigns \result \from text[0 .. n - 1];
  @ ensures 0 <= \result <= MATCH_WORD;
  @ ensures \result == MATCH_PREFIX ==> 0 < n < 4;
  @ ensures \result == MATCH_WORD ==>
  @   0 <= *command < COMMAND_UNKNOWN && word_length(*command) <= n;
  @ ensures \result != MATCH_WORD ==> *command == \old(*command);
  @*/
enum match command_match(const uint8_t *text, size_t n, enum command *command);

/*@ requires text: \valid_read(text + (0 .. COMMAND_SHORT - 1));
  @ requires command: \valid(command);
  @ assigns *command \from *command, text[0 .. COMMAND_SHORT - 1];
  @ assigns \result \from text[0 .. COMMAND_SHORT - 1];
  @ ensures \result == 0 || \result == 1;
  @ ensures \result ==> 0 <= *command < COMMAND_END;
  @*/
bool command_match_short(
	const uint8_t text[static COMMAND_SHORT], enum command *command);

/*@ requires text: n > 0 ==> \valid_read(text + (0 .. n - 1));
  @ requires text: n > 0 ==> \initialized(text + (0 .. n - 1));
  @ assigns \result \from text[0 .. n - 1];
  @ ensures 0 <= \result <= COMMAND_UNKNOWN;
  @ ensures \result < COMMAND_UNKNOWN ==> n >= word_length(\result);
  @*/
enum command command_parse(const uint8_t *text, size_t n);

/*@ assigns \result \from command;
  @ ensures \result == word_length(command);
  @*/
size_t command_length(enum command command);
