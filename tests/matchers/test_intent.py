"""Phrases are found around a name, near it, or without one, with their kind."""

from __future__ import annotations

import pytest

from matchers import tables
from matchers.intent import Intent, Intents
from matchers.said import Said


def about(text: str) -> Intent | None:
    """The intent about "Sally" in the text."""
    said = Said(text)
    at = said.words.index("sally")
    return Intents(said).about(at, at + 1)


@pytest.mark.parametrize(
    ("text", "phrase", "kind"),
    [
        ("tell Sally I miss her", "tell …", "relay"),
        ("please TELL my old friend Sally", "tell …", "relay"),
        ("give Sally a bell", "give … a bell", "relay"),
        ("hav a word wiv sally", "have a word with …", "relay"),
        ("you know Sally, well tell her from me", "tell her", "relay"),
        ("Sally is at work, pass it on", "pass it on", "relay"),
        ("wats sally nu number", "whats … new number", "contact"),
        ("Sally its me", "… its me", "contact"),
        ("i no where, sally better drop it", "… better drop", "intimidation"),
        ("Sally. She better drop the charges", "she better", "intimidation"),
        ("gona make sally drop it", "make … drop", "intimidation"),
        ("dwed wrth Sally", "dwed wrth …", "relay"),
    ],
)
def test_the_phrase_about_a_name_is_told_with_its_kind(text: str, phrase: str, kind: str) -> None:
    found = about(text)
    assert found is not None
    assert (found.phrase, found.kind) == (phrase, kind)


@pytest.mark.parametrize(
    "text",
    [
        "Sally was at the visit",
        "tell me what you want. Sally was at the visit",
        "tell the man in the shop on the corner by the station about Sally",
        "storytelling Sally",
        "she is nice and so is Sally " + "and so on " * 12 + "tell her",
    ],
)
def test_a_name_without_a_phrase_about_it_has_none(text: str) -> None:
    assert about(text) is None


def test_a_phrase_around_the_name_that_only_a_person_fits_is_sure() -> None:
    sure, unsure = about("have a word with Sally"), about("give Sally")
    assert sure is not None
    assert unsure is not None
    assert (sure.sure, unsure.sure) == (True, False)


@pytest.mark.parametrize(
    "text", ["make her drop the charges", "get him 2 withdraw his statment", "i know where she lives"]
)
def test_some_phrases_say_enough_without_a_name(text: str) -> None:
    assert [intent.kind for intent in Intents(Said(text)).alone()] == ["intimidation"]


def test_every_row_of_the_table_has_a_known_kind_and_a_known_way_to_count() -> None:
    for row in tables.rows("intent_phrases"):
        if len(row) == 2:
            assert row[0].startswith("$")
            continue
        pattern, kind, how = row
        assert kind in ("relay", "contact", "intimidation"), row
        assert how in ("name", "sure", "start", "near", "nearby", "alone"), row
        assert pattern.count("_") == (how in ("name", "sure", "start")), row
