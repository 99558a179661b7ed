"""Addresses abroad: signs of a country, parts in any language, one address in any layout."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import Address, compare
from matchers.address.foreign import read_other, signs
from matchers.address.us import read_us
from matchers.address.vocabulary import fold


def read(text: str) -> Address:
    folded = fold(text)
    return read_us(text, folded) if signs(folded)[:1] == ("US",) else read_other(text, folded)


def forms(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words)


@dataclass(frozen=True)
class Example:
    """An invented address: the ways to write its lines, in the orders that its country has."""

    name: str
    street: tuple[str, ...]  # with the flat
    town: tuple[str, ...]
    country: tuple[str, ...]
    quarter: tuple[str, ...] = ()


EXAMPLES = [
    Example(
        "IE",
        (
            "Flat 2, 18 Tansyfield Street",
            "Apt 2, 18 Tansyfield St",
            "18 Tansyfield Street, Flat 2",
            "2/18 Tansyfield St.",
        ),
        ("Limerick, V94 Y7X2", "Limerick, Co. Limerick, V94Y7X2", "Luimneach, V94 Y7X2"),
        ("Ireland", "Éire", "Irlandia", "Irlande", "Republic of Ireland"),
    ),
    Example(
        "FR",
        (
            "14 bis rue des Tilleuls, appt 3",
            "14bis, rue des Tilleuls, Appt. 3",
            "Appartement 3, 14 bis r. des Tilleuls",
            "14 B Rue des Tilleuls, Apt 3",
        ),
        ("69099 Lyon", "F-69099 LYON", "69099 Lyon Cedex 02"),
        ("France", "Francja", "Francia", "Frankreich"),
    ),
    Example(
        "DE",
        (
            "Müllerstraße 7a, Whg. 5",
            "Muellerstr. 7 A, Wohnung 5",
            "Mullerstrasse 7a, Whg 5",
            "Müller Str. 7a, Whg. 5",
        ),
        ("50999 Köln", "D-50999 Koeln", "50999 Cologne"),
        ("Germany", "Deutschland", "Niemcy", "Allemagne"),
    ),
    Example(
        "ES",
        (
            "Calle Olmo Viejo 14, 3º B",
            "C/ Olmo Viejo, 14 - 3º B",
            "C. Olmo Viejo nº 14, 3B",
            "Calle del Olmo Viejo, 14, piso 3, puerta B",
        ),
        ("28099 Madrid", "28099 MADRID", "E-28099 Madryt"),
        ("Spain", "España", "Espagne", "Hiszpania"),
    ),
    Example(
        "PL",
        ("ul. Klonowa 8/5", "ulica Klonowa 8 m. 5", "Ul. Klonowa 8 lok. 5", "ul. Klonowa nr 8 m 5"),
        ("00-999 Warszawa", "00-999 Warsaw", "PL-00-999 WARSZAWA"),
        ("Poland", "Polska", "Polen", "Pologne"),
    ),
    Example(
        "IN",
        ("House No. 14, Street No. 7", "H.No 14, St. 7", "H # 14, Street # 7", "House 14, Street 7"),
        ("Chandigarh 160099", "Chandigarh - 160 099", "Chandigarh, PIN 160099"),
        ("India", "Indien", "Bharat", "Inde"),
        ("Sector 22", "Sector-22", "Sec. 22"),
    ),
    Example(
        "AU",
        ("2/14 Tansy Street", "Unit 2, 14 Tansy St", "U2, 14 Tansy Street", "2 / 14 Tansy St."),
        ("Fitzroy VIC 3099", "Fitzroy, Victoria 3099", "FITZROY VIC 3099"),
        ("Australia", "Australie", "Australien"),
    ),
    Example(
        "US",
        (
            "415 Larkspur Street, Apt 2",
            "415 Larkspur St, Apartment 2",
            "415 Larkspur St Apt. 2",
            "415 Larkspur St #2",
        ),
        ("Dayton, OH 45499", "Dayton, Ohio 45499", "Dayton OH 45499-1234"),
        ("USA", "United States", "Stany Zjednoczone", "U.S.A."),
    ),
]


def plain(text: str) -> str:
    """The text without accents, as an English keyboard writes it."""
    marks = unicodedata.normalize("NFD", text.replace("ß", "ss").replace("ł", "l").replace("º", ""))
    return "".join(char for char in marks if not unicodedata.combining(char))


@st.composite
def layouts(draw: st.DrawFn, example: Example, *, separated: bool) -> str:
    """The address in one of its layouts: on lines, between commas or run together, in any case."""
    lines = [draw(forms(*example.street))]
    if example.quarter:
        lines.append(draw(forms(*example.quarter)))
    lines.append(draw(forms(*example.town)))
    if draw(st.booleans()) or not separated:
        lines.append(draw(forms(*example.country)))
    separator = draw(forms("\n", ", ", ",", "\n\n", ",\n") if separated else st.just(" "))
    text = separator.join(lines)
    if separated:
        text = text.replace(", ", draw(forms(", ", separator)))
        if "\n" in separator and draw(st.booleans()):
            text = f"Mr R Ashdown\n{text}"
    else:
        text = text.replace(",", "")
    text = draw(st.sampled_from([str, str.upper, str.lower, plain]))(text)
    return text.replace(" ", draw(forms(" ", " ", "  ")))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_an_address_is_the_same_door_in_every_layout(example: Example, data: st.DataObject) -> None:
    one = data.draw(layouts(example, separated=True))
    other = data.draw(layouts(example, separated=True))
    assert compare(read(one), read(other)).level == "same"
    assert compare(read(one), read(one)).level == "same"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_an_address_run_together_is_no_other_door(example: Example, data: st.DataObject) -> None:
    one = data.draw(layouts(example, separated=True))
    other = data.draw(layouts(example, separated=False))
    assert compare(read(one), read(other)).level != "different"
