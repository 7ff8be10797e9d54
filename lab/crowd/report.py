# SPDX-License-Identifier: MIT
"""Rows of figures, each with its control and its bound."""

import dataclasses
import json
import math

from crowd import figures
from measures.plots import Plot

COLUMNS = "scenario", "figure", "value", "control", "bound", "verdict"


@dataclasses.dataclass
class Row:
    scenario: str
    figure: str
    value: float
    control: float = None
    most: float = None
    least: float = None

    def is_met(self):
        """None: there is no bound."""
        if self.most is not None:
            return self.value <= self.most
        if self.least is not None:
            return self.value >= self.least
        return None

    def cells(self):
        bound = (f"<= {number(self.most)}" if self.most is not None else
                 f">= {number(self.least)}" if self.least is not None else "")
        verdict = {None: "", True: "met", False: "MISSED"}[self.is_met()]
        return (self.scenario, self.figure, number(self.value),
                "" if self.control is None else number(self.control), bound,
                verdict)


def number(value):
    if math.isinf(value) or math.isnan(value):
        return str(value)
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"


class Table:
    """Prints each row as it is known."""

    WIDTHS = 12, 48, 10, 10, 10, 8

    def __init__(self, write=print):
        self.rows, self.broken, self.plots = [], [], []
        self.write = write
        self.scenario = ""

    def heading(self):
        self.line(COLUMNS)
        self.line("-" * width for width in self.WIDTHS)

    def line(self, cells):
        left, right = "<", ">"
        self.write("  ".join(
            f"{cell:{side}{width}}" for cell, width, side in
            zip(cells, self.WIDTHS, (left, left, right, right, right, left))
        ).rstrip())

    def judge(self, figure, value, control=None, most=None, least=None):
        row = Row(self.scenario, figure, value, control, most, least)
        self.rows.append(row)
        self.line(row.cells())

    def draw(self, *plot):
        self.plots.append(Plot(*plot))

    def judge_p99(self, seen, control, most_ms=None, worst=None):
        """How long 99 of 100 took at most; worst: times the control's."""
        value, beside = figures.slowest_ms(seen), figures.slowest_ms(control)
        self.judge("  their p99, ms", value, beside, most=most_ms)
        if worst:
            self.judge("  their p99 / the control's",
                       figures.ratio(value, beside), most=worst)

    def fail(self, why):
        """It could not be measured."""
        self.broken.append((self.scenario, str(why)))
        self.line((self.scenario, f"NOT MEASURED: {why}", "", "", "", ""))

    def missed(self):
        return [row for row in self.rows if row.is_met() is False]

    def summary(self):
        judged = [row for row in self.rows if row.is_met() is not None]
        return (f"{len(judged) - len(self.missed())} met, "
                f"{len(self.missed())} missed, "
                f"{len(self.broken)} not measured")

    def is_good(self):
        return not self.missed() and not self.broken

    def dump(self, file, facts):
        # What is endless has no number in JSON.
        finite = [{name: None if isinstance(value, float) and
                   not math.isfinite(value) else value
                   for name, value in {**dataclasses.asdict(row),
                                       "met": row.is_met()}.items()}
                  for row in self.rows]
        json.dump({
            "facts": facts,
            "rows": finite,
            "not_measured": [{"scenario": scenario, "why": why}
                             for scenario, why in self.broken],
        }, file, indent=1, allow_nan=False)
        file.write("\n")
