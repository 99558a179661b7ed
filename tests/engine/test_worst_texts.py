"""What a body of the worst kind costs is bounded: look-ups are counted, not time."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.blocklist import compile_blocklist
from engine.content import MOST_ADDRESSES, MOST_POSTCODES
from engine.model import Attempt, Decision
from engine.policy import read_policy
from engine.read_attempt import ReadAttempt
from engine.screener import CONTENT, Screener
from matchers import digits, email_handle, folding
from matchers.address import mentioned

sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks.worst_texts import HIS, REPEATED, RESTRICTION, shapes

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCREENER = Screener(compile_blocklist([RESTRICTION]), read_policy())
LENGTH = 20_000
LOOKUPS_A_CHARACTER = 3


def attempt(body: str, prisoner: str = HIS) -> Attempt:
    return Attempt(id="M1", channel="message", prisoner=prisoner, to="07700 900999", body=body)


def check(body: str, prisoner: str = "B2345CD") -> Decision:
    return SCREENER.check(attempt(body, prisoner), NOW)


class Counting:
    """The restricted list, counting what is asked of it."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(SCREENER.blocklist.restricted, name)

        def counted(*given: Any) -> Any:
            self.asked[name] += 1
            return method(*given)

        return counted


def lookups(body: str) -> Counter[str]:
    counting: Any = Counting()
    read = ReadAttempt(attempt(body), counting, SCREENER.blocklist.confidential, SCREENER.policy)
    for finder in CONTENT:
        list(finder(read))
    asked: Counter[str] = counting.asked
    return asked


@pytest.mark.parametrize("piece", REPEATED.values(), ids=REPEATED.keys())
def test_look_ups_grow_with_the_length_alone(piece: str) -> None:
    asked = lookups((piece * (LENGTH // len(piece) + 1))[:LENGTH])
    assert sum(asked.values()) <= LOOKUPS_A_CHARACTER * LENGTH, asked


def test_random_mixtures_are_bounded_as_well() -> None:
    for name, body in shapes(6, random.Random(11)):
        if name.startswith(("mixture", "random")):
            asked = lookups(body[:LENGTH])
            assert sum(asked.values()) <= LOOKUPS_A_CHARACTER * LENGTH, (name, asked)


def test_a_postcode_repeated_is_looked_up_once() -> None:
    assert lookups("LS97 4AB " * 900)["addresses_at"] == 1
    assert lookups("12 LS97 4AB " * 900)["addresses"] <= 3


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


def test_addresses_beyond_those_that_are_read_hold_the_text() -> None:
    def street(n: int) -> str:
        return f"{n} Brook Lane LS{n % 90 + 1} {n % 10}AB\n"

    few = "".join(map(street, range(1, MOST_ADDRESSES)))
    many = "".join(map(street, range(1, MOST_ADDRESSES + 3)))
    assert check(few).decision == "allow", check(few).reasons
    assert (check(many).decision, codes(check(many))) == ("flag", {"MATCHER_FAILED"})
    assert lookups(many)["addresses"] == MOST_ADDRESSES


def test_postcodes_beyond_those_that_are_looked_at_hold_the_text() -> None:
    assert check("LS97 4AB " * MOST_POSTCODES).decision == "allow"
    assert codes(check("LS97 4AB " * (MOST_POSTCODES + 1))) == {"MATCHER_FAILED"}
    assert lookups("LS97 4AB " * (MOST_POSTCODES + 1))["addresses_at"] == 1


def test_an_address_behind_very_many_digits_is_found() -> None:
    assert check("0 " * 50_000 + "Flat 2, 10 Larkmead Street, Leeds LS98 4AB").decision == "flag"
    assert check("0 " * 50_000 + "07700900123").decision == "flag"


@pytest.mark.parametrize(
    "body", ["tell sarah 07700 900124, flat 3", "\u0441\u0430\u0440\u0430 07700 900124, flat 3"]
)
def test_a_body_is_folded_once_for_all_that_look_at_it(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folded: Counter[tuple[str, str]] = Counter()

    def counting(name: str, fold: Callable[..., Any]) -> Callable[..., Any]:
        def counted(text: str, *known: Any) -> Any:
            folded[name, text] += 1
            return fold(text, *known)

        return counted

    for module in (folding, digits, email_handle, mentioned):
        for name in ("plain", "search_form"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, counting(name, getattr(module, name)))
    read = ReadAttempt(
        attempt(body), SCREENER.blocklist.restricted, SCREENER.blocklist.confidential, SCREENER.policy
    )
    for finder in CONTENT:
        list(finder(read))
    assert folded["plain", body] == 1
    assert folded["search_form", body] == 1
