"""Addresses abroad: signs of a country, parts in any language, one address in any layout."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import Address, compare
from matchers.address.foreign import read_other, signs
from matchers.address.us import read_us
from matchers.address.vocabulary import fold
from tests.repeating import times


def read(text: str) -> Address:
    folded = fold(text)
    return read_us(text, folded) if "US" in signs(folded) else read_other(text, folded)


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


CASES: list[Callable[[str], str]] = [str.strip, str.upper, str.lower, plain]


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
    return draw(st.sampled_from(CASES))(text).replace(" ", draw(forms(" ", " ", "  ")))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
@given(data=st.data())
@settings(max_examples=times(60), deadline=None)
def test_an_address_is_the_same_door_in_every_layout(example: Example, data: st.DataObject) -> None:
    one = data.draw(layouts(example, separated=True))
    other = data.draw(layouts(example, separated=True))
    assert compare(read(one), read(other)).level == "same"
    assert compare(read(one), read(one)).level == "same"


NEIGHBOURS = [
    (example, old, new)
    for example, *pairs in zip(
        EXAMPLES,
        [
            ("18", "20"),
            ("14", "16"),
            ("7", "9"),
            ("14", "16"),
            ("8", "9"),
            ("14", "16"),
            ("14", "16"),
            ("415", "417"),
        ],
        [("2", "3"), ("3", "4"), ("5", "6"), ("3", "4"), ("5", "6"), ("7", "9"), ("2", "3"), ("2", "3")],
        strict=True,
    )
    for old, new in pairs
]


@pytest.mark.parametrize(
    ("example", "old", "new"), NEIGHBOURS, ids=lambda value: value if isinstance(value, str) else value.name
)
@given(data=st.data())
@settings(max_examples=times(30), deadline=None)
def test_a_neighbour_is_never_the_same_door(
    example: Example, old: str, new: str, data: st.DataObject
) -> None:
    neighbour = replace(example, street=tuple(way.replace(old, new) for way in example.street))
    one = data.draw(layouts(example, separated=True))
    other = data.draw(layouts(neighbour, separated=data.draw(st.booleans())))
    assert compare(read(one), read(other)).level != "same"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
@given(data=st.data())
@settings(max_examples=times(40), deadline=None)
def test_an_address_run_together_is_no_other_door(example: Example, data: st.DataObject) -> None:
    one = data.draw(layouts(example, separated=True))
    other = data.draw(layouts(example, separated=False))
    assert compare(read(one), read(other)).level != "different"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("14, rue des Tilleuls\n69099 Lyon", "street", "TILLEULS STREET"),
        ("Hauptstr. 14, 3. OG links\n10999 Berlin", "units", ("THIRD LEFT",)),
        ("Hauptstraße 14, EG\n10999 Berlin", "units", ("GROUND",)),
        ("22 rue des Tilleuls, 3e étage, bât. B, appt 12\n69099 Lyon", "units", ("THIRD", "B", "12")),
        ("Rua das Tílias 22, r/c dto\n4099-123 Porto", "units", ("GROUND RIGHT",)),
        ("al. Jana Tansy III nr 9, 80-999 Gdańsk", "numbers", ("9",)),
        ("al. Jana Tansy III nr 9, 80-999 Gdańsk", "street", "JANA TANSY 3 AVENUE"),
        ("14 rue du 8 Mai 1945, 69099 Lyon", "numbers", ("14",)),
        ("plac 3 Maja 5, 00-999 Warszawa", "numbers", ("5",)),
        ("Gedros g. 14-5, LT-01999 Vilnius", "units", ("5",)),
        ("Tannengasse 9/2/14, 1099 Wien", "town", "WIEN"),
        ("Monachium, Müllerweg 7a, Niemcy", "country", "DE"),
        ("Müllerweg 7a, Monachium, Niemcy", "town", "MUNCHEN"),
        ("Apdo. de Correos 233, 29699 Tansola, España", "po_box", "233"),
        ("Postfach 12 34\n50999 Köln", "postcode", "50999"),
        ("12 Tansy Park, Dublin 14, D14 Y7X2", "postcode", "D14 Y7X2"),
        ("12 Tansy Park, Dublin 4, Ireland", "district", "D04"),
        ("12 Tansy Park, Tralee, Co. Kerry", "county", "KERRY"),
        ("U2, 14 Tansy St, Fitzroy Vic 3099", "units", ("2",)),
        ("1204-55 Tansy Street, Toronto ON M5V 9Z9", "numbers", ("55",)),
        ("House No 5, St 12, Model Town, Lahore, Pakistan", "street", "STREET 12 MODEL TOWN"),
        ("H # 14 St # 7 G-9/2 Islamabad", "street", "STREET 7 SECTOR G9/2"),
        ("14/3 M.G. Road, near City Mall, Pune 411 099", "numbers", ("14",)),
        ("VPO Tansy Khurd, Tehsil Phillaur, Distt Jullundur, Punjab 144099", "town", "JALANDHAR"),
    ],
)
def test_a_part_is_read(text: str, field: str, value: object) -> None:
    assert getattr(read_other(text, fold(text)), field) == value


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("14 rue des Tilleuls, Toulouse", "FR"),
        ("22 avenue de la Tansy, Marseille", "FR"),
        ("ul. Lipowa 8", "PL"),
        ("31-999 Kraków", "PL"),
        ("12 Tansy Road, D14 Y7X2", "IE"),
        ("Luimneach", "IE"),
        ("14 Tansy Street, Dayton, Ohio", "US"),
        ("14 Tansy Street, Dayton, OH", "US"),
        ("14 Tansy Street, Dayton OH 45499", "US"),
        ("14 Tansy Street, NYC", "US"),
        ("14 Tansy Street, Dayton, Stany Zjednoczone", "US"),
        ("12 Tansy Road, Fitzroy VIC 3099", "AU"),
        ("12 Tansy Road, Chandigarh", "IN"),
        ("Tansystraße 3", "DE"),
        ("ул. Липовая 3", "RU"),
        ("3 Tansy, Niemcy", "DE"),
    ],
)
def test_a_text_has_a_sign_of_a_country(text: str, country: str) -> None:
    assert country in signs(fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "12 Larkspur Lane\nDerby\nDE98 3TB",
        "Ms R Ashdown\nFlat 2, 98-100 Larkspur Road\nYork\nYO98 4ZZ",
        "1220 Larkspur Road, Leeds LS98 4NE",
        "14 Rue de Larkspur, St Helier, Jersey JE9 9ZZ",
        "Larkspur Cottage, Perth PH98 9ZZ, Scotland",
        "12 Larkspur Close, Southampton, Hampshire",
    ],
)
def test_a_british_address_has_no_sign_of_another_country(text: str) -> None:
    assert signs(fold(text)) == ()


def test_a_prisoners_number_is_no_eircode() -> None:
    assert "IE" not in signs(fold("R Ashdown A9199ZZ, Leeds"))


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("12 Tansy Park, Dublin 14, D14 Y7X2", "D14Y7X2", "probable"),
        ("Flat 2, 18 Tansy St, Limerick, V94 Y7X2", "18 Sráid Tansy, Luimneach, V94 Y7X2", "probable"),
        ("Flat 2, 18 Tansy St, Limerick, V94 Y7X2", "Flat 2, 18 Tansy Street, V94Y7X2", "same"),
        ("12 Tansy Park, Dublin 14, D14 Y7X2", "14 Tansy Park, Dublin 14, D14 Y7X2", "different"),
        ("House 5, Street 12, Model Town, Lahore", "House 5, Street 13, Model Town, Lahore", "different"),
        ("House 5, Street 12, Model Town, Lahore", "House 5, Street 12, Gulberg, Lahore", "different"),
        ("14 rue Victor Tansy, 31099 Toulouse", "14 rue V. Tansy, 31099 Toulouse", "same"),
        ("14 rue Victor Tansy, 31099 Toulouse", "14 avenue Victor Tansy, 31099 Toulouse", "probable"),
        ("14 rue Victor Tansy, Toulouse", "14 rue Victor Tansy, Lyon", "different"),
    ],
)
def test_two_addresses_abroad_compare(one: str, other: str, level: str) -> None:
    given, listed = (read_other(text, fold(text)) for text in (one, other))
    assert compare(given, listed).level == level


@given(st.text(max_size=80) | st.text(alphabet="aZ1 9,.()/#-ºß\nрR", max_size=60))
def test_reading_never_raises(text: str) -> None:
    folded = fold(text)
    signs(folded)
    assert read_other(text, folded).text == text


@given(
    st.lists(
        st.sampled_from(
            "rue Calle ul. Str. 14 3º B Whg 5 bis ter / - , \n 00-999 69099 D14 Y7X2 Dublin Köln House "
            "No Sector Street St # PO Box Apdo VIC 3099 Ireland Niemcy near Plot piso OG EG nr".split(" ")
        ),
        max_size=14,
    )
)
def test_reading_the_words_of_addresses_in_any_order_never_raises(words: list[str]) -> None:
    text = " ".join(words)
    address = read_other(text, fold(text))
    assert compare(address, address).level in ("same", "incomplete", "probable", "different")
