"""What follows from a restricted number anywhere in what was dialled, told in full, and for whom it holds."""

from __future__ import annotations

import pytest

from engine.blocklist import compile_blocklist
from engine.dialled import concerns, exempted_number, find_inside, restricted_in_account, restricted_inside
from engine.model import Attempt, Contact, Exemption, Restriction
from engine.policy import read_policy
from engine.read_attempt import ReadAttempt
from tests.engine.asking import ANOTHER, ELSEWHERE, HIS, NUMBER, restriction

FREE = "07700 900456"
BEHIND = f"{FREE} # {NUMBER}"
"""A free number, and the restricted one behind it."""
INSIDE = "0077009001234"
"""A foreign number that an exchange might take for the restricted one and a digit more."""


def read(to: str, *restrictions: Restriction, prisoner: str = HIS, prison: str | None = "LEI") -> ReadAttempt:
    lists = compile_blocklist(restrictions or (restriction(),))
    attempt = Attempt(id="C1", channel="call", prisoner=prisoner, establishment=prison, to=to)
    return ReadAttempt(attempt, lists.restricted, lists.confidential, read_policy())


@pytest.mark.parametrize(
    ("to", "code", "exact", "score"),
    [(BEHIND, "RESTRICTED_NUMBER", True, 1.0), (INSIDE, "HIDDEN_NUMBER", False, 0.8)],
)
def test_what_was_found_is_told_whole(to: str, code: str, exact: bool, score: float) -> None:
    asked = read(to, restriction("(home) 07700 900123"))
    (found,) = find_inside(asked, restricted_inside(asked))
    assert (found.code, found.exact, found.score) == (code, exact, score)
    assert (found.given, found.listed, found.exempt) == (to, "(home) 07700 900123", False)
    assert found.listing is not None
    assert found.listing.restriction.id == "R1"
    assert found.steps[: len(asked.number.steps)] == asked.number.steps
    assert "a whole number inside the digits given" in found.steps
    assert [step for step in found.steps if step.startswith("listed: ")], "how the listed one is read as well"


def test_a_number_that_stands_there_for_sure_and_once_more_perhaps_is_told_once_for_sure() -> None:
    asked = read(f"{INSIDE} # {NUMBER}")
    assert [(one.key, one.sure) for one in restricted_inside(asked)] == [(447700900123, True)]


def test_one_plain_whole_number_holds_no_other() -> None:
    assert restricted_inside(read(FREE, restriction("00900456"), restriction(NUMBER, id="R2"))) == []


def test_the_number_itself_is_not_told_as_one_inside() -> None:
    assert restricted_inside(read(f"{NUMBER} # 1")) == []
    assert [one.key for one in restricted_in_account(read("447700900123@chat.example"))] == [447700900123]
    assert restricted_in_account(read("rhoswen@chat.example")) == []


def test_an_exception_holds_for_its_prisoner_its_number_and_its_kind_alone() -> None:
    house = "5 Inkhorn Row, Leeds LS1 4AB"
    contacts = (
        Contact(kind="phone", value=NUMBER),
        Contact(kind="phone", value=ELSEWHERE),
        Contact(kind="address", value=house),
    )
    let = (Exemption(prisoner=HIS, contact=house), Exemption(prisoner=HIS, contact=NUMBER))
    both = restriction(prisoner=(HIS, ANOTHER), contacts=contacts, exceptions=let)
    for to, prisoner, is_exempt in (
        (BEHIND, HIS, True),
        (BEHIND, ANOTHER, False),
        (f"{FREE} # {ELSEWHERE}", HIS, False),
    ):
        asked = read(to, both, prisoner=prisoner)
        (found,) = find_inside(asked, restricted_inside(asked))
        assert found.exempt is is_exempt
        assert found.listing is not None
        assert not exempted_number(asked, found.listing, 0)


@pytest.mark.parametrize(
    ("scope", "prisoner", "prison", "is_concerned"),
    [
        ("estate", ANOTHER, "MDI", True),
        ("prisoner", HIS, "MDI", True),
        ("prisoner", ANOTHER, "MDI", False),
        ("prisoner", ANOTHER, "LEI", True),
        ("prisoner", ANOTHER, None, True),
        ("prisoner", ANOTHER, "OUT", True),
    ],
)
def test_whom_a_number_inside_concerns(
    scope: str, prisoner: str, prison: str | None, is_concerned: bool
) -> None:
    asked = read(BEHIND, restriction(scope=scope, establishment="LEI"), prisoner=prisoner, prison=prison)
    assert concerns(asked, restricted_inside(asked)) is is_concerned
