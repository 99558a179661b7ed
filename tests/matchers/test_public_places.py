"""Prisons, courts and police stations are known by their names, and dwellings called alike are not."""

import pytest

from matchers.public_places import public_email, public_place


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("HMP Ambermouth, 2 Gaol Lane, Ambermouth, QB1 4AB", "a prison"),
        ("Sarah Jones\nHMP/YOI Ambermouth\nQB1 4AB", "a prison"),
        ("HMP Ambermouth 2 Gaol Lane Ambermouth QB1 4AB", "a prison"),
        ("The Clerk, Ambermouth Crown Court, 1 Oxbow Row, Ambermouth", "a court"),
        ("Ambermouth Magistrates’ Court 1 Oxbow Row QB1 4AB", "a court"),
        ("AMBERMOUTH POLICE STATION\nQuillet Row\nAmbermouth", "a police station"),
    ],
)
def test_a_public_place_is_told_by_its_name(text: str, what: str) -> None:
    assert public_place(text) == what


@pytest.mark.parametrize(
    "text",
    [
        "12 Crown Court, Ambermouth, QB1 4AB",
        "Flat 3, Ambermouth Crown Court, Quillet Row, QB1 4AB",
        "The Old Police Station, Quillet Row, Ambermouth",
        "4 Prison Lane, Ambermouth, QB1 4AB",
        "Larkmead Court, Ambermouth, QB1 4AB",
        "7 Police Station Road, Ambermouth",
        "Hmprise Lodge, Ambermouth",
        "",
    ],
)
def test_a_dwelling_is_none(text: str) -> None:
    assert public_place(text) is None


@pytest.mark.parametrize(
    ("email", "whose"),
    [
        ("someone@justice.gov.uk", "the prison, probation or courts service"),
        ("visits@hmps.gsi.gov.uk", "the prison service"),
        ("listing@court.hmcts.net", "the courts service"),
        ("someone@ambershire.pnn.police.uk", "the police"),
        ("someone@police.uk", "the police"),
        ("someone@notpolice.uk", None),
        ("someone@police.uk.example", None),
        ("police.uk@mail.example", None),
        ("someone@gov.uk", None),
    ],
)
def test_an_e_mail_address_of_a_public_body_is_told_by_its_domain(email: str, whose: str | None) -> None:
    assert public_email(email) == whose
