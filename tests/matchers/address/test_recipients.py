"""Whoever the first line is to, the door under it is the same: no recipient hides one, and none makes one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.addresses.notes import Letter, verdicts
from matchers.address.read import readings
from matchers.address.recipients import headed
from tests.levels import best

_WORD = re.compile(r"\w+")
NAMES = (
    "Mr N Cole",
    "Mrs D. Pell",
    "Mr John Pell",
    "Tony",
    "Mum",
    "Babe",
    "The Occupier",
    "J",
    "J.",
    "D",
    "The Barrows",
    "Dad & Nan",
    "Bernard Oakshott",
    "Barry Hill",
    "Dr Pell & Family",
    "Mr D Pell\nc/o Tony",
)
RECIPIENTS = (*NAMES, *(name.upper() for name in NAMES if name.upper() != name))


class Door(NamedTuple):
    """A listed door, how letters to it are written under the recipient, and letters to the door beside it."""

    listed: str
    written: tuple[str, ...]
    beside: tuple[str, ...]


AMERICAN = (
    Door(
        "1174 Harmon Rd, Nashua, NH 03060",
        ("1174 Harmon Rd\nNashua\nNH 03060", "1174 Harmon Rd\nNashua, NH 03060\nUSA"),
        ("1176 Harmon Rd\nNashua\nNH 03060",),
    ),
    Door(
        "2412 Maple Hollow Dr Apt 24, Toledo, OH 43612, USA",
        (
            "Apt 24\n2412 Maple Hollow Drive\nToledo, OH 43612\nUSA",
            "2412 Maple Hollow Drive\nApt 24\nToledo\nOH 43612",
            "2412 Maple Hollow Dr Apt 24\nToledo\nOhio\nU.S.A.",
            "Apt 24\n2412 Maple Hollow Dr\nToledo\nOhio\nU.S.A.",
        ),
        (
            "Apt 26\n2412 Maple Hollow Drive\nToledo, OH 43612\nUSA",
            "Apt 24\n2414 Maple Hollow Drive\nToledo\nOhio\nU.S.A.",
        ),
    ),
)
HOUSES = (
    Door(
        "The Old Rectory, Cavendish Court, Carlisle CA2 1YL",
        (
            "The Old Rectory\nCavendish Court\nCarlisle\nCA2 1YL",
            "c/o The Old Rectory\nCavendish Court\nCarlisle\nCA2 1YL",
            "The Old Rectroy\nCavendish Court\nCarlisle\nCA2 1YL",
        ),
        (
            "The Old Vicarage\nCavendish Court\nCarlisle\nCA2 1YL",
            "c/o The Old Vicarage\nCavendish Court\nCarlisle\nCA2 1YL",
        ),
    ),
    Door("Rosebery Terrace, Wigan WN5 6BH", ("Rosebery Terrace\nWigan\nWN5 6BH",), ()),
    Door(
        "14 Rosebery Terrace, Wigan WN5 6BH",
        ("Rosebery Terrace\nWigan\nWN5 6BH",),
        ("16 Rosebery Terrace\nWigan\nWN5 6BH",),
    ),
    Door(
        "Tarnside Lodge, Rosebery Terrace, Wigan WN5 6BH",
        ("Tarnsidde Lodge\nRosebery Terrace\nWigan\nWN5 6BH", "Tarnside Lodge\nWigan\nWN5 6BH"),
        ("Fernlea Lodge\nRosebery Terrace\nWigan\nWN5 6BH",),
    ),
)
FLATS = (
    Door(
        "Flat 28, 105 Langstone Square, Preston PR2 1PN",
        (
            "105 Langstone Square\nPreston\nPR2 1PN",
            "Flat 28\n105 Langstone Square\nPreston\nPR2 1PN",
        ),
        ("Flat 30\n105 Langstone Square\nPreston\nPR2 1PN", "107 Langstone Square\nPreston\nPR2 1PN"),
    ),
    Door(
        "105 Langstone Square, Preston PR2 1PN",
        ("105 Langstone Square\nPreston\nPR2 1PW", "105 Langstone Square\nPreston"),
        ("107 Langstone Square\nPreston\nPR2 1PN",),
    ),
    Door(
        "Flat B, 105 Langstone Square, Preston PR2 1PN",
        ("105 Langstone Square\nPreston\nPR2 1PN", "Flat B\n105 Langstone Square\nPreston\nPR2 1PN"),
        ("Flat C\n105 Langstone Square\nPreston\nPR2 1PN",),
    ),
)
ABROAD = (
    Door(
        "Lindenhofstraße 33, 77652 Offenburg, Germany",
        (
            "Lindenhofstr. 33\n77652\nGermany",
            "Lindenhofstr. 33\n77652 Offenburg\nGermany",
            "Lindenhofstr. 33\nOffenburg",
            "Offenburg\nLindenhofstr. 33",
            "Offenburg, Lindenhofstr. 33",
        ),
        ("Lindenhofstr. 35\n77652\nGermany", "Offenburg\nLindenhofstr. 35"),
    ),
    Door(
        "12 rue des Tilleuls, 35600 Redon, France",
        ("12 rue des Tilleuls\n35600\nFrance", "12 rue des Tilleuls\n35600 Redon"),
        ("14 rue des Tilleuls\n35600\nFrance",),
    ),
    Door(
        "ul. Lipowa 8/3, 07-410 Ostrołęka, Poland",
        ("ul. Lipowa 8/3\n07-410\nPoland", "ul. Lipowa 8/3\n07-410 Ostroleka\nPolska"),
        ("ul. Lipowa 10/3\n07-410\nPoland",),
    ),
    Door(
        "Calle de los Olmos 21, 44600 Alcañiz, Spain",
        ("Calle de los Olmos 21\n44600\nSpain", "C/ Olmos 21\n44600 Alcaniz"),
        ("Calle de los Olmos 23\n44600\nSpain",),
    ),
    Door(
        "16 Ashgrove Park, Dublin 9, Ireland",
        ("Ashgrove Park 16\nDublin 9", "16 Ashgrove Park\nDublin 9\nIreland"),
        ("Ashgrove Park 18\nDublin 9",),
    ),
)


OTHER_HOUSES = (
    Door(
        "14 Rosebery Terrace, Wigan WN5 6BH",
        (),
        ("Lily Cottage\nRosebery Terrace\nWigan\nWN5 6BH", "Fairview\nRosebery Terrace\nWigan\nWN5 6BH"),
    ),
    Door("The Old Rectory, Cavendish Court, Carlisle CA2 1YL", (), HOUSES[0].beside),
    Door(
        "Rose Cottage, Rosebery Terrace, Wigan WN5 6BH",
        (),
        ("Lily Cottage\nRosebery Terrace\nWigan\nWN5 6BH", "14 Rosebery Terrace\nWigan\nWN5 7BL"),
    ),
)
"""Doors beside those that are not stopped, whoever lives there."""


def _letters(doors: tuple[Door, ...], *, beside: bool = False) -> Iterator[Letter]:
    for door in doors:
        for lines in door.beside if beside else door.written:
            for who in RECIPIENTS:
                yield Letter("", "", "", False, "", door.listed, f"{who}\n{lines}")


@pytest.mark.parametrize(
    "doors", [AMERICAN, HOUSES, FLATS, ABROAD], ids=["american", "houses", "flats", "abroad"]
)
def test_no_recipient_hides_the_door_under_it(doors: tuple[Door, ...]) -> None:
    missed = [one.to for one, verdict in verdicts(_letters(doors)) if verdict == "allow"]
    assert missed == []


@pytest.mark.parametrize(
    "doors", [AMERICAN, HOUSES, FLATS, ABROAD], ids=["american", "houses", "flats", "abroad"]
)
def test_no_recipient_makes_another_door_the_listed_one(doors: tuple[Door, ...]) -> None:
    blocked = [one.to for one, verdict in verdicts(_letters(doors, beside=True)) if verdict == "block"]
    assert blocked == []


@pytest.mark.parametrize(
    "doors", [AMERICAN, OTHER_HOUSES, FLATS[1:2], ABROAD], ids=["american", "houses", "numbers", "abroad"]
)
def test_no_recipient_stops_the_letter_to_the_house_beside(doors: tuple[Door, ...]) -> None:
    stopped = [one.to for one, verdict in verdicts(_letters(doors, beside=True)) if verdict != "allow"]
    assert stopped == []


@pytest.mark.parametrize("who", ["Mr N Cole", "Tony", "J.", "The Occupier", "Mme Pell", "Barry Hill"])
@pytest.mark.parametrize("door", [*AMERICAN, HOUSES[2], *FLATS, *ABROAD])
def test_on_one_line_a_name_hides_no_door_either(who: str, door: Door) -> None:
    lines = [lines.replace("\n", ", ") for lines in door.written]
    some = [Letter("", "", "", False, "", door.listed, f"{who}, {line}") for line in lines]
    assert [one.to for one, verdict in verdicts(iter(some)) if verdict == "allow"] == []


@pytest.mark.parametrize("who", ["Mr N Cole", "Tony", "Mum", "J.", "The Occupier", "Barry Hill"])
def test_a_misspelt_house_in_its_postcode_is_held_whoever_lives_there(who: str) -> None:
    listed = "Tarnside Lodge, Rosebery Terrace, Wigan WN5 6BH"
    one = Letter("", "", "", False, "", listed, f"{who}\nTarnsdie Logde\nWN5 6BH")
    assert [verdict for _, verdict in verdicts(iter([one]))] == ["flag"]


@pytest.mark.parametrize(
    "text",
    [
        "14 Rosebery Terrace\nWigan",
        "Rose Cottage\nRosebery Terrace\nWigan",
        "Wigan\nRosebery Terrace",
        "Flat B\n14 Rosebery Terrace",
        "Dr Pell Road\nWigan",
        "The Barrows, Rosebery Terrace, Wigan",
        "Tony",
        "",
    ],
)
def test_what_is_no_person_is_left_in_the_address(text: str) -> None:
    assert headed(text) is None


@given(st.text("Mr JTony c/o,\n14 Rose", max_size=60))
def test_what_is_left_below_is_a_part_of_what_was_written(text: str) -> None:
    head = headed(text)
    assert head is None or (head.rest and set(_WORD.findall(head.rest)) <= set(_WORD.findall(text)))
    assert readings(text)


FAIRVIEW = "Fairview, Fenny Lane, Little Ambry, Wakeborough, WF4 2TN"
HEIGHTS = "{} Glenarra Heights\nBallinteer\nDublin 16\nIreland"


@pytest.mark.parametrize("person", ["Mark Lane", "Dean Street", "Chris Place", "Sue Mews", "J Close"])
def test_somebody_whose_name_is_a_streets_is_no_street(person: str) -> None:
    for to in ("Fairview\nWF4 2TN", "Fairview\nFenny Lane\nLittle Ambry\nWF4 2TN"):
        assert best(f"{person}\n{to}", FAIRVIEW) != "different"
    assert best(f"{person}\nFenny Lane\nYork\nYO10 3XX", FAIRVIEW) == "different"


@pytest.mark.parametrize(
    "above", ["Heath House", "Rosie Cottage", "Sid Court", "Airmail", "The Cat Sanctuary"]
)
@pytest.mark.parametrize("gap", ["\n", ", "])
def test_abroad_a_line_above_the_number_hides_no_door(above: str, gap: str) -> None:
    listed, next_door = HEIGHTS.format(3), HEIGHTS.format(5)
    given = f"{above}\n{listed}".replace("\n", gap)
    assert best(given, listed) != "different"
    assert best(given, next_door) == "different"


def test_a_flat_above_the_number_is_no_person() -> None:
    for above in ("Flat A", "Top Floor", "Rear Flat"):
        assert all(one.names == () for one in readings(f"{above}\n{HEIGHTS.format(3)}")), above
