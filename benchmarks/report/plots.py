"""The report in pictures: each section's ratios as bars, its goals as strokes; a call as its list grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from benchmarks.report.row import Row

COLOURS = {True: "#00703c", False: "#d4351c", None: "#505a5f"}
"""Of a bar, by whether its goal is reached."""
GOAL = "#0b0c0c"
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "nocontact",
    "font.family": "sans-serif",
    "font.size": 9,
}
"""Text stays text, and the same figures are the same file."""


def draw(found: Mapping[str, Sequence[Row]], folder: Path) -> dict[str, Path]:
    """An SVG for each section, as REPORT-SECTION.svg; gives where each is."""
    made = {}
    with mpl.rc_context(SETTINGS):
        for section, rows in found.items():
            made[section] = folder / f"REPORT-{section}.svg"
            _bars(section, rows).savefig(
                made[section], format="svg", metadata={"Date": None}, bbox_inches="tight"
            )
    return made


def _bars(section: str, rows: Sequence[Row]) -> Figure:
    figure = Figure(figsize=(7, 0.8 + 0.34 * len(rows)))
    axes = figure.add_subplot()
    places = range(len(rows))
    colours = [COLOURS[row.is_reached] for row in rows]
    axes.barh(places, [row.ratio for row in rows], color=colours, height=0.6)
    for place, row in zip(places, rows, strict=True):
        axes.annotate(f" {row.ratio:.2g}", (row.ratio, place), va="center")
        if row.goal is not None:
            axes.plot([row.goal, row.goal], [place - 0.42, place + 0.42], color=GOAL, linewidth=2)
    axes.set_yticks(places, [f"{row.what}  /  {row.peer}" for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.axvline(1, color=COLOURS[None], linewidth=0.8, linestyle=":")
    axes.set_title(
        f"{section}: ours as a part of the peer's; the stroke is the goal", loc="left", fontsize=10
    )
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure
