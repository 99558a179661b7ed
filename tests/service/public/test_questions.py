"""Who is asked what."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.public.answers import Answers, asked
from service.public.asked import Kind, Who
from service.public.fields import answered, typed, wrong_with
from service.public.questions import QUESTIONS, after, asked_of, before, kept, question


def names(who: Who, kind: Kind = "stop") -> set[str]:
    return {one.name for one in asked_of(Answers(who=who, kind=kind))}


def test_who_asks_for_herself_is_not_asked_for_the_name_or_the_consent_of_somebody_else() -> None:
    assert names("family") - names("self") == {"person", "consent"}
    for who in ("police", "probation", "organisation"):
        assert names(who) - names("family") == {"organisation"}


def test_a_report_asks_what_happened_and_a_request_what_else_there_is() -> None:
    assert names("self", "continuing") ^ names("self", "stop") == {
        *("how", "more", "danger"),
        *("how_it_goes_on", "happened"),
    }


@given(st.sampled_from(get_args(Who)), st.sampled_from(get_args(Kind)))
def test_forward_and_back_are_the_same_way(who: Who, kind: Kind) -> None:
    answers, way = Answers(who=who, kind=kind), [QUESTIONS[0]]
    while (following := after(way[-1], answers)) is not None:
        assert before(following, answers) == way[-1]
        way.append(following)
    assert way == asked_of(answers)


def test_every_field_has_its_place_in_the_answers_and_every_answer_is_asked() -> None:
    fields = {field.name for one in QUESTIONS for field in one.fields}
    assert fields == set(Answers.__struct_fields__)


def test_what_is_kept_is_what_is_asked() -> None:
    answers = Answers(kind="stop", who="self", person="Somebody", knows="yes", when="Sunday", asker="Rhoswen")
    assert kept(answers) == Answers(kind="stop", who="self", asker="Rhoswen")


TOMORROW = date.today() + timedelta(days=1)


@pytest.mark.parametrize(
    ("born", "is_right"),
    [
        (("", "", ""), True),
        (("1", "2", "1985"), True),
        (("01", "02", " 1985 "), True),
        (("29", "2", "1984"), True),
        (("29", "2", "1985"), False),
        (("1", "", "1985"), False),
        (("1", "2", "85"), False),
        (("١", "2", "1985"), False),
        ((str(TOMORROW.day), str(TOMORROW.month), str(TOMORROW.year)), False),
    ],
)
def test_a_date_of_birth_is_a_day_that_was_or_nothing(born: tuple[str, str, str], is_right: bool) -> None:
    one = next(one for one in QUESTIONS if one.name == "prisoner_more")
    assert (wrong_with(one, Answers(born=born)) == []) is is_right


def test_a_request_that_is_not_complete_is_none() -> None:
    with pytest.raises(ValueError, match="not complete"):
        asked(Answers(), reference="UPC-AAAA-AAAA", at="", language="en")


@pytest.mark.parametrize("field", ["asker", "person", "prisoner", "aliases"])
def test_what_shows_nothing_is_no_name(field: str) -> None:
    one = question(field)
    assert one is not None
    for nothing in ("\u200b", "-", "\u0301", "007", "\U0001f98a"):
        taken, wrong = answered(one, Answers(), typed(one, {field: [nothing]}))
        assert taken == Answers()
        assert [fault.field for fault in wrong] == [field]


def test_answers_carry_nothing_that_is_not_theirs() -> None:
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(b'{"kind":"stop","admin":true}', type=Answers)
