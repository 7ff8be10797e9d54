# SPDX-License-Identifier: MIT
"""The entry points of values/, what each must reach, and bugs to put in."""

from typing import NamedTuple

WITH_BUG, SHORT, FULL = range(3)


class Bug(NamedTuple):
    """In source, old becomes new; what must be in the alarm."""
    name: str
    source: str
    old: str
    new: str
    alarm: str


class Entry(NamedTuple):
    """What is analysed, and how much of it at least."""
    name: str
    sources: tuple
    covers: tuple  # functions that must be reached
    # Of these, only so many per cent of the statements can be reached from
    # here: those of other functions, all.
    partly: dict
    bugs: tuple
    whole: bool = True  # of functions that are in neither, all as well
    by_path: bool = False
    # How much is tried: with a bug, short, and in full.
    longest: tuple = ()  # input in bytes
    taken: tuple = ()  # of so many lengths, one
    assumed: tuple = ()  # functions that are not entered: their contracts hold
    left: tuple = ()  # properties that WP proves
    options: tuple = ()

    def defined(self, form):
        return " ".join(
            f"-D{name}={figures[form]}" for name, figures in
            (("LONGEST", self.longest), ("TAKEN", self.taken)) if figures)


HISTOGRAM = ("tests/proof/values/histogram.c", "src/bench/histogram.c")
RECOVER = ("tests/proof/values/recover.c", "src/proto/recover.c",
           "src/proto/command.c", "src/crypto/xor.c")
FRAMES = ("tests/proof/values/frames.c", "src/proto/exchange_noise.c",
          "src/proto/command.c", "src/crypto/noise.c")
SESSION = ("tests/proof/values/session.c", "src/proto/session.c",
           "src/proto/exchange.c", "src/proto/exchange_xor.c",
           "src/proto/exchange_noise.c", "src/proto/recover.c",
           "src/proto/command.c", "src/crypto/xor.c", "src/crypto/noise.c")
FEWER = ("-eva-slevel", "300")

# Of these contracts, Eva, which does not relate two values, shows nothing.
LARGEST = ("postcondition, unknown: \\old(h_0)->max == \\max(",)
RESULTS = ("postcondition, unknown: \\result == \\old(h_0)->",
           "postcondition, unknown: \\result <= \\old(h_0)->max")

ENTRIES = (
    Entry("record", HISTOGRAM,
          ("histogram_record", "bucket_of", "shift_of"), {},
          (Bug("a bucket too few", "src/bench/histogram.c",
               "&h->counts[bucket_of(value)]",
               "&h->counts[bucket_of(value) + 1]", "histogram.c"),
           Bug("a digit too many", "src/bench/histogram.c",
               "bits - HISTOGRAM_DIGITS - 1 : 0",
               "bits - HISTOGRAM_DIGITS - 2 : 0", "histogram.c"),
           Bug("clz of zero", "src/bench/histogram.c", "value | 1",
               "value", "x != 0")), left=LARGEST),
    Entry("up_to", HISTOGRAM,
          ("histogram_up_to", "bucket_of", "shift_of"), {},
          (Bug("one more", "src/bench/histogram.c",
               "i <= bucket_of(value)", "i <= bucket_of(value) + 1",
               "valid_read(number)"),),
          options=("-eva-precision", "1")),
    Entry("shares", HISTOGRAM,
          ("histogram_add", "histogram_at", "histogram_total",
           "histogram_max", "value_of", "top_of"),
          {},
          (Bug("a bucket too far", "src/bench/histogram.c",
               "for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {\n"
               "\t\tseen", "for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++) {"
               "\n\t\tseen", "valid_read(number)"),
           Bug("shifted too far", "src/bench/histogram.c",
               "(unsigned)doublings - 1 : 0",
               "(unsigned)doublings + 7 : 0", "shift")),
          left=LARGEST + RESULTS),
    Entry("moments", HISTOGRAM,
          ("histogram_mean", "histogram_deviation", "middle_of"), {},
          (Bug("no values", "src/bench/histogram.c",
               "total ? sum / (double)total : 0",
               "sum / (double)total", "is_nan_or_infinite"),
           Bug("not a square", "src/bench/histogram.c",
               "* off * off;", "* off;", "sqrt"),
           Bug("too large a square", "src/bench/histogram.c",
               "* off * off;", "* off * off * 1e250;",
               "is_nan_or_infinite"))),
    Entry("requests", RECOVER,
          ("recover_request", "recover_by_rule", "match_at", "skip_white",
           "is_plain", "is_short_word", "command_match",
           "command_match_short"),
          # Never of COMMAND_UNKNOWN; and a window that is full is for WP.
          {"command_length": 80, "min_size": 75},
          (Bug("a word that is longer", "src/proto/recover.c",
               "word + command_length(*request)", "word + 4", "mem_access"),
           Bug("the rest is longer", "src/proto/recover.c",
               "n - rest, &next", "n, &next", "mem_access"),
           Bug("white space beyond the end", "src/proto/recover.c",
               "from < n &&", "from <= n &&", "mem_access"),
           Bug("a pair that is cut off", "src/proto/recover.c",
               "2 * (size_t)COMMAND_SHORT", "(size_t)COMMAND_SHORT",
               "memcpy"),
           Bug("never decided", "src/proto/recover.c",
               "if (!late && n < MESSAGE_MAX)", "if (n < MESSAGE_MAX)",
               "late != 0"),
           Bug("text that is not there", "src/proto/recover.c",
               "command_match(text, length, command)",
               "command_match(text, sizeof(text), command)",
               "initialization"),
           Bug("a short word that is shorter", "src/proto/command.c",
               "commands[i].length == COMMAND_SHORT",
               "commands[i].length <= COMMAND_SHORT", "< COMMAND_END")),
          by_path=True, longest=(10, 20, 40),
          # Eva does not relate a value to what it was before the call.
          left=("*\\old(command) == \\old(*command)",)),
    Entry("replies", RECOVER,
          ("recover_reply", "recover_text", "recover_error", "command_fit",
           "fit_text", "fit_number", "xor_apply"),
          # The bounds of a TEMP are constants; the texts are shorter than two
          # words, and never in the middle of the key.
          {"fit_number": 80, "xor_stretch": 30, "xor_apply_long": 50,
           "xor_apply": 95, "recover_text": 95, "fit_text": 98},
          (Bug("room for a TIME only", "src/proto/command.h",
               "REPLY_MAX + 1", "REPLY_MAX", "reply.text[REPLY_MAX]"),
           Bug("all that is there", "src/proto/recover.c",
               "min_size(n, sizeof(text))", "n", "valid_dest"),
           Bug("the form of another", "src/proto/command.c",
               "= &commands[command].form", "= &commands[command + 2].form",
               "valid_read(&form->text[0])"),
           Bug("an error that is cut off", "src/proto/recover.c",
               "min_size(n, REPLY_ERROR_BYTES)", "REPLY_ERROR_BYTES + 1",
               "memcmp")),
          by_path=True, longest=(16, 20, 40)),
    Entry("sealed_replies", FRAMES,
          ("open_reply", "open_frame", "is_frame_length", "stripped",
           "noise_decrypt", "decrypt_with_ad", "command_is_reply"),
          {"fit_number": 80, "fit_text": 98},
          (Bug("half a header", "src/proto/exchange_noise.c",
               "if (n < FRAME_HEADER_BYTES)", "if (n < 1)", "mem_access"),
           Bug("a frame that is cut off", "src/proto/exchange_noise.c",
               "n < FRAME_HEADER_BYTES + sealed", "n < sealed",
               "in: \\valid_read"),
           Bug("a frame that is too long", "src/proto/exchange_noise.c",
               "n <= MESSAGE_MAX + NOISE_TAG_BYTES",
               "n <= MESSAGE_MAX + NOISE_TAG_BYTES + FRAME_STEP",
               "out: n > 16"),
           Bug("a frame without text", "src/proto/exchange_noise.c",
               "n >= FRAME_STEP + NOISE_TAG_BYTES", "n >= 0", "used == -71"),
           Bug("more than a reply", "src/proto/exchange_noise.c",
               "!command_is_reply(", "command_is_reply(", "valid_dest")),
          by_path=True, taken=(33, 31, 1)),
    Entry("frames", FRAMES,
          ("serve", "open_request", "open_frame", "stripped", "seal"),
          # Half a header is for sealed_replies, texts of no length for sealed.
          {"open_frame": 88, "seal": 68},
          (Bug("no room", "src/proto/exchange_noise.c",
               "if (!frame)", "if (length == 1)", "mem_access"),
           Bug("padding left out", "src/proto/exchange_noise.c",
               "memset(frame + n, 0, length - n)",
               "memset(frame + n, 0, length - n - 1)", "\\initialized(in"),
           Bug("a text with its padding", "src/proto/exchange_noise.c",
               "command_parse(text, length)",
               "command_parse(text, sizeof(text))", "\\initialized(text"),
           Bug("a frame taken twice", "src/proto/serve.h",
               "left.bytes += used;", "left.bytes += 2 * used;",
               "mem_access"),
           Bug("only padding", "src/proto/exchange_noise.c",
               "while (n && !text", "while (!text", "text + ")),
          by_path=True, taken=(31, 31, 1), assumed=("command_parse",),
          options=("-eva-slevel-function", "stripped:0")),
    Entry("sealed", FRAMES,
          ("seal", "padded", "buffer_extend", "noise_encrypt",
           "encrypt_with_ad"),
          {},
          (Bug("a text that is too long", "src/proto/exchange_noise.c",
               "n > MESSAGE_MAX || ", "", "error == -22"),
           Bug("nothing", "src/proto/exchange_noise.c",
               "n < 1 || ", "", "mem_access"),
           Bug("no room for the tag", "src/proto/exchange_noise.c",
               "buffer_extend(out, FRAME_HEADER_BYTES + sealed)",
               "buffer_extend(out, FRAME_HEADER_BYTES + length)",
               "\\valid(out"),
           Bug("padded by one too few", "src/proto/exchange_noise.c",
               "(n + FRAME_STEP - 1)", "(n + FRAME_STEP - 2)", "memset")),
          by_path=True, taken=(255, 127, 1)),
    # What follows the flights is for the entry points above.
    Entry("server_noise", SESSION,
          ("session_feed", "take_choice", "take_flight", "advance", "begin",
           "noise_start", "noise_overhead", "mix_dh", "mix_key", "hkdf"),
          # There is neither ss nor a payload.
          {"noise_read": 93, "noise_write": 94, "mix_token": 88},
          (Bug("a flight that is cut off", "src/proto/session.c",
               "if (in->n < length)", "if (in->n + 1 < length)",
               "valid_read"),
           Bug("a key without its tag", "src/crypto/noise.c",
               "in += NOISE_KEY_BYTES + tag_bytes(h);",
               "in += NOISE_KEY_BYTES;", "out: n > 16")),
          by_path=True, whole=False, options=FEWER),
    Entry("server_xor", SESSION,
          ("session_feed", "take_choice", "take_flight", "take_request",
           "check_peer", "read_flight", "write_flight", "xor_apply_long",
           "xor_stretch"),
          {},
          (Bug("one flight too many", "src/proto/session.c",
               "while (s->flight < e->flights &&",
               "while (s->flight <= e->flights &&", "FLIGHTS_MAX"),
           Bug("a word beyond the end", "src/crypto/xor.c",
               "last = n - sizeof(last_word)", "last = n", "valid_dest")),
          by_path=True, whole=False, options=FEWER),
    Entry("client_noise", SESSION,
          ("noise_start", "mix_dh", "mix_key", "hkdf", "is_allowed"),
          {"noise_read": 91, "session_feed": 95, "mix_token": 88},
          (Bug("a flight that is cut off", "src/proto/session.c",
               "if (in->n < length)", "if (in->n + 1 < length)",
               "valid_read"),),
          by_path=True, whole=False, options=FEWER),
    Entry("client_xor", SESSION,
          ("take_reply", "recover_reply", "remember_asked",
           "forget_oldest_asked", "replied"),
          {"session_feed": 95},
          (Bug("a reply without a length", "src/proto/recover.c",
               ".length = (uint8_t)taken", ".length = 0", "1 <= reply"),),
          by_path=True, whole=False, options=FEWER),
)
