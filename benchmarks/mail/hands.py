"""What becomes of letters in twelve more hands, and of what else befalls an envelope, row by row.

    python -m benchmarks.mail.hands [envelopes of each row] [seed] [row ...]

Addresses, list and outcomes are those of `benchmarks.mail.decisions`; the reader is the product's alone. A
row is a face at moderate wear, or a treatment (`benchmarks.mail.treatments`) in all twenty faces by turns.
Half of a row's envelopes are restricted, a quarter are next door, a quarter elsewhere. The exit status is 1
where more than `MOST_PASSED` of the restricted were passed, or an innocent one was blocked.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from adapters.mailroom.envelope import Envelope
from adapters.mailroom.ocr import RapidReader
from adapters.mailroom.orientation import look
from benchmarks.mail.decisions import (
    CASE,
    ELSEWHERE,
    IN_CAPITALS,
    JOINED,
    NEXT_DOOR,
    RESTRICTED,
    SENDER,
    addresses,
    listed,
    outcome,
    written,
)
from benchmarks.mail.envelopes import WEARS, drawn
from benchmarks.mail.fonts import FURTHER, HANDWRITING, PRINT, data
from benchmarks.mail.treatments import PLAIN, TREATMENTS
from engine.screener import Screener

MOST_PASSED = 0.002
OUTCOMES = ("block", "flag", "held", "passed")
KINDS = (RESTRICTED, NEXT_DOOR, ELSEWHERE)
ROWS = {face: ("plain", (face,)) for face in FURTHER} | {
    name: (name, (*FURTHER, *HANDWRITING, *PRINT)) for name in TREATMENTS
}
"""By name: the treatment, and the faces."""


class Drawn(NamedTuple):
    """One to draw."""

    row: str
    kind: str
    to: str
    prisoner: str
    face: str
    seed: int


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    rows = sys.argv[3:] or list(ROWS)
    if not CASE.is_dir():
        sys.exit(f"{CASE} is absent: not measured")
    for face in (*FURTHER, *HANDWRITING, *PRINT):
        data(face)  # fetched before the processes begin
    screener = listed()
    counts: dict[tuple[str, str], Counter[str]] = {}
    seconds: dict[str, list[float]] = {}
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for one, seen, spent in pool.map(_read, chosen(screener, count, seed, rows), chunksize=4):
            counts.setdefault((one.row, one.kind), Counter())[outcome(screener, seen)] += 1
            seconds.setdefault(one.row, []).append(spent)
    sys.exit(report(counts, seconds))


def chosen(screener: Screener, count: int, seed: int, rows: Sequence[str]) -> Iterator[Drawn]:
    """`count` envelopes of each row: half restricted, a quarter next door, a quarter elsewhere."""
    rng = random.Random(seed)
    turns = addresses(screener, rng)
    for n in range(count):
        for row in rows:
            kind = (RESTRICTED, NEXT_DOOR, RESTRICTED, ELSEWHERE)[n % 4]
            to, prisoner = next(turns[kind])
            face = rng.choice(ROWS[row][1])
            to = written(to, in_capitals=face not in JOINED and rng.random() < IN_CAPITALS)
            yield Drawn(row, kind, to, prisoner, face, rng.randrange(2**31))


_rapid = RapidReader()


def _read(one: Drawn) -> tuple[Drawn, Envelope, float]:
    """The envelope, what was read on it, and the seconds of the processor that this took."""
    treatment = TREATMENTS.get(ROWS[one.row][0], PLAIN)
    sender = SENDER.format(prisoner=one.prisoner)
    picture = drawn(one.to, one.face, WEARS[treatment.wear], one.seed, sender=sender, treatment=treatment)
    began = time.process_time()
    return one, look(_rapid, picture), time.process_time() - began


def report(counts: dict[tuple[str, str], Counter[str]], seconds: dict[str, list[float]]) -> int:
    """A line for each row and kind, and all together; gives the exit status."""
    print(
        f"{'':24} {'':10} "
        + " ".join(f"{how:>7}" for how in OUTCOMES)
        + "      of  seconds of CPU an envelope"
    )
    whole: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for row, spent in seconds.items():
        for kind in KINDS:
            found = counts.get((row, kind), Counter())
            whole[kind] += found
            _line(row, kind, found, sum(spent) / len(spent) if kind == RESTRICTED else None)
    for kind in KINDS:
        _line("all", kind, whole[kind], None)
    innocent = whole[NEXT_DOOR] + whole[ELSEWHERE]
    _line("all", "innocent", innocent, None)
    passed = whole[RESTRICTED]["passed"]
    return int(passed > MOST_PASSED * whole[RESTRICTED].total() or innocent["block"] > 0)


def _line(row: str, kind: str, found: Counter[str], seconds: float | None) -> None:
    told = " ".join(f"{found[how]:7}" for how in OUTCOMES)
    print(
        f"{row:24} {kind:10} {told} {found.total():7}" + (f"  {seconds:.2f}" if seconds is not None else "")
    )


if __name__ == "__main__":
    main()
