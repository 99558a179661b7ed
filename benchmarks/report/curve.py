"""What a call costs as the list grows, beside a library's reading of the same number: it should not.

Calls to lists of each size take turns with the peer. From a million on a list has no records: its look-ups
are made straight from numbers and prisoners, as an index makes them, since ten million restrictions take ten
minutes to compile and some gigabytes, and a call that nobody restricted never reads one.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import msgspec
import numpy as np

from benchmarks import estate
from benchmarks.report.engine import NOW, READER, US, WARM, parse
from benchmarks.report.row import Row, at, interleaved, timed
from engine.blocklist import Blocklist, Index, compile_blocklist
from engine.digests import Digests
from engine.index_entries import prisoner_key
from engine.listing import Listing, compile_restriction
from engine.model import Attempt, Restriction
from engine.ordering import SPREAD
from engine.policy import read_policy
from engine.postings import Pairs, Postings, Records
from engine.screener import Screener

COMPILED = (10_000, 100_000)
WITHOUT_RECORDS = (1_000_000, 10_000_000)
ROOM = 0.6
"""Megabytes that have to be free for a thousand numbers."""
ROUNDS = 3_000


def rows(size: float) -> Iterator[Row]:
    """`size` 1 goes up to ten million numbers, where there is room for them."""
    lists = {
        n: compile_blocklist(estate.phone_restrictions(n)) for n in (int(one * size) for one in COMPILED)
    }
    for n in (int(one * size) for one in WITHOUT_RECORDS):
        if _free() > ROOM * n / 1_000:
            lists[n] = without_records(*_drawn(n))
    calls = estate.calls(8_000)
    forms = {
        "plain": ([one for one in calls if one.to.isdigit() and not one.to.startswith("141")], 1.5),
        "written otherwise": ([one for one in calls if not one.to.isdigit()], 4.0),
    }
    screens = {n: _screen(Screener(one, read_policy())) for n, one in lists.items()}
    for form, (attempts, goal) in forms.items():
        for screen in screens.values():
            for one in attempts[:WARM]:
                screen(one)
        asked = [timed(ask, attempts) for ask in (parse, *screens.values())]
        theirs, *ours = interleaved(asked, ROUNDS)
        for n, each in zip(screens, ours, strict=True):
            what = f"call, {form}, {n:,} numbers"
            yield Row(
                what, at(0.5, each) * US, f"{READER}, parse and format", at(0.5, theirs) * US, "µs", goal
            )
            yield Row(f"{what}: p99", at(0.99, each) * US, "its own median", at(0.5, each) * US, "µs", 5.0)


def _screen(screener: Screener) -> Callable[[Attempt], object]:
    return lambda attempt: screener.check(attempt, NOW)


def _free() -> float:
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6


Numbers = np.ndarray[tuple[int], np.dtype[np.uint64]]


def _drawn(count: int) -> tuple[Numbers, Numbers]:
    """Numbers as `estate.phone_restrictions` draws them, and the key of whom each is restricted for."""
    rng = np.random.default_rng(1)
    mobiles = 447 * 10**9 + rng.choice([1, 3, 4, 5, 7, 9], count) * 10**8 + rng.integers(0, 10**8, count)
    landlines = 441 * 10**9 + rng.integers(200, 1000, count) * 10**6 + rng.integers(0, 10**6, count)
    numbers = np.where(rng.random(count) < 0.7, mobiles, landlines).astype(np.uint64)
    people = np.array([prisoner_key(estate.prisoner(n)) for n in range(estate.PRISONERS)], np.uint64)
    return numbers, people[rng.integers(0, estate.PRISONERS, count)]


def without_records(numbers: Numbers, owners: Numbers) -> Blocklist:
    """A list of one whole number of the UK for each owner, in their order; every record is the same."""
    count = np.arange(len(numbers), dtype=np.uint64)
    whose = owners * np.uint64(SPREAD)
    firsts = whose + np.uint64(2) * (numbers // np.uint64(100_000))
    lasts = whose + np.uint64(2) * (numbers % np.uint64(10_000)) + np.uint64(1)
    listing = compile_restriction(next(estate.phone_restrictions(1)))
    index = Index(
        Listing,
        Digests(b"", count=len(numbers)),
        cast("Records", _Same(msgspec.msgpack.encode(listing), len(numbers))),
        Records(b"", array("Q")),
        Pairs().postings(),
        _postings(numbers, count << np.uint64(8)),
        Pairs().postings(),
        Pairs().postings(),
        _postings(owners, count),
        _postings(owners, numbers),
        _postings(np.concatenate((firsts, lasts)), np.concatenate((numbers, numbers))),
    )
    return Blocklist("sha256:none", index, cast("Index[object]", compile_blocklist(()).confidential))  # type: ignore[arg-type, type-var]


def _postings(keys: Numbers, rows: Numbers) -> Postings:
    pairs = Pairs()
    pairs._keys.frombytes(keys.tobytes())
    pairs._rows.frombytes(rows.tobytes())
    return pairs.postings()


class _Same(Sequence[bytes]):
    """One record for every row."""

    def __init__(self, record: bytes, count: int) -> None:
        self._record, self._count = record, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, row: object) -> bytes:  # type: ignore[override]
        return self._record


def restricted(numbers: Sequence[Restriction]) -> tuple[Numbers, Numbers]:
    """What `without_records` is given for restrictions of one number each."""
    listings = list(map(compile_restriction, numbers))
    keys = np.array([one.contacts[0].key for one in listings], np.uint64)
    owners = np.array([prisoner_key(one.restriction.prisoners[0]) for one in listings], np.uint64)
    return keys, owners
