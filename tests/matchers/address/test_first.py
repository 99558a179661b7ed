"""What reading and comparing addresses promises."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import Address, compare, find_in_text, listing_keys, probe_keys, read


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=120))
def test_reading_any_text_never_raises(text: str) -> None:
    assert read(text).text == text


@pytest.mark.parametrize(
    ("given_text", "listed_text", "level"),
    [
        ("10 High St\nLeeds\nLS1 4AB", "10 High Street, Leeds LS1 4AB", "same"),
        ("12 High Street, Leeds LS1 4AB", "14 High Street, Leeds LS1 4AB", "different"),
        ("High Street, Leeds LS1 4AB", "14 High Street, Leeds LS1 4AB", "incomplete"),
        ("10 High Street, Leeds", "10 High Street, Leeds LS1 4AB", "probable"),
    ],
)
def test_the_level_follows_the_number_rule(given_text: str, listed_text: str, level: str) -> None:
    assert compare(read(given_text), read(listed_text)).level == level


def test_an_address_survives_msgpack() -> None:
    address = read("Sarah Jones\nFlat 2, 10 High Street\nLeeds\nLS1 4AB")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(address), type=Address) == address


def test_a_letter_is_looked_up_by_a_key_of_its_listing() -> None:
    listed = read("10 High Street, Leeds LS1 4AB")
    assert set(probe_keys(read("10 High St, Leeds"))) & set(listing_keys(listed))


def test_an_address_is_found_inside_a_message() -> None:
    found = list(find_in_text("pass it on at 10 High Street, Leeds LS1 4AB please"))
    assert [text for _, _, text in found] == ["10 High Street, Leeds LS1 4AB"]
