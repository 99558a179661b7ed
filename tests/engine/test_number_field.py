"""Numbers of a field that share an area code or lost their shape, and pages that are linked to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import entry, number_field
from engine.entry import read
from engine.model import Contact
from matchers import email_handle, tables
from tests.engine.test_entry import NUMBERS, e164, listed, refused


@pytest.mark.parametrize("between", [" / ", " or ", ", ", " & ", "; ", "\n", "/"])
@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("0113 496 0456", "497 0457", "01134970457"),
        ("(0113) 496 0456", "496-0123", "01134960123"),
        ("020 7946 0123", "7946 0124", "02079460124"),
        ("01632 960123", "960 456", "01632960456"),
        ("07700 900123", "900 456", "07700900456"),
    ],
)
def test_a_second_number_shares_the_first_ones_area_code(
    between: str, first: str, second: str, whole: str
) -> None:
    assert listed(f"{first}{between}{second}") == [e164(first), e164(whole)]
    assert refused(f"{first}{between}{second}") == ()


@pytest.mark.parametrize(
    "value", ["0113 496 0456, ref 497 0457 12", "07700 900123 / 900 45", "0113 496 0456 / 497 045"]
)
def test_digits_that_are_no_whole_local_number_are_no_second_number(value: str) -> None:
    assert listed(value) in ([], [e164(value.split(" /")[0].split(",")[0])])


@given(
    st.sampled_from(NUMBERS),
    st.integers(3, 9),
    st.sampled_from(["E9", "E+09", "e+9", " E+09"]),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_a_number_in_scientific_notation_is_read_where_no_digit_is_lost(
    number: str, shown: int, exponent: str, has_country: bool
) -> None:
    digits = "44" + number[1:] if has_country else number[1:]
    power = exponent.replace("9", "11") if has_country else exponent
    power = power.replace("011", "11")
    shown += 2 * has_country

    entered = read(Contact(kind="phone", value=f"{digits[0]}.{digits[1 : shown + 1]}{power}"))

    if shown == len(digits) - 1:
        assert [point.read_as for point in entered.points] == [e164(number)]
    else:
        assert not entered.points
        assert entered.refused == (number_field.ROUNDED,)


@pytest.mark.parametrize(
    "value",
    [
        "H0113 496 0456 W020 7946 0123",
        "h01134960456 w02079460123",
        "0113 496 0456H 020 7946 0123W",
        "Home0113 496 0456 Work020 7946 0123",
        "Tel0113 496 0456, mob020 7946 0123",
    ],
)
def test_letters_for_home_and_work_beside_the_digits_are_labels(value: str) -> None:
    assert listed(value) == ["+441134960456", "+442079460123"]
    assert refused(value) == ()


PAGES = [f"{site}/{before}".replace("*", "sal-jones") for site, before, _ in tables.rows("profile_links")]


@given(
    st.sampled_from(PAGES),
    st.sampled_from(["", "https://", "https://www.", "www.", "HTTPS://"]),
    st.sampled_from(["sallyj", "sally_j92", "sally.j", "sal-j", "100012345678"]),
    st.sampled_from(["", "/", "?lang=en", "/?igsh=abc"]),
)
@settings(max_examples=300, deadline=None)
def test_a_page_that_is_linked_to_is_listed_as_its_account_and_found_in_a_body(
    page: str, before: str, name: str, behind: str
) -> None:
    link = f"{before}{page}{name}{behind}"

    assert listed(link, "handle") == [name]
    assert refused(link, "handle") == ()
    for body in (f"find me {link} ok", f"({link})", f"on {link}, yes"):
        assert name in [found.account.canonical for found in email_handle.find(body)], body


@pytest.mark.parametrize(
    "link",
    [
        "wa.me/447700900123",
        "https://wa.me/447700900123",
        "t.me/+447700900123",
        "api.whatsapp.com/send?phone=447700900123",
    ],
)
def test_a_link_to_a_number_is_listed_as_the_number(link: str) -> None:
    (point,) = read(Contact(kind="handle", value=link)).points
    assert (point.contact.kind, point.read_as) == ("phone", "+447700900123")


@pytest.mark.parametrize(
    "link", ["instagram.com/p/Cabc123", "facebook.com/groups/12345", "x.com/i/status/123"]
)
def test_a_link_to_no_person_is_refused(link: str) -> None:
    assert listed(link, "handle") == []
    assert refused(link, "handle") == (entry.NO_HANDLE,)
