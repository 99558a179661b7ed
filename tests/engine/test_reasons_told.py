"""Each reason as it is told: what was given, what is listed, by which matcher, how sure, and every step."""

from __future__ import annotations

from typing import Any

import pytest

from engine.blocklist import compile_blocklist
from engine.model import (
    Attempt,
    Channel,
    ConfidentialEntry,
    Contact,
    ContactKind,
    Decision,
    Exemption,
    ProtectedPerson,
    Reason,
    ReasonCode,
    Restriction,
    Verdict,
)
from engine.policy import decide, read_policy
from engine.screener import Screener
from tests.engine.asking import ANOTHER, ELSEWHERE, HIS, NOW, NUMBER

WITHHELD = "dialling code 141 removed (withhold the caller's number)"
HOUSE = "Flat 2, 10 Quillet Row, Leeds LS1 4AB"
TO_HER = "Rhoswen Tallantyre\nFlat 2\n10 Quillet Row\nLeeds\nLS1 4AB"
TO_HIM_THERE = "Ada Bell\nFlat 2\n10 Quillet Row\nLeeds\nLS1 4AB"
TO_ADA = "Ada Bell\n99 Larder Street\nLeeds\nLS1 4AB"
LAWYERS = ConfidentialEntry(
    name="Harrow & Pike Solicitors",
    kind="solicitor",
    contacts=(
        Contact(kind="phone", value=NUMBER),
        Contact(kind="address", value="4 Larder Street, Leeds LS1 4AB"),
    ),
)
HERS: tuple[tuple[ContactKind, str], ...] = (
    ("phone", NUMBER),
    ("address", HOUSE),
    ("handle", "@rhoswent"),
    ("email", "rhos@example.org"),
)


def restriction(*contacts: tuple[ContactKind, str], **more: Any) -> Restriction:
    return Restriction(
        id="R1",
        prisoner=HIS,
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=tuple(Contact(kind=kind, value=value) for kind, value in contacts or HERS),
        **more,
    )


def checked(
    channel: Channel,
    to: str,
    one: Restriction | None = None,
    *,
    by: str = HIS,
    register: bool = False,
    complete: bool = True,
    **more: Any,
) -> Decision:
    blocklist = compile_blocklist([one or restriction()], [LAWYERS] if register else [], complete=complete)
    attempt = Attempt(id="X1", channel=channel, prisoner=by, to=to, **more)
    return Screener(blocklist, read_policy()).check(attempt, NOW)


def told(
    code: str, decision: Verdict, matcher: str, given: str = "", listed: str = "", **more: Any
) -> Reason:
    """A reason of restriction R1 where something is listed; of none where nothing is."""
    return Reason(
        code=ReasonCode(code),
        decision=decision,
        matcher=matcher,
        given=given,
        listed=listed,
        **{"restriction": "R1" if listed else None, **more},
    )


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_restricted_number_is_told_with_what_was_dialled_and_how_it_was_read() -> None:
    to = "141 0044 7700 900123"
    assert checked("call", to).reasons == (
        told(
            "RESTRICTED_NUMBER",
            "block",
            "phone",
            to,
            NUMBER,
            steps=(WITHHELD, "international prefix 00 read"),
        ),
    )


def test_how_the_listed_number_was_read_is_told_behind_how_the_dialled_one_was() -> None:
    to, listed = "141 07700 900123", "O7700 900123"
    assert checked("call", to, restriction(("phone", listed))).reasons == (
        told(
            "RESTRICTED_NUMBER",
            "block",
            "phone",
            to,
            listed,
            steps=(WITHHELD, "listed: look-alike letters read as digits"),
        ),
    )


def test_a_number_of_the_prisons_own_exchange_is_told_as_a_guess() -> None:
    one = restriction(("phone", "0113 496 0123"))
    assert checked("call", "496 0123", one, by=ANOTHER, establishment="LEI").reasons == (
        told(
            "NEAR_NUMBER",
            "flag",
            "phone",
            "496 0123",
            "0113 496 0123",
            score=0.9,
            steps=("area code 0113 of the prison's own exchange added",),
        ),
    )


def test_a_number_without_its_area_code_is_told_beside_his_own_restricted_one() -> None:
    one = restriction(("phone", "0113 496 0123"))
    assert checked("call", "496 0123", one).reasons == (
        told("INCOMPLETE_NUMBER", "flag", "phone", "496 0123", steps=("no area code",)),
        told(
            "NEAR_NUMBER",
            "flag",
            "phone",
            "496 0123",
            "0113 496 0123",
            score=0.8,
            steps=("no area code", "area code left out"),
        ),
    )


@pytest.mark.parametrize(
    ("to", "slip"),
    [
        ("141 07700 900124", "one digit differs"),
        ("141 07700 900132", "two neighbouring digits swapped"),
        ("141 07700 900213", "two neighbouring digits swapped"),
    ],
)
def test_a_slip_from_his_own_restricted_number_is_told_with_its_kind(to: str, slip: str) -> None:
    assert checked("call", to).reasons == (
        told("NEAR_NUMBER", "flag", "phone", to, NUMBER, score=0.8, steps=(WITHHELD, slip)),
    )


def test_a_digit_fewer_than_his_own_restricted_number_has_is_told() -> None:
    assert checked("call", "07700 90012").reasons == (
        told("INCOMPLETE_NUMBER", "flag", "phone", "07700 90012"),
        told("NEAR_NUMBER", "flag", "phone", "07700 90012", NUMBER, score=0.8, steps=("one digit fewer",)),
    )


def test_a_country_code_left_out_is_told() -> None:
    one = restriction(("phone", "+353 87 012 3456"))
    assert checked("call", "087 012 3456", one).reasons[1:] == (
        told(
            "NEAR_NUMBER",
            "flag",
            "phone",
            "087 012 3456",
            "+353 87 012 3456",
            score=0.8,
            steps=("country code left out",),
        ),
    )


def test_digits_behind_a_number_are_told() -> None:
    to = "01632 960123,,12"
    steps = ("cut at 10 digits behind +44, 2 more kept as the tail",)
    assert checked("call", to).reasons == (told("EXTRA_DIGITS", "flag", "phone", to, steps=steps),)


def test_the_class_of_a_number_is_told_in_words() -> None:
    to = "141 0800 000 0000"
    steps = (WITHHELD, "class of the number: freephone")
    assert checked("call", to).reasons == (told("NUMBER_CLASS", "flag", "phone", to, steps=steps),)
    (reason,) = checked("call", "0843 000 0000").reasons
    assert reason.steps == ("class of the number: shared cost",)


def test_what_is_no_number_is_told_as_that() -> None:
    steps = ("no telephone number could be read",)
    assert checked("call", "mum").reasons == (told("UNUSABLE_NUMBER", "block", "phone", "mum", steps=steps),)


def test_a_restricted_number_run_together_with_others_is_told_as_hidden() -> None:
    to = "01632 9609990770090012399"
    cut = "cut at 10 digits behind +44, 13 more kept as the tail"
    assert checked("call", to, by=ANOTHER).reasons == (
        told("EXTRA_DIGITS", "flag", "phone", to, steps=(cut,)),
        told(
            "HIDDEN_NUMBER",
            "flag",
            "phone",
            to,
            NUMBER,
            score=0.8,
            steps=(cut, "a whole number inside the digits given"),
        ),
    )


def test_a_restricted_number_set_apart_behind_another_is_told_as_itself() -> None:
    to = "01632 960999 07700 900123"
    cut = "cut at 10 digits behind +44, 11 more kept as the tail"
    assert checked("call", to, by=ANOTHER).reasons[0] == told(
        "RESTRICTED_NUMBER",
        "block",
        "phone",
        to,
        NUMBER,
        steps=(cut, "a whole number inside the digits given"),
    )


def test_her_name_beside_a_number_is_told() -> None:
    to = "Rhoswen Tallantyre 01632 960555"
    assert checked("call", to).reasons == (
        told(
            "RESTRICTED_PERSON",
            "flag",
            "person",
            to,
            "Rhoswen Tallantyre",
            steps=("the full name", "beside the number or account"),
        ),
    )


# ── the register, exceptions, and a list that nothing may rest on ───────────────────────────────────────


def test_a_confidential_recipient_is_told_as_dialled_and_as_registered() -> None:
    to, elsewhere = "141 07700 900123", restriction(("phone", ELSEWHERE))
    assert checked("call", to, elsewhere, register=True).reasons == (
        told("CONFIDENTIAL", "allow", "register", to, NUMBER, restriction=None),
    )


def test_a_conflict_keeps_the_restriction_and_its_steps_and_says_what_it_conflicts_with() -> None:
    to = "141 07700 900123"
    steps = (WITHHELD, "also on the confidential register")
    assert checked("call", to, register=True).reasons == (
        told("CONFIDENTIAL_CONFLICT", "flag", "phone", to, NUMBER, steps=steps),
    )


def test_an_exception_is_told_and_a_court_order_over_it() -> None:
    to, his = "141 07700 900123", (Exemption(prisoner=ANOTHER, contact=NUMBER),)
    one = restriction(("phone", NUMBER), exceptions=his)
    assert checked("message", to, one, by=ANOTHER).reasons == (
        told("EXCEPTION", "allow", "phone", to, NUMBER, steps=(WITHHELD,)),
    )
    ordered = restriction(("phone", NUMBER), exceptions=his, court_order="order 7")
    assert checked("message", to, ordered, by=ANOTHER).reasons == (
        told("EXCEPTION", "flag", "phone", to, NUMBER, steps=(WITHHELD, "a court order stands")),
    )


def test_a_list_that_nothing_may_rest_on_is_told_as_that() -> None:
    steps = ("the blocklist is missing, incomplete or too old to allow anything on",)
    assert checked("call", ELSEWHERE, complete=False).reasons == (
        told("STALE_BLOCKLIST", "flag", "blocklist", steps=steps),
    )


# ── letters ─────────────────────────────────────────────────────────────────────────────────────────────


def without_score(decision: Decision) -> list[tuple[str, str, str, str | None, str, str, tuple[str, ...]]]:
    """An address's score is the matcher's own affair: it is held to its bounds where it is made."""
    assert all(0 < reason.score <= 1 for reason in decision.reasons)
    return [
        (r.code, r.decision, r.matcher, r.restriction, r.given, r.listed, r.steps) for r in decision.reasons
    ]


NO_BUILDING = "building: on neither side"
TO_HER_OWN_NAME = "addressed to the protected person"


def test_a_letter_to_her_is_told_with_the_door_and_the_name() -> None:
    assert without_score(checked("letter", TO_HER)) == [
        ("RESTRICTED_ADDRESS", "block", "address", "R1", TO_HER, HOUSE, (NO_BUILDING, TO_HER_OWN_NAME)),
        ("RESTRICTED_PERSON", "flag", "person", "R1", "Rhoswen Tallantyre", "Rhoswen Tallantyre", ()),
    ]


def test_a_letter_to_another_name_there_is_told_with_the_door_alone() -> None:
    assert without_score(checked("letter", TO_HIM_THERE)) == [
        ("RESTRICTED_ADDRESS", "block", "address", "R1", TO_HIM_THERE, HOUSE, (NO_BUILDING,))
    ]
    assert without_score(checked("letter", TO_HIM_THERE, by=ANOTHER)) == [
        ("HOUSEHOLD", "flag", "address", "R1", TO_HIM_THERE, HOUSE, (NO_BUILDING,))
    ]


def test_her_name_after_care_of_is_told() -> None:
    to = "Ada Bell\nc/o Rhoswen Tallantyre\n4 Larder Street\nLeeds\nLS1 4AB"
    assert without_score(checked("letter", to)) == [
        ("CARE_OF", "flag", "person", "R1", "RHOSWEN TALLANTYRE", "Rhoswen Tallantyre", ())
    ]


def test_a_po_box_and_an_address_that_cannot_be_read_are_told() -> None:
    box = "Ada Bell\nPO Box 123\nLeeds\nLS1 4AB"
    assert checked("letter", box).reasons == (told("PO_BOX", "flag", "address", box, steps=("PO box 123",)),)
    assert checked("letter", "???").reasons == (
        told("UNUSABLE_ADDRESS", "flag", "address", "???", steps=("no address could be read",)),
    )


def test_an_address_read_another_way_is_told_as_probable_with_the_reading() -> None:
    assert without_score(checked("letter", TO_ADA, readings=(TO_HER,))) == [
        (
            "PROBABLE_ADDRESS",
            "flag",
            "address",
            "R1",
            TO_HER,
            HOUSE,
            ("read another way", NO_BUILDING, TO_HER_OWN_NAME),
        )
    ]


def test_another_address_in_the_envelope_is_told_as_that() -> None:
    other = "another address on it or in it"
    assert without_score(checked("letter", TO_ADA, also_to=(TO_HER,))) == [
        (
            "RESTRICTED_ADDRESS",
            "block",
            "address",
            "R1",
            TO_HER,
            HOUSE,
            (other, NO_BUILDING, TO_HER_OWN_NAME),
        ),
        ("RESTRICTED_PERSON", "flag", "person", "R1", "Rhoswen Tallantyre", "Rhoswen Tallantyre", (other,)),
    ]


def test_the_doubts_of_a_reader_are_told_in_its_words() -> None:
    assert checked("letter", TO_ADA, doubts=("smudged", "torn")).reasons == (
        told("DOUBTFUL_READING", "flag", "reader", steps=("smudged", "torn")),
    )


def test_a_confidential_letter_is_told_as_written_and_as_registered() -> None:
    to = "Harrow & Pike Solicitors\n4 Larder Street\nLeeds\nLS1 4AB"
    assert checked("letter", to, register=True).reasons == (
        told("CONFIDENTIAL", "allow", "register", to, "4 Larder Street, Leeds LS1 4AB", restriction=None),
    )


# ── what is said ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f"ring {NUMBER}", told("RESTRICTED_CONTENT", "flag", "digits", NUMBER, NUMBER)),
        (
            "ring oh double seven double oh 900123",
            told(
                "HIDDEN_NUMBER",
                "flag",
                "digits",
                "oh double seven double oh 900123",
                NUMBER,
                steps=("number words read",),
            ),
        ),
        (
            "mail rhos@example.org now",
            told("RESTRICTED_CONTENT", "flag", "email", "rhos@example.org", "rhos@example.org"),
        ),
        ("see @rhoswent", told("RESTRICTED_CONTENT", "flag", "handle", "@rhoswent", "@rhoswent")),
        (
            "that house, LS1 4AB, 10 Quillet Row, flat 2",
            told(
                "RESTRICTED_CONTENT",
                "flag",
                "address",
                "LS1 4AB",
                HOUSE,
                score=0.8,
                steps=("the text holds its number, street and postcode",),
            ),
        ),
        (
            "10 quillet row at nine",
            told(
                "RESTRICTED_CONTENT",
                "flag",
                "address",
                "10 quillet",
                HOUSE,
                score=0.7,
                steps=("the text holds its number and street",),
            ),
        ),
        (
            "tell Rhoswen Tallantyre that I know",
            told(
                "RELAY_REQUEST",
                "flag",
                "person",
                "tell … rhoswen tallantyre",
                "Rhoswen Tallantyre",
                steps=("the full name", 'asked to pass something on: "tell"'),
            ),
        ),
        (
            "where is Rhoswen",
            told(
                "RESTRICTED_CONTENT",
                "flag",
                "person",
                "where is … rhoswen",
                "Rhoswen Tallantyre",
                score=0.6,
                steps=("the first name", 'speaks to her or him, or asks where she or he is: "where is"'),
            ),
        ),
        (
            "R Tallantyre better watch out",
            told(
                "RESTRICTED_CONTENT",
                "flag",
                "person",
                "r tallantyre … better watch",
                "Rhoswen Tallantyre",
                score=0.7,
                steps=("initial and family name", 'pressure or a threat: "… better watch"'),
            ),
        ),
    ],
)
def test_what_a_message_says_is_told_with_its_words_and_what_they_were_held_against(
    body: str, reason: Reason
) -> None:
    assert checked("message", ELSEWHERE, body=body).reasons == (reason,)


# ── the whole of an answer ──────────────────────────────────────────────────────────────────────────────


def test_nothing_found_is_an_allow_that_names_its_attempt_and_its_list() -> None:
    attempt = Attempt(id="C7", channel="call", prisoner=HIS, to=ELSEWHERE)
    assert decide(read_policy(), attempt, NOW, [], blocklist="sha256:7") == Decision(
        id="C7", decision="allow", action="connect", confidential=False, blocklist="sha256:7", reasons=()
    )


def test_what_else_is_in_a_confidential_envelope_counts_beside_it() -> None:
    to = "Harrow & Pike Solicitors\n4 Larder Street\nLeeds\nLS1 4AB"
    box = "Ada Bell\nPO Box 123\nLeeds\nLS1 4AB"
    decision = checked("letter", to, register=True, also_to=(box,))
    assert (decision.decision, decision.action, decision.confidential) == ("flag", "hold", True)
    assert [reason.code.value for reason in decision.reasons] == ["PO_BOX", "CONFIDENTIAL"]
    inside = checked("letter", to, register=True, also_to=(TO_HIM_THERE,))
    assert [reason.code.value for reason in inside.reasons] == ["CONFIDENTIAL_CONFLICT"]
    doubted = checked("letter", to, register=True, doubts=("smudged",))
    assert [reason.code.value for reason in doubted.reasons] == ["DOUBTFUL_READING", "CONFIDENTIAL"]


HERS_BY_NAME = "Rhoswen Tallantyre <rhos@example.org>"


def test_an_excepted_account_may_bear_her_name_and_no_other_may() -> None:
    his = (Exemption(prisoner=HIS, contact="rhos@example.org"),)
    excepted = checked("message", HERS_BY_NAME, restriction(exceptions=his))
    assert [reason.code.value for reason in excepted.reasons] == ["EXCEPTION"]
    other = "Rhoswen Tallantyre <other@example.org>"
    by_another = checked("message", other, restriction(exceptions=his))
    assert [reason.code.value for reason in by_another.reasons] == ["RESTRICTED_PERSON"]
    called = checked("call", f"Rhoswen Tallantyre {ELSEWHERE}", restriction(exceptions=his))
    assert [reason.code.value for reason in called.reasons] == ["RESTRICTED_PERSON"]


def test_his_own_restricted_number_without_its_area_code_is_told_and_nobody_elses() -> None:
    one = restriction(("phone", "0113 496 0123"))
    assert checked("message", ELSEWHERE, one, body="ring 496 0123").reasons == (
        told("HIDDEN_NUMBER", "flag", "digits", "496 0123", "0113 496 0123", steps=("area code left out",)),
    )
    assert checked("message", ELSEWHERE, one, by=ANOTHER, body="ring 496 0123").reasons == ()


def test_a_name_without_a_request_is_told_as_it_is_written() -> None:
    (reason,) = checked("message", ELSEWHERE, body="we saw Rhoswen Tallantyre").reasons
    assert (reason.code.value, reason.given) == ("RESTRICTED_CONTENT", "rhoswen tallantyre")
