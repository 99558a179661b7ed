"""What is added to a restriction: in its next version, or alone where something else of it changed since.

What waits for a second person was asked for on the version of that day. Where it only adds, it is added to
the version that holds when it is confirmed: no other change pushes a contact point aside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec

from engine import dates
from engine.model import Contact, Restriction
from service.registry import court_orders
from service.registry.model import Document, Request, loosens


def rebased(base: Document, after: Document, now: Document) -> Document | None:
    """What `after` adds to `base`, added to what holds `now`.

    None where it does more than add, where nothing stands any more, or where more would be let through by it
    than when it was asked for.
    """
    old, new = base.restriction, after.restriction
    known = {old.protected.name, *old.protected.aliases}
    contacts = [one for one in new.contacts if one not in old.contacts]
    names = [name for name in new.protected.aliases if name not in known]
    prisoners = [number for number in new.prisoners if number not in old.prisoners]
    order = None if old.has_court_order else new.court_order

    def with_it(document: Document) -> Document:
        wide = wider(document.restriction, contacts, names, prisoners, order)
        return msgspec.structs.replace(document, restriction=wide, reason=after.reason)

    found = with_it(now)
    is_same = now.stands and with_it(base) == after and set(loosens(now, found)) <= set(loosens(base, after))
    return found if is_same else None


def at_once(before: Document, after: Document, held: Collection[int]) -> Document:
    """What of a next version need not wait: `before` with all that `after` adds, and all that it has.

    `held` are the places of contact points that wait. Gives `before` where there is nothing to add.
    """
    if not (before.stands and after.stands):
        return before
    old, new = before.restriction, after.restriction
    wide = wider(
        old,
        [one for n, one in enumerate(new.contacts) if n not in held],
        (new.protected.name, *new.protected.aliases),
        new.prisoners,
        None if old.has_court_order else new.court_order,
    )
    exceptions = tuple(one for one in old.exceptions if one in new.exceptions)
    all_of_it = msgspec.structs.replace(
        before, restriction=msgspec.structs.replace(wide, exceptions=exceptions)
    )
    found = without(all_of_it, tuple(loosening(before, all_of_it))) or before
    for name in ("scope", "establishment", "from_", "until"):
        changed = msgspec.structs.replace(found.restriction, **{name: getattr(new, name)})
        more = msgspec.structs.replace(found, restriction=changed)
        if not loosens(found, more) and not loosens(before, more):
            found = more
    if found == before or loosens(before, found):
        return before
    return msgspec.structs.replace(found, reason=after.reason)


def contacts_added(base: Document, after: Document) -> set[Contact]:
    """The contact points that `after` lists beside those that are there."""
    return set(after.restriction.contacts) - set(base.restriction.contacts)


def wider(
    old: Restriction,
    contacts: Sequence[Contact],
    names: Sequence[str],
    prisoners: Sequence[str],
    court_order: str | bool | dict[str, Any] | None,
) -> Restriction:
    """A restriction with more of each; an order that stands already stays. It has no last day that is before
    the one of an order that comes with it."""
    known = {old.protected.name, *old.protected.aliases}
    aliases = (*old.protected.aliases, *(name for name in dict.fromkeys(names) if name not in known))
    everyone = tuple(dict.fromkeys((*old.prisoners, *prisoners)))
    orders = court_orders.together(old.court_order, court_order)
    is_longer = orders != old.court_order and old.until and dates.ends(old.until) < court_orders.over(orders)
    return msgspec.structs.replace(
        old,
        prisoner=everyone if len(everyone) > 1 else everyone[0],
        protected=msgspec.structs.replace(old.protected, aliases=aliases),
        contacts=(*old.contacts, *(one for one in dict.fromkeys(contacts) if one not in old.contacts)),
        court_order=orders,
        until=None if is_longer else old.until,
    )


def with_request(requests: tuple[Request, ...], request: Request) -> tuple[Request, ...]:
    """With one that stands, in the place of one that was withdrawn under its id."""
    if any(one.id == request.id and one.stands for one in requests):
        return requests
    return (*(one for one in requests if one.id != request.id), request)


def without(document: Document, places: Collection[int]) -> Document | None:
    """The document without these contact points; None where none would be left."""
    if not places:
        return document
    restriction = document.restriction
    left = tuple(contact for n, contact in enumerate(restriction.contacts) if n not in places)
    if not left:
        return None
    fewer = msgspec.structs.replace(restriction, contacts=left)
    return msgspec.structs.replace(document, restriction=fewer)


def loosening(before: Document, after: Document) -> Iterator[int]:
    """The places of new contact points that an exception would take hold of."""
    had = len(before.restriction.contacts)
    for place in range(had, len(after.restriction.contacts)):
        others = [n for n in range(had, len(after.restriction.contacts)) if n != place]
        alone = without(after, others)
        if alone is not None and loosens(before, alone):
            yield place
