"""However whom it goes to is written, it is one recipient."""

from __future__ import annotations

import pytest

from engine.recipient import recipient


@pytest.mark.parametrize(
    ("channel", "one", "other"),
    [
        ("message", "07700 900123", "+44 7700 900123"),
        ("message", "07700 900123", "141 07700-900-123"),
        ("message", "07700 900123", "sip:+447700900123@sms.example.net"),
        ("message", "07700 900123", "447700900123@s.whatsapp.net"),
        ("message", "07700 900123", "07700900123@txt.example"),
        ("message", "Rhoswen@Example.org ", "rhoswen@example.org"),
        ("message", "rho.swen+prison@gmail.com", "rhoswen@googlemail.com"),
        ("message", "@Rhoswen", "rhoswen"),
        ("call", "07700 900123", "0044 7700 900 123"),
        ("letter", "A Bell, 4 Quillet Row, Leeds LS1 4AB", "4 Quillet Row\nLS1 4AB"),
        ("letter", "???", " ??? "),
    ],
)
def test_two_spellings_are_one_recipient(channel: str, one: str, other: str) -> None:
    assert recipient(channel, one) == recipient(channel, other)


@pytest.mark.parametrize(
    ("prison", "local", "whole"),
    [
        ("LEI", "4960111", "0113 496 0111"),
        ("LEI", "496 0111", "+44 113 496 0111"),
        ("BXI", "7946 0111", "020 7946 0111"),
    ],
)
def test_a_local_number_is_the_recipient_that_it_reaches_at_that_prison(
    prison: str, local: str, whole: str
) -> None:
    assert recipient("message", local, prison) == recipient("message", whole, prison)
    assert recipient("message", local, "LEI") != recipient("message", local, "BXI")
    assert recipient("message", local) != recipient("message", whole)


@pytest.mark.parametrize(
    ("channel", "one", "other"),
    [
        ("message", "07700 900123", "07700 900124"),
        ("message", "rhoswen@example.org", "rhoswen@example.com"),
        ("message", "@rhoswen", "@rhoswyn"),
        ("letter", "4 Quillet Row, Leeds LS1 4AB", "6 Quillet Row, Leeds LS1 4AB"),
    ],
)
def test_two_recipients_are_two(channel: str, one: str, other: str) -> None:
    assert recipient(channel, one) != recipient(channel, other)
