"""By what a listing is found again: keyed hashes of contact points, parts of names, and prisons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import ColumnElement, and_, or_, select

from engine.listing import guess_kind
from engine.model import Contact
from matchers import person
from service.registry.journal import RESTRICTION
from service.registry.point import read_point
from service.registry.tables import finder, prisoner, restriction_prisoner, restriction_version
from service.storage.sealing import Vault


def contact_digests(vault: Vault, contact: Contact, area_codes: tuple[str, ...] = ()) -> Iterator[bytes]:
    """The hashes of what a field holds: one of each value, for an address one of each way to tell it."""
    return (vault.digest(kind, value) for kind, value in read_point(contact, area_codes).found_by)


def prison_digest(vault: Vault, prison: str) -> bytes:
    """The hash of a prison that a listing names."""
    return vault.digest("prison", prison)


def value_digests(vault: Vault, value: str) -> list[bytes]:
    """The hashes of what somebody typed: a number, an e-mail address, a handle or an address."""
    return list(contact_digests(vault, guess_kind(value)))


def name_digests(vault: Vault, names: Iterable[str]) -> Iterator[bytes]:
    """The hashes of names: one of each part."""
    for name in names:
        read = person.read(name)
        for part in {*read.given, *read.surname, *read.known_as}:
            yield vault.digest("name", part)


def like_name_digests(vault: Vault, name: str) -> list[set[bytes]]:
    """For each part of a name the hashes of all that it may have been written as."""
    read = person.read(name)
    parts = dict.fromkeys((*read.given, *read.surname, *read.known_as))
    return [{vault.digest("name", word) for word in person.written_as(part)} for part in parts]


def of_prisoners(numbers: Iterable[str]) -> ColumnElement[bool]:
    """Versions of restrictions that name any of these prisoners."""
    named = select(restriction_prisoner.c.id).where(restriction_prisoner.c.prisoner.in_(list(numbers)))
    return restriction_version.c.id.in_(named)


def of_prisons(vault: Vault, prisons: Collection[str]) -> ColumnElement[bool]:
    """Versions of restrictions that name one of these prisons, or somebody who is in one."""
    there = select(restriction_prisoner.c.id).join(
        prisoner,
        and_(
            prisoner.c.number == restriction_prisoner.c.prisoner,
            prisoner.c.latest,
            prisoner.c.establishment.in_(sorted(prisons)),
        ),
    )
    digests = [prison_digest(vault, prison) for prison in sorted(prisons)]
    named = select(finder.c.id).where(finder.c.kind == RESTRICTION, finder.c.digest.in_(digests))
    return or_(restriction_version.c.id.in_(named), restriction_version.c.id.in_(there))
