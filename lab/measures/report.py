# SPDX-License-Identifier: MIT
"""What is found out: tables, on the terminal as they come, and in Markdown.

A measure `judge`s what has a target and `show`s what is for the reader. Of a
timing, the target is met when the median is within the target and what its
control, which should be 1, is off 1."""

import sys

from measures.plots import Plot

VERDICTS = {True: "met", False: "MISSED", None: ""}
BEGIN, END = "<!-- ./dev bench: from here -->", "<!-- ./dev bench: to here -->"


def spread_text(spread, form="{:.3f}"):
    low, median, high = map(form.format, spread)
    return f"{median} ({low} to {high})"


class Table:
    def __init__(self, *columns):
        self.columns = columns
        self.rows = []

    def row(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def are_numbers(self):
        """By column; the first says what a row is about."""
        are = [all(not cell or cell[0].isdigit() or cell[0] in "<>-"
                   for cell in cells) for cells in zip(*self.rows)]
        return [False, *are[1:]]

    def text(self):
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines)]
        for line in lines:
            yield "  ".join(
                cell.rjust(width) if is_number else cell.ljust(width)
                for cell, width, is_number
                in zip(line, widths, self.are_numbers())).rstrip()

    def markdown(self):
        yield f"| {' | '.join(self.columns)} |"
        yield "".join("|--:" if is_number else "|---"
                      for is_number in self.are_numbers()) + "|"
        for row in self.rows:
            yield f"| {' | '.join(row)} |"


class Section:
    """What one measure found."""

    def __init__(self, name, what):
        self.name, self.what = name, what
        self.tables, self.notes, self.plots = [], [], []
        self.pictures = []      # of the plots, as Markdown is to link them
        self.verdicts = []
        self.sliced = self.thrown = 0
        self.judged = Table("target", "found", "control", "wanted", "verdict")

    def show(self, *columns):
        self.tables.append(Table(*columns))
        return self.tables[-1]

    def note(self, text):
        self.notes.append(text)

    def judge(self, what, found, limit, control=None, form="{:.3f}",
              least=False, worth=1):
        """found: a number that was counted, or a spread of timings with its
        control's spread. worth: what being off by 1 is in units of found."""
        off = worth * abs(control[1] - 1) if control else 0
        value = found[1] if control else found
        met = value >= limit - off if least else value <= limit + off
        self.verdicts.append(met)
        self.judged.row(
            what, spread_text(found, form) if control else form.format(found),
            spread_text(control) if control else "",
            (">= " if least else "<= ") + form.format(limit), VERDICTS[met])

    def draw(self, *plot):
        self.plots.append(Plot(*plot))

    def count(self, turns):
        self.sliced += turns.sliced
        self.thrown += turns.thrown

    def all_notes(self):
        if self.sliced:
            yield (f"{self.sliced} slices; {self.thrown} of them thrown out "
                   "because the host had taken the processor away.")
        yield from self.notes

    def all_tables(self):
        return ([self.judged] if self.judged.rows else []) + self.tables

    def text(self):
        yield f"{self.name}: {self.what}"
        for table in self.all_tables():
            yield ""
            yield from (f"  {line}" for line in table.text())
        notes = [f"  {note}" for note in self.all_notes()]
        yield from ["", *notes, ""] if notes else [""]

    def markdown(self):
        yield f"### {self.name.capitalize()}"
        yield ""
        yield f"{self.what[0].upper()}{self.what[1:]}."
        for table in self.all_tables():
            yield ""
            yield from table.markdown()
        for picture in self.pictures:
            yield ""
            yield f"![{self.name}]({picture})"
        notes = " ".join(self.all_notes())
        yield from ["", notes, ""] if notes else [""]


class Progress:
    """One line on standard error that is written over, if that is a terminal;
    else nothing."""

    def __init__(self):
        self.shows = sys.stderr.isatty()

    def __call__(self, text=""):
        if self.shows:
            print(f"\r\033[K{text[:78]}", end="", file=sys.stderr, flush=True)


def write_markdown(path, lines):
    """Between the marks, if the file has them; else the whole file."""
    block = "\n".join([BEGIN, "", *lines, END]) + "\n"
    old = path.read_text() if path.exists() else ""
    before, begin, behind = old.partition(BEGIN)
    _, end, behind = behind.partition(END + "\n")
    path.write_text(before + block + behind if begin and end else block)
