"""Two addresses in one text are two."""

from __future__ import annotations

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
