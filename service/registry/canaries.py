"""A prison's canary: an ordinary restriction of the service's own, made here and nowhere else."""

from __future__ import annotations

import random

from sqlalchemy import func, select

from adapters.canaries.canary import Canary, Draw
from engine.canary import MARK, canary_of
from engine.model import Contact, ProtectedPerson, Restriction
from matchers.prison import is_prison_code
from service.access.model import Principal
from service.errors import InvalidError
from service.registry.model import Request
from service.registry.registry import Registry
from service.registry.tables import restriction_version

NAME = "Quillon Tallantyre"
"""Of the imaginary person whom each protects."""
AGENCY = "the service itself"


def add(
    registry: Registry,
    by: Principal,
    prison: str,
    *,
    number: str,
    beside: str,
    address: str,
    name: str = NAME,
) -> Canary:
    """Restrict a number and an address of the service's for an imaginary prisoner, in force at once.

    Raises InvalidError, NotAllowedError outside the caller's prisons.
    """
    if not is_prison_code(prison):
        raise InvalidError("a prison's code, three capital letters", "prison")
    before, of_prison = _how_many(registry, MARK), _how_many(registry, f"{canary_of(prison)}-")
    canary = Canary(
        prison=prison,
        prisoner=f"Z{before + 1:04}QQ",
        name=name,
        number=number,
        beside=beside,
        address=address,
    )
    try:
        Draw(canary, random.Random(0))  # noqa: S311 - what it draws is not used
    except ValueError as error:
        raise InvalidError(str(error), "canary") from None
    restriction = Restriction(
        id=f"{canary_of(prison)}-{of_prison + 1}",
        prisoner=canary.prisoner,
        establishment=prison,
        protected=ProtectedPerson(name=name),
        contacts=(Contact(kind="phone", value=number), Contact(kind="address", value=address)),
    )
    reason = "a contact of the service's own, tried on purpose"
    registry.restrictions.create(by, restriction, Request(id="1", agency=AGENCY), reason=reason, ours=True)
    return canary


def _how_many(registry: Registry, begins: str) -> int:
    """Restrictions ever made whose ids begin so."""
    ids = restriction_version.c.id
    wanted = select(func.count(ids.distinct())).where(ids.like(f"{begins}%"))
    with registry.journal.database.read() as connection:
        return connection.execute(wanted).scalar_one()
