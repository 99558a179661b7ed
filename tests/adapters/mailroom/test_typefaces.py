"""Envelopes in print and in handwriting: the restricted address is stopped or held, never passed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from adapters.mailroom.images import Picture
from adapters.mailroom.ocr import RapidReader
from adapters.mailroom.orientation import look, turned_left, turned_right, upside_down
from benchmarks.mail.decisions import SENDER, outcome
from benchmarks.mail.envelopes import CLEAN, MODERATE, PHOTO, drawn
from benchmarks.mail.fonts import HANDWRITING, PRINT
from benchmarks.mail.treatments import TREATMENTS
from engine.blocklist import compile_blocklist
from engine.model import Contact, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener

HERS = "14 Larkmead Street\nAmbermouth\nWessex\nLS1 4AB"
OTHER = "7 Quarry Lane\nOtherstead\nWessex\nLS9 9ZZ"
RESTRICTION = Restriction(
    id="R1",
    prisoner="X1234BC",
    protected=ProtectedPerson(name="Rhoswen Tallantyre"),
    contacts=(Contact(kind="address", value=HERS.replace("\n", ", ")),),
)
FROM = SENDER.format(prisoner="X1234BC")
SCREENER = Screener(compile_blocklist([RESTRICTION]), read_policy())
READER = RapidReader()


def answered(to: str, face: str, seed: int, **options: bool) -> str:
    picture = drawn(to, face, MODERATE, seed, sender=FROM)
    if options.get("turned"):
        picture = upside_down(picture)
    return outcome(SCREENER, look(READER, picture))


@pytest.mark.parametrize("face", PRINT)
def test_print_is_read_as_it_stands(face: str) -> None:
    assert answered(HERS, face, 11) == "block"
    assert answered(OTHER, face, 12) == "passed"


@pytest.mark.parametrize("face", HANDWRITING)
def test_handwriting_to_a_restricted_address_is_not_passed(face: str) -> None:
    assert answered(HERS, face, 13) != "passed"
    assert answered(OTHER, face, 14) != "block"


def test_an_envelope_that_lies_upside_down_is_not_passed() -> None:
    assert answered(HERS, "lora", 15, turned=True) != "passed"


@pytest.mark.parametrize("turn", [turned_left, turned_right])
def test_an_envelope_that_lies_on_its_side_is_read_all_the_same(turn: Callable[[Picture], Picture]) -> None:
    picture = turn(drawn(HERS, "open-sans", MODERATE, 16, sender=FROM))
    assert outcome(SCREENER, look(READER, picture)) == "block"


@pytest.mark.parametrize("seed", [21, 22, 23, 24])
def test_a_photograph_taken_aslant_on_a_desk_is_read_all_the_same(seed: int) -> None:
    assert outcome(SCREENER, look(READER, drawn(HERS, "open-sans", PHOTO, seed, sender=FROM))) == "block"
    assert outcome(SCREENER, look(READER, drawn(OTHER, "open-sans", PHOTO, seed, sender=FROM))) == "passed"


@pytest.mark.parametrize(
    ("to", "face", "seed"),
    [
        ("Bureau 3\n9 Rue de Conde\n33000 Bordeaux", "open-sans", 3),
        ("FLAT 3\n9 CONDE STREET\nLEICESTER LE1 5YA", "courier-prime", 1),
    ],
)
def test_a_new_label_over_an_old_one_is_not_passed_upside_down(to: str, face: str, seed: int) -> None:
    hers = msgspec.structs.replace(
        RESTRICTION, contacts=(Contact(kind="address", value=to.replace("\n", ", ")),)
    )
    relabelled = TREATMENTS["relabelled, on its head"]
    seen = look(READER, drawn(to, face, MODERATE, seed, sender=FROM, treatment=relabelled))
    screener = Screener(compile_blocklist([hers]), read_policy())
    assert outcome(screener, seen) in ("block", "flag")


@pytest.mark.parametrize("name", TREATMENTS)
def test_whatever_befalls_an_envelope_one_seed_is_one_picture_of_it(name: str) -> None:
    first, again = (drawn(HERS, "caveat", CLEAN, 5, treatment=TREATMENTS[name]) for _ in range(2))
    assert first.shape == again.shape
    assert (first == again).all()
    assert name.startswith("aslant") or not np.array_equal(first, drawn(HERS, "caveat", CLEAN, 5))


def test_one_seed_is_one_picture() -> None:
    first, again = (drawn(HERS, "caveat", CLEAN, 5) for _ in range(2))
    assert (first == again).all()
    other = drawn(HERS, "caveat", CLEAN, 6)
    assert other.shape != first.shape or (other != first).mean() > 0.1
