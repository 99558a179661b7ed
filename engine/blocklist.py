"""The blocklist: an immutable compiled snapshot of restrictions and the confidential register.

    >>> blocklist = compile_blocklist(restrictions, confidential)

Built once, read by everybody, swapped whole. Its version is a hash of what it was built from, whatever the
order. What is read often lies in sorted arrays; what is read on a hit is encoded and decoded then, so
that a million contact points load in a moment.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Generic, Protocol, TypeVar

import msgspec

from engine.listing import (
    ConfidentialListing,
    ListedContact,
    Listing,
    compile_confidential,
    compile_restriction,
)
from engine.model import ConfidentialEntry, Restriction
from engine.postings import Postings, key_of
from matchers import address
from matchers.address import Address

FORMAT = 1
"""Changes whenever the saved form or the normal forms in it do."""

T = TypeVar("T", Listing, ConfidentialListing)
T_co = TypeVar("T_co", Listing, ConfidentialListing, covariant=True)
_encoder = msgspec.msgpack.Encoder()


class Reference(msgspec.Struct, frozen=True, gc=False):
    """Where a contact point stands: the row of its listing, and its place among that listing's contacts."""

    row: int
    place: int


class Listings(Protocol[T_co]):
    """What a matcher may ask of a list: exact keys, address candidates, and the listing behind each."""

    def __len__(self) -> int:
        """How many listings there are."""
        ...

    def has_number(self, key: int) -> bool:
        """Whether any listing holds the number."""
        ...

    def numbers(self, key: int) -> Iterable[Reference]:
        """Contact points with this number's key."""
        ...

    def accounts(self, kind: str, canonical: str) -> Iterable[Reference]:
        """Contact points with this e-mail address or handle."""
        ...

    def addresses(self, given: Address) -> Iterable[tuple[Reference, Address]]:
        """Addresses that may be the given one: a superset, to be compared."""
        ...

    def listing(self, row: int) -> T_co:
        """The listing in a row."""
        ...

    def rows_of(self, prisoner: str) -> Sequence[int]:
        """Rows of the restrictions that name a prisoner."""
        ...

    def own_numbers(self, prisoner: str) -> Sequence[int]:
        """Keys of the telephone numbers restricted for a prisoner by name."""
        ...


class Records:
    """Encoded records one behind the other, decoded one at a time."""

    __slots__ = ("_blob", "_ends")

    def __init__(self, blob: bytes | bytearray | memoryview, ends: array[int]) -> None:
        """`ends` holds, for each record, where it ends in `blob`."""
        self._blob = blob
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, row: int) -> bytes | bytearray | memoryview:
        return self._blob[self._ends[row - 1] if row else 0 : self._ends[row]]

    def to_bytes(self) -> bytes:
        """The saved form: how many, where each ends, the records."""
        return len(self._ends).to_bytes(8, "little") + self._ends.tobytes() + bytes(self._blob)

    @classmethod
    def from_bytes(cls, saved: bytes) -> Records:
        """Read `to_bytes` back. Raises ValueError when it is not whole."""
        count = int.from_bytes(saved[:8], "little")
        ends = array("Q")
        ends.frombytes(saved[8 : 8 + 8 * count])
        blob = saved[8 + 8 * count :]
        if len(ends) != count or (count and ends[-1] != len(blob)):
            raise ValueError("records are cut off")
        return cls(blob, ends)


class Index(Generic[T]):
    """Listings of one kind with their look-ups: the fast form of `Listings`."""

    __slots__ = (
        "_accounts",
        "_addresses",
        "_by_address",
        "_decoder",
        "_listings",
        "_numbers",
        "_own_numbers",
        "_prisoners",
    )

    def __init__(
        self,
        kind: type[T],
        listings: Records,
        addresses: Records,
        numbers: Postings,
        accounts: Postings,
        by_address: Postings,
        prisoners: Postings,
        own_numbers: Postings,
    ) -> None:
        """`kind` is the type of a listing; the rest are the sections of the saved form, in their order."""
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)
        self._listings = listings
        self._addresses = addresses
        self._numbers = numbers
        self._accounts = accounts
        self._by_address = by_address
        self._prisoners = prisoners
        self._own_numbers = own_numbers

    def __len__(self) -> int:
        return len(self._listings)

    def has_number(self, key: int) -> bool:
        """Whether any listing holds the number."""
        return key in self._numbers

    def numbers(self, key: int) -> list[Reference]:
        """Contact points with this number's key."""
        return [Reference(packed >> 8, packed & 0xFF) for packed in self._numbers.find(key)]

    def accounts(self, kind: str, canonical: str) -> list[Reference]:
        """Contact points with this e-mail address or handle."""
        return [
            reference
            for packed in self._accounts.find(key_of(f"{kind}:{canonical}"))
            if self.contact(reference := Reference(packed >> 8, packed & 0xFF)).account == canonical
        ]

    def addresses(self, given: Address) -> Iterator[tuple[Reference, Address]]:
        """Addresses that share a blocking key with the given one."""
        seen: set[int] = set()
        for key in address.probe_keys(given):
            seen.update(self._by_address.find(key_of(key)))
        for row in sorted(seen):
            packed, listed = _decode_address(self._addresses[row])
            yield Reference(packed >> 8, packed & 0xFF), listed

    def listing(self, row: int) -> T:
        """The listing in a row."""
        return self._decoder.decode(self._listings[row])

    def contact(self, reference: Reference) -> ListedContact:
        """One contact point."""
        return self.listing(reference.row).contacts[reference.place]

    def rows_of(self, prisoner: str) -> Sequence[int]:
        """Rows of the restrictions that name a prisoner."""
        return self._prisoners.find(prisoner_key(prisoner))

    def own_numbers(self, prisoner: str) -> Sequence[int]:
        """Keys of the telephone numbers restricted for a prisoner by name."""
        return self._own_numbers.find(prisoner_key(prisoner))

    def sections(self) -> tuple[bytes, ...]:
        """Everything it holds, in the order of the constructor."""
        return (
            self._listings.to_bytes(),
            self._addresses.to_bytes(),
            self._numbers.to_bytes(),
            self._accounts.to_bytes(),
            self._by_address.to_bytes(),
            self._prisoners.to_bytes(),
            self._own_numbers.to_bytes(),
        )

    @classmethod
    def from_sections(cls, kind: type[T], sections: list[bytes]) -> Index[T]:
        """Read `sections` back. Raises ValueError when one is not whole."""
        listings, addresses, *postings = sections
        return cls(
            kind,
            Records.from_bytes(listings),
            Records.from_bytes(addresses),
            *map(Postings.from_bytes, postings),
        )


class Blocklist(msgspec.Struct, frozen=True):
    """A compiled snapshot: `version` is "sha256:…"; `complete` is False when a source line was lost."""

    version: str
    restricted: Listings[Listing]
    confidential: Listings[ConfidentialListing]
    complete: bool = True

    @property
    def usable(self) -> bool:
        """Whether an allow may rest on it: some restriction is in it, and none was lost on the way."""
        return self.complete and len(self.restricted) > 0


def compile_blocklist(
    restrictions: Iterable[Restriction],
    confidential: Iterable[ConfidentialEntry] = (),
    *,
    complete: bool = True,
) -> Blocklist:
    """Compile restrictions and the register; iterables are read once and not kept.

    `complete=False` says that some source could not be read, so that nothing may be allowed on it.
    Raises UnreadableContactError for a contact point that `records` would have left out.
    """
    digests: list[bytes] = []
    restricted = _build(Listing, map(compile_restriction, restrictions), digests)
    register = _build(ConfidentialListing, map(compile_confidential, confidential), digests)
    version = sha256(b"%d%d" % (FORMAT, complete) + b"".join(sorted(digests))).hexdigest()
    return Blocklist(f"sha256:{version}", restricted, register, complete)


def prisoner_key(prisoner: str) -> int:
    """A prisoner number as a key below 2^64: its seven characters are its bytes."""
    return int.from_bytes(prisoner.encode(), "big")


def _build(kind: type[T], listings: Iterable[T], digests: list[bytes]) -> Index[T]:
    blob, ends = bytearray(), array("Q")
    address_blob, address_ends = bytearray(), array("Q")
    numbers: list[tuple[int, int]] = []
    accounts: list[tuple[int, int]] = []
    by_address: list[tuple[int, int]] = []
    prisoners: list[tuple[int, int]] = []
    own_numbers: list[tuple[int, int]] = []
    for row, listing in enumerate(listings):
        encoded = _encoder.encode(listing)
        digests.append(sha256(encoded).digest())
        blob += encoded
        ends.append(len(blob))
        owners = (
            [prisoner_key(p) for p in listing.restriction.prisoners] if isinstance(listing, Listing) else []
        )
        prisoners.extend((owner, row) for owner in owners)
        for place, contact in enumerate(listing.contacts):
            packed = row << 8 | place
            if contact.kind == "phone":
                numbers.append((contact.key, packed))
                own_numbers.extend((owner, contact.key) for owner in owners)
            elif contact.kind == "address":
                listed = address.read(contact.value)
                keys = address.listing_keys(listed)
                by_address.extend((key_of(key), len(address_ends)) for key in keys)
                address_blob += packed.to_bytes(8, "little") + _encoder.encode(listed)
                address_ends.append(len(address_blob))
            else:
                accounts.append((key_of(f"{contact.kind}:{contact.account}"), packed))
    return Index(
        kind,
        Records(blob, ends),
        Records(address_blob, address_ends),
        *map(Postings.from_pairs, (numbers, accounts, by_address, prisoners, own_numbers)),
    )


_address_decoder = msgspec.msgpack.Decoder(Address)


def _decode_address(record: bytes | bytearray | memoryview) -> tuple[int, Address]:
    return int.from_bytes(record[:8], "little"), _address_decoder.decode(record[8:])
