"""What one listing puts into the arrays of an index: its record, and the keys it is found by."""

from __future__ import annotations

import sys
from hashlib import sha256
from typing import NamedTuple

import msgspec

from engine.listing import ConfidentialListing, Listing, compile_confidential, compile_restriction
from engine.model import ConfidentialEntry, Restriction
from engine.ordering import LOW, SPREAD
from engine.postings import key_of
from matchers import address

_LEAST, _MOST = 10**11, 10**12 - 1
"""Numbers of twelve digits, as those of the UK are with their country code."""
_encoder = msgspec.msgpack.Encoder()


class IndexAddress(NamedTuple):
    """A reading of a listed address: its place among the contacts, itself encoded, its blocking keys."""

    place: int
    record: bytes
    keys: tuple[int, ...]


class IndexEntry(NamedTuple):
    """One listing, ready to be filed under any row; made of the listing alone, so on any machine the same."""

    record: bytes
    digest: bytes
    name: int
    owners: tuple[int, ...]
    numbers: tuple[tuple[int, int], ...]  # place among the contacts, key
    accounts: tuple[tuple[int, int], ...]
    addresses: tuple[IndexAddress, ...]
    whole: bool = True
    """Whether all of the restriction could be read."""


def restriction_entry(restriction: Restriction) -> IndexEntry:
    """Compile a restriction and make its entry. Raises UnreadableContactError."""
    scope = sys.intern(restriction.scope)
    if scope is not restriction.scope:  # the encoder leaves a default out only where it is the same object
        restriction = msgspec.structs.replace(restriction, scope=scope)
    return entry_of(compile_restriction(restriction))


def confidential_entry(entry: ConfidentialEntry) -> IndexEntry:
    """Compile a register entry and make its entry. Raises UnreadableContactError."""
    return entry_of(compile_confidential(entry))


def entry_of(listing: Listing | ConfidentialListing) -> IndexEntry:
    """The entry of a compiled listing."""
    record = _encoder.encode(listing)
    numbers: list[tuple[int, int]] = []
    accounts: list[tuple[int, int]] = []
    addresses: list[IndexAddress] = []
    for place, contact in enumerate(listing.contacts):
        if contact.kind == "phone":
            numbers.append((place, contact.key))
        elif contact.kind == "address":
            for listed in address.every_reading(contact.value):
                keys = tuple(map(key_of, address.listing_keys(listed)))
                addresses.append(IndexAddress(place, _encoder.encode(listed), keys))
        else:
            accounts.append((place, account_key(contact.kind, contact.account)))
    owners = listing.restriction.prisoners if isinstance(listing, Listing) else ()
    return IndexEntry(
        record,
        sha256(record).digest(),
        key_of(name_of(listing)),
        tuple(map(prisoner_key, owners)),
        tuple(numbers),
        tuple(accounts),
        tuple(addresses),
        not (isinstance(listing, Listing) and listing.restriction.unread),
    )


def name_of(listing: Listing | ConfidentialListing) -> str:
    """What a listing is called: the restriction's identifier; the register entry's, or its name."""
    if isinstance(listing, Listing):
        return listing.restriction.id
    return listing.entry.id or listing.entry.name


def account_key(kind: str, canonical: str) -> int:
    """The key of an e-mail address or handle."""
    return key_of(f"{kind}:{canonical}")


def prisoner_key(prisoner: str) -> int:
    """A prisoner number as a key below 2^64: its seven characters are its bytes."""
    return int.from_bytes(prisoner.encode(), "big")


def near_keys(owner: int, number: int) -> tuple[int, int]:
    """Keys of a prisoner's with the first digits of a number, and with its last ones.

    Two numbers that are one slip of the finger apart share one of them if either has twelve digits: what
    differs lies within the first eight of them or within the last five. So do two with the same digits behind
    their country codes.
    """
    first = number // 100_000 if _LEAST <= number <= _MOST else int(str(number)[:7])
    whose = owner * SPREAD
    return whose + 2 * first & LOW, whose + 2 * (number % 10_000) + 1 & LOW
