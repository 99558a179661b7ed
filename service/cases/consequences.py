"""What a restriction would mean in the whole estate, told of each contact point before it is approved.

Who else has it is looked up; what it would have stopped is what looking back found. Both are of some seconds,
and are done when somebody asks. Ids and counts alone are told: whoever may, opens what is behind them.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.listing import area_codes
from engine.model import Contact, Restriction
from service.access.model import Principal
from service.cases.looking_back import LookedBack, PointTried
from service.phone_lists.lists import listing_number
from service.registry import lookup
from service.registry.model import state_at
from service.registry.registry import Registry


class PointMeans(NamedTuple):
    """Who else has one contact point, and who tried it."""

    register: tuple[str, ...]
    """Kinds of the entries of the confidential register that hold it; not whose they are."""
    bodies: tuple[str, ...]
    """Public bodies whose it is."""
    restrictions: tuple[str, ...]
    """Others that are in force and that the reader may see."""
    other_restrictions: int
    """How many more there are, of prisons that are not the reader's."""
    excepted: tuple[str, ...]
    """Of those the reader may see, the ones that let somebody through there."""
    is_on_his_list: bool
    """Whether it stands on the phone list of a prisoner whom the restriction names."""
    lists: int
    """On how many phone lists of other prisoners it stands, of any prison."""
    tried: PointTried
    unread: int
    """How many restrictions that may hold it cannot be read."""
    is_more: bool
    """Whether there are restrictions that were not looked at."""


def consequences(
    registry: Registry, by: Principal, restriction: Restriction, looked: LookedBack, own: str | None
) -> list[PointMeans]:
    """Of each contact point in their order; `own` is the restriction that the case is behind already."""
    return [
        _of(registry, by, restriction, contact, tried, own)
        for contact, tried in zip(restriction.contacts, looked.points, strict=True)
    ]


def _of(
    registry: Registry,
    by: Principal,
    restriction: Restriction,
    contact: Contact,
    tried: PointTried,
    own: str | None,
) -> PointMeans:
    codes, now = area_codes(restriction), registry.journal.clock()
    digests = list(lookup.contact_digests(registry.journal.vault, contact, codes))
    with registry.journal.database.read() as connection:
        found = registry.elsewhere.standing(connection, contact, codes)
        holders = listing_number(connection, digests) if contact.kind == "phone" else set()
    others = [
        one
        for one in found.restrictions
        if one.id not in (own, restriction.id) and state_at(one, now) == "standing"
    ]
    seen = [one for one in others if registry.versions.covers(by.prisons, one.document.restriction)]
    return PointMeans(
        found.register,
        found.bodies,
        tuple(one.id for one in seen),
        len(others) - len(seen),
        tuple(
            one.id for one in seen if registry.elsewhere.excepted(one.document.restriction, contact, codes)
        ),
        not holders.isdisjoint(restriction.prisoners),
        len(holders.difference(restriction.prisoners)),
        tried,
        found.unread,
        found.is_more,
    )
