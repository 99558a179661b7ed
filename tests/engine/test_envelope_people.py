"""Who is named on an envelope: the protected person by her own prisoner, and at her door by anybody."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from engine.blocklist import compile_blocklist
from engine.model import (
    Attempt,
    ConfidentialEntry,
    Contact,
    Decision,
    Exemption,
    ProtectedPerson,
    Restriction,
)
from engine.policy import read_policy
from engine.screener import Screener

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HERS = "14 Larkmead Street\nAmbermouth\nQB1 4AB"
ELSEWHERE = "5 Inkhorn Row\nCorvenport\nVB8 1FG"
SCREENER = Screener(
    compile_blocklist(
        [
            Restriction(
                id="R1",
                prisoner="A1234BC",
                protected=ProtectedPerson(name="Rhoswen Tallantyre", aliases=("Rhos Tallantyre",)),
                contacts=(Contact(kind="address", value=HERS),),
            )
        ]
    ),
    read_policy(),
)


def letter(to: str, prisoner: str = "A1234BC") -> Decision:
    return SCREENER.check(Attempt(id="L1", channel="letter", to=to, prisoner=prisoner), NOW)


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (f"Mr T Blythe c/o Rhoswen Tallantyre\n{ELSEWHERE}", "CARE_OF"),
        (f"Mr T Blythe (c/o R Tallantyre)\n{ELSEWHERE}", "CARE_OF"),
        (f"Mr T Blythe\n{ELSEWHERE}\nplease give to Rhos Tallantyre", "CARE_OF"),
        (f"Mr T Blythe\n{ELSEWHERE}\nTallantyre R", "RESTRICTED_PERSON"),
        (f"Mr & Mrs R Tallantyre\n{ELSEWHERE}", "RESTRICTED_PERSON"),
        (f"Rhoswen T\n{ELSEWHERE}", "RESTRICTED_PERSON"),
    ],
)
def test_her_name_elsewhere_flags_for_her_own_prisoner_alone(to: str, code: str) -> None:
    decision = letter(to)
    assert (decision.decision, [reason.code for reason in decision.reasons]) == ("flag", [code])
    assert decision.reasons[0].listed == "Rhoswen Tallantyre"
    assert letter(to, "B2345CD").decision == "allow"


def test_two_mentions_are_one_reason_each_way() -> None:
    to = f"Rhoswen Tallantyre\nRhos Tallantyre\nc/o R Tallantyre\n{ELSEWHERE}"
    assert sorted(reason.code for reason in letter(to).reasons) == ["CARE_OF", "RESTRICTED_PERSON"]


@pytest.mark.parametrize(
    "name", ["Rhoswen", "Rhos & Tom", "Kelly Smith c/o Rhoswen Tallantyre", "Rhos T", "Mrs Tallantyre"]
)
def test_at_her_door_her_name_or_first_name_blocks_for_everybody(name: str) -> None:
    assert letter(f"{name}\n{HERS}", "B2345CD").decision == "block"


@pytest.mark.parametrize("name", ["The Tallantyres", "Mum", "Rhoswen Blythe", "Tom Tallantyre", "Occupier"])
def test_at_her_door_another_name_flags_for_another_prisoner(name: str) -> None:
    decision = letter(f"{name}\n{HERS}", "B2345CD")
    assert (decision.decision, [reason.code for reason in decision.reasons]) == ("flag", ["HOUSEHOLD"])


@pytest.mark.parametrize(
    "name", ["Rhoswen", "The Tallantyres", "Tallantyre family", "Tom Tallantyre", "Tallantyre Solicitors"]
)
def test_her_first_name_or_her_family_elsewhere_is_nobody(name: str) -> None:
    assert letter(f"{name}\n{ELSEWHERE}").decision == "allow"


FAMILIES = ("The Tallantyres", "Tallantyre family", "Tallantyre", "Familie Tallantyre")


def screener(least: float, *restrictions: Restriction) -> Screener:
    policy = read_policy()
    person = msgspec.structs.replace(policy.person, own_name_score=least)
    return Screener(compile_blocklist(restrictions), msgspec.structs.replace(policy, person=person))


def elsewhere(screener: Screener, name: str, address: str = ELSEWHERE) -> str:
    to = f"{name}\n{address}"
    return screener.check(Attempt(id="L1", channel="letter", to=to, prisoner="A1234BC"), NOW).decision


def listed(name: str, *exceptions: Exemption) -> Restriction:
    contacts = (Contact(kind="address", value=HERS),)
    protected = ProtectedPerson(name=name)
    return Restriction(
        id="R1", prisoner="A1234BC", protected=protected, contacts=contacts, exceptions=exceptions
    )


@pytest.mark.parametrize("name", FAMILIES)
def test_a_rare_family_name_alone_flags_where_the_policy_asks_for_less(name: str) -> None:
    assert elsewhere(screener(0.54, listed("Rhoswen Tallantyre")), name) == "flag"
    common = name.replace("Tallantyres", "Robinsons").replace("Tallantyre", "Robinson")
    assert elsewhere(screener(0.54, listed("Rhoswen Robinson")), common) == "allow"


def test_a_couple_of_a_rare_family_name_flags_and_of_a_common_one_does_not() -> None:
    assert elsewhere(screener(0.6, listed("Rhoswen Tallantyre")), "Mr & Mrs Tallantyre") == "flag"
    for common in ("Robinson", "Nowak", "Dhaliwal", "Hussain", "Okonkwo", "Popescu", "Zhang"):
        assert elsewhere(screener(0.6, listed(f"Rhoswen {common}")), f"Mr & Mrs {common}") == "allow"


def test_whom_an_exception_lets_write_to_others_of_the_family_is_not_stopped_by_its_name() -> None:
    theirs = Exemption(prisoner="A1234BC", contact=HERS)
    screening = screener(0.54, listed("Rhoswen Tallantyre", theirs))
    for name in (*FAMILIES, "Mr & Mrs Tallantyre"):
        assert elsewhere(screening, name) == elsewhere(screening, name, HERS) == "allow"
    assert elsewhere(screening, "R Tallantyre") == elsewhere(screening, "R Tallantyre", HERS) == "flag"


def test_her_name_in_another_reading_of_the_envelope_flags_once() -> None:
    readings = (f"Tom Blythe\n{ELSEWHERE}", f"Rhoswen Tallantyre\n{ELSEWHERE}", f"R Tallantyre\n{ELSEWHERE}")
    to = f"Bhesuen Tellentgre\n{ELSEWHERE}"
    attempt = Attempt(id="L1", channel="letter", to=to, prisoner="A1234BC")
    assert SCREENER.check(attempt, NOW).decision == "allow"
    (reason,) = SCREENER.check(msgspec.structs.replace(attempt, readings=readings), NOW).reasons
    assert (reason.code, reason.steps[0]) == ("RESTRICTED_PERSON", "read another way")
    assert reason.given == "Rhoswen Tallantyre"


FIRM = ConfidentialEntry(
    name="Harrow & Pike Solicitors", kind="solicitor", contacts=(Contact(kind="address", value=ELSEWHERE),)
)


@pytest.mark.parametrize(
    "to",
    [
        "Harrow & Pike Solicitors\n5 Inkhorn Row\nCorvenport\nVB8 1FG",
        "Harrow & Pike Solicitors, 5 Inkhorn Row, Corvenport, VB8 1FG",
        "Harrow & Pike Solicitors 5 Inkhorn Row Corvenport VB8 1FG",
        "Ada Bell, Harrow & Pike Solicitors, 5 Inkhorn Row, Corvenport, VB8 1FG",
        "Ada Bell\nc/o Harrow & Pike Solicitors\n5 Inkhorn Row\nCorvenport\nVB8 1FG",
    ],
)
def test_a_letter_with_the_name_of_the_register_is_confidential_wherever_the_name_stands(to: str) -> None:
    by = Screener(compile_blocklist([], [FIRM]), read_policy())
    for text, is_confidential in ((to, True), (to.replace("Harrow & Pike Solicitors", "Mr Blythe"), False)):
        decision = by.check(Attempt(id="L1", channel="letter", to=text, prisoner="A1234BC"), NOW)
        assert decision.confidential is is_confidential


@pytest.mark.parametrize(
    ("prisoner", "contact", "is_flagged"),
    [("A1234BC", HERS, False), ("B2345CD", HERS, True), ("A1234BC", "07700 900123", True)],
)
@pytest.mark.parametrize("read_otherwise", [False, True])
def test_a_prisoner_who_may_write_to_her_house_is_not_stopped_by_its_family_name_elsewhere(
    prisoner: str, contact: str, is_flagged: bool, read_otherwise: bool
) -> None:
    restriction = Restriction(
        id="R1",
        prisoner=("A1234BC", "B2345CD"),
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(Contact(kind="address", value=HERS), Contact(kind="phone", value="07700 900123")),
        exceptions=(Exemption(prisoner=prisoner, contact=contact),),
    )
    by = screener(0.54, restriction)
    family, nobody = f"Mr & Mrs Tallantyre\n{ELSEWHERE}", f"Mr & Mrs Blythe\n{ELSEWHERE}"
    attempt = Attempt(
        id="L1",
        channel="letter",
        to=nobody if read_otherwise else family,
        readings=(family,) if read_otherwise else (),
        prisoner="A1234BC",
    )
    assert (by.check(attempt, NOW).decision != "allow") is is_flagged


def test_what_was_found_of_her_is_told_whole() -> None:
    to = f"R Tallantyre\nRhoswen Tallantyre\n{ELSEWHERE}"
    (reason,) = letter(to).reasons
    assert (reason.code, reason.matcher) == ("RESTRICTED_PERSON", "person")
    assert (reason.given, reason.listed, reason.restriction) == (
        "Rhoswen Tallantyre",
        "Rhoswen Tallantyre",
        "R1",
    )
    assert reason.score == 1.0, "the best of what stands there is told"
    (reason,) = letter(f"Mrs R Tallantyre\n{ELSEWHERE}").reasons
    assert reason.steps == ("initial R fits Rhoswen",)
