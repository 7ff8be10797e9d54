# SPDX-License-Identifier: MIT
"""Plays a page: types what it says to type, compares what it shows."""

import pathlib
import re

from blocks import read_blocks
from compare import difference, matches
from terminal import Terminal

# A line that a program's question begins and a person ends.
ANSWERED = re.compile(r"(> |.+\? )(\S.*)$")


def read_unplayed(text):
    """The list: (page, first line or command): why it is not played."""
    found, key = {}, None
    for line in text.splitlines():
        if line.startswith("\t"):
            found[key] = (found[key] + " " + line.strip()).strip()
        elif line and not line.startswith("#"):
            page, _, what = line.partition(": ")
            key = page, what
            found[key] = ""
    for (page, what), reason in found.items():
        if not reason:
            raise SystemExit(f"{page}: {what}: no reason is given")
    return found


class Player:
    def __init__(self, folder, unplayed, patience=60):
        self.patience = patience    # seconds for what should be at once
        self.folder = pathlib.Path(folder)
        self.unplayed = unplayed
        self.terminals = {}
        self.running = {}       # terminal: what the page shows of its program
        self.failures = []
        self.played = 0
        self.used = set()

    def terminal(self, name):
        if name not in self.terminals:
            self.terminals[name] = Terminal(self.folder, self.patience)
        return self.terminals[name]

    def fail(self, where, text):
        self.failures.append(f"{where}: {text}")

    def listed(self, page, what):
        self.used.add((page, what))
        return (page, what) in self.unplayed

    def stop(self, name):
        """Ends what runs on there. All that the page shows has come by now."""
        terminal = self.terminal(name)
        if name in self.running:
            where, typed, shown = self.running.pop(name)
            got = terminal.output()
            if not matches(shown, got, typed, rest=True):
                self.fail(where, difference(shown, got))
        terminal.interrupt()

    def command(self, name, block, number, runs_on):
        commands = block.commands()
        typed, shown = commands[number]
        where = f"{block.page}:{block.line}: {typed[0]}"
        self.stop(name)
        terminal = self.terminal(name)
        terminal.run(typed)
        for line in shown:
            if match := ANSWERED.match(line):
                terminal.wait(lambda: terminal.asks(match[1])
                              or terminal.prompt(), repr(match[1]),
                              5 * self.patience)
                if terminal.prompt():
                    break
                terminal.type(match[2])
        self.played += 1
        if runs_on:
            terminal.quiet()
            self.running[name] = where, typed[0], shown
            if terminal.prompt():
                self.fail(where, "it has ended:\n" +
                          "\n".join(terminal.output()))
            return
        status = int(terminal.wait(terminal.prompt, "end of the command",
                                   3 * self.patience)[1])
        got = terminal.output()
        silent = not any(shown for _, shown in commands)
        if not silent and not matches(shown, got, typed[0]):
            self.fail(where, difference(shown, got))
        told = ["echo $?"] in [typed for typed, _ in commands[number + 1:][:1]]
        if status and not shown and not told:
            self.fail(where, f"status {status}\n" + "\n".join(got))

    def shown_on(self, block):
        terminal = self.terminal(block.note("shown on"))
        shown = [line for line in block.lines if line != "…"]
        self.played += 1

        def came():
            got = terminal.output(terminal.seen)
            for i in range(len(got)):
                if matches(block.lines, got[i:], rest=True):
                    return True
            return False
        try:
            terminal.wait(came, "such lines", self.patience / 4)
        except TimeoutError:
            self.fail(f"{block.page}:{block.line}",
                      difference(shown, terminal.output(terminal.seen)))
        terminal.seen = len(terminal.text)

    def block(self, block):
        for word, text in block.notes:
            if word == "before":
                stage = self.terminal("before")
                stage.run([text])
                stage.wait(stage.prompt, "end of what is before")
        if not block.is_played():
            if not self.listed(block.page, block.lines[0].strip()):
                self.fail(f"{block.page}:{block.line}",
                          "neither played nor on the list of what is not: "
                          + block.lines[0])
            return
        if block.note("file"):
            (self.folder / block.note("file")).write_text(
                "\n".join(block.lines) + "\n")
            self.played += 1
        if block.note("shown on"):
            self.shown_on(block)
            return
        commands = block.commands()
        if block.note("given"):
            (self.folder / block.note("given")).write_text(
                "\n".join(commands[0][1]) + "\n")
        for number, (typed, _) in enumerate(commands):
            if self.listed(block.page, typed[0]):
                continue
            runs_on = (number + 1 == len(commands)
                       and block.note("runs on") is not None)
            for name in (block.note("terminal") or "you").split():
                self.command(name, block, number, runs_on)

    def page(self, name, text):
        for block in read_blocks(name, text):
            try:
                self.block(block)
            except TimeoutError as error:
                self.fail(f"{name}:{block.line}", str(error))
        for terminal in list(self.terminals):
            try:
                self.stop(terminal)
            except TimeoutError as error:
                self.fail(name, str(error))
            self.terminals[terminal].close()
        for page, what in self.unplayed:
            if page == name and (page, what) not in self.used:
                self.fail(name, f"the list names what is not there: {what}")
        return not self.failures
