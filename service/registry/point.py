"""A contact point as the registry asks for it: by what it is found again, and which public body's it is.

An import asks thrice for each, and reads them in processes of their own: what was read is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from engine import entry
from engine.listing import UnreadableContactError, compile_contacts
from engine.model import Contact
from matchers import address

Codes = tuple[str, ...]
"""Area codes that a local number may have."""
MOST_KEPT = 1 << 13
"""Points: those of some chunks of an import."""


class ReadPoint(msgspec.Struct, frozen=True, array_like=True):
    """What is asked for of a contact point's field."""

    found_by: tuple[tuple[str, str], ...]
    """What is hashed of it: (kind, value) of each."""
    bodies: tuple[str, ...]
    """Whose its values are, of those that are a public body's."""


_kept: dict[tuple[Contact, Codes], ReadPoint] = {}


def read_point(contact: Contact, area_codes: Codes = ()) -> ReadPoint:
    """Read it, or take what was read of it before."""
    known = _kept.get((contact, area_codes))
    if known is None:
        known = ReadPoint(tuple(_found_by(contact, area_codes)), tuple(_bodies(contact, area_codes)))
        keep([contact], area_codes, [known])
    return known


def keep(contacts: Collection[Contact], area_codes: Codes, read: Collection[ReadPoint]) -> None:
    """Keep what was read of these."""
    if len(_kept) + len(contacts) > MOST_KEPT:
        _kept.clear()
    _kept.update(((contact, area_codes), one) for contact, one in zip(contacts, read, strict=True))


def forget() -> None:
    """Keep nothing."""
    _kept.clear()


def _found_by(contact: Contact, area_codes: Codes) -> Iterator[tuple[str, str]]:
    if contact.kind == "address":
        read = address.read(contact.value)
        if read.postcode:
            yield "postcode", read.postcode
        if read.street:
            yield "street", f"{' '.join(read.numbers)} {read.street}"
        return
    try:
        listed = compile_contacts(contact, area_codes)
    except UnreadableContactError:
        return
    yield from ((one.kind, str(one.key or one.account)) for one in listed)


def _bodies(contact: Contact, area_codes: Codes) -> Iterator[str]:
    for point in entry.read(contact, area_codes, for_register=True).points:
        if whose := entry.body_of(point):
            yield whose
