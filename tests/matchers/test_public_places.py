"""Prisons, courts and police are known by name, domain, number and address; dwellings near are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers import phone, tables
from matchers.public_places import public_body, public_place

NUMBERS = [(whose, number) for _, whose, number in tables.rows("public_numbers")]
ADDRESSES = [(whose, text) for _, whose, text in tables.rows("public_addresses")]


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
    assert public_body("email", email) == whose


@pytest.mark.parametrize(("whose", "number"), NUMBERS)
def test_a_number_is_told_however_it_is_written(whose: str, number: str) -> None:
    digits = number.replace(" ", "")
    for written in (
        number,
        digits,
        f"+44{digits[1:]}",
        f"0044 (0){digits[1:]}",
        f"({digits[:5]}) {digits[5:]}",
        f"141{digits}",
        ".".join(digits),
        digits.replace("0", "O"),
    ):
        assert public_body("phone", phone.read(written).e164) == whose


@given(st.sampled_from(NUMBERS), st.integers(1, 9))
def test_the_next_number_is_nobodys(row: tuple[str, str], more: int) -> None:
    known = {phone.read(number).e164 for _, number in NUMBERS}
    e164 = phone.read(row[1]).e164
    next_one = f"{e164[:-1]}{(int(e164[-1]) + more) % 10}"
    assert (public_body("phone", next_one) is None) == (next_one not in known)


@pytest.mark.parametrize(("whose", "text"), ADDRESSES)
def test_an_address_is_told_however_it_is_written(whose: str, text: str) -> None:
    short = text.replace("Road", "Rd").replace("Street", "St").replace("Lane", "Ln")
    rest, _, code = text.rpartition(", ")
    for written in (
        text,
        text.upper(),
        text.replace(", ", "\n"),
        short,
        f"{rest}, {code.replace(' ', '')}",
        f"{rest} {code.lower()}",
        f"Miss R Tallantyre, {text}",
    ):
        assert public_body("address", written) == whose


STREETS = [
    (text, street.lstrip("0123456789- "), text.rpartition(", ")[2])
    for _, text in ADDRESSES
    for street in text.split(", ")
    if street.rpartition(" ")[2] in ("Road", "Street", "Lane", "Drive", "Avenue", "Way")
]
INWARD = st.from_regex(r"[0-9][ABDEFGHJLNPQRSTUWXYZ]{2}", fullmatch=True)


@given(st.sampled_from(STREETS), st.integers(1, 300), INWARD, st.sampled_from(["Oak", "Ivy", "Mill"]))
def test_a_house_near_one_is_innocent(
    place: tuple[str, str, str], number: int, inward: str, name: str
) -> None:
    text, street, code = place
    if any(str(number) in part for part in text.replace("-", " ").split()) or code.endswith(inward):
        return
    nearby = f"{code.split()[0]} {inward}"
    for house in (
        f"{number} {street}, Ambermouth, {code}",
        f"{number} {street}, Ambermouth, {nearby}",
        f"Flat 2, {number} {street}, Ambermouth, {code}",
        f"{number} {street}, Ambermouth",
        f"{name} Cottage, {street}, Ambermouth, {nearby}",
        f"{number} {name} Street, Ambermouth, {code}",
        f"{number} {name} Street, Ambermouth, {nearby}",
        f"{number} Prison Road, Ambermouth, {nearby}",
    ):
        assert public_body("address", house) is None


def test_a_prison_that_has_a_postcode_alone_is_told_by_it() -> None:
    code = next(text for whose, text in ADDRESSES if whose == "HMP Dovegate").rpartition(", ")[2]
    assert public_body("address", code) == "HMP Dovegate"
    assert public_body("address", f"12 Larkmead Street, Ambermouth, {code}") is None


@pytest.mark.parametrize(("kind", "value"), [("handle", "justice.gov.uk"), ("phone", ""), ("address", "")])
def test_nothing_is_nobodys(kind: str, value: str) -> None:
    assert public_body(kind, value) is None
