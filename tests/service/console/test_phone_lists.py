"""The page of phone lists: counts for who sees restrictions, numbers for a reason that is recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.pin_phone.lists import PhoneSystem
from benchmarks.phone.phone_system import CLIENT, SECRET, entry, standing
from service.access.model import Role
from service.ledger import search
from service.phone_lists.lists import PhoneLists
from tests.service.console.conftest import NAME, NUMBER, OFFICER, PRISONER, Console


@pytest.fixture
def drifted(console: Console, tmp_path: Path) -> Console:
    """A restricted number on the list of the prisoner whom it concerns."""
    console.system.registry.prisoners.move(OFFICER, PRISONER, "LEI")
    console.restrict()
    (tmp_path / "phones").mkdir()
    with (
        standing(tmp_path / "phones", {PRISONER: [entry(NUMBER, "<b>A friend</b>")]}) as phones,
        PhoneSystem(phones.url, CLIENT, SECRET) as system,
    ):
        lists = PhoneLists(console.system.registry, system.read)
        console.system.reconciler.lists = lists
        console.system.reconciler.now()
    return console


def test_counts_are_shown_by_prison_and_lead_to_what_is_wrong(drifted: Console) -> None:
    auditor = drifted.visitor(Role.AUDITOR)
    page = auditor.get("/phone-lists").text
    assert "/phone-lists/LEI" in page
    one = auditor.get("/phone-lists/LEI").text
    assert PRISONER in one
    assert "R1" in one
    assert "Show numbers" not in one
    for text in (page, one):
        assert NUMBER not in text
        assert NAME not in text
        assert "A friend" not in text


def test_numbers_are_shown_for_a_reason_that_is_in_the_ledger(drifted: Console) -> None:
    reviewer = drifted.visitor(Role.REVIEWER)
    refused = reviewer.post("/phone-lists/LEI/show")
    assert refused.status_code == 422
    assert NUMBER not in refused.text
    shown = reviewer.post("/phone-lists/LEI/show", why="to tell the wing").text
    assert NUMBER in shown
    assert "&lt;b&gt;A friend&lt;/b&gt;" in shown
    with drifted.system.database.read() as connection:
        (record,) = search.search(connection, subject="phone-lists/LEI")
    assert (record.actor, record.outcome) == (reviewer.id, "seen")


def test_who_has_one_prison_sees_its_lists_alone(drifted: Console) -> None:
    elsewhere = drifted.visitor(Role.REVIEWER, prisons=("MDI",))
    assert "/phone-lists/LEI" not in elsewhere.get("/phone-lists").text
    assert elsewhere.get("/phone-lists/LEI").status_code == 404
    assert elsewhere.post("/phone-lists/LEI/show", why="curious").status_code == 404


def test_a_service_without_a_phone_system_says_so(console: Console) -> None:
    assert "No phone system is set up" in console.visitor(Role.CASE_OFFICER).get("/phone-lists").text
