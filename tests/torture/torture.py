#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev torture: lets every call of the system fail, at every occurrence."""

import argparse
import collections
import contextlib
import hashlib
import itertools
import multiprocessing
import os
import pathlib
import signal
import sys
import tempfile
import time

from control import ANY, KILL, Control, Table
from run import Place, Wrong
from scenes import COMMANDS, Helper
from server_scenes import SERVERS, prepare_keys

SHORT = 100             # seconds, see --short
SCENES = {scene.name: scene for scene in [*SERVERS, *COMMANDS]}
# Whose files are looked at after a kill.
KILLED = [scene.name for scene in COMMANDS if scene.kept or scene.lists]

Case = collections.namedtuple("Case", "scene function at error lasts")


def name_of(case):
    """As --only takes it."""
    return ":".join([case.scene.replace(": ", "/").replace(" ", "-"),
                     case.function, str(case.at), case.error,
                     "on" if case.lasts else "once"])


# --- a worker ---------------------------------------------------------------

place = None            # each process has one


def begin(build, folder, library, counter):
    global place
    with counter.get_lock():
        counter.value += 1
        number = counter.value
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    place = Place(build, folder, number, Table(library))
    prepare_keys(place)
    place.helper = Helper(place)    # which ends with us


def play(scene_name, fault, patience=1):
    """Runs a scene: the calls it made, how often it failed, what was wrong."""
    place.patience = patience
    scene = SCENES[scene_name]
    if fault and scene in SERVERS and scene_name not in place.baseline:
        play(scene_name, None)
    control = Control(place.table, place.root / "control")
    if fault:
        control.arm(*fault)
    try:
        scene.run(place, control, fault)
        wrong = None
    except Wrong as found:
        wrong = str(found)
    except Exception as failure:        # a judge that fails has found something
        wrong = f"{type(failure).__name__}: {failure}"
    calls, hits = control.calls, control.hits
    control.close()
    return calls, hits, wrong


def count(scene_name):
    """What a scene calls without a fault, and what is wrong even then."""
    calls, _, wrong = play(scene_name, None, 5)
    return scene_name, calls, wrong


def play_killed(case):
    """After a kill: the files are read, and the same once more succeeds."""
    scene = SCENES[case.scene]
    control = Control(place.table, place.root / "control")
    control.arm(*case[1:])
    wrong, hits = None, 0
    try:
        program = scene.start(place, control)
        try:
            program.wait(scene.seconds)
        finally:
            program.end()
        scene.judge_files(place)
        hits = control.hits
        control.disarm()
        program = type(program)(place, None, scene.program,
                                *scene.words(place), stdin=scene.stdin)
        status = program.wait(scene.seconds)
        program.judge_end(status, (0, 1), False)
        scene.judge_files(place)
    except Wrong as found:
        wrong = str(found)
    finally:
        program.end()
        control.close()
    return hits, wrong


def try_case(case):
    """A failure counts if it comes again, with more time."""
    hits = wrong = None
    for patience in 1, 3:
        if case.error == KILL:
            hits, wrong = play_killed(case)
        else:
            _, hits, wrong = play(case.scene, case[1:], patience)
        if not wrong:
            break
    return case, hits, wrong


# --- the driver -------------------------------------------------------------

def all_cases(table, counts):
    for scene, calls in counts.items():
        for fault in table.faults(calls):
            yield Case(scene, *fault)
        if scene in KILLED:
            total = calls[table.names.index(ANY)]
            for at in range(1, total + 1):
                yield Case(scene, ANY, at, KILL, False)


def in_order(cases, seed):
    """A different order for each seed, in which each scene has its turn."""
    def place_of(case):
        return hashlib.sha256(f"{seed} {case}".encode()).digest()
    scenes = collections.defaultdict(list)
    for case in sorted(cases, key=place_of):
        scenes[case.scene].append(case)
    for row in itertools.zip_longest(*scenes.values()):
        yield from (case for case in row if case)


def parse():
    parser = argparse.ArgumentParser(
        prog="./dev torture", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The last line sums up. The exit status is 1 if a case failed, "
               "and 2 for wrong usage.")
    parser.add_argument("--short", action="store_true",
                        help=f"what {SHORT} seconds suffice for; which cases "
                             "these are depends on the seed, but those of "
                             "always.txt come first")
    parser.add_argument("--seed", default="",
                        help="of the order (default: none)")
    parser.add_argument("--scene", action="append", choices=SCENES,
                        metavar="SCENE",
                        help="only this one: " + "; ".join(SCENES))
    parser.add_argument("--only", metavar="CASE", action="append",
                        help="only this case, as a failure names it")
    parser.add_argument("--count", action="store_true",
                        help="print how many cases there are, and run none")
    parser.add_argument("-j", "--jobs", type=int,
                        default=2 * os.cpu_count(),
                        help="processes (default: two a core)")
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.build = args.build.resolve()
    return args


def chosen(cases, args):
    """In the order in which they are run."""
    listed = pathlib.Path(__file__).with_name("always.txt")
    always = [line.split("#")[0].strip()
              for line in listed.read_text().splitlines()]
    first = set(args.only or filter(None, always))
    cases = list(in_order(cases, args.seed))
    found = [case for case in cases if name_of(case) in first]
    if args.only:
        return found
    return found + [case for case in cases if name_of(case) not in first]


def run_all(pool, cases, args, began):
    """Until all are done, or the time is up."""
    hit = missed = 0
    failed = []
    for case, hits, wrong in pool.imap_unordered(try_case, cases):
        hit, missed = hit + bool(hits), missed + (not hits)
        if wrong:
            failed.append(case)
            print(f"FAILED {name_of(case)}: {wrong}", flush=True)
        elif (hit + missed) % 1000 == 0:
            print(f"{hit + missed} of {len(cases)}, {len(failed)} failed",
                  file=sys.stderr, flush=True)
        if args.short and time.monotonic() - began > SHORT:
            pool.terminate()
            break
    return hit, missed, failed


def main():
    args = parse()
    library, = args.build.glob("tests/libtorture.so")
    table = Table(library)
    began = time.monotonic()
    counter = multiprocessing.Value("i", 0)
    with tempfile.TemporaryDirectory(prefix="smx-torture-") as folder, \
            contextlib.closing(multiprocessing.Pool(
                args.jobs, begin, (args.build, folder, library, counter))
            ) as pool:
        counts = {}
        for name, calls, wrong in pool.imap_unordered(
                count, args.scene or SCENES):
            if wrong:
                sys.exit(f"./dev torture: {name}, without a fault: {wrong}")
            counts[name] = calls
        cases = chosen(all_cases(table, dict(sorted(counts.items()))), args)
        if args.count:
            print(f"{len(cases)} cases")
            return 0
        hit, missed, failed = run_all(pool, cases, args, began)
        pool.terminate()
        pool.join()
    print(f"torture: {hit + missed} of {len(cases)} cases in {len(counts)} "
          f"scenes, {hit} with a fault, {missed} in which the call did not "
          f"come, {time.monotonic() - began:.0f} s: {len(failed)} failed")
    return 1 if failed or not hit else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
