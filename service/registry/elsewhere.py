"""Where a contact point stands already: on the confidential register, or for the same prisoner.

A restriction of a solicitor's or the Samaritans' number stops nothing, since such calls connect, and mostly
shows a slip: a person sees it before it holds. One of a person who is restricted already is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from engine.listing import area_codes, guess_kind
from engine.model import Contact, Restriction
from matchers import address
from service.registry import lookup
from service.registry.journal import REGISTER, RESTRICTION, Journal
from service.registry.model import Document, ListingState, PointTold, RestrictionVersion
from service.registry.point import Codes, read_point
from service.registry.register import Register
from service.registry.versions import Versions
from service.storage.sealing import Vault
from service.storage.unread import reading

_WHERE = "on the confidential register, or of a prison, a court or the police"
_WAITS = f" is {_WHERE}: it is not in force until a second person confirms"
ONLY_REGISTERED = (
    f"{_WHERE}, as is every other contact point given: such contact is not stopped by one person alone. "
    "Take the entry off the register first, or name a contact point that is not on it"
)
_REPEATED = " stands in restriction {} of the same prisoner already"
_MAY_REPEAT = " may stand in restriction {} of the same prisoner, which cannot be read"

MOST_OPENED = 500
"""Restrictions that are opened for one contact point: a street's name and number are hashed, not its town."""


class StandsIn(NamedTuple):
    """Where one contact point stands already."""

    register: tuple[str, ...]
    """Kinds of the entries of the confidential register that hold it."""
    bodies: tuple[str, ...]
    """Public bodies whose it is: a prison, a court."""
    restrictions: tuple[RestrictionVersion, ...]
    """Those that stand, of every prison."""
    unread: int
    """How many that may hold it cannot be read."""
    is_more: bool
    """Whether there are restrictions that were not opened."""


class Points:
    """Contact points, found again by another writing of them."""

    def __init__(self, vault: Vault) -> None:
        """None yet. `vault` makes the keyed hashes that they are found by."""
        self.vault = vault
        self._held: dict[bytes, list[Contact]] = {}

    def add(self, contacts: Iterable[Contact], codes: Codes = ()) -> None:
        """Hold these; `codes` are the area codes of local numbers."""
        for contact in contacts:
            for digest in lookup.contact_digests(self.vault, contact, codes):
                self._held.setdefault(digest, []).append(contact)

    def holds(self, contact: Contact, codes: Codes = ()) -> bool:
        """Whether this very contact point is held; an address is where it is surely the same door."""
        return any(
            contact.kind != "address" or _is_same_door(contact, held)
            for digest in lookup.contact_digests(self.vault, contact, codes)
            for held in self._held.get(digest, ())
        )


class Elsewhere:
    """Looks contact points up. Safe to share between threads."""

    def __init__(self, journal: Journal, versions: Versions, register: Register) -> None:
        """`versions` and `register` are where they may stand."""
        self._journal = journal
        self._versions = versions
        self._register = register

    def whole_register(self, connection: Connection) -> Points:
        """What the register holds: for many restrictions at once."""
        points = Points(self._journal.vault)
        for row in self._register.standing(connection):
            points.add(self._register.entry(*row).contacts)
        return points

    def of_register(self, connection: Connection, restriction: Restriction) -> Points:
        """What the register holds of this restriction's contact points."""
        ids = {
            id_
            for digest in self._digests(restriction)
            for id_ in self._journal.found(connection, REGISTER, digest)
        }
        points = Points(self._journal.vault)
        for id_ in sorted(ids):
            with reading(self._journal.vault, REGISTER, id_):  # what is listed beside it only flags there
                entry = self._register.latest(connection, id_)
                if entry is not None and entry.state is ListingState.STANDING:
                    points.add(entry.document.entry.contacts)
        return points

    def standing(self, connection: Connection, contact: Contact, codes: Codes = ()) -> StandsIn:
        """Where this contact point stands; `codes` are the area codes of a local number."""
        digests = set(lookup.contact_digests(self._journal.vault, contact, codes))
        listed = {id_ for _, id_ in self._journal.found_any(connection, RESTRICTION, digests)}
        opened = self._versions.opened(connection, sorted(listed)[:MOST_OPENED])
        holding = [
            one
            for one in opened.versions
            if one.document.stands and self._holds(one.document.restriction, contact, codes)
        ]
        kinds = set()
        for id_ in {id_ for _, id_ in self._journal.found_any(connection, REGISTER, digests)}:
            with reading(self._journal.vault, REGISTER, id_):
                found = self._register.latest(connection, id_)
                if found is not None and found.state is ListingState.STANDING:
                    points = Points(self._journal.vault)
                    points.add(found.document.entry.contacts)
                    if points.holds(contact, codes):
                        kinds.add(found.document.entry.kind)
        bodies = tuple(dict.fromkeys(read_point(contact, codes).bodies))
        return StandsIn(
            tuple(sorted(kinds)), bodies, tuple(holding), len(opened.unread), len(listed) > MOST_OPENED
        )

    def excepted(self, restriction: Restriction, contact: Contact, codes: Codes = ()) -> bool:
        """Whether a restriction lets somebody through at this contact point."""
        points = Points(self._journal.vault)
        points.add((guess_kind(one.contact) for one in restriction.exceptions), area_codes(restriction))
        return points.holds(contact, codes)

    def _holds(self, restriction: Restriction, contact: Contact, codes: Codes) -> bool:
        points = Points(self._journal.vault)
        points.add(restriction.contacts, area_codes(restriction))
        return points.holds(contact, codes)

    def repeated(
        self, connection: Connection, restrictions: Sequence[Restriction], prisons: Collection[str] = ()
    ) -> list[tuple[PointTold, ...]]:
        """For each of these, which contact points stand in another one of the same prisoner.

        Only restrictions that concern these `prisons` are named; none given are all.
        """
        ids: dict[bytes, set[str]] = {}
        digests = [list(self._digests(restriction)) for restriction in restrictions]
        for digest, id_ in self._journal.found_any(
            connection, RESTRICTION, {d for ds in digests for d in ds}
        ):
            ids.setdefault(digest, set()).add(id_)
        return [
            self._repeated(connection, restriction, {id_ for d in own for id_ in ids.get(d, ())}, prisons)
            for restriction, own in zip(restrictions, digests, strict=True)
        ]

    def _repeated(
        self, connection: Connection, restriction: Restriction, ids: set[str], prisons: Collection[str]
    ) -> tuple[PointTold, ...]:
        if not ids - {restriction.id}:
            return ()
        his = set(self._versions.today(restriction).prisoners)
        ids = ids.intersection(self._versions.naming(connection, his)) - {restriction.id}
        codes = area_codes(restriction)
        opened = self._versions.opened(connection, sorted(ids))
        found = [one for id_ in opened.unread for one in self._may_repeat(connection, restriction, id_)]
        for version in opened.versions:
            other = version.document.restriction
            if not version.document.stands or his.isdisjoint(self._versions.today(other).prisoners):
                continue
            if not self._versions.covers(prisons, other):
                continue
            points = Points(self._journal.vault)
            points.add(other.contacts, area_codes(other))
            found += [
                PointTold(place, _REPEATED.format(other.id), contact.value)
                for place, contact in enumerate(restriction.contacts)
                if points.holds(contact, codes)
            ]
        return tuple(found)

    def _may_repeat(
        self, connection: Connection, restriction: Restriction, unread: str
    ) -> Iterable[PointTold]:
        codes = area_codes(restriction)
        for place, contact in enumerate(restriction.contacts):
            digests = set(lookup.contact_digests(self._journal.vault, contact, codes))
            if any(id_ == unread for _, id_ in self._journal.found_any(connection, RESTRICTION, digests)):
                yield PointTold(place, _MAY_REPEAT.format(unread), contact.value)

    def _digests(self, restriction: Restriction) -> Iterable[bytes]:
        codes = area_codes(restriction)
        for contact in restriction.contacts:
            yield from lookup.contact_digests(self._journal.vault, contact, codes)


def would_restrict(places: Iterable[int]) -> tuple[str, ...]:
    """What a second person is asked to confirm: words that hold no detail."""
    return tuple(f"it would restrict contact point {place + 1}, which is {_WHERE}" for place in places)


def told_waiting(restriction: Restriction, places: Iterable[int]) -> tuple[PointTold, ...]:
    """What is told of contact points that wait for a second person."""
    return tuple(PointTold(n, _WAITS, restriction.contacts[n].value) for n in places)


def newly_registered(register: Points, before: Document | None, after: Document) -> tuple[int, ...]:
    """The places of contact points that `after` would put in force though they are on the register.

    A number, an address or an e-mail address of a public body is one as well: it may be where the victim
    works, or a slip.
    """
    if not after.stands:
        return ()
    restriction = after.restriction
    codes = area_codes(restriction)
    places = [
        n
        for n, one in enumerate(restriction.contacts)
        if register.holds(one, codes) or read_point(one, codes).bodies
    ]
    if not places or before is None or not before.stands:
        return tuple(places)
    known = Points(register.vault)
    known.add(before.restriction.contacts, area_codes(before.restriction))
    return tuple(n for n in places if not known.holds(restriction.contacts[n], codes))


def _is_same_door(one: Contact, other: Contact) -> bool:
    return address.compare(address.read(one.value), address.read(other.value)).level == "same"


def only_registered(restriction: Restriction) -> str:
    """Why a restriction of such contact points alone is refused, and whose they are."""
    bodies = public_bodies(restriction)
    return f"{ONLY_REGISTERED} ({'; '.join(bodies)})" if bodies else ONLY_REGISTERED


def public_bodies(restriction: Restriction) -> tuple[str, ...]:
    """Which of its contact points are a public body's, as "contacts[1]: HMP Leeds": for who may see them."""
    codes = area_codes(restriction)
    return tuple(
        f"contacts[{n}]: {whose}"
        for n, contact in enumerate(restriction.contacts)
        for whose in read_point(contact, codes).bodies
    )
