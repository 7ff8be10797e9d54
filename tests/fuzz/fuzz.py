#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev fuzz: looks for inputs that break what reads what others wrote.

Each harness of tests/fuzz/ is run by libFuzzer under the address and undefined
behaviour sanitizers, from the inputs in tests/fuzz/corpus and those that were
found before. Then the lines are counted that the committed inputs reach."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
HARNESSES = sorted(path.name for path in (HERE / "corpus").iterdir())
# What reads what others wrote, and what of that does something else: prints,
# draws, opens files.
READERS = ("src/proto/", "src/crypto/", "src/lib/lines.c", "src/lib/trust.c",
           "src/lib/authorized.c", "src/lib/identity.c", "src/base/mark.c",
           "src/base/options.c", "src/net/address.c")
OTHERS = set("""
    authorized_load authorized_load_settled authorized_share
    crypto_init exchange_list exchange_named find_in_file help_row
    identity_default identity_draw identity_make identity_obtain in_folders
    is_half_written mark_print mark_vprint mark_wants_colour mark_write
    no_memory_for_key options_answer options_begin options_status
    point_to_help random_between random_bytes trust_default trust_find write_help
""".split())
LEAST = 95              # per cent of the lines of them all
MOST_BYTES = 4096       # of an input
PATIENCE = 30           # seconds beyond those that were ordered
EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")


def limits():
    return ["-timeout=5", "-rss_limit_mb=2048", f"-max_len={MOST_BYTES}"]


def fuzz(build, found, harness, seconds):
    """The harness, how many inputs it was given, and what it found."""
    folder = found / harness
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["nice", build / f"tests/fuzz-{harness}", *limits(),
         f"-max_total_time={seconds}", "-print_final_stats=1",
         f"-artifact_prefix={found}/{harness}-", folder,
         HERE / "corpus" / harness],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="replace",
        timeout=seconds + 10 * PATIENCE)
    count = EXECUTIONS.search(done.stderr)
    return (harness, int(count[1]) if count else 0,
            done.stderr[-6000:] if done.returncode else None)


def fuzz_all(args):
    """How many inputs there were, and which harnesses broke."""
    total, broken = 0, []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for harness, count, report in pool.map(
                lambda name: fuzz(args.build, args.found, name, args.seconds),
                args.harness):
            total += count
            print(f"{harness:<28}{count:>12,} inputs"
                  f"{', and one that breaks it' if report else ''}",
                  flush=True)
            if report:
                broken.append(harness)
                print(report)
    return total, broken


def merge(args):
    """Adds to the corpus what reaches further, and nothing else."""
    for harness in args.harness:
        subprocess.run(
            [args.build / f"tests/fuzz-{harness}", *limits(), "-merge=1", "-use_counters=0",
             HERE / "corpus" / harness, args.found / harness], check=True)


def profile(args, folder):
    """What the corpora reach, as llvm-cov reads it."""
    profiles = []
    for harness in HARNESSES:
        raw = folder / harness
        subprocess.run([args.replayed / f"tests/fuzz-{harness}",
                        HERE / "corpus" / harness], check=True,
                       stdout=subprocess.DEVNULL,
                       env={**os.environ, "LLVM_PROFILE_FILE": raw})
        profiles.append(raw)
    merged = folder / "all"
    subprocess.run(["llvm-profdata-14", "merge", "-o", merged, *profiles],
                   check=True)
    return merged


def export(args, merged, form):
    first, *rest = (args.replayed / f"tests/fuzz-{name}" for name in HARNESSES)
    return subprocess.run(
        ["llvm-cov-14", "export", f"-format={form}",
         f"-instr-profile={merged}", first,
         *(f"-object={path}" for path in rest)], check=True, text=True,
        stdout=subprocess.PIPE).stdout


def lines_of_others(functions):
    """(file, line) of what is no reader."""
    found = set()
    for function in functions:
        if function["name"].rpartition(":")[2] in OTHERS:
            first, _, last, *_ = function["regions"][0]
            found |= {(function["filenames"][0], line)
                      for line in range(first, last + 1)}
    return found


def lines_reached(args):
    """Of each reader: lines, and those that the corpora reach."""
    with tempfile.TemporaryDirectory() as folder:
        merged = profile(args, pathlib.Path(folder))
        others = lines_of_others(
            json.loads(export(args, merged, "text"))["data"][0]["functions"])
        counts = export(args, merged, "lcov")
    reached, name, path = {}, None, None
    for key, _, value in (line.partition(":") for line in counts.split()):
        if key == "SF":
            path = value
            name = os.path.relpath(os.path.realpath(path), ROOT)
            if not name.startswith(READERS) or not name.endswith(".c"):
                name = None
        elif key == "DA" and name:
            line, times = map(int, value.split(",")[:2])
            if (path, line) not in others:
                lines, covered = reached.get(name, (0, 0))
                reached[name] = lines + 1, covered + (times > 0)
    return reached


def print_lines(reached):
    """The percentage of all."""
    for name, (lines, covered) in sorted(reached.items()):
        print(f"{name:<28}{lines:>6} lines {100 * covered / lines:>6.1f} %")
    return (100 * sum(covered for _, covered in reached.values()) /
            sum(lines for lines, _ in reached.values()))


def parse():
    parser = argparse.ArgumentParser(
        prog="./dev fuzz", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Inputs that reach further are kept in build-fuzz/found, and "
               "those that break a harness\nbeside it, from where the harness "
               "repeats them: build-fuzz/tests/fuzz-NAME FILE. The\nlast line "
               "sums up. The exit status is 1 if a harness broke or too few "
               "lines are reached.")
    parser.add_argument("seconds", nargs="?", type=int, default=60,
                        metavar="SECONDS",
                        help="for each harness (default: 60)")
    parser.add_argument("--harness", action="append", choices=HARNESSES,
                        metavar="NAME",
                        help="only this one: " + ", ".join(HARNESSES))
    parser.add_argument("--merge", action="store_true",
                        help="afterwards, add what reaches further to the "
                             "corpora")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count(),
                        help="harnesses at a time (default: one a core)")
    for hidden in "--build", "--replayed":
        parser.add_argument(hidden, type=pathlib.Path, required=True,
                            help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.harness = args.harness or HARNESSES
    args.found = args.build.resolve() / "found"
    args.build = args.build.resolve()
    return args


def main():
    args = parse()
    total, broken = fuzz_all(args)
    if args.merge:
        merge(args)
    part = print_lines(lines_reached(args))
    failed = broken + ([f"lines below {LEAST} %"] if part < LEAST else [])
    print(f"fuzz: {total:,} inputs in {len(args.harness)} harnesses, "
          f"{args.seconds} s each; the corpora reach {part:.1f} % of the "
          f"readers; failed: {', '.join(failed) or 'nothing'}")
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, subprocess.SubprocessError) as trouble:
        sys.exit(f"./dev fuzz: {trouble}")
