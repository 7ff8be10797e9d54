# SPDX-License-Identifier: MIT
"""Curves, drawn by gnuplot as SVG."""

import dataclasses
import subprocess

from measures.servers import need

SCRIPT = """
set terminal svg size 720,440 font "sans-serif,13" background "white"
set output "{path}"
set title "{title}"
set xlabel "{x_label}"
set ylabel "{y_label}"
set logscale x 2
set xtics ({tics})
set xrange [{least}/1.3:{most}*1.3]
set yrange [0:*]
set grid ytics linecolor "#dddddd"
set key below maxcols 3
{data}
plot {curves}
"""


@dataclasses.dataclass
class Plot:
    file: str
    title: str
    x_label: str
    y_label: str
    curves: dict        # points by name; each is x, y, or x, y, low, high

    def path(self, folder):
        return folder / f"{self.file}.svg"


def draw(plot, folder):
    folder.mkdir(parents=True, exist_ok=True)
    data, curves = [], []
    for number, (name, points) in enumerate(plot.curves.items()):
        data += [f"$c{number} << E",
                 *(" ".join(map(str, point)) for point in points), "E"]
        look = f"linewidth 2 pointtype 7 pointsize 0.6 linecolor {number + 1}"
        curves.append(f'$c{number} using 1:2 with linespoints {look} '
                      f'title "{name}"')
        if len(points[0]) == 4:
            curves.append(f"$c{number} using 1:2:3:4 with yerrorbars {look} "
                          "notitle")
    xs = sorted({point[0] for points in plot.curves.values()
                 for point in points})
    script = SCRIPT.format(
        path=plot.path(folder), title=plot.title, x_label=plot.x_label,
        y_label=plot.y_label, tics=", ".join(f'"{x:,}" {x}' for x in xs),
        least=xs[0], most=xs[-1], data="\n".join(data),
        curves=", ".join(curves))
    subprocess.run([need("gnuplot", "gnuplot-nox")], input=script.encode(),
                   check=True)
