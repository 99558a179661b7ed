"""A text's words as they are compared and as they are meant, by place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.content import Text
from matchers.person import ways_of_naming
from matchers.said import Said, readings


def words(text: str) -> list[str]:
    return next(readings(text)).words


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Tell Sarah's mum", ["tell", "sarahs", "mum"]),
        ("O'Brien-Smith", ["obrien", "smith"]),
        ("'Sarah'", ["sarah"]),
        ("5arah J0n3s $ally s@lly", ["sarah", "jones", "sally", "sally"]),
        ("4th at 7pm, 2nd, £5, sal_92", ["4th", "at", "7pm", "2nd", "5", "sal", "92"]),
        ("Zoë Ñuñez", ["zoe", "nunez"]),
        ("Сергей", ["sergey"]),
        ("李娜", ["李", "娜"]),
        ("🆂🅰🆁🅰🅷", ["sarah"]),
        ("", []),
    ],
)
def test_words_are_read_in_the_form_that_names_are_compared_in(text: str, read: list[str]) -> None:
    assert words(text) == read


def test_letters_of_other_alphabets_are_read_twice_where_they_look_like_latin_ones() -> None:
    assert ["sarah"] in [said.words for said in readings("Ѕаrаһ")]
    assert len(list(readings("Sarah"))) == 1


def test_spellings_of_text_messages_are_read_as_what_they_mean() -> None:
    assert Said("tll ur mum 2 giv it 2 her").joined == "tell your mum to give it to her"


def test_sentences_begin_behind_a_mark_and_not_behind_an_initial_or_title() -> None:
    assert Said("Ask Mrs. Jones. See S. Jones!").begins == [True, False, False, True, False, False]


def test_capitals_say_nothing_where_everything_has_one() -> None:
    assert Said("ask Hope about it").capitals == [False, True, False, False]
    assert not any(Said("ASK HOPE ABOUT IT").capitals)


@given(st.text(max_size=60))
def test_whatever_is_written_every_word_has_its_marks_and_its_place(text: str) -> None:
    for said in readings(text):
        count = len(said.words)
        assert len(said.capitals) == len(said.begins) == len(said.starts) == len(said.meant) == count
        assert all(said.joined.startswith(word, at) for word, at in zip(said.meant, said.starts, strict=True))


WORST = [
    "sarah ",
    "tell sarah ",
    "s a r a h ",
    "s ",
    "jones ",
    "the missus ",
    "Ѕаrаh ",
    "李娜",
    "5ar4h ",
    "tell ",
]


@pytest.mark.parametrize("piece", WORST)
def test_the_cost_is_linear_in_the_texts_length(piece: str) -> None:
    naming = ways_of_naming(("Sarah Jane Jones",))

    def cost(length: int) -> float:
        body = (piece * length)[:length]
        taken = []
        for _ in range(3):
            start = time.process_time()
            list(Text(body).find(naming))
            taken.append(time.process_time() - start)
        return min(taken)

    cost(1_000)
    assert cost(80_000) < 16 * cost(20_000) + 0.02


def test_a_name_beyond_all_measure_is_told_for_that() -> None:
    mentions = list(Text("sarah " * 2_000).find(ways_of_naming(("Sarah Jane Jones",))))
    assert ("named over and over",) in {mention.steps for mention in mentions}
