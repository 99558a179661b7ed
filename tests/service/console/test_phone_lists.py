"""The page of phone lists: counts for who sees restrictions, numbers for a reason that is recorded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.pin_phone.lists import ListedNumber, PhoneSystem, PhoneSystemError
from benchmarks.phone.phone_system import CLIENT, SECRET, entry, standing
from service.access.model import Role
from service.ledger import search
from service.phone_lists.figures import all_drift
from service.phone_lists.lists import PhoneLists
from service.review.model import UNDO, Outcome
from tests.service.console.conftest import NAME, NUMBER, OFFICER, PRISONER, Console
from tests.service.review.test_settled import decide
from tests.service.review.test_waiting import alarms


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


def item_of(drifted: Console) -> int:
    """Its item of the queue."""
    (one,) = all_drift(drifted.system.registry.journal)
    assert one.review is not None
    return one.review


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


def test_a_reviewer_lets_a_number_stand_and_the_page_says_who_and_why(drifted: Console) -> None:
    ann, auditor = drifted.visitor(Role.REVIEWER, name="ann"), drifted.visitor(Role.AUDITOR)
    seq = item_of(drifted)
    page = ann.get("/phone-lists/LEI").text
    assert "Nobody has decided" in page
    assert f'href="/queue/{seq}"' in page
    assert f"/queue/{seq}" not in auditor.get("/phone-lists/LEI").text
    ann.post(f"/queue/{seq}/claim")
    item = ann.post(f"/queue/{seq}/show", why="review").text
    assert "It may stand there" in item
    assert NUMBER in item, "nobody lets go what is not shown"
    assert "&lt;b&gt;A friend&lt;/b&gt;" in item
    assert f"Phone list {seq}" in ann.get("/queue").text
    ann.post(f"/queue/{seq}/decide", token=1, outcome="release", reason="release:verified")
    drifted.clock.ahead += UNDO
    drifted.system.settler.settle()
    page = auditor.get("/phone-lists/LEI").text
    assert "Released by oidc:ann" in page
    assert "Verified with the recipient" in page
    assert "Nobody has decided" not in page
    assert alarms(drifted) == ([], "")


def test_a_number_that_stays_on_a_list_for_too_long_is_an_alarm(drifted: Console) -> None:
    seq = item_of(drifted)
    assert alarms(drifted)[0] == []
    decide(drifted, seq, Outcome.UPHOLD)
    drifted.clock.ahead += timedelta(hours=drifted.system.settings.held_hours, minutes=1)
    warning = "on prisoners' lists for too long, neither taken off nor released: 1"
    assert alarms(drifted) == ([warning], 'nocontact_held_late{channel="phone_list"} 1.0')
    page = drifted.visitor(Role.AUDITOR).get("/phone-lists/LEI").text
    assert "Over 48 hours" in page
    assert "it has to come off" in page


def test_a_list_that_cannot_be_read_is_told_and_nothing_of_it_is_removed(drifted: Console) -> None:
    def unreachable(prisoner: str) -> tuple[ListedNumber, ...]:
        raise PhoneSystemError("the phone system cannot be read: ConnectError")

    drifted.system.reconciler.lists = PhoneLists(drifted.system.registry, unreachable)
    drifted.system.reconciler.now()
    page = drifted.visitor(Role.AUDITOR).get("/phone-lists/LEI").text
    assert "the phone system cannot be read: ConnectError" in page
    assert "Nobody has decided" in page


def test_who_has_one_prison_sees_its_lists_alone(drifted: Console) -> None:
    elsewhere = drifted.visitor(Role.REVIEWER, prisons=("MDI",))
    assert "/phone-lists/LEI" not in elsewhere.get("/phone-lists").text
    assert elsewhere.get("/phone-lists/LEI").status_code == 404
    assert elsewhere.post("/phone-lists/LEI/show", why="curious").status_code == 404


def test_a_service_without_a_phone_system_says_so(console: Console) -> None:
    assert "No phone system is set up" in console.visitor(Role.CASE_OFFICER).get("/phone-lists").text
