"""Invented restrictions and entries, who changes them, and a clock that stands until it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.model import ConfidentialEntry, Contact, Exemption, ProtectedPerson, Restriction
from service.access.model import Principal, Role
from service.registry.approvals import Approval
from service.registry.registry import Registry

ASKER = Principal("user:asker", frozenset(), person=True)
SECOND = Principal("user:second", frozenset({Role.REVIEWER}), person=True)
MACHINE = Principal("key:import", frozenset())

HIS = "A1234BC"
"""The prisoner whom the restrictions name, unless they say otherwise."""
ANOTHER = "B2345CD"
THIRD = "C3456DE"
NUMBER = "07700 900123"


class Clock:
    """A clock that goes on by a second at each look, so that no two changes have one time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def confirmed(registry: Registry, by: Principal, identifier: str, note: str = "") -> Approval:
    """An approval opened and confirmed."""
    registry.approvals.view(by, identifier, "to decide")
    return registry.approvals.confirm(by, identifier, note)


def restriction(id_: str = "R1", *values: str, **changed: Any) -> Restriction:
    """A restriction of these telephone numbers."""
    fields: dict[str, Any] = {
        "id": id_,
        "prisoner": HIS,
        "protected": ProtectedPerson(name="Sarah Jane Jones"),
        "contacts": phones(*(values or (NUMBER,))),
    }
    return Restriction(**{**fields, **changed})


def phones(*values: str) -> tuple[Contact, ...]:
    """Telephone numbers as contact points."""
    return tuple(Contact(kind="phone", value=value) for value in values)


def home(value: str) -> tuple[Contact, ...]:
    """An address as the only contact point."""
    return (Contact(kind="address", value=value),)


def exempt(prisoner: str, contact: str = NUMBER) -> tuple[Exemption, ...]:
    """An exception for one prisoner."""
    return (Exemption(prisoner=prisoner, contact=contact),)


def entry(id_: str = "E1", *values: str, **changed: Any) -> ConfidentialEntry:
    """A solicitor with these telephone numbers."""
    fields: dict[str, Any] = {
        "id": id_,
        "name": "Wright and Hale",
        "kind": "solicitor",
        "contacts": phones(*(values or ("020 7946 0321",))),
    }
    return ConfidentialEntry(**{**fields, **changed})
