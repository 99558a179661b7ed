"""What of a decision somebody may see: by role, by prison, and after a look."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Channel, Contact, Decision, ProtectedPerson, Reason, ReasonCode, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from service.access.model import Principal, Right, Role
from service.access.view import (
    ShownDecision,
    concerns_prisons,
    detail_seen,
    is_told,
    reasons_seen,
    view,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NAMES = ("Rhoswen Tallantyre", "Sarah Jane Ockenden", "Wilhelmina Fairbrother", "Aoife Ní Bhraonáin")
STREETS = ("Larkmead Street", "Quernmore Lane", "Old Tannery Walk")


def principal(role: Role, *prisons: str) -> Principal:
    return Principal(f"user:{role}", frozenset({role}), frozenset(prisons), person=True)


def reason(**more: object) -> Reason:
    whole: dict[str, object] = {
        "code": ReasonCode.PROBABLE_ADDRESS,
        "decision": "flag",
        "restriction": "R1",
        "score": 0.93,
        "matcher": "address",
        "given": "41 Larkmaed Street",
        "listed": "14 Larkmead Street, Ambermouth",
        "steps": ("street: one letter differs",),
        **more,
    }
    return Reason(**whole)  # type: ignore[arg-type]


def decided(*reasons: Reason) -> Decision:
    return Decision(
        id="L1", decision="flag", action="hold", confidential=False, blocklist="sha256:1", reasons=reasons
    )


def seen(who: Principal, *reasons: Reason, looked: bool = False, theirs: bool = True) -> ShownDecision:
    return reasons_seen(decided(*reasons), who, lambda _: theirs, looked=looked)


@pytest.mark.parametrize("role", Role)
def test_reasons_are_for_who_may_see_them(role: Role) -> None:
    told = msgspec.json.decode(msgspec.json.encode(view(decided(reason()), principal(role), lambda _: True)))
    assert ("reasons" in told) == principal(role).may(Right.SEE_REASONS)
    assert {"id", "decision", "action", "confidential"} <= set(told)


@pytest.mark.parametrize("role", [one for one in Role if principal(one).may(Right.SEE_REASONS)])
@pytest.mark.parametrize("looked", [False, True])
@pytest.mark.parametrize("theirs", [False, True])
def test_what_is_listed_takes_a_look_the_right_and_a_prison_of_theirs(
    role: Role, looked: bool, theirs: bool
) -> None:
    who = principal(role, "LEI")
    (shown,) = seen(who, reason(), looked=looked, theirs=theirs).reasons
    is_open = looked and theirs and who.may(Right.REVEAL)
    assert (shown.listed is not None) == is_open
    assert (shown.score is not None) == is_open
    assert (shown.restriction is not None) == (theirs and who.may(Right.SEE_RESTRICTIONS))
    assert (shown.code, shown.given) == (ReasonCode.PROBABLE_ADDRESS, "41 Larkmaed Street")
    assert bool(shown.steps) == theirs
    assert "Larkmead" not in repr(shown)


@pytest.mark.parametrize(
    "step",
    [
        "listed: dialling code 141 removed",
        "Jane left out",
        "initial S fits Sarah",
        "Sally is a short form of Sarah",
        "number: 14 and 41",
        "street: larkmead",
        "Сара, written in the Latin alphabet",
    ],
)
def test_a_step_that_tells_of_what_is_listed_is_left_out(step: str) -> None:
    mailroom = principal(Role.MAILROOM)
    (shown,) = seen(mailroom, reason(steps=(step, "street: one letter differs"))).reasons
    assert shown.steps == ("street: one letter differs",)
    assert step in seen(principal(Role.REVIEWER), reason(steps=(step,)), looked=True).reasons[0].steps


def test_a_step_that_tells_of_what_was_given_stays() -> None:
    call = reason(
        given="141 07700 900123", listed="07700 900123", steps=("dialling code 141 removed (hidden)",)
    )
    assert seen(principal(Role.MAILROOM), call).reasons[0].steps == call.steps
    alone = reason(restriction=None, listed="", given="PO Box 7", steps=("PO box 7",))
    shown = seen(principal(Role.MAILROOM), alone).reasons[0]
    assert (shown.steps, shown.score) == (alone.steps, 0.93)


WHO = st.sampled_from(NAMES)
DOOR = st.tuples(st.integers(1, 99), st.sampled_from(STREETS))
LAST = st.integers(0, 999)


@st.composite
def attempts(draw: st.DrawFn, name: str, door: tuple[int, str], last: int) -> Attempt:
    """One that comes near the restricted person, or hits her."""
    channels: tuple[Channel, ...] = ("call", "message", "letter", "letter", "letter")
    channel = draw(st.sampled_from(channels))
    slip = draw(st.sampled_from([0, 1, 10, 100]))
    number = f"07700 900{(last + slip) % 1000:03}"
    first, *_, family = name.split()
    short = {"Sarah": "Sally", "Wilhelmina": "Billie"}.get(first, first)
    called = (name, family, f"{first[0]} {family}", f"{first} {family}", f"{short} {family}", first, "")
    to_whom = draw(st.sampled_from(called))
    house, street = door[0] + draw(st.sampled_from([0, 0, 2])), door[1]
    spelt = draw(st.sampled_from([street, street.replace("e", "a", 1), "", street.split()[0]]))
    postcode = draw(st.sampled_from(["LS1 4AB", "LS1 4A8", "", "LS1"]))
    lines = draw(
        st.sampled_from(
            [(to_whom, f"{house} {spelt}", postcode), (f"{house} {spelt}", postcode), (postcode,)]
        )
    )
    if channel == "letter":
        return Attempt(id="A", channel="letter", to="\n".join(filter(None, lines)) or "-", prisoner="X1234BC")
    body = f"tell {to_whom} at {house} {spelt} {postcode}, or ring {number}"
    return Attempt(
        id="A", channel=channel, to=number, prisoner="X1234BC", body=body if channel == "message" else None
    )


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))


@settings(max_examples=400)
@given(st.data(), WHO, DOOR, LAST)
def test_no_word_of_a_restriction_is_told_that_was_not_asked_with(
    data: st.DataObject, name: str, door: tuple[int, str], last: int
) -> None:
    values = (f"07700 900{last:03}", f"{door[0]} {door[1]}, Ambermouth, LS1 4AB", "hers@example.org")
    kinds = ("phone", "address", "email")
    restriction = Restriction(
        id="R1",
        prisoner="X1234BC",
        protected=ProtectedPerson(name=name, aliases=("Bronagh Featherstonehaugh",)),
        contacts=tuple(Contact(kind=kind, value=value) for kind, value in zip(kinds, values, strict=True)),  # type: ignore[arg-type]
    )
    asked = data.draw(attempts(name, door, last))
    decision = Screener(compile_blocklist([restriction]), read_policy()).check(asked, NOW)
    told = seen(principal(Role.MAILROOM), *decision.reasons)
    protected = set().union(*(words(one) for one in (name, "Bronagh Featherstonehaugh", *values)))
    answered = words(" ".join(f"{one.given} {' '.join(one.steps)}" for one in told.reasons))
    asked_with = words(f"{asked.to} {asked.body or ''}")
    digits = re.sub(r"\D", "", f"{asked.to}{asked.body or ''}")
    leaked = {word for word in protected & answered - asked_with if not (word.isdecimal() and word in digits)}
    assert not leaked - {"street", "lane", "old", "walk"}
    whole = re.sub(r"\D", "", " ".join(step for one in told.reasons for step in one.steps))
    assert f"7700900{last:03}" not in whole or f"7700900{last:03}" in digits


def test_a_restriction_of_another_prison_is_not_told() -> None:
    auditor = principal(Role.AUDITOR, "LEI")
    assert is_told("R1", auditor, lambda _: True)
    assert not is_told("R1", auditor, lambda _: False)
    assert is_told("R1", principal(Role.AUDITOR), lambda _: False)
    assert not is_told("R1", principal(Role.MAILROOM), lambda _: True)
    detail = {"restrictions": ["R1", "R2"], "action": "hold"}
    assert detail_seen(detail, auditor, lambda id_: id_ == "R2") == {"restrictions": ["R2"], "action": "hold"}
    assert detail_seen(detail, principal(Role.AUDITOR), lambda _: False) == detail
    assert detail_seen({"restrictions": 2}, auditor, lambda _: False) == {"restrictions": 2}


def test_a_restriction_concerns_where_it_was_made_and_where_its_prisoners_are() -> None:
    made = Restriction(
        id="R1",
        prisoner=("X1234BC", "X2345BC"),
        protected=ProtectedPerson(name=NAMES[0]),
        contacts=(Contact(kind="phone", value="07700 900123"),),
        establishment="LEI",
    )
    where = {"X1234BC": "MDI"}.get
    assert concerns_prisons({"LEI"}, made, where)
    assert concerns_prisons({"MDI"}, made, where)
    assert not concerns_prisons({"BMI"}, made, where)
    assert concerns_prisons((), made, where)
