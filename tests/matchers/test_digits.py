"""Listed numbers are found in a text however they are hidden, and only on an exact hit."""

from __future__ import annotations

import random
import string
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers import digits
from tests.repeating import times

sys.path.insert(0, str(Path(__file__).parents[2]))
from adapters.canaries.disguises import Disguise, ways_of_writing

NATIONAL = "07700900123"
KEY = 447700900123


def keys(text: str, *listed: int, earlier: tuple[str, ...] = ()) -> list[int]:
    return [found.key for found in digits.find(text, set(listed or (KEY,)).__contains__, earlier)]


def only(text: str, earlier: tuple[str, ...] = ()) -> digits.FoundNumber:
    (found,) = digits.find(text, {KEY}.__contains__, earlier)
    return found


@pytest.mark.parametrize("way", ways_of_writing(), ids=lambda way: f"{way.kind}: {way.template!r}")
def test_a_number_is_found_in_every_way_of_writing_and_its_neighbour_is_not(way: Disguise) -> None:
    body, earlier = way.apply(NATIONAL)
    assert keys(body, earlier=earlier) == [KEY]
    for neighbour in (KEY + 1, KEY - 10, KEY + 100_000, 447700901023):
        assert keys(body, neighbour, earlier=earlier) == []


@pytest.mark.parametrize(
    ("text", "given", "hidden"),
    [
        ("ring 07700 900123 ok", "07700 900123", False),
        ("ring +44 7700 900123 ok", "44 7700 900123", False),
        ("ring 0770 then 0900123", "0770 then 0900123", True),
        (
            "x oh seven seven oh oh nine oh oh one two three x",
            "oh seven seven oh oh nine oh oh one two three",
            True,
        ),
        ("32100900770", "32100900770", True),
        ("18811011234", "18811011234", True),
    ],
)
def test_what_was_read_is_quoted_and_a_disguise_is_told_from_a_plain_number(
    text: str, given: str, hidden: bool
) -> None:
    found = only(text)
    assert (found.given.removeprefix("+"), found.hidden) == (given, hidden)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("0770 then 0900123", "digits joined across other words"),
        ("07700 im 25 now 900123", "times, places and counts left out"),
        ("0770 0 25 900123", "a stray number in between left out"),
        ("07700 i was born 1985 and 900123", "times, dates and prices left out"),
        ("900123 comes after 07700", "its parts put in order"),
        ("oh sevan sevan oh oh nein oh oh won too free", "number words read"),
        ("1cb02691b", "read as hexadecimal"),
        ("puuppoppqwe", "keys below the digits"),
        ("70079000213", "each two digits swapped"),
        ("&#48;7700900123", "coded characters decoded"),
        ("oh seven seven oh oh nine oh oh one two three", "number words read"),
        ("O77OO 9OO123", "look-alike letters read as digits"),
        ("32100900770", "digits reversed"),
        ("18811011234", "each digit moved by 9"),
        ("٠٧٧٠٠٩٠٠١٢٣", "unicode digits folded"),
        ("07700\u200b900123", "invisible characters removed"),
        ("ref 88077009001239", "digits before or behind the number left out"),
        ("7700 900123", "leading 0 added"),
    ],
)
def test_each_step_that_was_taken_is_told(text: str, step: str) -> None:
    assert step in only(text).steps or (step == "leading 0 added" and only(text).steps == ())


CODED = ("32100900770", "18811011234", "92299099876", "03300100987", "70079000213")
"""The number turned round, each digit moved by one, taken from nine and from ten, each two swapped."""


@pytest.mark.parametrize(
    "around", ["{}\n(1)", "(1) {}", "{} 5", "12:30 {}", "{0} {0}", "#5#{}#12/5", "7 {}/07"]
)
@pytest.mark.parametrize("coded", CODED)
def test_a_number_in_code_is_found_with_other_digits_around_it(coded: str, around: str) -> None:
    for written in (coded, f"{coded[:3]} {coded[3:6]} {coded[6:]}", "-".join(coded)):
        assert keys(around.format(written)) == [KEY]
        assert keys(around.format(written), KEY + 1, KEY + 1000) == []


@pytest.mark.parametrize(
    "text",
    [
        "132100900770",
        "3210090077099",
        "99321009007744",
        "3210090077",
        "321 then 009 then 00770 at 5",
        "on 5 may 321, later 009 and 00770",
        "1) 321 is one 2) 009 is two 3) 00770",
    ],
)
def test_a_number_turned_round_is_found_anywhere_in_a_written_group_and_over_words(text: str) -> None:
    assert keys(text) == [KEY]


@pytest.mark.parametrize(
    "text",
    [
        "----- --... --... ----- ----- ----. ----- ----- .---- ..--- ...--",
        "dots: _____/__.../__.../_____/_____/____./_____/_____/.____/..___/...__ ok",
        "🕛🕖🕖🕛🕛🕘🕛🕛🕐🕑🕒",
        "0🀖🀖00🀘00🀐🀑🀒",
        "0 77 00 9 00 ⚀ ⚁ ⚂",
    ],
)
def test_digits_in_morse_and_on_faces_of_clocks_dice_and_tiles_are_read(text: str) -> None:
    assert keys(text) == [KEY]
    assert keys(text, KEY + 1) == []


def test_a_number_turned_round_is_found_over_two_messages() -> None:
    assert keys("and then 900770", earlier=("first 32100",)) == [KEY]


def test_digits_of_earlier_messages_count_and_are_told() -> None:
    assert "joined with digits of earlier messages" in only("900123", ("07700",)).steps
    assert keys("900124", earlier=("07700",)) == []


def test_parts_are_put_in_order_within_a_message_and_never_over_several() -> None:
    assert keys("900123 comes after 07700", earlier=("see you",)) == [KEY]
    assert keys("07700", earlier=("900123",)) == []
    assert keys("07700", earlier=("123", "900")) == []
    assert keys("07700 at 10:30", earlier=("900123",)) == []


def test_earlier_messages_alone_are_not_found_again() -> None:
    assert keys("ok", earlier=("07700 900123",)) == []
    assert keys("see you at 5", earlier=("07700", "900123")) == []


def test_a_number_is_found_once_however_often_it_stands_there() -> None:
    assert keys("07700 900123 or 07700900123 or oh seven seven double oh nine double oh one two three") == [
        KEY
    ]


def test_two_listed_numbers_are_both_found() -> None:
    assert sorted(keys("07700900123 and 01632 960456", KEY, 441632960456)) == [441632960456, KEY]


def test_a_foreign_number_is_found_behind_its_plus_or_00() -> None:
    listed = 12025550123
    assert keys("+1 202 555 0123", listed) == keys("00 1 202-555-0123 x", listed) == [listed]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no digits at all",
        "07700 900124",
        "0770090012",
        "17700900123 4",
        "08/70/2026 at 09:00, £1.23",
        "see you at 7, cell 7, wing 1, 09:00 on 12/3",
        "order 770090 and 1123",
        "oh seven dwarfs one two three",
        "900123",
        "12345678901234567890",
    ],
)
def test_other_digits_are_not_the_number(text: str) -> None:
    assert keys(text) == []


def test_a_long_text_is_read_to_its_end() -> None:
    filler = " ".join(f"{n} eggs" for n in range(100, 500))
    assert keys(f"{filler} then 07700 and then 900123") == [KEY]
    assert keys(f"07700 and then 900123 then {filler}") == [KEY]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("ring 4960123 ok", "4960123"),
        ("ring 496 0123 ok", "496 0123"),
        ("ring 496-0123", "496-0123"),
    ],
)
def test_the_local_part_of_an_own_number_is_found_when_it_stands_alone(text: str, given: str) -> None:
    (found,) = digits.find(text, lambda _: False, own=(441134960123,))
    assert (found.key, found.given, found.hidden) == (441134960123, given, True)
    assert "area code left out" in found.steps


@pytest.mark.parametrize("text", ["ring 4960124", "49601234", "496 then 0123", "0123", "0114 4960123"])
def test_other_digits_are_not_the_local_part(text: str) -> None:
    assert digits.find(text, lambda _: False, own=(441134960123,)) == []


def test_the_local_part_of_somebody_elses_number_is_nothing() -> None:
    assert digits.find("ring 4960123", {441134960123}.__contains__) == []


@settings(max_examples=times(300), deadline=None)
@given(
    st.text(max_size=80) | st.text("0123456789 .-ohOIl\n", max_size=60),
    st.lists(st.text(max_size=20), max_size=3),
)
def test_no_text_breaks_the_search_and_only_listed_numbers_are_found(text: str, earlier: list[str]) -> None:
    asked: set[int] = set()

    def listed(key: int) -> bool:
        asked.add(key)
        return key % 7 == 0

    found = digits.find(text, listed, earlier)
    assert all(number.key % 7 == 0 and number.key in asked for number in found)
    assert digits.find(text, lambda _: False, earlier) == []


@settings(max_examples=times(150), deadline=None)
@given(
    st.from_regex(r"0[12379]\d{9}", fullmatch=True),
    st.lists(st.text(string.ascii_lowercase.replace("o", "").replace("l", "") + " ", max_size=9), min_size=4),
    st.integers(1, 9),
    st.integers(2, 10),
)
def test_a_number_cut_in_three_is_found_between_any_other_words(
    national: str, words: list[str], first: int, second: int
) -> None:
    one, two = sorted((first, max(second, 2)))
    parts = [part for part in (national[:one], national[one:two], national[two:]) if part]
    text = f"{words[0]} " + f" {words[1]} ".join(parts) + f" {words[2]}"
    assert int("44" + national[1:]) in keys(text, int("44" + national[1:]))


def test_random_prose_with_digits_holds_none_of_a_thousand_numbers() -> None:
    chance = random.Random(7)
    listed = {447700900000 + n for n in range(1000)}
    for _ in range(times(300)):
        text = " ".join(
            f"{chance.choice(['at', 'on', 'for', '£'])} {chance.randrange(1, 5000)}" for _ in range(25)
        )
        assert digits.find(text, listed.__contains__) == []
