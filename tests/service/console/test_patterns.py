"""Patterns over several attempts become items of the queue, each once."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from service.access.model import Role
from service.ledger import payloads
from service.review.patterns import Patterns
from service.review.shown import Filter
from service.storage.sealing import Vault
from tests.service.console.conftest import NUMBER, Console

PATIENCE = 30
VARIANTS = (
    "07700 900124",
    "07700 900125",
    "141 07700 900123",
    "07700 900126",
    "07700 900127",
    "07700 900128",
)


def patterns(console: Console) -> Patterns:
    """Another one than the service's own, which a console of the tests does not start."""
    return Patterns(console.system.registry.journal)


def waiting(console: Console, code: str) -> list[str | None]:
    return [item.prisoner for item in console.system.reviews.page(Filter(code=code))]


@pytest.fixture
def quiet(console: Console) -> Console:
    console.restrict()
    return console


def test_a_restricted_number_tried_by_two_of_one_prison_is_an_item(quiet: Console) -> None:
    found = patterns(quiet)
    quiet.attempt("one")
    quiet.attempt("again")
    assert found.step() == 0
    quiet.attempt("two", prisoner="X5678CD", to="+44" + NUMBER.replace(" ", "")[1:])
    assert found.step() == 1
    assert waiting(quiet, "SHARED_CONTACT") == ["X5678CD"]
    quiet.attempt("two again", prisoner="X5678CD")
    assert found.step() == 0
    quiet.attempt("three", prisoner="X9999EF")
    assert found.step() == 1


def test_two_of_different_prisons_or_of_long_ago_are_none(quiet: Console) -> None:
    found = patterns(quiet)
    quiet.attempt("one")
    quiet.attempt("elsewhere", prisoner="X5678CD", establishment="MDI")
    quiet.clock.ahead += timedelta(days=8)
    quiet.attempt("later", prisoner="X9999EF")
    assert found.step() == 0


def test_five_variants_within_an_hour_are_probing_once(quiet: Console) -> None:
    found = patterns(quiet)
    for n, to in enumerate(VARIANTS[:4]):
        quiet.attempt(f"try {n}", to=to)
    assert found.step() == 0
    for n, to in enumerate(VARIANTS[4:]):
        quiet.attempt(f"more {n}", to=to)
    assert found.step() == 1
    assert waiting(quiet, "PROBING") == ["X1234BC"]


def test_five_wrong_numbers_over_a_day_are_not(quiet: Console) -> None:
    found = patterns(quiet)
    for n, to in enumerate(VARIANTS):
        quiet.attempt(f"try {n}", to=to)
        quiet.clock.ahead += timedelta(minutes=40)
    assert found.step() == 0


def test_a_restart_makes_no_item_twice_and_finds_what_came_before_it(quiet: Console) -> None:
    quiet.attempt("one")
    quiet.attempt("two", prisoner="X5678CD")
    assert patterns(quiet).step() == 1
    assert patterns(quiet).step() == 0
    assert waiting(quiet, "SHARED_CONTACT") == ["X5678CD"]


def test_the_item_tells_who_tried_and_shows_the_number_to_a_reviewer_alone(quiet: Console) -> None:
    quiet.attempt("one")
    quiet.attempt("two", prisoner="X5678CD")
    assert patterns(quiet).step() == 1
    (item,) = quiet.system.reviews.page(Filter(code="SHARED_CONTACT"))
    (first, *_) = quiet.system.reviews.peek(item.seq).decision.reasons
    assert first.steps == ("2 prisoners of LEI within 7 days: X1234BC, X5678CD",)
    page = quiet.visitor(Role.REVIEWER).get(f"/queue/{item.seq}")
    assert page.status_code == 200
    assert NUMBER not in page.text


def test_the_service_looks_by_itself(console: Console) -> None:
    console.restrict()
    console.attempt("one")
    console.attempt("two", prisoner="X5678CD")
    console.system.patterns.start()
    end = time.monotonic() + PATIENCE
    while not waiting(console, "SHARED_CONTACT") and time.monotonic() < end:
        time.sleep(0.05)
    console.system.patterns.stop()
    assert waiting(console, "SHARED_CONTACT") == ["X5678CD"]


def test_many_tries_open_and_write_no_more_than_the_one_that_completes_a_pattern(
    quiet: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, opened, really = patterns(quiet), list[str](), payloads.decided

    def note(vault: Vault, subject: str, sealed: bytes) -> payloads.Decided:
        opened.append(subject)
        return really(vault, subject, sealed)

    monkeypatch.setattr(payloads, "decided", note)
    for n in range(40):
        quiet.attempt(f"try {n}", prisoner=("X1234BC", "X5678CD")[n % 2])
        found.step()
    assert len(waiting(quiet, "PROBING")) == 2
    assert len(waiting(quiet, "SHARED_CONTACT")) == 2
    assert len(opened) == 4


def test_a_clock_that_was_set_back_makes_and_loses_none(quiet: Console) -> None:
    found = patterns(quiet)
    for n, to in enumerate(VARIANTS[:4]):
        quiet.attempt(f"try {n}", to=to)
    quiet.clock.ahead += timedelta(hours=2)
    quiet.attempt("alone", prisoner="X5678CD", to="07700 900131")
    assert found.step() == 0
    quiet.clock.ahead -= timedelta(hours=2)
    quiet.attempt("the fifth", to=VARIANTS[4])
    assert found.step() == 1
