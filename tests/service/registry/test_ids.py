"""An id stands in addresses: what would mean something else there is none."""

from __future__ import annotations

import pytest

from service.errors import InvalidError
from service.registry.ids import RESERVED, check_id
from service.registry.tables import ID


@pytest.mark.parametrize("id_", ["R1", "LEI/2026/0017", "a word", "history-1", "É", "x" * ID])
def test_an_id_of_printable_characters_is_kept(id_: str) -> None:
    check_id(id_)


@pytest.mark.parametrize(
    "id_", ["", " R1", "R1 ", "R\n1", "R\0", "x" * (ID + 1), "/", "R1/", "a//b", "a/../b", "."]
)
def test_what_no_address_could_hold_is_refused(id_: str) -> None:
    with pytest.raises(InvalidError) as error:
        check_id(id_)
    assert error.value.field == "id"


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_word_of_the_addresses_is_no_id_and_ends_none(word: str) -> None:
    for id_ in (word, f"R1/{word}"):
        with pytest.raises(InvalidError):
            check_id(id_)
    check_id(f"{word}/1")
