"""Somebody whom a prisoner asks to have on his list: each part is screened as its own channel would."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.model import ConfidentialEntry, Contact, Decision, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from service.check.contact import screen_contact
from service.check.requests import ContactBody
from tests.service.check.running import (
    ADDRESS,
    NOW,
    NUMBER,
    OTHER,
    PRISONER,
    RESTRICTION,
    SOLICITOR,
    blocklist,
)

FREE = "07700 900888"
ELSEWHERE = "7 Low Road\nYork YO1 7HH"
LAW = "Example Law LLP"


def contact(**fields: Any) -> ContactBody:
    return ContactBody(**{"id": "K1", "prisoner": PRISONER, "name": "Ann Lee", **fields})


def answer(
    asked: ContactBody, *listed: Restriction, prison: str | None = "LEI", at: datetime = NOW, **kept: Any
) -> Decision:
    entries = [
        ConfidentialEntry(
            name=LAW,
            kind="legal",
            contacts=(
                Contact(kind="phone", value=SOLICITOR),
                Contact(kind="email", value="post@law.example"),
                Contact(kind="address", value="12 Quay Street, Leeds LS2 8AA"),
            ),
        )
    ]
    screener = Screener(blocklist(listed or (RESTRICTION,), entries), read_policy(), kept.get("confirmed"))
    return screen_contact(screener, asked, prison, at)


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


def test_the_answer_bears_the_contacts_id_and_the_list_it_was_held_against() -> None:
    told = answer(contact(numbers=[FREE]))
    assert (told.id, told.decision, told.action, told.reasons) == ("K1", "allow", "add", ())
    law = Screener(blocklist(), read_policy())
    assert screen_contact(law, contact(numbers=[FREE]), None, NOW).blocklist == law.blocklist.version


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"numbers": [FREE, NUMBER]}, "RESTRICTED_NUMBER"),
        ({"emails": ["new@example.org", "sally@example.org"]}, "RESTRICTED_EMAIL"),
    ],
)
def test_each_part_is_held_against_the_list_whoever_asks(fields: dict[str, Any], code: str) -> None:
    for prisoner in (PRISONER, OTHER):
        told = answer(contact(prisoner=prisoner, **fields))
        assert (told.decision, told.action, codes(told)) == ("block", "refuse", {code})


def test_an_exception_is_for_the_prisoner_who_has_it() -> None:
    told = answer(contact(prisoner="A5555EX", numbers=[NUMBER]))
    assert (told.decision, codes(told)) == ("allow", {"EXCEPTION"})


def test_a_restriction_of_one_prison_counts_there() -> None:
    there = Restriction(
        id="R2",
        prisoner=PRISONER,
        protected=RESTRICTION.protected,
        contacts=(Contact(kind="phone", value=FREE),),
        scope="prisoner",
        establishment="LEI",
    )
    stranger = contact(prisoner=OTHER, numbers=[FREE])
    assert answer(stranger, there).decision == "flag"
    assert answer(stranger, there, prison="MDI").decision == "allow"


@pytest.mark.parametrize(("prisoner", "decision"), [(PRISONER, "block"), (OTHER, "flag")])
def test_her_address_is_held_against_the_list_as_a_letter_is(prisoner: str, decision: str) -> None:
    assert answer(contact(prisoner=prisoner, address=ADDRESS)).decision == decision


@pytest.mark.parametrize(("prison", "whole"), [("LEI", True), (None, False)])
def test_a_local_number_is_read_by_the_prison(prison: str | None, whole: bool) -> None:
    told = answer(contact(numbers=["496 0999"]), prison=prison)
    assert ("INCOMPLETE_NUMBER" not in codes(told)) is whole


def test_a_restriction_counts_from_its_day() -> None:
    later = Restriction(
        id="R2",
        prisoner=PRISONER,
        protected=RESTRICTION.protected,
        contacts=(Contact(kind="phone", value=FREE),),
        from_="2026-05-01",
    )
    asked = contact(name="Sally Jones", numbers=[FREE])
    assert answer(asked, later).decision == "allow"
    told = answer(asked, later, at=datetime(2026, 5, 2, tzinfo=UTC))
    assert codes(told) == {"RESTRICTED_NUMBER", "RESTRICTED_PERSON"}


def test_the_name_alone_is_held_against_this_prisoners_own_restrictions() -> None:
    told = answer(contact(name="Sally Jones", numbers=[FREE]))
    assert (told.decision, told.action, codes(told)) == ("flag", "hold", {"RESTRICTED_PERSON"})
    (reason,) = told.reasons
    assert (reason.given, reason.restriction) == ("Sally Jones", "R1")
    assert answer(contact(name="Sally Jones", numbers=[FREE], prisoner=OTHER)).decision == "allow"


def test_the_address_is_a_letter_to_his_name() -> None:
    told = answer(contact(name="Sally Jones", address=ADDRESS))
    (address,) = [reason for reason in told.reasons if reason.code == "RESTRICTED_ADDRESS"]
    assert address.given == f"Sally Jones\n{ADDRESS}"
    assert "addressed to the protected person" in address.steps


@pytest.mark.parametrize(
    ("fields", "confidential"),
    [
        ({"numbers": [SOLICITOR]}, True),
        ({"emails": ["post@law.example"]}, True),
        ({"address": "12 Quay Street\nLeeds LS2 8AA"}, True),
        ({"numbers": [SOLICITOR], "emails": ["post@law.example"]}, True),
        ({"numbers": [SOLICITOR], "emails": ["new@example.org"]}, False),
        ({"numbers": [SOLICITOR], "address": ELSEWHERE}, False),
    ],
)
def test_a_contact_is_confidential_when_every_part_of_it_is(
    fields: dict[str, Any], confidential: bool
) -> None:
    told = answer(contact(name=LAW, **fields))
    assert (told.decision, told.confidential) == ("allow", confidential)


def test_whom_the_register_knows_is_no_namesake() -> None:
    law = Restriction(
        id="R2",
        prisoner=PRISONER,
        protected=RESTRICTION.protected,
        contacts=(Contact(kind="phone", value=NUMBER),),
    )
    asked = contact(name="Sally Jones", numbers=[SOLICITOR])
    assert (answer(asked, law).decision, answer(asked, law).confidential) == ("allow", True)


def test_a_list_that_may_be_old_holds_a_contact() -> None:
    old = datetime(2026, 1, 1, tzinfo=UTC)
    assert answer(contact(numbers=[FREE]), confirmed=old).decision != "allow"
