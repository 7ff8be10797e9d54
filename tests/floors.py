# SPDX-License-Identifier: MIT
"""Checks that the house stands as docs/design.md draws it, as TAP.

    python3 tests/floors.py [the project's root]

A folder includes only folders below it, and no files include each other in a
circle. The system is met in few rooms: above floor 1 nobody calls it on their
own, but for files in lib/files*.c and lib/paths.c, and for those in service/
that give up rights. proto/ and crypto/ know no
sockets, clocks or allocators; floors 0 to 3 neither print nor exit. Files and
functions stay short, and so does what a reader of the server must read. Every
file says its licence, and every header is read once. First it checks itself on
houses that are built wrong.
"""

import re
import sys
import tempfile
from pathlib import Path

FLOORS = {"base": 0, "crypto": 1, "net": 1, "terminal": 1, "proto": 2,
          "lib": 3, "server": 4, "client": 4, "bench": 4, "keygen": 4,
          "service": 5, "lab": 6}
PUBLIC = {"smx.h": "lib"}  # headers in include/, and whose they are
NO_SOURCES = (".abi", ".build", ".json", ".py", ".pyc", ".sh")
SILENT = range(4)
FILE_LINES, FUNCTION_LINES = 350, 60
CORE, CORE_LINES = ("base", "net", "crypto", "proto", "server"), 9000

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:([<"])([^>"]+)[>"]|\w+)', re.M)
COMMENT_OR_STRING = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
FUNCTION = re.compile(r"^\{$.*?^\}$", re.M | re.S)
CONDITION = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef)\b.*", re.M)
LOUD = re.compile(
    r"\b(?:(?:v?printf|puts|putchar|perror|psignal|warnx?|errx?|"
    r"_?exit|_Exit|quick_exit|abort)\s*\(|stdout\b|stderr\b)")


def calls(names):
    """Calls of these functions, and other uses: as a value, or in a macro.

    Not of members, nor of longer names.
    """
    return re.compile(
        r"(?:(?<![\w.>])(?:{0})\s*\(|"
        r"(?:[=(,?:&]|\b(?:return|define\s+\w+))\s*(?:{0})\s*[;,):?}}\n])"
        .format("|".join(names.split())))


# What is met in a room of its own.
FILES = """open openat creat close p?readv? p?writev? f?sync fdatasync access
    faccessat l?stat fstat fstatat unlink unlinkat rename renameat2? linkat?
    symlink readlink mkdir mkdtemp mkstemp opendir umask f?chmod f?chown
    (?:mkdir|symlink|readlink|renameat?|fchmod|fchown|mknod)at mk(?:fifo|nod)
    realpath remove scandir nftw glob freopen popen
    f?truncate lseek flock fcntl get[ep]?[ug]id getpw\\w+ nanosleep syscall"""
SOCKETS = """socket socketpair bind listen accept4? connect shutdown send
    sendto sendmsg recv recvfrom recvmsg [gs]etsockopt getsockname getpeername
    (?:send|recv)mmsg sendfile splice tee getnameinfo p?poll p?select
    epoll_\\w+ eventfd pipe2? dup[23]? ioctl"""
SIGNALS = """signal sigaction sigprocmask pthread_sigmask sig\\w*set
    sigwait\\w* sigtimedwait sigsuspend sigqueue raise kill killpg pthread_kill
    alarm setitimer timer\\w+ signalfd sigaltstack"""
REST = """getrlimit setrlimit prlimit getrusage prctl sysconf usleep sleep
    clock_nanosleep sched_\\w+ isatty ttyname tc\\w+attr tcgetpgrp getpgrp
    v?fork exec\\w+ system posix_spawn\\w* wait[34]? waitpid daemon mmap
    munmap mlock\\w* madvise getentropy getrandom explicit_bzero"""
CALENDAR = """clock_\\w*time gettimeofday localtime\\w* gmtime\\w* mktime tzset
    putenv setenv unsetenv"""
CLOCKS = "clock\\w* time gettimeofday localtime\\w* gmtime\\w* mktime tzset"
ALLOCATORS = "[mc]alloc realloc\\w* free strn?dup v?asprintf alloca"

# Of service/: what gives up rights, and what has them still.
CONFINING = ("cage_", "landlock", "helper", "user")

HEADERS = re.compile(r"(?!sys/types\.h)(?:sys|net|netinet|arpa|linux)/.*|"
                     r"(?:poll|fcntl|termios|pwd|sched|sysexits)\.h")

SYSTEM = calls(" ".join((FILES, SOCKETS, SIGNALS, REST, CALENDAR)))
NO_FILES = calls(" ".join((SOCKETS, SIGNALS, REST)))
PURE = calls(" ".join((FILES, SOCKETS, SIGNALS, REST, CLOCKS, ALLOCATORS)))


def forbidden_to(folder, name):
    """What a file of that name must not call, or None."""
    if folder in ("proto", "crypto"):
        return PURE
    if folder == "lib" and name.startswith(("files", "paths")):
        return NO_FILES
    if folder == "service" and name.startswith(CONFINING):
        return None
    return SYSTEM if FLOORS[folder] > 1 and folder != "lab" else None


def include_faults(root, file, text):
    folder = file.parent.name
    forbidden = forbidden_to(folder, file.name)
    for quote, path in INCLUDE.findall(text):
        if not path.endswith(".h"):
            yield f"this is no header: {path or 'a macro'}"
        elif quote == "<" and not (root / "src" / path).exists():
            if forbidden in (SYSTEM, PURE) and HEADERS.fullmatch(path):
                yield f"{folder}/ must not include <{path}>"
        else:
            target = PUBLIC.get(path) or path.rpartition("/")[0]
            if target not in FLOORS:
                yield f"{path} is on no floor"
            elif target != folder and FLOORS[target] >= FLOORS[folder]:
                yield f"{folder}/ must not include {path}"


def room_faults(file, code):
    folder = file.parent.name
    forbidden = forbidden_to(folder, file.name)
    for call in sorted(set(forbidden.findall(code))) if forbidden else ():
        yield f"{folder}/ must not use {' '.join(call.split())}"
    if forbidden in (SYSTEM, PURE):
        for line in CONDITION.findall(code):
            yield f"another system is another file: {line.strip()}"
    if FLOORS[folder] in SILENT:
        for loud in LOUD.findall(code):
            yield f"floors 0 to 3 neither print nor exit: {loud}"


def length_faults(file, text):
    lines = text.count("\n")
    if file.suffix == ".c" and lines > FILE_LINES:
        yield f"{lines} lines, {FILE_LINES} at most"
    for body in FUNCTION.finditer(text):
        lines = body.group().count("\n") + 1
        if lines > FUNCTION_LINES:
            at = text[:body.start()].count("\n")
            yield (f"the function at line {at} has {lines} lines, "
                   f"{FUNCTION_LINES} at most")


def faults(root, file):
    text = file.read_text()
    folder = file.parent.name
    if file.suffix not in (".c", ".h"):
        yield "neither .c nor .h"
    if "SPDX-License-Identifier: MIT" not in text.partition("\n")[0]:
        yield "the first line is not the licence"
    if file.suffix == ".h" and "\n#pragma once\n" not in text:
        yield "no #pragma once"
    if folder == "include":
        return
    if folder not in FLOORS or file.parent.parent not in (root, root / "src"):
        yield f"{folder}/ is on no floor"
        return
    yield from include_faults(root, file, text)
    yield from room_faults(file, COMMENT_OR_STRING.sub(" ", text))
    yield from length_faults(file, text)


def sources(root):
    return sorted(file for folder in ("src", "lab", "include")
                  for file in (root / folder).rglob("*.*")
                  if file.suffix not in NO_SOURCES)


def circles(root):
    """Modules, each a .c and its .h, that include each other."""
    includes = {}
    for file in (root / "src").rglob("*.[ch]"):
        module = str(file.relative_to(root / "src").with_suffix(""))
        includes.setdefault(module, set()).update(
            path.removesuffix(".h")
            for quote, path in INCLUDE.findall(file.read_text())
            if quote == '"' and path != f"{module}.h")

    def reached(module):
        seen, ahead = set(), [module]
        while ahead:
            for one in includes.get(ahead.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    ahead.append(one)
        return seen

    reach = {module: reached(module) for module in includes}
    found = {frozenset(b for b in reach[a] if a in reach.get(b, ()))
             for a in includes if a in reach[a]}
    return sorted(sorted(circle) for circle in found)


def core_faults(root):
    lines = sum(file.read_text().count("\n") for folder in CORE
                for file in (root / "src" / folder).glob("*.[ch]"))
    if lines > CORE_LINES:
        yield (f"{', '.join(CORE)} together have {lines} lines, "
               f"{CORE_LINES} at most")


def house_faults(root):
    """What is wrong with the house as a whole."""
    for circle in circles(root):
        yield f"these include each other: {', '.join(circle)}"
    yield from core_faults(root)


SPDX = "// SPDX-License-Identifier: MIT"
GOOD = f"{SPDX}\n#pragma once\n"
B = ("src/proto/b.h", GOOD)
LONG_FUNCTION = "int a(void)\n{\n" + "\ta();\n" * 58 + "}\n"
# A file of a made-up tree, what is in it, and whether that is a fault.
TRIALS = [
    ("src/proto/a.h", GOOD, False),
    ("src/proto/a.h", GOOD + '#include "proto/b.h"\n', False),
    ("src/proto/a.h", GOOD + '#include "crypto/b.h"\n', False),
    ("src/net/a.c", GOOD + "#include <net/if.h>\n", False),
    ("src/client/a.c", GOOD + '#include "smx.h"\n', False),
    ("src/base/a.c", GOOD + '/* exit() */ // puts()\nsnprintf("exit()");\n',
     False),
    ("src/server/a.c", GOOD + "exit(1);\n", False),
    ("src/proto/a.h", GOOD + '#include "lib/b.h"\n', True),
    ("src/base/a.c", GOOD + '  # include "net/b.h"\n', True),
    ("src/net/a.c", GOOD + '#include "crypto/b.h"\n', True),
    ("src/crypto/a.c", GOOD + '#include "net/b.h"\n', True),
    ("src/net/a.c", GOOD + "#include <proto/b.h>\n", True),
    ("src/server/a.c", GOOD + '#include "client/b.h"\n', True),
    ("src/proto/a.c", GOOD + '#include "smx.h"\n', True),
    ("src/proto/a.c", GOOD + '#include "../net/b.h"\n', True),
    ("src/proto/a.c", GOOD + '#include "b.h"\n', True),
    ("src/attic/a.c", GOOD, True),
    ("src/base/a.h", SPDX + "\n", True),
    ("src/base/a.c", "int a;\n", True),
    ("src/base/a.c", GOOD + 'printf("a");\n', True),
    ("src/net/a.c", GOOD + "puts (a);\n", True),
    ("src/proto/a.c", GOOD + "fputs(a, stderr);\n", True),
    ("src/lib/a.c", GOOD + "exit(1);\n", True),
    ("include/a.h", SPDX + "\n", True),
    # Rooms.
    ("src/net/a.c", GOOD + "close(fd); poll(p, 1, 0);\n", False),
    ("src/base/a.c", GOOD + "clock_gettime(a, b); free(c);\n", False),
    ("lab/a.c", GOOD + "close(fd);\n", False),
    ("src/lib/files_a.c", GOOD + "close(open(a, 0)); fstat(1, b);\n", False),
    ("src/lib/a.c", GOOD + "e->write(a); e.read(b); is_open(c);\n", False),
    ("src/lib/a.c", GOOD + "socket_close(fd); files_open(a);\n", False),
    ("src/lib/a.c", GOOD + "/* as read(2): */\n", False),
    ("src/server/a.c", GOOD + "close(fd);\n", True),
    ("src/server/a.h", GOOD + "x = read (fd, b, 1);\n", True),
    ("src/client/a.c", GOOD + "write(fd, b, 1);\n", True),
    ("src/server/a.c", GOOD + "shutdown(fd, SHUT_WR);\n", True),
    ("src/server/a.c", GOOD + "pipe2(ends, 0);\n", True),
    ("src/lib/a.c", GOOD + "if (poll(p, 1, 0))\n", True),
    ("src/bench/a.c", GOOD + "socket(a, b, c);\n", True),
    ("src/bench/a.c", GOOD + "!bind(fd, a, n);\n", True),
    ("src/server/a.c", GOOD + "sigaction(a, b, c);\n", True),
    ("src/server/a.c", GOOD + "sigemptyset(a);\n", True),
    ("src/bench/a.c", GOOD + "sigtimedwait(a, b, c);\n", True),
    ("src/keygen/a.c", GOOD + "raise(a);\n", True),
    ("src/server/a.c", GOOD + "open(a, b);\n", True),
    ("src/server/a.c", GOOD + "fcntl(fd, F_GETFL);\n", True),
    ("src/server/a.c", GOOD + "getrlimit(a, b);\n", True),
    ("src/client/a.c", GOOD + "nanosleep(a, b);\n", True),
    ("src/client/a.c", GOOD + "isatty(0);\n", True),
    ("src/bench/a.c", GOOD + "clock_gettime(a, b);\n", True),
    ("src/server/a.c", GOOD + "localtime_r(a, b);\n", True),
    ("src/server/a.c", GOOD + "t = clock_ns();\n", False),
    ("src/lib/files_a.c", GOOD + "send(fd, b, 1, 0);\n", True),
    ("src/lib/files_a.c", GOOD + "sigaction(a, b, c);\n", True),
    ("src/server/files.c", GOOD + "open(a, b);\n", True),
    ("src/proto/a.c", GOOD + "send(fd, b, 1, 0);\n", True),
    ("src/proto/a.c", GOOD + "t = clock_ns();\n", True),
    ("src/proto/a.c", GOOD + "t = time(NULL);\n", True),
    ("src/crypto/a.c", GOOD + "p = malloc(1);\n", True),
    ("src/crypto/a.c", GOOD + "free(p);\n", True),
    ("src/crypto/a.c", GOOD + "open(a, b);\n", True),
    ("src/net/a.c", GOOD + "#ifdef __linux__\n#endif\n", False),
    ("src/server/a.c", GOOD + "#ifdef __linux__\n#endif\n", True),
    ("src/lib/a.h", GOOD + "# if A\n#endif\n", True),
    ("src/lib/files_a.c", GOOD + "#ifdef O_TMPFILE\n#endif\n", False),
    ("src/lib/a.h", GOOD + "#include <sys/types.h>\n", False),
    ("src/lib/files_a.c", GOOD + "#include <fcntl.h>\n", False),
    ("src/base/a.c", GOOD + "#include <poll.h>\n", False),
    ("src/server/a.c", GOOD + "#include <poll.h>\n", True),
    ("src/client/a.c", GOOD + "#include <sys/socket.h>\n", True),
    ("src/crypto/a.c", GOOD + "#include <fcntl.h>\n", True),
    # Smuggled in.
    ("src/server/a.c", GOOD + "int (*f)(int) = close;\n", True),
    ("src/server/a.c", GOOD + "(close)(fd);\n", True),
    ("src/server/a.c", GOOD + "each(fds, &close);\n", True),
    ("src/server/a.c", GOOD + "# define end close\n", True),
    ("src/server/a.c", GOOD + "return is_last ? close : shutdown;\n", True),
    ("src/server/a.c", GOOD + "{ .end = close }\n", True),
    ("src/server/a.c", GOOD + "int close(int);\n", True),
    ("src/server/a.c", GOOD + "int (*close)(int), x = a.read;\n", False),
    ("src/server/a.c", GOOD + "system(a);\n", True),
    ("src/server/a.c", GOOD + "unlinkat(a, b, 0);\n", True),
    ("src/server/a.c", GOOD + "timerfd_create(a, 0);\n", True),
    ("src/server/a.c", GOOD + "#define A <net/if.h>\n#include A\n", True),
    ("src/server/a.c", GOOD + '#include "net/socket.inc"\n', True),
    ("src/server/net/a.c", GOOD + "close(fd);\n", True),
    ("src/server/net/a.c", GOOD, True),
    ("src/server/a.inc", SPDX + "\n", True),
    # Circles, which need two.
    ("src/proto/b.c", GOOD + '#include "proto/b.h"\n', False),
    ("src/proto/a.c", GOOD + '#include "proto/b.h"\n', False),
    ("src/proto/b.h", GOOD + '#include "proto/c.h"\n', True),
    ("src/proto/b.c", GOOD + '#include "proto/c.h"\n', True),
    # Lengths.
    ("src/server/a.c", GOOD + "\n" * 348, False),
    ("src/server/a.c", GOOD + "\n" * 349, True),
    ("src/client/a.h", GOOD + "\n" * 400, False),
    ("src/server/a.c", GOOD + LONG_FUNCTION, False),
    ("src/server/a.c", GOOD + LONG_FUNCTION.replace("{", "{\n\n", 1), True),
    ("src/client/a.h", GOOD + "\n" * CORE_LINES, False),
    ("src/server/a.h", GOOD + "\n" * 8900, False),
    ("src/server/a.h", GOOD + "\n" * CORE_LINES, True),
]
C = ("src/proto/c.h", GOOD + '#include "proto/b.h"\n')


def trial(path, text):
    """What is found in a tree of that file and two others."""
    with tempfile.TemporaryDirectory() as name:
        for file, lines in B, C, (path, text):
            file = Path(name) / file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(lines)
        root = Path(name)
        return [*house_faults(root),
                *(found for s in sources(root) for found in faults(root, s))]


def cases(root):
    """Pairs of what is checked and what is wrong with it."""
    for path, text, is_fault in TRIALS:
        found = trial(path, text)
        what = text.removeprefix(GOOD).strip().replace("#", "")
        yield (f"trial: {path}: {what[:60]!r}",
               [] if bool(found) == is_fault else [f"found: {found}"])
    files = sources(root)
    yield "there is a house", [] if len(files) > 20 else ["nothing found"]
    yield "it stands", list(house_faults(root))
    for file in files:
        yield str(file.relative_to(root)), list(faults(root, file))


def main():
    here = Path(__file__).resolve().parent.parent
    failed = count = 0
    for what, wrong in cases(Path(sys.argv[1]) if sys.argv[1:] else here):
        count += 1
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {count} - {what}")
        for fault in wrong:
            print(f"# {fault}")
    print(f"1..{count}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
