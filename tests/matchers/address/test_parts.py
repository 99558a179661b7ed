"""Two addresses in one text are two."""

from __future__ import annotations

from importlib import import_module

import pytest

from matchers.address import parts

ONE, OTHER = "14 Larkmead Street\nAmbermouth\nQB1 4AB", "7 Quarry Lane\nOtherstead\nQB9 9ZZ\nUK"


@pytest.mark.parametrize("between", ["\n", ", ", "\n\n"])
def test_a_text_is_cut_behind_each_postcode(between: str) -> None:
    assert parts(f"{ONE}{between}{OTHER}") == (ONE, OTHER)
    assert parts(f"{ONE.lower()}{between}{OTHER}") == (ONE.lower(), OTHER)


@pytest.mark.parametrize("text", [ONE, OTHER, "14 Larkmead Street", "", f"{ONE}\nQB1 4AB", f"{ONE} qb14ab"])
def test_one_address_stays_whole(text: str) -> None:
    assert parts(text) == (text,)


@pytest.mark.parametrize(
    "written",
    [
        "22 Park Road, Leeds|\n|17 Larkmead Close\nDerby\nDE22 9ZZ",
        "4 Elm Road, York, YO1 9ZZ|\n|c/o 17 Larkmead Close",
        "4 Elm Road, York| or |17 Larkmead Close, Derby",
        "4 Elm Road, York|; formerly |The Barn, Mill Lane, Selby",
        "4 Elm Road, York| (moved from |The Barn, Mill Lane, Selby",
        "4 Elm Road, York| (now at |17 Larkmead Close, Derby",
        "Rose Cottage, Mill Lane, Selby| / |The Barn, Church Lane, York",
    ],
)
def test_a_second_door_or_a_word_that_joins_begins_another_address(written: str) -> None:
    first, between, second = written.split("|")
    found = parts(first + between + second)
    assert [part.removeprefix("c/o ").removesuffix("\nc/o") for part in found] == [
        first,
        second.removeprefix("c/o "),
    ]


def test_one_that_names_no_place_has_that_of_the_next() -> None:
    assert parts("3 Mill Road\n17 Larkmead Close\nDerby") == (
        "3 Mill Road\nDerby",
        "17 Larkmead Close\nDerby",
    )
    assert parts("Flat 2, 10 Elm Grove, Flat 3, 22 Park Road, Selby") == (
        "Flat 2, 10 Elm Grove\nSelby",
        "Flat 3, 22 Park Road, Selby",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Flat 3 Mill Court, 12 Larkmead Road, Leeds",
        "Unit 4 Mill Park\n7 Station Road\nYork",
        "12 Larkmead Road\nGateshead\nTyne and Wear\nNE9 9ZZ",
        "5 Elm Road, King's Lynn, King's Lynn and West Norfolk, PE31 9ZZ",
        "Elephant and Castle, 4 New Kent Road, London SE1 9ZZ",
        "12 or 14 Larkmead Road, Leeds",
        "17 Larkmead Close\n17 Larkmead Close\nDerby",
        "78 Otley Old Road, Leeds LS16 9ZZ",
    ],
)
def test_a_building_its_street_and_names_with_and_in_them_are_one(text: str) -> None:
    assert parts(text) == (text,)


def test_a_line_is_looked_at_as_often_in_a_long_text_as_in_a_short_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = import_module("matchers.address.parts")  # the package has a function of that name
    fold, folded = module.fold, [0]

    def counted(text: str) -> str:
        folded[0] += 1
        return str(fold(text))

    monkeypatch.setattr(module, "fold", counted)
    looks = []
    for times in (50, 500):
        folded[0] = 0
        parts("12 Elm Road, York, " * times)
        looks.append(folded[0] / times)
    assert looks[1] < 1.5 * looks[0]
