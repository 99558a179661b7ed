"""A plain address is read as the whole reader reads it; nothing is called plain that is read otherwise."""

from __future__ import annotations

import importlib
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import Address, every_reading, parts, readings
from matchers.address.plain import read_plain
from matchers.address.vocabulary import NAME_WORDS, STREET_TYPES, TOWNS, rows
from tests.repeating import times

READ, PARTS = (importlib.import_module(f"matchers.address.{name}") for name in ("read", "parts"))
TABLES = (
    "abbreviations building_words common_streets counties countries country_names flats foreign_cities "
    "foreign_regions foreign_words joints organisation_words pointers post_boxes postcode_districts "
    "repairable roles said_numbers sites street_types unit_words us_words welsh"
).split()
WORDS = sorted(
    {
        word.title()
        for table in TABLES
        for row in rows(table)
        for field in row
        for word in (*field.replace("-", " ").split(), field)
        if word.replace(" ", "").isalpha() and word.isascii()
    }
)
FORMS = (
    "{}\n12 Alder Street\nBarley LS1 2LD",
    "Rowan {}\n12 Alder Street\nBarley LS1 2LD",
    "{} Ashdown\n12 Alder Street\nBarley LS1 2LD",
    "Mr {}\n12 Alder Street\nBarley LS1 2LD",
    "12 {} Street\nBarley LS1 2LD",
    "12 Alder {}\nBarley LS1 2LD",
    "12 {} Alder Street, Barley, LS1 2LD",
    "12 Alder {} Street\nBarley LS1 2LD",
    "Rowan Ashdown\n12 Alder Street\n{}\nBarley LS1 2LD",
    "12 Alder Street\nBarley {}\nLS1 2LD",
    "12 Alder Street\n{} Barley LS1 2LD",
    "12 Alder Street\nBarley\n{} LS1 2LD",
    "12 {}\nLS1 2LD",
)


def whole(text: str) -> tuple[tuple[Address, ...], tuple[str, ...], tuple[Address, ...]]:
    """What every reader says of a text, none of them asked first whether it is plain."""
    kept = (READ.readings, READ._readings, PARTS._every_part)
    with (
        patch.object(READ, "read_plain", return_value=None),
        patch.object(PARTS, "read_plain", return_value=None),
    ):
        for one in kept:
            one.cache_clear()
        found = readings(text), parts(text), every_reading(text)
    for one in kept:
        one.cache_clear()
    return found


def agrees(text: str) -> bool:
    """Whether a text is not plain, or is read by all readers as it is here; and is given out so."""
    plain = read_plain(text)
    if plain is None:
        return True
    assert (readings(text), parts(text)) == ((plain,), (text,))
    return whole(text) == ((plain,), (text,), (plain,))


@pytest.mark.parametrize(
    "text",
    [
        "Rowan Ashdown\n12 Alder Street\nBarley LS1 2LD",
        "Mrs R Ashdown\n12 Alder Street\nBarley\nLS1 2LD",
        "ROWAN ASHDOWN\n12 ALDER STREET\nBARLEY\nLEEDS\nLS1 2LD",
        "Rowan Ashdown,\n12a Old Mill Lane,\nBarley, Leeds,\nWest Yorkshire\nLS1 2LD",
        "12 Alder Street, Barley, LS1 2LD",
        "7 The Green\nBarley LS1 2LD",
        "7 St Marys Rd\nBarley LS1  2LD",
        "Tony\n7 Park Terrace\nLS1 2LD",
    ],
)
def test_the_commonest_forms_are_plain(text: str) -> None:
    assert read_plain(text) is not None
    assert agrees(text)


NOT_PLAIN = {
    "a number in words behind the number": "89 Half Court\nBarley LS1 2LD",
    "a title at the head of a place's line": "12 Alder Street\nMaster Barley LS1 2LD",
    "letters for digits in a town that no line is": "12 Alder Street\nWells Next TH3 5EA",
    "a town in letters and digits": "12 Alder Street\nL33DS",
    "a pitch": "12 Alder Street\nVan NO1 2LD",
    "a caravan site": "12 Elm Caravan Park\nBarley LS1 2LD",
    "a boat": "12 Alder Street\nNarrow Boat Kingfisher\nLS1 2LD",
    "another country": "12 Alder Street\nParis LS1 2LD",
    "a word broken at a line's end": "12 Alder Street\nBar\nley LS1 2LD",
    "another post town before its own": "12 Alder Street\nDerby\nLeeds LS1 2LD",
    "two postcodes": "12 Alder Street\nBarley LS1 2LD\nLS1 4AB",
    "a house for a name": "Rowan House\n12 Alder Street\nBarley LS1 2LD",
    "a town for a name": "Lincoln\n12 Alder Street\nBarley LS1 2LD",
    "a name that ends in a town": "Mary Lincoln\n12 Alder Street\nBarley LS1 2LD",
    "in somebody's care": "Care of Ashdown\n12 Alder Street\nBarley LS1 2LD",
    "the same, in letters": "C O Ashdown\n12 Alder Street\nBarley LS1 2LD",
    "somebody's, with a door behind": "Mum\n12 Alder Street\nBarley LS1 2LD",
    "a number for a name": "Seven\n12 Alder Street\nBarley LS1 2LD",
    "a flat for a name": "Fiat\n12 Alder Street\nBarley LS1 2LD",
    "a letter for a name": "B\n12 Alder Street\nBarley LS1 2LD",
    "a box": "Box Street\n12 Alder Street\nBarley LS1 2LD",
    "a note": "Cell B\n12 Alder Street\nBarley LS1 2LD",
    "a floor behind the number": "5 Up Left Street\nBarley LS1 2LD",
    "a code for a flat": "12 Alder Street\nGFF\nLS1 2LD",
    "two streets": "12 Alder Street Birch Road\nBarley LS1 2LD",
    "a street within its name": "12 Old Road Way\nBarley LS1 2LD",
    "a building for a street": "12 Alder House\nBarley LS1 2LD",
    "a misspelt street for a place": "12 Alder Street\nBarley Avfnue\nLS1 2LD",
    "a building for a place": "12 Alder Street\nBarley Court\nLS1 2LD",
    "an article for a place": "12 Alder Street\nThe Leeds LS1 2LD",
    "a letter in a place": "12 Alder Street\nBarley B\nLS1 2LD",
    "letters that may be digits": "12 Alder Street\nLo Barley\nLS1 2LD",
    "a street without a name": "12 Street\nBarley LS1 2LD",
    "a letter behind the number": "12 A Street\nBarley LS1 2LD",
    "a part of a building behind the number": "12 Ground Lane\nBarley LS1 2LD",
    "no type of street": "12 Alder Thorn\nBarley LS1 2LD",
    "a building within its name": "12 Old Mill Long Lane\nBarley LS1 2LD",
    "a country at the end": "12 Alder Street\nBarley\nEngland\nLS1 2LD",
    "a digit of another script": "12 Alder Street\nBarley LS1 \u0664LD",
    "a house's number too long": "1204 Alder Street\nBarley LS1 2LD",
    "two numbers": "12 14 Alder Street\nBarley LS1 2LD",
    "a pointer": "12 Alder Street\nOpposite Barley\nLS1 2LD",
    "no number": "Alder Street\nBarley LS1 2LD",
    "no postcode": "12 Alder Street\nBarley",
    "a postcode's area that has no such district": "12 Alder Street\nBarley LS1A 2LD",
    "a name on the same line": "Rowan Ashdown, 12 Alder Street, Barley LS1 2LD",
    "a long text": f"12 Alder Street\n{'Barley ' * 30}LS1 2LD",
}


@pytest.mark.parametrize("text", NOT_PLAIN.values(), ids=NOT_PLAIN.keys())
def test_what_may_be_more_is_left_to_the_whole_reader(text: str) -> None:
    assert read_plain(text) is None


@pytest.mark.parametrize("form", FORMS)
@given(word=st.sampled_from(WORDS), shout=st.booleans())
@settings(max_examples=times(120), deadline=None)
def test_every_word_of_the_tables_is_read_alike_wherever_it_stands(form: str, word: str, shout: bool) -> None:
    assert agrees(form.format(word.upper() if shout else word))


WORD = st.one_of(
    st.sampled_from(sorted(NAME_WORDS)), st.sampled_from(sorted(WORDS)), st.sampled_from("ABCINOSU")
)
LINE = st.lists(WORD, min_size=1, max_size=3).map(lambda words: " ".join(words).title())


@given(
    name=st.none() | LINE,
    number=st.from_regex(r"[1-9]\d{0,3}[A-Ha-h]?", fullmatch=True),
    street=st.tuples(LINE, st.sampled_from(sorted(STREET_TYPES))).map(
        lambda two: f"{two[0]} {two[1].title()}"
    ),
    places=st.lists(st.one_of(LINE, st.sampled_from(sorted(TOWNS)).map(str.title)), max_size=3),
    code=st.from_regex(r"(LS|B|CO|EC|NO|L|TH|EX|DX|M)\d[0-9A-Z]? {1,2}\d[ABDEHLSTZ]{2}", fullmatch=True),
    breaks=st.sampled_from(("\n", ",\n", ", ")),
    ahead=st.sampled_from(("\n", " ", ", ")),
)
@settings(max_examples=times(1500), deadline=None)
def test_whatever_is_called_plain_is_read_alike(
    name: str | None,
    number: str,
    street: str,
    places: list[str],
    code: str,
    breaks: str,
    ahead: str,
) -> None:
    lines = breaks.join([f"{number} {street}", *places])
    head = "" if name is None else f"{name}\n"
    assert agrees(f"{head}{lines}{ahead}{code}")
