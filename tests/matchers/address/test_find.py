"""Addresses inside messages."""

from __future__ import annotations

from matchers.address import find_in_text, read


def test_an_address_is_found_with_where_it_stands() -> None:
    message = "tell him to send it to 41 Marlpit Street, Leeds LS98 4NE by friday"
    (begin, end, text), *rest = find_in_text(message)
    assert text == "41 Marlpit Street, Leeds LS98 4NE"
    assert message[begin:end] == text
    assert not rest
    assert read(text).street == "MARLPIT STREET"


def test_two_addresses_are_found_apart() -> None:
    message = "either 41 Marlpit Street LS98 4NE or 9 Larkspur Lane DE98 3TB"
    assert [text for *_, text in find_in_text(message)] == [
        "41 Marlpit Street LS98 4NE",
        "9 Larkspur Lane DE98 3TB",
    ]


def test_a_house_by_name_is_found() -> None:
    assert [text for *_, text in find_in_text("at Foxholes Farm Lane OX97 1ZG")] == [
        "at Foxholes Farm Lane OX97 1ZG"
    ]


def test_a_message_without_a_postcode_holds_no_address() -> None:
    assert list(find_in_text("see you at 7 on friday, bring the 2 books")) == []
