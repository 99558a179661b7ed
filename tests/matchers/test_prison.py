"""How a prisoner number and a prison code are written is told once."""

import re
from pathlib import Path

import pytest

from matchers import prison

ROOT = Path(prison.__file__).parent.parent


@pytest.mark.parametrize("text", ["A1234BC", "Z0000ZZ"])
def test_a_letter_four_digits_and_two_letters_are_a_prisoner_number(text: str) -> None:
    assert prison.is_prisoner_number(text)


@pytest.mark.parametrize("text", ["", "a1234bc", "A1234BC\n", "A123BC", "A12345BC", "A١٢٣٤BC", "Á1234BC"])
def test_nothing_else_is_a_prisoner_number(text: str) -> None:
    assert not prison.is_prisoner_number(text)


def test_three_capital_letters_are_a_prison_code() -> None:
    assert prison.is_prison_code("LEI")
    assert not any(map(prison.is_prison_code, ["", "lei", "LE", "LEIS", "LEI\n", "LÉI"]))


def test_nobody_spells_them_again() -> None:
    spelt = re.compile(r'\[A-Z\](\\d|\[0-9\])\{4\}\[A-Z\]\{2\}|["^(]\[A-Z\]\{3\}[|$)"]')
    found = {
        path.relative_to(ROOT).as_posix()
        for room in ("engine", "matchers", "adapters", "service")
        for path in (ROOT / room).rglob("*.py")
        if spelt.search(path.read_text())
    }
    assert found == {"matchers/prison.py"}


def test_prisons_are_known_by_what_people_call_them() -> None:
    assert prison.prisons_named("at Leeds I think") == {"LEI"}
    assert prison.prisons_named("HMP Wormwood Scrubs, or strangeways") == {"WSI", "MRI"}
    assert prison.prisons_named("lei") == {"LEI"}
    assert prison.prisons_named("somewhere north") == frozenset()
    assert prison.prison_name("MRI") == "Manchester"
    assert prison.prison_name("XXX") == "XXX"


def test_prisons_are_found_by_how_their_names_begin() -> None:
    assert (
        prison.prisons_like("lee")
        == prison.prisons_like("HMP Leeds")
        == prison.prisons_like("LEI")
        == {"LEI"}
    )
    assert prison.prisons_like("worm scr") == {"WSI"}
    assert prison.prisons_like("strangew") == {"MRI"}
    assert prison.prisons_like("wood") > {"WHI", "CKI"}
    assert prison.prisons_like("") == prison.prisons_like("HMP") == prison.prisons_like("eeds") == frozenset()
    assert {"LEI", "MRI"} < prison.every_prison()


def test_no_two_codes_are_called_the_same_and_one_name_finds_both_units_of_a_prison() -> None:
    called = [prison.prison_name(code) for code in prison.every_prison()]
    assert sorted(called) == sorted(set(called))
    for name, codes in {"Parc": {"PRI", "PYI"}, "Feltham": {"FMI", "FYI"}}.items():
        for typed in (name, f"HMP/YOI {name}", f"{name} (HMYOI)"):
            assert prison.prisons_named(typed) == codes
            assert prison.prisons_like(typed) == codes
        assert prison.prisons_like(name[:4]) >= codes
    assert prison.prison_name("PYI") == "Parc (HMYOI)"
