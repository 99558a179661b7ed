"""`nocontact read` shows each value of a field, what it will stop, and what is refused of it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from service.cli.main import app


def shown(*arguments: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, ["read", *arguments])
    return done.exit_code, done.stdout.splitlines()


def test_each_value_of_a_field_is_shown_with_what_it_stops() -> None:
    assert shown("home: 020 7946 0123, mob: 07700 900123", "--kind", "phone") == (
        0,
        [
            "phone: 020 7946 0123",
            "  stops calls and texts to +442079460123",
            "phone: 07700 900123",
            "  stops calls and texts to +447700900123",
            "note: several values in one field: each is listed by itself",
        ],
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("07700 9001234",), "refused: a telephone number has too many digits"),
        (("999",), "refused: a number that may never be listed (the emergency services)"),
        (
            ("Ambermouth Crown Court, 1 Row, LS1 4AB",),
            "refused: an address that may never be listed (a court)",
        ),
    ],
)
def test_what_is_refused_is_said_with_why(arguments: tuple[str, ...], line: str) -> None:
    status, lines = shown(*arguments)
    assert (status, lines) == (1, [line])


def test_the_register_may_name_what_a_restriction_may_not() -> None:
    assert shown("999", "--register") == (0, ["phone: 999", "  read as 999"])


def test_a_local_number_is_read_with_the_prisons_area_code() -> None:
    assert shown("496 0123", "--establishment", "LEI")[1][1] == "  stops calls and texts to +441134960123"
    assert shown("496 0123")[0] == 1


def test_whose_a_public_bodys_contact_point_is_is_a_note() -> None:
    status, lines = shown("rhoswen@ambershire.police.uk")
    assert (status, lines[-1]) == (0, "note: it is of the police: make sure that it is meant")
    assert len(shown("rhoswen@ambershire.police.uk", "--register")[1]) == 2
