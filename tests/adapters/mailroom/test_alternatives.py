"""What else an address may say: digits and postcodes that were misread; nothing that makes no other door."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.mailroom.alternatives import apart, readings
from adapters.mailroom.envelope import Doubt, distinct
from adapters.mailroom.lines import Character, Line
from adapters.mailroom.orientation import look, upright
from adapters.mailroom.postcodes import repaired
from tests.adapters.mailroom.drawing import envelope, pixels


def line(text: str, **others: tuple[tuple[str, float], ...]) -> Line:
    """A line, sure of all but the characters at `at0`, `at1` …"""
    characters = tuple(
        Character(1 - sum(chance for _, chance in others.get(f"at{place}", ())), others.get(f"at{place}", ()))
        for place in range(len(text))
    )
    return Line(text, 0.9, 0, 0, 100, 20, characters)


def test_a_doubtful_digit_is_read_both_ways() -> None:
    lines = [line("11 High Street", at1=(("7", 0.3), ("4", 0.1))), line("LS1 4AB")]
    assert readings(lines)[:2] == ("17 High Street\nLS1 4AB", "14 High Street\nLS1 4AB")


def test_the_likeliest_comes_first_and_two_doubts_combine() -> None:
    lines = [line("11 High Street", at1=(("7", 0.2),)), line("LS1 4AB", at4=(("9", 0.4),))]
    assert readings(lines)[:3] == (
        "11 High Street\nLS1 9AB",
        "17 High Street\nLS1 4AB",
        "17 High Street\nLS1 9AB",
    )


def test_a_doubtful_letter_of_a_street_changes_nothing() -> None:
    assert readings([line("8 High Street", at3=(("N", 0.4),)), line("LS1 4AB", at6=(("b", 0.4),))]) == ()


def test_a_letter_that_may_be_a_digit_counts() -> None:
    assert readings([line("l High Street", at0=(("1", 0.4),))]) == ("1 High Street",)


def test_what_is_hardly_likely_is_left_out() -> None:
    assert readings([line("8 High Street", at0=(("3", 0.02),))]) == ()


def test_a_dash_that_was_not_seen() -> None:
    assert readings([line("45 Quay Reach")]) == ("4-5 Quay Reach",)
    assert readings([line("1215 Quay Reach")]) == ("12-15 Quay Reach",)
    assert readings([Line("45 Quay Reach", 0.99, 0, 0, 100, 20)]) == ()
    assert readings([line("53 Quay Reach"), line("145 Quay Reach")]) == ()


def test_a_space_that_was_not_seen() -> None:
    assert apart(line("216-220High Street")).text == "216-220 High Street"
    assert apart(line("484QUARRYLANE")).text == "484 QUARRYLANE"
    for text in ("1St Floor, 2Nd Avenue", "2NDFLOOR", "B184HL", "12BIS", "10A Quay", "LS1 4AB"):
        assert apart(line(text)).text == text
    assert readings([line("8 High Street"), line("QuayHead")]) == ("8 High Street\nQuay Head",)
    assert readings([line("8 High Street"), line("LS1 4AB"), line("2C The Quay")]) == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("0X144JF", "OX14 4JF"), ("LN1 ZTR", "LN1 2TR"), ("E7 OEP", "E7 0EP"), ("PRs6TD", "PR5 6TD")],
)
def test_a_postcode_is_put_right_by_its_grammar(written: str, meant: str) -> None:
    assert repaired(f"1 High Street\nTown\n{written}") == (f"1 High Street\nTown\n{meant}",)


def test_an_area_that_does_not_exist_was_misread_in_both_its_letters() -> None:
    assert "20 The Green\nTown\nTW2 5AB" in repaired("20 The Green\nTown\nJM25AB")


def test_a_two_at_the_end_may_be_two_letters() -> None:
    assert repaired("1 High Street\nEX7 92H") == ("1 High Street\nEX7 9QH", "1 High Street\nEX7 9ZH")


@pytest.mark.parametrize(
    "text", ["West Susser", "North Shields", "RH20 171", "N30 3", "Flat 12", "", "LS1 4AB"]
)
def test_what_is_no_postcode_or_is_one_stays_what_it_is(text: str) -> None:
    assert repaired(f"1 High Street\n{text}") == ()


class Twice:
    """A reader that sees `first`, and when it looks again `second`."""

    def __init__(self, *looks: tuple[str, ...], confidence: float = 0.7) -> None:
        self.looks = list(looks)
        self.confidence = confidence

    def read(self, picture: object) -> tuple[Line, ...]:
        texts = self.looks.pop(0)
        return tuple(Line(text, self.confidence, 600, 400 + 40 * n, 300, 30) for n, text in enumerate(texts))


def test_a_doubt_is_looked_at_again_and_both_readings_count() -> None:
    picture = pixels(envelope())
    first, second = ("7 Quarry Lane", "Otherstead", "N9 9Z"), ("7 Quarry Lane", "Otherstead", "N9 9ZZ")
    reader = Twice(first, second)
    found = look(reader, picture)
    assert (found.to, found.doubts) == ("\n".join(second), ())
    assert "\n".join(first) in found.readings


def test_an_address_that_begins_with_its_postcode_is_turned_round() -> None:
    head_first = ("N9 9ZZ", "Otherstead", "7i Qu ry Lane")
    right = ("7 Quarry Lane", "Otherstead", "N9 9ZZ")
    found = look(Twice(head_first, head_first, right), pixels(envelope()))
    assert "\n".join(right) in (found.to, *found.readings)


def test_a_part_of_the_address_is_no_other_address() -> None:
    whole = ("7 Quarry Lane", "Otherstead", "N9 9ZZ")
    other = ("9 Elm Street", "Ambermouth", "N8 8ZZ")
    found = look(Twice(whole, ("N9 9ZZ", *other), whole), pixels(envelope()))
    assert found.to == "\n".join(whole)
    assert not any(text.upper() == "N9 9ZZ" for text in found.also_to)
    assert any("9 Elm Street" in text for text in (*found.also_to, *found.readings))


def test_a_reading_that_differs_in_capitals_alone_is_none() -> None:
    assert distinct(("1 Elm Road\nn9 9ZZ", "1 elm road\nN9 9ZZ", "7 Elm Road\nN9 9ZZ")) == (
        "1 Elm Road\nn9 9ZZ",
        "7 Elm Road\nN9 9ZZ",
    )


def test_what_is_sure_is_looked_at_once() -> None:
    reader = Twice(("7 Quarry Lane", "Otherstead", "LS9 9ZZ"), confidence=0.97)
    assert look(reader, pixels(envelope())).doubts == ()
    assert reader.looks == []


def test_what_one_look_alone_has_seen_beside_the_address_counts() -> None:
    returned = ("RETURN TO SENDER", "7 Quarry Lane", "Otherstead", "N9 9ZZ")
    other = (*returned[1:], "9 Elm Street", "Ambermouth", "N8 8ZZ")
    found = look(Twice(returned, other), pixels(envelope()))
    assert found.doubts == (Doubt.RETURNED, Doubt.TWO_ADDRESSES)
    assert "\n".join(other[-3:]) in (*found.also_to, *found.readings)
    assert "\n".join(other[:3]) in (found.to, *found.also_to, *found.readings)


def test_the_second_look_that_helps_nothing_leaves_the_doubt() -> None:
    found = look(Twice(*[("7 Quarry Lane", "B9 9Z")] * 3), pixels(envelope()))
    assert found.doubts


def test_leaning_writing_is_set_upright() -> None:
    picture = np.full((200, 300, 3), 255, np.uint8)
    for y in range(200):
        picture[y, 150 + round((100 - y) * 0.25)] = 0
    columns = upright(picture)[20:180].min(axis=2).argmin(axis=1)
    assert columns.max() - columns.min() <= 2


def test_setting_writing_upright_loses_nothing_at_the_edges() -> None:
    picture = np.full((200, 300, 3), 255, np.uint8)
    picture[10:14, :8] = picture[-14:-10, -8:] = 0
    assert (upright(picture).min(axis=2) < 60).sum() >= 0.9 * (picture.min(axis=2) < 60).sum()


def test_a_digit_that_went_to_the_street_comes_back_to_the_house_number() -> None:
    seen = line("2 LELM ROAD", at2=(("2", 0.3),))
    assert "22 ELM ROAD" in readings([seen])
    assert "22 ELM ROAD" in readings([apart(line("2LELM ROAD", at1=(("2", 0.3),)))])


@pytest.mark.parametrize(
    ("seen", "instead"), [("16", "1b"), ("1b", "16"), ("214", "21a"), ("3A", "34"), ("10", "1d")]
)
def test_a_letter_behind_a_house_number_may_be_a_digit(seen: str, instead: str) -> None:
    assert f"{instead} Elm Road" in readings([line(f"{seen} Elm Road")])
    assert readings([line(f"{seen}th Floor")]) == ()


@pytest.mark.parametrize(
    ("seen", "instead"),
    [("I Elm Road", "1 Elm Road"), ("| ELM ROAD", "1 ELM ROAD"), ("IST FLOOR", "1ST FLOOR")],
)
def test_a_letter_alone_before_a_street_may_be_a_one(seen: str, instead: str) -> None:
    assert readings([line(seen), line("Town")]) == (f"{instead}\nTown",)
    assert readings([line("Ivy Street"), line("Istown")]) == ()
