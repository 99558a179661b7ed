"""Names and requests to pass something on are found as whole words, near each other, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers import content

PHRASES = ("sally", "sally jones", "sarah jane", "obrien")


def phrases_in(text: str) -> set[str]:
    return {mention.phrase for mention in content.find(text, PHRASES)}


def relay_to(text: str, phrase: str = "sally") -> str:
    return next((m.relay for m in content.find(text, PHRASES) if m.phrase == phrase), "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sally was there", {"sally"}),
        ("SALLY JONES", {"sally", "sally jones"}),
        ("it is sally's", {"sally"}),
        ("it is sally\u2019s", {"sally"}),
        ("sally-jones", {"sally", "sally jones"}),
        ("(sally)", {"sally"}),
        ("Sarah-Jane", {"sarah jane"}),
        ("Mrs O'Brien", {"obrien"}),
        ("Mrs O\u2019Brien", {"obrien"}),
        ("S\u200bally", {"sally"}),
        ("Sálly", {"sally"}),
        ("sallying forth", set()),
        ("rallysally", set()),
        ("sally2", set()),
        ("", set()),
    ],
)
def test_a_phrase_is_found_as_whole_words_only(text: str, found: set[str]) -> None:
    assert phrases_in(text) == found


def test_no_phrases_find_nothing() -> None:
    assert list(content.find("sally", ())) == []


@pytest.mark.parametrize(
    "text",
    [
        "tell Sally I miss her",
        "please TELL my old friend Sally",
        "ask Sally to ring",
        "write to Sally",
        "pass this on to Sally",
        "give my love to Sally",
        "warn that Sally",
        "dweud wrth Sally",
        "dwed wrth Sally mod i'n iawn",
    ],
)
def test_a_request_stands_before_the_name(text: str) -> None:
    relay = relay_to(text)
    assert relay
    assert relay in text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "you know Sally, well tell her from me",
        "Sally is at work, pass it on",
        "see if Sally is about and let her know",
        "Sally. Ask her to come",
        "gweld Sally? dwed wrthi",
    ],
)
def test_a_request_with_a_pronoun_may_stand_behind_the_name(text: str) -> None:
    assert relay_to(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sally was at the visit",
        "tell me what you want. Sally was at the visit",
        "call me!\nSally was at the visit",
        "tell the man in the shop on the corner by the station about Sally",
        "storytelling Sally",
    ],
)
def test_a_name_without_a_request_near_it_has_none(text: str) -> None:
    assert relay_to(text) == ""


def test_a_phrase_is_told_once_and_at_the_place_where_a_request_is_near() -> None:
    mentions = list(content.find("Sally was there. So, tell Sally hello from Sally", PHRASES))
    assert [(m.phrase, m.relay) for m in mentions] == [("sally", "tell")]


def test_where_a_phrase_stands_is_told() -> None:
    mention = next(content.find("ask Sally", PHRASES))
    assert (mention.start, mention.end) == (4, 9)


WORDS = st.lists(
    st.sampled_from(
        ["sally", "sally jones", "sarah", "jane", "tell", "obrien", "xsally", "sally2", "jones", "é"]
    ),
    max_size=12,
)


@given(WORDS.map(" ".join), st.sets(st.sampled_from([*PHRASES, "jones", "tell"])))
def test_whole_words_are_what_a_comparison_word_by_word_finds(text: str, phrases: set[str]) -> None:
    padded = f" {text} "
    found = {mention.phrase for mention in content.find(text, tuple(sorted(phrases)))}
    assert found == {phrase for phrase in phrases if f" {phrase} " in padded}


@given(st.text(max_size=80))
def test_no_text_breaks_the_search(text: str) -> None:
    for mention in content.find(text, PHRASES):
        assert mention.end - mention.start == len(mention.phrase)
