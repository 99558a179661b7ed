"""Whatever a canary can ask is stopped by the engine: else it is a fault of ours, and found here first."""

from __future__ import annotations

import random

import pytest

from adapters.canaries.canary import Canary, CanaryQuestion, Draw, national
from adapters.canaries.disguises import forms_of_address, read_address, ways_of_addressing
from benchmarks.calls_and_texts import drama_numbers
from tests.adapters.canaries.listed import CANARY, Listed, restriction

ADDRESSES = (
    CANARY.address,
    "9 Ryecroft Avenue, Barrowhythe, M1 2AB",
    "127 Old Forge Lane, Ottermouth, CF10 1AA",
)


@pytest.mark.parametrize("seed", range(12))
def test_every_question_that_is_drawn_is_stopped(seed: int) -> None:
    chance = random.Random(seed)
    number, beside = drama_numbers(chance, 2)
    canary = Canary(
        prison="LEI",
        prisoner="Z0001QQ",
        name=CANARY.name,
        number=number,
        beside=beside,
        address=ADDRESSES[seed % len(ADDRESSES)],
    )
    draw, listed = Draw(canary, chance), Listed([restriction(canary)])
    assert listed.asked(canary, draw.call()).decision == "block"
    assert listed.asked(canary, draw.text_to()).decision == "block"
    for question in (draw.text_about(), draw.letter()):
        decision = listed.asked(canary, question)
        assert decision.decision != "allow", question
        assert restriction().id in {one.restriction for one in decision.reasons}, question


@pytest.mark.parametrize("written", ADDRESSES)
def test_a_letter_to_the_address_is_stopped_in_every_way(written: str) -> None:
    canary = Canary(
        **{name: getattr(CANARY, name) for name in CANARY.__struct_fields__} | {"address": written}
    )
    listed = Listed([restriction(canary)])
    forms = forms_of_address(read_address(written))
    for way in ways_of_addressing():
        to = f"{canary.name}\n{way.template.format(**forms)}"
        assert listed.asked(canary, CanaryQuestion("letter", way.template, to)).decision != "allow", to


def test_a_trace_names_the_form_and_holds_no_number() -> None:
    draw = Draw(CANARY, random.Random(1))
    for question in (draw.call(), draw.text_to(), draw.text_about(), draw.letter()):
        assert not any(part in question.form for part in ("900", "Larkmead", "LS1"))


def test_each_time_it_is_another_one() -> None:
    assert len({Draw(CANARY, random.Random(seed)).call().form for seed in range(30)}) > 15


@pytest.mark.parametrize("number", ["+1 202 555 0123", "999", "not one", "0800 1111"])
def test_what_no_canary_can_have_is_refused_without_saying_it(number: str) -> None:
    with pytest.raises(ValueError, match="a canary's number") as raised:
        national(number)
    assert number not in str(raised.value)


@pytest.mark.parametrize(
    "written", ["Larkmead Street, Ambermouth, LS1 4AB", "14 Larkmead Street", "14, A, LS1 4AB", ""]
)
def test_an_address_is_given_in_three_parts(written: str) -> None:
    with pytest.raises(ValueError, match="number and street, town, postcode"):
        read_address(written)
