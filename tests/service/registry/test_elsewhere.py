"""What stands on the confidential register is restricted by two people; what stands twice is told."""

from __future__ import annotations

from io import BytesIO

import msgspec
import pytest

from engine.model import Contact, Restriction
from matchers import tables
from service.access.model import Principal
from service.errors import InvalidError
from service.registry.approvals import Approval
from service.registry.importing import Imported, import_restrictions
from service.registry.model import Request
from service.registry.registry import Registry
from service.registry.restrictions import Written
from tests.service.registry.listings import (
    ANOTHER,
    ASKER,
    HIS,
    NUMBER,
    SECOND,
    confirmed,
    entry,
    phones,
    restriction,
)

OFFICE, OFFICE_OTHERWISE = "020 7946 0321", "+44 (0)20 7946 0321"
DOOR, DOOR_OTHERWISE = "12 Larkmead Street, Ambermouth, LS1 4AB", "12 Larkmead St\nAmbermouth\nLS1 4AB"
NEIGHBOUR = "14 Larkmead Street, Ambermouth, LS1 4AB"
WOULD = (
    "it would restrict contact point {}, which is on the confidential register, "
    "or of a prison, a court or the police"
)
WAITS = (
    "contacts[{}] is on the confidential register, or of a prison, a court or the police: "
    "it is not in force until a second person confirms"
)


@pytest.fixture
def solicitor(registry: Registry) -> None:
    """A solicitor's number, e-mail and office on the register."""
    contacts = (
        *phones(OFFICE),
        Contact(kind="email", value="post@wright.example"),
        Contact(kind="address", value=DOOR),
    )
    asked = registry.register.add(ASKER, entry("E1", contacts=contacts), "the Law Society").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)


def stands(registry: Registry, id_: str = "R1") -> list[str]:
    return [contact.value for contact in registry.versions.get(id_).document.restriction.contacts]


def told(written: Written) -> tuple[str, ...]:
    return tuple(map(str, written.warnings))


def pending(registry: Registry) -> Approval:
    (asked,) = registry.approvals.list()
    return asked


def imported(registry: Registry, *listings: Restriction) -> Imported:
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in listings)
    return import_restrictions(registry, "user:asker", BytesIO(lines))


@pytest.mark.parametrize(
    "slip",
    [
        Contact(kind="phone", value=OFFICE_OTHERWISE),
        Contact(kind="email", value="Post@WRIGHT.example"),
        Contact(kind="address", value=DOOR_OTHERWISE),
    ],
)
@pytest.mark.usefixtures("solicitor")
def test_a_contact_point_of_the_register_waits_and_the_others_hold(registry: Registry, slip: Contact) -> None:
    written = registry.restrictions.create(
        ASKER, restriction(contacts=(*phones(NUMBER), slip)), Request(id="1")
    )
    assert stands(registry) == [NUMBER]
    assert told(written) == (WAITS.format(1),)
    assert written.approval == pending(registry)
    assert pending(registry).loosens == (WOULD.format(2),)
    confirmed(registry, SECOND, pending(registry).id)
    assert stands(registry) == [NUMBER, slip.value]


@pytest.mark.usefixtures("solicitor")
def test_refused_by_the_second_person_it_never_holds(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction("R1", OFFICE, NUMBER))
    registry.approvals.refuse(SECOND, pending(registry).id)
    assert stands(registry) == [NUMBER]


@pytest.mark.usefixtures("solicitor")
def test_nothing_but_contact_points_of_the_register_is_refused(registry: Registry) -> None:
    with pytest.raises(InvalidError) as refused:
        registry.restrictions.create(ASKER, restriction("R1", OFFICE))
    assert refused.value.field == "contacts[0].value"
    assert "confidential register" in refused.value.detail
    assert registry.approvals.list() == []


@pytest.mark.usefixtures("solicitor")
def test_a_change_that_adds_one_waits_as_a_whole(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction())
    changed = registry.restrictions.change(
        ASKER, "R1", 1, "more", restriction=restriction("R1", NUMBER, OFFICE_OTHERWISE)
    )
    assert changed.version is None
    assert pending(registry).loosens == (WOULD.format(2),)
    assert stands(registry) == [NUMBER]
    confirmed(registry, SECOND, pending(registry).id)
    later = restriction("R1", OFFICE, NUMBER, pathway=1)
    assert registry.restrictions.change(ASKER, "R1", 2, "the pathway", restriction=later).version


@pytest.mark.usefixtures("solicitor")
def test_what_is_not_the_registers_is_in_force_at_once(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction(contacts=(Contact(kind="address", value=NEIGHBOUR),)))
    registry.register.remove(ASKER, "E1", 1, "no longer in practice")
    registry.restrictions.create(ASKER, restriction("R2", OFFICE))
    assert (stands(registry), stands(registry, "R2")) == ([NEIGHBOUR], [OFFICE])
    assert registry.approvals.list() == []


@pytest.mark.usefixtures("solicitor")
def test_an_import_does_the_same_and_says_so_by_line(registry: Registry) -> None:
    done = imported(
        registry,
        restriction("R1", NUMBER, OFFICE),
        restriction("R2", OFFICE),
        restriction("R3", "07700 900777"),
    )
    assert (done.added, done.held) == (2, 1)
    assert done.notes == (f"line 1: {WAITS.format(1)}",)
    (error,) = done.errors
    assert error.startswith("line 2: contacts[0].value: on the confidential register")
    assert (stands(registry), stands(registry, "R3")) == ([NUMBER], ["07700 900777"])
    again = imported(registry, restriction("R3", "07700 900777", OFFICE))
    assert (again.changed, again.held, again.notes) == (0, 1, (f"line 1: {WAITS.format(1)}",))


def test_a_person_who_is_restricted_already_is_told(registry: Registry) -> None:
    door = Contact(kind="address", value=DOOR)
    registry.restrictions.create(ASKER, restriction("R1", contacts=(*phones(NUMBER), door)))
    registry.restrictions.create(ASKER, restriction("R2", prisoner=ANOTHER))
    again = Contact(kind="address", value=DOOR_OTHERWISE)
    written = registry.restrictions.create(
        ASKER, restriction("R3", contacts=(*phones("07700 900777", "+44 7700 900123"), again))
    )
    assert told(written) == tuple(
        f"contacts[{n}] stands in restriction R1 of the same prisoner already" for n in (1, 2)
    )
    assert written.version is not None


def test_a_merged_number_is_the_same_prisoner_and_another_prisons_restriction_is_not_named(
    registry: Registry,
) -> None:
    registry.prisoners.merge(ASKER, ANOTHER, HIS)
    registry.restrictions.create(ASKER, restriction("R1", prisoner=ANOTHER, establishment="LEI"))
    written = registry.restrictions.create(ASKER, restriction("R2"))
    assert told(written) == ("contacts[0] stands in restriction R1 of the same prisoner already",)
    hull = Principal("user:hull", frozenset(), frozenset({"HLI"}), person=True)
    elsewhere = registry.restrictions.create(hull, restriction("R3", establishment="HLI"))
    assert told(elsewhere) == ()


def test_an_import_tells_of_each_that_stands_twice(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction("R1"))
    done = imported(registry, restriction("R1"), restriction("R2"), restriction("R3", "07700 900777"))
    assert done.notes == ("line 2: contacts[0] stands in restriction R1 of the same prisoner already",)


@pytest.mark.parametrize("email", ["rhoswen@ambershire.police.uk", "R.Tallantyre@Justice.gov.uk"])
def test_an_e_mail_address_of_a_public_body_waits_for_a_second_person(registry: Registry, email: str) -> None:
    at_work = Contact(kind="email", value=email)
    written = registry.restrictions.create(
        ASKER, restriction(contacts=(*phones(NUMBER), at_work)), Request(id="1")
    )
    assert stands(registry) == [NUMBER]
    assert told(written)[-1] == WAITS.format(1)
    confirmed(registry, SECOND, pending(registry).id)
    assert stands(registry) == [NUMBER, email]
    assert imported(registry, restriction("R2", contacts=(at_work,))).errors
    assert imported(registry, restriction("R3", contacts=(*phones("07700 900456"), at_work))).held == 1


PRISON, ITS_NUMBER = next((whose, number) for _, whose, number in tables.rows("public_numbers"))
COURT, ITS_DOOR = next(
    (whose, text)
    for source, whose, text in tables.rows("public_addresses")
    if source == "courts" and text[0].isdecimal()
)
OF = "contacts[1].value: it is of {}: make sure that it is meant"
PUBLIC = [
    (PRISON, Contact(kind="phone", value=ITS_NUMBER.replace(" ", ""))),
    (PRISON, Contact(kind="phone", value=f"+44 (0){ITS_NUMBER[1:]}")),
    (COURT, Contact(kind="address", value=ITS_DOOR)),
    (COURT, Contact(kind="address", value=ITS_DOOR.upper().replace(", ", "\n"))),
    ("the police", Contact(kind="email", value="rhoswen@ambershire.police.uk")),
]


@pytest.mark.parametrize(("whose", "at_work"), PUBLIC)
def test_a_public_bodys_contact_point_waits_and_its_author_is_told_whose(
    registry: Registry, whose: str, at_work: Contact
) -> None:
    both = restriction(contacts=(*phones(NUMBER), at_work))
    written = registry.restrictions.create(ASKER, both, Request(id="1"))
    assert told(written) == (OF.format(whose), WAITS.format(1))
    assert stands(registry) == [NUMBER]
    assert pending(registry).loosens == (WOULD.format(2),)
    confirmed(registry, SECOND, pending(registry).id)
    assert stands(registry) == [NUMBER, at_work.value]


@pytest.mark.parametrize(("whose", "at_work"), PUBLIC)
def test_a_public_bodys_contact_points_alone_are_refused_with_whose_they_are(
    registry: Registry, whose: str, at_work: Contact
) -> None:
    with pytest.raises(InvalidError) as refused:
        registry.restrictions.create(ASKER, restriction(contacts=(at_work,)))
    assert refused.value.field == "contacts[0].value"
    assert f"contacts[0]: {whose}" in refused.value.detail
    (error,) = imported(registry, restriction(contacts=(at_work,))).errors
    assert f"contacts[0]: {whose}" in error


@pytest.mark.parametrize(("whose", "at_work"), PUBLIC)
def test_an_import_and_a_change_hold_it_back_too(registry: Registry, whose: str, at_work: Contact) -> None:
    both = restriction(contacts=(*phones(NUMBER), at_work))
    done = imported(registry, both)
    assert (done.added, done.held) == (1, 1)
    assert set(done.notes) == {f"line 1: {OF.format(whose)}", f"line 1: {WAITS.format(1)}"}
    registry.approvals.refuse(SECOND, pending(registry).id)
    changed = registry.restrictions.change(ASKER, "R1", 1, "more", restriction=both)
    assert changed.version is None
    assert told(changed) == (OF.format(whose),)
    assert stands(registry) == [NUMBER]


def test_the_confidential_register_holds_a_court_and_says_nothing(registry: Registry) -> None:
    court = entry("E1", contacts=(Contact(kind="phone", value=ITS_NUMBER),))
    assert registry.register.add(ASKER, court, "HM Courts and Tribunals Service").approval is not None
