"""Each reason of a letter or a text as it is told: the words, what they were held against, every step."""

from __future__ import annotations

import pytest

from engine.model import Decision, Exemption, Reason
from tests.engine.asking import ANOTHER, ELSEWHERE, HIS, NUMBER
from tests.engine.telling import (
    HOUSE,
    NO_BUILDING,
    TO_ADA,
    TO_HER,
    TO_HER_OWN_NAME,
    TO_HIM_THERE,
    checked,
    restriction,
    told,
)

# ── letters ─────────────────────────────────────────────────────────────────────────────────────────────


def without_score(decision: Decision) -> list[tuple[str, str, str, str | None, str, str, tuple[str, ...]]]:
    """An address's score is the matcher's own affair: it is held to its bounds where it is made."""
    assert all(0 < reason.score <= 1 for reason in decision.reasons)
    return [
        (r.code, r.decision, r.matcher, r.restriction, r.given, r.listed, r.steps) for r in decision.reasons
    ]


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
        ("CARE_OF", "flag", "person", "R1", "Rhoswen Tallantyre", "Rhoswen Tallantyre", ())
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
            "RESTRICTED_PERSON",
            "flag",
            "person",
            "R1",
            "Rhoswen Tallantyre",
            "Rhoswen Tallantyre",
            ("read another way",),
        ),
        (
            "PROBABLE_ADDRESS",
            "flag",
            "address",
            "R1",
            TO_HER,
            HOUSE,
            ("read another way", NO_BUILDING, TO_HER_OWN_NAME),
        ),
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


def test_what_nobody_could_read_of_a_message_is_told() -> None:
    (reason,) = checked("message", "07700 900789", doubts=("a picture",)).reasons
    assert reason == told("DOUBTFUL_READING", "flag", "reader", steps=("a picture",))
    with_text = checked("message", "07700 900789", body="See you.", doubts=("a picture",))
    assert (with_text.decision, with_text.action) == ("flag", "hold")


def test_a_confidential_letter_is_told_as_written_and_as_registered() -> None:
    to = "Harrow & Pike Solicitors\n4 Larder Street\nLeeds\nLS1 4AB"
    assert checked("letter", to, register=True).reasons == (
        told("CONFIDENTIAL", "allow", "register", to, "4 Larder Street, Leeds LS1 4AB", restriction=None),
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


def test_an_initial_and_her_family_name_at_her_door_are_hers() -> None:
    to = TO_HER.replace("Rhoswen Tallantyre", "R Tallantyre")
    decision = checked("letter", to, by=ANOTHER)
    assert (decision.decision, decision.reasons[0].code.value) == ("block", "RESTRICTED_ADDRESS")
    assert TO_HER_OWN_NAME in decision.reasons[0].steps


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


def test_an_address_in_a_text_is_told_as_far_as_it_goes() -> None:
    (reason,) = checked("message", ELSEWHERE, body=f"come to {HOUSE}, now").reasons
    assert (reason.code.value, reason.given, reason.listed) == ("RESTRICTED_CONTENT", HOUSE, HOUSE)
    assert reason.steps == (NO_BUILDING,)
    assert reason.score > 0.9


def test_a_text_of_unknown_sender_is_looked_through_and_no_part_fails() -> None:
    assert checked("letter", TO_ADA, by=None, body="hello").reasons == ()
    (reason,) = checked("letter", TO_ADA, by=None, body=f"ring {NUMBER}").reasons
    assert (reason.code.value, reason.given) == ("RESTRICTED_CONTENT", NUMBER)
