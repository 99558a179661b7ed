"""Measure every section, and write REPORT.md, REPORT.json and a picture of each section beside this folder.

    python -m benchmarks.report [--size 0.1] [SECTION ...]

`--size 1` is that of the budgets; a section that is not asked for is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.load.serving import NotServingError
from benchmarks.report import curve, engine, lists, mail, memory, plots, service, start
from benchmarks.report.row import Row

SECTIONS: dict[str, Callable[[float], Iterator[Row]]] = {
    "engine": engine.rows,
    "curve": curve.rows,
    "lists": lists.rows,
    "service": service.rows,
    "start": start.rows,
    "mail": mail.rows,
    "memory": memory.rows,
}
PEERS = (engine.READER, "rapidfuzz", "fastapi", "uvicorn", "msgspec", "rapidocr")
REACHED = {True: "reached", False: "missed", None: ""}
PLACE = Path(__file__).parents[1]


def about(size: float) -> dict[str, str]:
    """The machine, the versions, the day."""
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "revision": revision.stdout.strip(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "system": platform.platform(),
        "python": platform.python_version(),
        "peers": ", ".join(f"{name} {version(name)}" for name in PEERS),
        "size": f"{size:g} of the budgets'",
    }


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def markdown(facts: dict[str, str], found: dict[str, list[Row]], pictures: dict[str, Path]) -> str:
    """The report, a table and a picture for each section."""
    parts = [
        "# Speed, beside peers of the same run\n",
        "By `make bench`. The ratios may be compared; times are this machine's.\n",
    ]
    parts += [f"- {name}: {value}" for name, value in facts.items()]
    for section, some in found.items():
        parts += [
            f"\n## {section.capitalize()}\n",
            f"![ratios and goals]({pictures[section].name})\n",
            "| what | ours | peer | its | ratio | goal | |",
            "|---|---|---|---|---|---|---|",
        ]
        parts += map(_line, some)
    return "\n".join(parts) + "\n"


def _line(row: Row) -> str:
    goal = "" if row.goal is None else f"{row.goal:g}"
    ours, theirs = (f"{value:,.4g} {row.unit}" for value in (row.ours, row.theirs))
    cells = row.what, ours, row.peer, theirs, f"**{row.ratio:.2g}**", goal, REACHED[row.is_reached]
    return f"| {' | '.join(cells)} |"


def measured(names: Iterable[str], size: float) -> dict[str, list[Row]]:
    """Every section that could be measured; why another could not is told on standard error."""
    found: dict[str, list[Row]] = {}
    for name in names:
        try:
            for row in SECTIONS[name](size):
                found.setdefault(name, []).append(row)
        except NotServingError as error:
            what = f"{name}, from here on," if name in found else name
            print(f"report: {what} is left out: {error}", file=sys.stderr)
    return found


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    asked = parser.parse_args()
    facts = about(asked.size)
    found = measured(asked.sections or SECTIONS, asked.size)
    pictures = plots.draw(found, PLACE)
    text = markdown(facts, found, pictures)
    (PLACE / "REPORT.md").write_text(text)
    rows = {name: [row._asdict() | {"ratio": row.ratio} for row in some] for name, some in found.items()}
    (PLACE / "REPORT.json").write_text(json.dumps({"about": facts, **rows}, indent=1) + "\n")
    print(text)


if __name__ == "__main__":
    main()
