"""How long an answer takes, beside what a user would pick instead. One core; run with `make bench`.

Absolute times depend on the machine and on what else it does; the ratio to the peer of the same run is
the figure to compare. NOCONTACT_BENCH_SIZE scales the lists (1 is the size of the budgets).
"""

import os
import resource
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import cycle
from typing import TypeVar

import phonenumbers
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rapidfuzz import fuzz, process

from benchmarks import estate
from engine import saved
from engine.blocklist import Blocklist, compile_blocklist
from engine.model import Attempt
from engine.policy import read_policy
from engine.screener import Screener

SIZE = float(os.environ.get("NOCONTACT_BENCH_SIZE", "1"))
NUMBERS = int(1_000_000 * SIZE)
RESTRICTIONS = int(100_000 * SIZE)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MS, US = 1e-3, 1e-6

T = TypeVar("T")
Record = Callable[..., None]


@pytest.fixture(scope="module")
def numbers() -> Blocklist:
    return compile_blocklist(estate.phone_restrictions(NUMBERS))


@pytest.fixture(scope="module")
def mixed() -> Blocklist:
    return compile_blocklist(estate.full_restrictions(RESTRICTIONS))


def run_over(
    benchmark: BenchmarkFixture, function: Callable[[T], object], inputs: list[T], rounds: int
) -> None:
    """Time `function` on one input a round, after a warm-up over some of them."""
    for one in inputs[:200]:
        function(one)
    endless: Iterator[T] = cycle(inputs)
    benchmark.pedantic(function, setup=lambda: ((next(endless),), {}), rounds=rounds)


def checker(blocklist: Blocklist) -> Callable[[Attempt], object]:
    screener = Screener(blocklist, read_policy())
    return lambda attempt: screener.check(attempt, NOW)


def test_call_by_phonenumbers(benchmark: BenchmarkFixture, record: Record) -> None:
    """The peer: normalising alone, without any look-up."""

    def normalise(attempt: Attempt) -> None:
        parsed = phonenumbers.parse(attempt.to, "GB")
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

    run_over(benchmark, normalise, estate.calls(20_000), 20_000)
    record("phonenumbers, parse and format alone")


def test_call(benchmark: BenchmarkFixture, record: Record, numbers: Blocklist) -> None:
    run_over(benchmark, checker(numbers), estate.calls(20_000), 20_000)
    record(
        f"call, {NUMBERS:,} numbers",
        peer="phonenumbers, parse and format alone",
        median=10 * US,
        p99=60 * US,
    )


def test_message_by_phonenumbers(benchmark: BenchmarkFixture, record: Record) -> None:
    """The peer: finding telephone numbers alone, without names, accounts, addresses or disguises."""

    def find(attempt: Attempt) -> None:
        list(phonenumbers.PhoneNumberMatcher(attempt.body, "GB"))

    run_over(benchmark, find, estate.messages(4_000), 4_000)
    record("PhoneNumberMatcher, numbers alone")


def test_message(benchmark: BenchmarkFixture, record: Record, mixed: Blocklist) -> None:
    run_over(benchmark, checker(mixed), estate.messages(4_000), 8_000)
    record(
        f"message of 500 characters, {RESTRICTIONS:,} listed",
        peer="PhoneNumberMatcher, numbers alone",
        median=60 * US,
    )


def test_letter_by_rapidfuzz(benchmark: BenchmarkFixture, record: Record) -> None:
    """The peer: the best of all addresses by token score, which decides nothing."""
    listed = [r.contacts[1].value.upper() for r in estate.full_restrictions(RESTRICTIONS)]

    def best(attempt: Attempt) -> None:
        process.extractOne(attempt.to.upper(), listed, scorer=fuzz.token_sort_ratio)

    run_over(benchmark, best, estate.letters(20), 5)
    record("rapidfuzz extractOne, token_sort_ratio")


def test_letter(benchmark: BenchmarkFixture, record: Record, mixed: Blocklist) -> None:
    run_over(benchmark, checker(mixed), estate.letters(4_000), 8_000)
    record(
        f"letter, {RESTRICTIONS:,} addresses",
        peer="rapidfuzz extractOne, token_sort_ratio",
        median=200 * US,
        p99=1 * MS,
    )


def test_build(benchmark: BenchmarkFixture, record: Record) -> None:
    benchmark.pedantic(lambda: compile_blocklist(estate.phone_restrictions(NUMBERS)), rounds=1)
    record(f"build, {NUMBERS:,} contact points", median=30.0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    print(f"\npeak memory of this run so far: {peak:.2f} GiB")


def test_load(benchmark: BenchmarkFixture, record: Record, numbers: Blocklist) -> None:
    kept = saved.save(numbers)
    benchmark.pedantic(saved.load, args=(kept,), rounds=5)
    record(f"load a saved one, {NUMBERS:,} contact points", median=3.0)
