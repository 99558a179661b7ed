"""Invented people who ask, and officers who go through what they asked."""

from __future__ import annotations

from typing import Any

from engine.model import Contact
from service.access.model import Principal, Role
from service.cases import rules
from service.cases.cases import Cases
from service.cases.model import Case, Consideration
from service.public.asked import Asker, Protected, PublicRequest, Sought

OFFICER = Principal("user:officer", frozenset({Role.CASE_OFFICER}), person=True)
SECOND = Principal("user:second", frozenset({Role.CASE_OFFICER}), person=True)
THIRD = Principal("user:third", frozenset({Role.CASE_OFFICER}), person=True)
REVIEWER = Principal("user:reviewer", frozenset({Role.REVIEWER}), person=True)
HIS = "A1234BC"
HERS = (Contact(kind="phone", value="07700 900123"),)

PATHWAYS = {
    1: Consideration(pathway=1, offence="harassment", source="the court's record"),
    2: Consideration(pathway=2),
    3: Consideration(pathway=3, consent="by telephone, noted by the officer"),
    4: Consideration(
        pathway=4,
        grounds="threats heard on the wing",
        alternatives="monitoring alone",
        necessity="he wrote twice",
        proportionality="one number and one house",
        review="2027-01-01",
    ),
}
"""What each needs, said."""


def asked(reference: str = "UPC-2222-2222", **changed: Any) -> PublicRequest:
    """Somebody who asks for herself."""
    fields: dict[str, Any] = {
        "reference": reference,
        "at": "2026-05-31T20:00:00Z",
        "kind": "stop",
        "asker": Asker(who="self", name="Maren Thistlewood", phone="07700 900123"),
        "sought": Sought(name="Corin Blackmere", number=HIS),
        "person": Protected(name="Maren Thistlewood", numbers=("07700 900123",)),
        "how": ("call",),
    }
    return PublicRequest(**{**fields, **changed})


def considered(
    cases: Cases, request: PublicRequest | None = None, contacts: tuple[Contact, ...] = ()
) -> Case:
    """A case of which the prisoner is confirmed and the contact points are listed: all that it names, and
    `contacts`."""
    request = request or asked()
    every = tuple(dict.fromkeys((*contacts, *rules.contacts_asked(request.person))))
    case = cases.key_in(OFFICER, request, "telephone", "she rang")
    case = cases.confirm_prisoner(OFFICER, case.id, case.version, HIS, "she knows his number")
    return cases.list_contacts(OFFICER, case.id, case.version, every)


def approved(cases: Cases, request: PublicRequest | None = None, pathway: int = 2) -> Case:
    """A case that is in force."""
    case = considered(cases, request)
    return cases.approve(OFFICER, case.id, case.version, PATHWAYS[pathway]).case
