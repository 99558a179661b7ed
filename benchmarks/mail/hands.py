"""What becomes of letters in twelve more hands, and of what else befalls an envelope, face by face.

    python -m benchmarks.mail.hands [restricted envelopes] [seed] [--cores N] [--keep FILE] [--rows ROW ...]

Addresses, list and outcomes are those of `benchmarks.mail.decisions`; the reader is the product's alone. A
row is a face at moderate wear, or a treatment (`benchmarks.mail.treatments`) in all twenty faces by turns.
Beside every five restricted envelopes one is next door, one elsewhere, and one is a picture without an
address that could be read (`benchmarks.mail.unaddressed`). The exit status is 1 where more than `MOST_PASSED`
of the restricted or one without an address was passed, or an innocent one was blocked.

A long draw takes hours: each answer is written into FILE at once, and what stands there is not read again. A
file is of one seed and one version of the rules. In the background, on one core:

    nice -n 15 python -m benchmarks.mail.hands 1000 20261130 --cores 1 --keep var/hands.jsonl &

With 0 envelopes it tells what such a file holds by now.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path

import msgspec

from adapters.mailroom.envelope import Envelope
from adapters.mailroom.images import Picture
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
from benchmarks.mail.unaddressed import KINDS as WITHOUT_ADDRESS
from benchmarks.mail.unaddressed import unaddressed
from engine.screener import Screener

MOST_PASSED = 0.002
OUTCOMES = ("block", "flag", "held", "passed")
UNADDRESSED = "no address"
KINDS = (RESTRICTED, NEXT_DOOR, ELSEWHERE, UNADDRESSED)
TURNS = (RESTRICTED, NEXT_DOOR, RESTRICTED, RESTRICTED, ELSEWHERE, RESTRICTED, UNADDRESSED, RESTRICTED)
"""The kinds in which envelopes are drawn: five of eight are restricted."""
FACES = (*FURTHER, *HANDWRITING, *PRINT)
ROWS = {face: (PLAIN.name, (face,)) for face in FURTHER} | {name: (name, FACES) for name in TREATMENTS}
"""By name: the treatment, and the faces."""


class Drawn(msgspec.Struct, frozen=True):
    """One to draw: an address of a public register, and how."""

    number: int
    treatment: str
    """Of a picture without an address: its kind (`WITHOUT_ADDRESS`)."""
    kind: str
    to: str
    prisoner: str
    face: str
    wear: str
    seed: int


class Answer(msgspec.Struct, frozen=True):
    """What became of one, and the seconds of the processor that reading it took."""

    number: int
    kind: str
    treatment: str
    face: str
    outcome: str
    doubts: tuple[str, ...]
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("restricted", nargs="?", type=int, default=480)
    parser.add_argument("seed", nargs="?", type=int, default=7)
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=list(ROWS), metavar="ROW")
    given = parser.parse_args()
    if not CASE.is_dir():
        sys.exit(f"{CASE} is absent: not measured")
    for face in FACES:
        data(face)  # fetched before the processes begin
    screener = listed()
    kept = _kept(given.keep)
    answers = [*kept.values()]
    wanted = chosen(screener, given.restricted, given.seed, given.rows)
    rest = (one for one in wanted if one.number not in kept)
    with ProcessPoolExecutor(given.cores, mp_context=get_context("spawn")) as pool:
        for one, seen, spent in _side_by_side(pool, rest, 4 * given.cores):
            told = outcome(screener, seen)
            answer = Answer(one.number, one.kind, one.treatment, one.face, told, seen.doubts, spent)
            answers.append(answer)
            if given.keep:
                with given.keep.open("ab") as file:
                    file.write(msgspec.json.encode(answer) + b"\n")
    sys.exit(report(answers))


def chosen(screener: Screener, restricted: int, seed: int, rows: Sequence[str]) -> Iterator[Drawn]:
    """The envelopes of a draw, kinds and rows by turns, until so many restricted ones were drawn."""
    rng = random.Random(seed)
    pools = addresses(screener, rng)
    row_of = {kind: cycle(rows) for kind in KINDS}
    without = cycle(WITHOUT_ADDRESS)
    for number, kind in enumerate(cycle(TURNS)):
        if restricted == 0:
            return
        restricted -= kind == RESTRICTED
        to, prisoner = next(pools[RESTRICTED if kind == UNADDRESSED else kind])
        treatment, faces = ROWS[next(row_of[kind])]
        wear = TREATMENTS.get(treatment, PLAIN).wear
        if kind == UNADDRESSED:
            treatment, faces, wear = next(without), FACES, rng.choice([*WEARS])
        face = rng.choice(faces)
        to = written(to, in_capitals=face not in JOINED and rng.random() < IN_CAPITALS)
        yield Drawn(number, treatment, kind, to, prisoner, face, wear, rng.randrange(2**31))


def picture_of(one: Drawn) -> Picture:
    """The photograph of one."""
    wear = WEARS[one.wear]
    if one.kind == UNADDRESSED:
        return unaddressed(one.treatment, one.to, one.face, wear, one.seed)
    sender, treatment = SENDER.format(prisoner=one.prisoner), TREATMENTS.get(one.treatment, PLAIN)
    return drawn(one.to, one.face, wear, one.seed, sender=sender, treatment=treatment)


_rapid = RapidReader()


def _read(one: Drawn) -> tuple[Drawn, Envelope, float]:
    picture = picture_of(one)
    began = time.process_time()
    return one, look(_rapid, picture), time.process_time() - began


def _side_by_side(
    pool: ProcessPoolExecutor, wanted: Iterator[Drawn], ahead: int
) -> Iterator[tuple[Drawn, Envelope, float]]:
    """Each as it is read, in their order, a few of them waiting: a stop loses no more than those."""
    waiting = [pool.submit(_read, one) for one in islice(wanted, ahead)]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [pool.submit(_read, one) for one in islice(wanted, 1)]


def _kept(path: Path | None) -> dict[int, Answer]:
    """The answers that a file holds; the last line may be torn, where the program was killed."""
    if path is None or not path.exists():
        return {}
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"".join(line + b"\n" for line in lines[:-1]))
    answers = (msgspec.json.decode(line, type=Answer) for line in lines[:-1])
    return {answer.number: answer for answer in answers}


def report(answers: Sequence[Answer]) -> int:
    """A table by face, one by treatment, one of all, in Markdown; gives the exit status."""
    addressed = [one for one in answers if one.kind != UNADDRESSED]
    _table("face", addressed, lambda one: one.face, FACES)
    _table("treatment", addressed, lambda one: one.treatment, (PLAIN.name, *TREATMENTS))
    without = [one for one in answers if one.kind == UNADDRESSED]
    _table("without an address", without, lambda one: one.treatment, WITHOUT_ADDRESS)
    _table("all", answers, lambda one: one.kind, KINDS)
    passed = Counter(one.kind for one in answers if one.outcome == "passed")
    restricted = sum(one.kind == RESTRICTED for one in answers)
    blocked = any(one.outcome == "block" for one in answers if one.kind in (NEXT_DOOR, ELSEWHERE))
    return int(passed[RESTRICTED] > MOST_PASSED * restricted or passed[UNADDRESSED] > 0 or blocked)


def _table(
    title: str, answers: Iterable[Answer], name_of: Callable[[Answer], str], names: Sequence[str]
) -> None:
    """Of each name: how many of the restricted and of the others had each outcome, and the seconds."""
    by_name: dict[str, list[Answer]] = {}
    for one in answers:
        by_name.setdefault(name_of(one), []).append(one)
    heads = [f"{whose}: {how}" for whose in ("restricted", "others") for how in (*OUTCOMES, "of")]
    print(f"\n| {title} | {' | '.join(heads)} | seconds |\n|---|{'---:|' * (len(heads) + 1)}")
    for name in (name for name in names if name in by_name):
        cells: list[int] = []
        for is_hers in (True, False):
            found = Counter(one.outcome for one in by_name[name] if (one.kind == RESTRICTED) is is_hers)
            cells += [*(found[how] for how in OUTCOMES), found.total()]
        mean = sum(one.seconds for one in by_name[name]) / len(by_name[name])
        print(f"| {name} | {' | '.join(map(str, cells))} | {mean:.2f} |")


if __name__ == "__main__":
    main()
