"""What becomes of a letter when its envelope is a photograph: stopped, held as unreadable, or posted.

    python -m benchmarks.mail.decisions [envelopes of each kind] [seed] [wear ...]

Real addresses of real places, from the public cases (`letters-registers`), in five typefaces that look like
handwriting and three of print, at three degrees of wear, one in twenty lying on its side or upside down.
Every address is on the estate's list, or is another place of the same district, or another number of the
same postcode. No person's name is on them. The prisoner's number stands in the sender's corner, and counts
as it is read. A letter counts only if its text itself, without a picture, is stopped (or allowed): what is
measured is what the picture takes away. The peer, Tesseract, has the same pictures, the same rules for what
is an address, and the same engine behind it.

Then pictures on which no address can be read (`benchmarks.mail.unaddressed`): one that is passed is a fault,
and the exit status is 1.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from string import capwords
from typing import NamedTuple

import numpy as np

from adapters.mailroom.envelope import Envelope
from adapters.mailroom.lines import Reader
from adapters.mailroom.ocr import RapidReader
from adapters.mailroom.orientation import look
from benchmarks import debian
from benchmarks.mail.envelopes import WEARS, drawn
from benchmarks.mail.fonts import HANDWRITING, PRINT, data
from benchmarks.mail.reading import Tesseract, timed
from benchmarks.mail.unaddressed import KINDS, unaddressed
from engine.blocklist import compile_blocklist
from engine.jsonl import check_attempt, read_restriction
from engine.model import Attempt, Decision
from engine.policy import read_policy
from engine.screener import Screener
from service.mail.attempt import attempt_of, machine_read
from service.mail.reading import Read

CASE = Path(__file__).parents[3] / "shared" / "data" / "cases" / "letters-registers"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SENDER = "{prisoner} T Vance\nHMP Ambermouth\nGaol Lane\nQB2 7XY"
HANDS = {"print": tuple(PRINT), "handwriting": tuple(HANDWRITING)}
IN_CAPITALS = 0.25
"""Of the addresses, for restricted and innocent ones alike; nobody writes capitals in a joined hand."""
JOINED = frozenset({"homemade-apple"})
TURNED = 0.05
"""Of the envelopes."""
READERS = ("rapidocr", "tesseract")
UNADDRESSED = 200
"""Pictures without an address."""
RESTRICTED, ELSEWHERE, NEXT_DOOR = "restricted", "elsewhere", "next door"


class Letter(NamedTuple):
    """One envelope to draw."""

    kind: str
    to: str
    prisoner: str
    hand: str
    face: str
    wear: str
    quarters: int
    """Quarters of a turn by which it lies wrong."""
    seed: int


class Seen(NamedTuple):
    """What the readers made of it, and the seconds they took."""

    letter: Letter
    envelopes: dict[str, Envelope]
    seconds: dict[str, float]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    wears = sys.argv[3:] or list(WEARS)
    if not CASE.is_dir():
        sys.exit(f"{CASE} is absent: not measured")
    if debian.program("tesseract", "tesseract-ocr") is None:
        sys.exit("Tesseract is missing: apt-get install tesseract-ocr")
    screener = listed()
    letters = list(chosen(screener, count, seed, wears))
    seen = read(letters)
    report(screener, seen)
    if report_unaddressed(screener, letters, seed):
        sys.exit("a picture without an address was passed")


def listed() -> Screener:
    """Every restriction of the case, for the whole estate."""
    text = (CASE / "restrictions.jsonl").read_text().replace('"scope": "prisoner"', '"scope": "estate"')
    restrictions = [read_restriction(line).restriction for line in text.splitlines()]
    return Screener(compile_blocklist(restrictions), read_policy())


def chosen(screener: Screener, count: int, seed: int, wears: Sequence[str]) -> Iterator[Letter]:
    """`count` letters of each kind, hand and wear; innocent ones half elsewhere, half next door."""
    rng = random.Random(seed)
    turns = addresses(screener, rng)
    for wear in wears:
        for hand, faces in HANDS.items():
            shares = {RESTRICTED: count, ELSEWHERE: count // 2, NEXT_DOOR: count - count // 2}
            for kind, share in shares.items():
                for n in range(share):
                    to, prisoner = next(turns[kind])
                    face = faces[n % len(faces)]
                    to = written(to, in_capitals=face not in JOINED and rng.random() < IN_CAPITALS)
                    quarters = rng.randint(1, 3) if rng.random() < TURNED else 0
                    yield Letter(kind, to, prisoner, hand, face, wear, quarters, rng.randrange(2**31))


def addresses(screener: Screener, rng: random.Random) -> dict[str, Iterator[tuple[str, str]]]:
    """Addresses and prisoners of each kind that are rightly answered as text, round and round."""
    truth = {line["id"]: line for line in map(json.loads, (CASE / "truth.jsonl").open())}
    pools: dict[str, list[tuple[str, str]]] = {RESTRICTED: [], ELSEWHERE: [], NEXT_DOOR: []}
    for line in map(json.loads, (CASE / "restrictions.jsonl").open()):
        to = "\n".join(part.strip() for part in line["contacts"][0]["value"].split(","))
        pools[RESTRICTED].append((to, line["prisoner"]))
    for line in map(json.loads, (CASE / "attempts.jsonl").open()):
        if truth[line["id"]]["kind"].startswith("same ") and truth[line["id"]]["expect"] == "pass":
            kind = NEXT_DOOR if truth[line["id"]]["kind"] == "same postcode, other number" else ELSEWHERE
            pools[kind].append((line["to"], line["prisoner"]))
    for pool in pools.values():
        rng.shuffle(pool)
    return {kind: _judged(screener, kind, pool) for kind, pool in pools.items()}


def written(to: str, *, in_capitals: bool) -> str:
    """An address as people write it, whatever the register's letters; the last line is its postcode."""
    *lines, postcode = to.split("\n")
    return "\n".join((*(line.upper() if in_capitals else capwords(line) for line in lines), postcode))


def _judged(screener: Screener, kind: str, pool: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those that are rightly answered as text, round and round."""
    fit = [
        (to, prisoner)
        for to, prisoner in pool
        if (decided(screener, to, prisoner).decision == "allow") == (kind != RESTRICTED)
        and len(to.split("\n")) <= 8
    ]
    while True:
        yield from fit


def decided(screener: Screener, to: str, prisoner: str) -> Decision:
    """The engine's answer to one letter as text."""
    return screener.check(Attempt(id="1", channel="letter", to=to, prisoner=prisoner), NOW)


def read(letters: Sequence[Letter]) -> list[Seen]:
    """Every letter drawn and read, one process a core."""
    for faces in HANDS.values():
        for face in faces:
            data(face)  # fetched before the processes begin
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return list(pool.map(_read, letters, chunksize=4))


_rapid = RapidReader()


def _read(letter: Letter) -> Seen:
    sender = SENDER.format(prisoner=letter.prisoner)
    picture = drawn(letter.to, letter.face, WEARS[letter.wear], letter.seed, sender=sender)
    picture = np.ascontiguousarray(np.rot90(picture, letter.quarters))
    envelopes, seconds = {}, {}
    readers: tuple[Reader, ...] = (_rapid, Tesseract())
    for name, reader in zip(READERS, readers, strict=True):
        envelopes[name], seconds[name] = timed(reader, picture)
    return Seen(letter, envelopes, seconds)


def outcome(screener: Screener, envelope: Envelope) -> str:
    """block, flag (for a restriction), held (for the reader's doubts) or passed, as the mailroom asks."""
    reading = machine_read("", Read(envelope, "", ()))
    asked = check_attempt(attempt_of("A" * 16, 1, reading, None, envelope.privileged))
    decision = screener.check(asked, NOW)
    if decision.decision == "flag":
        return "flag" if any(reason.restriction for reason in decision.reasons) else "held"
    return "block" if decision.decision == "block" else "passed"


def report_unaddressed(screener: Screener, letters: Sequence[Letter], seed: int) -> int:
    """What becomes of `UNADDRESSED` pictures without an address; gives how many were passed."""
    rng = random.Random(seed)
    hers = [letter.to for letter in letters if letter.kind == RESTRICTED]
    faces = [face for faces in HANDS.values() for face in faces]
    drawn_as = [
        (
            KINDS[n % len(KINDS)],
            rng.choice(hers),
            rng.choice(faces),
            rng.choice([*WEARS]),
            rng.randrange(2**31),
        )
        for n in range(UNADDRESSED)
    ]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        envelopes = list(pool.map(_read_unaddressed, drawn_as, chunksize=4))
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for (kind, *_), envelope in zip(drawn_as, envelopes, strict=True):
        counts[kind][outcome(screener, envelope)] += 1
    print(f"\nwithout an address  {'block':>7} {'flag':>7} {'held':>7} {'passed':>7}")
    for kind, count in counts.items():
        print(f"{kind:18}  " + " ".join(f"{count[how]:7}" for how in ("block", "flag", "held", "passed")))
    return sum(count["passed"] for count in counts.values())


def _read_unaddressed(drawn_as: tuple[str, str, str, str, int]) -> Envelope:
    kind, to, face, wear, seed = drawn_as
    return look(_rapid, unaddressed(kind, to, face, WEARS[wear], seed))


def report(screener: Screener, seen: Sequence[Seen]) -> None:
    """A table for each reader, what of it the goals are set for, and the seconds."""
    for reader in READERS:
        print(f"\n{reader}\n{'':38}  {'block':>7} {'flag':>7} {'held':>7} {'passed':>7}  of")
        counts: dict[tuple[str, str, str], Counter[str]] = {}
        for one in seen:
            letter = one.letter
            how = outcome(screener, one.envelopes[reader])
            counts.setdefault((letter.wear, letter.hand, letter.kind), Counter())[how] += 1
            if letter.kind != RESTRICTED:
                counts.setdefault((letter.wear, letter.hand, "innocent"), Counter())[how] += 1
        for (wear, hand, kind), count in counts.items():
            total = sum(count.values())
            shares = " ".join(f"{count[how] / total:7.1%}" for how in ("block", "flag", "held", "passed"))
            print(f"{wear:9} {hand:12} {kind:15}  {shares}  {total}")
        seconds = sorted(one.seconds[reader] for one in seen)
        mean, middle = sum(seconds) / len(seconds), seconds[len(seconds) // 2]
        print(
            f"seconds an envelope, one core: median {middle:.2f}, mean {mean:.2f}: {3600 / mean:,.0f} an hour"
        )


if __name__ == "__main__":
    main()
