"""What is asked of what was read, and what an officer's typing settles and what it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from adapters.mailroom.barcodes import Code, CodeKind
from adapters.mailroom.envelope import Doubt, Envelope
from engine.jsonl import MOST_READINGS, check_attempt
from engine.model import Verdict
from service.mail.attempt import (
    NOT_READ,
    TOO_LONG,
    UNREAD_PAGES,
    WAS_STOPPED,
    Seen,
    attempt_of,
    machine_read,
    officer_saw,
)
from service.mail.items import MailItem, Reading, item_of
from service.mail.reading import Read

TO = "Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ"
OTHER = "14 Larkmead Street\nAmbermouth\nLS1 4AB"
ENVELOPE = Envelope(to=TO, confidence=0.9, sender="", prisoner="X1234BC", doubts=())
MAILMARK = Code(CodeKind.MAILMARK, "", postcode="LS1 4AB")


MANY = (OTHER,) * (MOST_READINGS + 1)


def read(body: str = "", **fields: Any) -> Read:
    return Read(ENVELOPE, body, (), **fields)


def enveloped(**fields: Any) -> Read:
    return structs.replace(read(), envelope=structs.replace(ENVELOPE, **fields))


def item(decision: Verdict = "flag", *, privileged: bool = False) -> MailItem:
    return MailItem(
        id="A" * 16,
        tray="T1",
        place=1,
        establishment=None,
        taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        version=1,
        decision=decision,
        action="hold",
        confidence=0.5,
        privileged=privileged,
        done_at=None,
        reading=None,
    )


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (read(is_cut=True), TOO_LONG),
        (read("x" * 200_001), TOO_LONG),
        (read(unread_pages=1), UNREAD_PAGES),
        (read(codes=(MAILMARK,)), "the postage was bought for another postcode"),
        (read(codes=(Code(CodeKind.OWN_LABEL, ""),)), "it bears a label of ours: it was held before"),
        (enveloped(doubts=(Doubt.POSTCODE,)), "postcode"),
        (enveloped(readings=MANY), "more addresses or readings"),
        (enveloped(also_to=MANY), "more addresses or readings"),
    ],
)
def test_what_the_machine_is_not_sure_of_is_asked_about(what: Read, says: str) -> None:
    asked = check_attempt(attempt_of("A" * 16, 1, machine_read("1.png", what), None, False))
    assert len(asked.doubts) == 1
    assert says in asked.doubts[0]


def test_what_is_sure_has_no_doubt() -> None:
    paid = structs.replace(MAILMARK, postcode="LS9 9ZZ")
    asked = attempt_of("A" * 16, 1, machine_read("1.png", read("Dear Jo", codes=(paid,))), "LEI", False)
    assert (asked.to, asked.prisoner, asked.body, asked.doubts) == (TO, "X1234BC", "Dear Jo", ())
    assert machine_read("1.png", read(), "X9999BC").prisoner == "X9999BC"


def test_an_attempt_is_named_by_its_item_and_by_what_is_asked() -> None:
    reading = machine_read("1.png", read())
    first = attempt_of("A" * 16, 1, reading, None, False)
    assert first.id == attempt_of("A" * 16, 1, reading, None, False).id
    assert first.id != attempt_of("A" * 16, 1, structs.replace(reading, to=OTHER), None, False).id
    assert first.id != attempt_of("A" * 16, 2, reading, None, False).id
    assert item_of(first.id) == "A" * 16
    assert item_of("mail-somebody-elses") is None


DOUBTFUL = Reading(name="1.png", to=TO, readings=(OTHER,), doubts=("the postcode cannot be read", TOO_LONG))
AS_READ = Seen(to=TO, prisoner="X1234BC")


def test_another_field_settles_no_doubt() -> None:
    after = officer_saw(item(), DOUBTFUL, AS_READ)
    assert (after.readings, after.doubts) == (DOUBTFUL.readings, DOUBTFUL.doubts)


@pytest.mark.parametrize(
    "seen", [structs.replace(AS_READ, to=OTHER), structs.replace(AS_READ, is_confirmed=True)]
)
def test_another_address_and_a_word_settle_what_is_doubted_of_the_address_alone(seen: Seen) -> None:
    after = officer_saw(item(), DOUBTFUL, seen)
    assert (after.readings, after.doubts) == ((), (TOO_LONG,))


def test_what_was_stopped_and_what_was_not_read_stays_held() -> None:
    sure = structs.replace(DOUBTFUL, doubts=())
    stopped = officer_saw(item("block"), sure, structs.replace(AS_READ, to=OTHER))
    assert stopped.doubts == (WAS_STOPPED,)
    again = officer_saw(item("flag"), stopped, structs.replace(AS_READ, is_confirmed=True))
    assert again.doubts == (WAS_STOPPED,)
    unmarked = officer_saw(item(privileged=True), sure, AS_READ)
    assert unmarked.doubts == (NOT_READ,)


def test_a_marking_takes_the_text_away() -> None:
    reading = structs.replace(DOUBTFUL, body="Dear Jo")
    assert officer_saw(item(), reading, structs.replace(AS_READ, privileged=True)).body == ""
    assert officer_saw(item(), reading, AS_READ).body == "Dear Jo"


def test_every_letter_inside_needs_an_address() -> None:
    reading = structs.replace(DOUBTFUL, doubts=(), enclosed=2, enclosures=(OTHER,))
    asked = attempt_of("A" * 16, 1, reading, None, False)
    assert (asked.also_to, asked.doubts) == ((OTHER,), ("enclosed letters without an address: 1",))
    more = officer_saw(item(), reading, structs.replace(AS_READ, enclosures=(OTHER, TO)))
    assert (more.enclosed, attempt_of("A" * 16, 2, more, None, False).doubts) == (2, ())


def test_nothing_that_is_printed_shows_what_was_read() -> None:
    for shown in (repr(DOUBTFUL), repr(AS_READ), repr(structs.replace(item(), reading=DOUBTFUL))):
        assert "Quarry" not in shown
        assert "X1234BC" not in shown
