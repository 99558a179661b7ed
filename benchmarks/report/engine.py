"""Calls, messages and letters through the engine, beside libraries that do one part of it.

Telephone numbers are read by `rphonenumbers`, in Rust, where that is installed: in `.venv-bench`. Elsewhere
the peer is `phonenumbers`, the same in Python, which takes ten times as long and more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec

from rapidfuzz import fuzz, process

from benchmarks import estate
from benchmarks.report.row import Row, at, interleaved, timed
from engine.blocklist import compile_blocklist
from engine.model import Attempt
from engine.policy import read_policy
from engine.screener import Screener

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
US, WARM = 1e6, 200
READER = "rphonenumbers" if find_spec("rphonenumbers") else "phonenumbers"
_reader = import_module(READER)


def rows(size: float) -> Iterator[Row]:
    """`size` 1 is that of the budgets: a million numbers, 100,000 restrictions of every kind."""
    numbers, full = int(1_000_000 * size), int(100_000 * size)
    screen = _screen(Screener(compile_blocklist(estate.phone_restrictions(numbers)), read_policy()))
    yield from _beside(
        f"call, {numbers:,} numbers", screen, f"{READER}, parse and format", parse, estate.calls(6_000)
    )
    screen = _screen(Screener(compile_blocklist(estate.full_restrictions(full)), read_policy()))
    yield from _beside(
        f"message of 500 characters, {full:,} restrictions",
        screen,
        f"{READER}, PhoneNumberMatcher, numbers alone",
        _find,
        estate.messages(2_000),
        goal=3.0,
    )
    listed = [one.contacts[1].value.upper() for one in estate.full_restrictions(full)]
    yield from _beside(
        f"letter, {full:,} addresses",
        screen,
        "rapidfuzz extractOne, token_sort_ratio",
        lambda attempt: process.extractOne(attempt.to.upper(), listed, scorer=fuzz.token_sort_ratio),
        estate.letters(1_000),
        rounds=20,
    )


def _screen(screener: Screener) -> Callable[[Attempt], object]:
    return lambda attempt: screener.check(attempt, NOW)


def parse(attempt: Attempt) -> str:
    """The peer of a call: its number read and written, and nothing looked up."""
    read = _reader.parse(attempt.to, "GB")
    return str(_reader.format_number(read, _reader.PhoneNumberFormat.E164))


def _find(attempt: Attempt) -> list[object]:
    return list(_reader.PhoneNumberMatcher(attempt.body, "GB"))


def _beside(
    what: str,
    ours: Callable[[Attempt], object],
    peer: str,
    theirs: Callable[[Attempt], object],
    attempts: Sequence[Attempt],
    rounds: int = 2_000,
    goal: float | None = None,
) -> Iterator[Row]:
    """The medians, and how far our slowest hundredth is from our median."""
    for one in attempts[:WARM]:
        ours(one)
    mine, others = interleaved((timed(ours, attempts), timed(theirs, attempts)), rounds)
    yield Row(what, at(0.5, mine) * US, peer, at(0.5, others) * US, "µs", goal)
    every, _ = interleaved((timed(ours, attempts), lambda: 0.0), len(attempts))
    yield Row(f"{what}: p99", at(0.99, every) * US, "its own median", at(0.5, every) * US, "µs", 5.0)
