"""The blocklist: an immutable compiled snapshot of restrictions and the confidential register.

    >>> blocklist = compile_blocklist(restrictions, confidential)
    >>> blocklist = change_blocklist(blocklist, put=[restriction], gone=["R7"])

Built once, read by everybody, swapped whole. Its version is a hash of what it was built from, whatever the
order, and whether in one go or by changes. What is read often lies in tables that are read where they lie,
be it a mapped file; what is read on a hit is encoded and decoded then, so that a million contact points load
in a moment. A changed blocklist shares what did not change with the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Generic, TypeVar

import msgspec

from engine.digests import Digests
from engine.index_entries import (
    IndexAddress,
    IndexEntry,
    account_key,
    confidential_entry,
    entry_of,
    name_of,
    near_keys,
    prisoner_key,
    restriction_entry,
)
from engine.listing import ConfidentialListing, ListedContact, Listing, PartlyReadError, people_of
from engine.listings import Listings, Reference
from engine.model import ConfidentialEntry, Monitoring, Restriction
from engine.parts import PARTLY, Columns, CompiledPart, Parts, address_record, entries, in_turn, part_of
from engine.postings import Postings, Records, key_of
from matchers import address
from matchers.address import Address, IsApart
from matchers.address.keys import wider_keys
from matchers.person import Person

FORMAT = 11
"""Changes whenever the saved form or the normal forms in it do."""

_MOST_DECODED = 1 << 14
"""Listings that are kept as they were read, some kilobytes each."""
MOST_BY_COARSE_KEYS = 100
"""Addresses that are looked at because of coarse keys: about half a millisecond."""

T = TypeVar("T", Listing, ConfidentialListing)
S = TypeVar("S", Restriction, ConfidentialEntry)
Lost = Callable[[Restriction | ConfidentialEntry, Exception], None]
"""Is told what could not be compiled, and why."""

Compiling = Callable[[Iterable[Restriction]], Parts]
"""How restrictions become parts: here one after the other, in a program that has processes on every core."""


class Index(Generic[T]):
    """Listings of one kind with their look-ups: the fast form of `Listings`."""

    __slots__ = (
        "_accounts",
        "_addresses",
        "_by_address",
        "_decoded",
        "_decoder",
        "_kind",
        "_listings",
        "_names",
        "_near",
        "_numbers",
        "_own_numbers",
        "_partly",
        "_prisoners",
        "digests",
    )

    def __init__(
        self,
        kind: type[T],
        digests: Digests,
        listings: Records,
        addresses: Records,
        names: Postings,
        numbers: Postings,
        accounts: Postings,
        by_address: Postings,
        prisoners: Postings,
        own_numbers: Postings,
        near: Postings,
    ) -> None:
        """`kind` is the type of a listing; the rest are the sections of the saved form, in their order."""
        self._kind: type[T] = kind
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)
        self._decoded: dict[int, T] = {}
        self.digests = digests
        self._listings = listings
        self._addresses = addresses
        self._names = names
        self._numbers = numbers
        self._accounts = accounts
        self._by_address = by_address
        self._prisoners = prisoners
        self._own_numbers = own_numbers
        self._near = near
        self._partly = PARTLY in prisoners

    def __len__(self) -> int:
        return self.digests.count

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
            for packed in self._accounts.find(account_key(kind, canonical))
            if self.contact(reference := Reference(packed >> 8, packed & 0xFF)).account == canonical
        ]

    def addresses(self, given: Address) -> Iterator[tuple[Reference, Address]]:
        """Addresses that share a blocking key with the given one, but for those that are apart from it.

        Where none does, or no postcode could be read, coarse keys are looked up as well, those with the
        fewest addresses first, up to `MOST_BY_COARSE_KEYS` together.
        """
        seen = self._by_address.find_each(map(key_of, address.probe_keys(given)))
        if not seen or not given.postcode:
            left = MOST_BY_COARSE_KEYS
            for found in sorted((self._by_address.find(key_of(key)) for key in wider_keys(given)), key=len):
                left -= len(found)
                if left < 0:
                    break
                seen.update(found)
        return self._addresses_in(seen, address.apart_from(given))

    def addresses_at(self, postcode: str) -> Iterator[tuple[Reference, Address]]:
        """Addresses with exactly this postcode ("LS1 4AB")."""
        found = self._addresses_in(self._by_address.find(key_of(address.postcode_key(postcode))))
        return ((reference, listed) for reference, listed in found if listed.postcode == postcode)

    def addresses_in_street(self, street: str) -> Iterator[tuple[Reference, Address]]:
        """Addresses in a street of this name ("HIGH STREET"), in whichever town. No key is of a street alone:
        it goes through all that is written."""
        found = self._addresses_in(self._addresses.holding(street.encode()))
        return ((reference, listed) for reference, listed in found if listed.street == street)

    def _addresses_in(
        self, rows: Iterable[int], is_apart: IsApart | None = None
    ) -> Iterator[tuple[Reference, Address]]:
        records = self._addresses
        found: list[tuple[int, Address]] = []
        for row in rows:
            record = records[row]
            listed = _decode_address(record[8:])
            if is_apart is None or not is_apart(listed):
                found.append((int.from_bytes(record[:8], "little"), listed))
        for packed, listed in sorted(found, key=itemgetter(0)):
            yield Reference(packed >> 8, packed & 0xFF), listed

    def listing(self, row: int) -> T:
        """The listing in a row. The last ones asked for are kept: who writes once writes again."""
        known = self._decoded.get(row)
        if known is None:
            if len(self._decoded) >= _MOST_DECODED:
                self._decoded.clear()
            known = self._decoded[row] = self._decoder.decode(self._listings[row])
        return known

    def each(self) -> Iterator[T]:
        """Every listing, in the order of the rows. None is kept."""
        return (self._decoder.decode(record) for row in range(self.rows) if (record := self._listings[row]))

    def people(self, row: int) -> tuple[Person, ...]:
        """Who is listed in a row, for which a restriction is not read whole."""
        if self._kind is Listing and row not in self._decoded:
            return people_of(self._listings[row])
        listing = self.listing(row)
        return listing.people if isinstance(listing, Listing) else (listing.name,)

    def contact(self, reference: Reference) -> ListedContact:
        """One contact point."""
        return self.listing(reference.row).contacts[reference.place]

    def rows_of(self, prisoner: str) -> Sequence[int]:
        """Rows of the restrictions that name a prisoner."""
        return self._prisoners.find(prisoner_key(prisoner))

    def own_numbers(self, prisoner: str) -> Sequence[int]:
        """Keys of the telephone numbers restricted for a prisoner by name."""
        return self._own_numbers.find(prisoner_key(prisoner))

    def numbers_like(self, prisoner: str, key: int) -> Collection[int]:
        """Keys of numbers restricted for a prisoner by name that may be like this whole number of the UK."""
        near = self._near
        first, last = near_keys(prisoner_key(prisoner), key)
        return near.find_each((first, last)) if first in near or last in near else ()

    def partly_read(self, prisoner: str | None) -> bool:
        """Whether a part of a restriction that names a prisoner, or of any where he is None, was not read."""
        if not self._partly:
            return False
        owner = 0 if prisoner is None else prisoner_key(prisoner)
        return len(self._prisoners.find(owner | PARTLY)) > 0

    def rows_named(self, name: str) -> list[int]:
        """Rows of the listings with this identifier; of register entries without one, by their name."""
        return [row for row in self._names.find(key_of(name)) if name_of(self.listing(row)) == name]

    @property
    def rows(self) -> int:
        """How many rows there are, those whose listing was taken out included."""
        return len(self._listings)

    def changed(self, gone: Iterable[int], put: Mapping[int, IndexEntry]) -> Index[T]:
        """This index without the listings in the rows of `gone`, and with entries in the rows of `put`.

        Rows from `rows` on must follow one another; no row's listing moves.
        """
        old, new = Columns(), Columns()
        listings: dict[int, bytes] = {}
        addresses: dict[int, bytes] = {}
        for row in gone:
            entry = entry_of(self.listing(row))
            address_rows = [self._address_row(row, one) for one in entry.addresses]
            addresses.update(dict.fromkeys(address_rows, b""))
            listings[row] = b""
            old.add(row, entry, address_rows)
        behind = len(self._addresses)
        for row, entry in put.items():
            listings[row] = entry.record
            address_rows = list(range(behind, behind := behind + len(entry.addresses)))
            for at, one in zip(address_rows, entry.addresses, strict=True):
                addresses[at] = address_record(row, one)
            new.add(row, entry, address_rows)
        numbers = self._numbers.changed(old.numbers, new.numbers)
        prisoners = self._prisoners.changed(old.prisoners, new.prisoners)
        unowned = [  # a number may be restricted for a prisoner by another listing still
            (owner, key)
            for owner, key in old.own_numbers
            if set(prisoners.find(owner)).isdisjoint(packed >> 8 for packed in numbers.find(key))
        ]
        return Index(
            self._kind,
            self.digests.changed(old.digests, new.digests),
            self._listings.changed(listings),
            self._addresses.changed(addresses),
            self._names.changed(old.names, new.names),
            numbers,
            self._accounts.changed(old.accounts, new.accounts),
            self._by_address.changed(old.by_address, new.by_address),
            prisoners,
            self._own_numbers.changed(unowned, new.own_numbers),
            self._near.changed(
                ((part, key) for owner, key in unowned for part in near_keys(owner, key)), new.near
            ),
        )

    def _address_row(self, row: int, one: IndexAddress) -> int:
        """Where a reading of a contact point's address stands, by the keys that it is filed under."""
        record = address_record(row, one)
        found = (at for key in one.keys for at in self._by_address.find(key))
        return next(at for at in found if self._addresses[at] == record)

    def sections(self) -> tuple[bytes, ...]:
        """Everything it holds, in the order of the constructor."""
        return (
            self.digests.to_bytes(),
            self._listings.to_bytes(),
            self._addresses.to_bytes(),
            self._names.to_bytes(),
            self._numbers.to_bytes(),
            self._accounts.to_bytes(),
            self._by_address.to_bytes(),
            self._prisoners.to_bytes(),
            self._own_numbers.to_bytes(),
            self._near.to_bytes(),
        )

    @classmethod
    def from_sections(cls, kind: type[T], sections: Sequence[bytes | memoryview]) -> Index[T]:
        """Read `sections` back. Raises ValueError when one is not whole."""
        digests, listings, addresses, *postings = sections
        return cls(
            kind,
            Digests(digests),
            Records.from_bytes(listings),
            Records.from_bytes(addresses),
            *map(Postings.from_bytes, postings),
        )


class Blocklist(msgspec.Struct, frozen=True):
    """A compiled snapshot: `version` is "sha256:…"; `complete` is False when a source line was lost.

    `heightened` has the monitoring of each prisoner number that is under it.
    """

    version: str
    restricted: Listings[Listing]
    confidential: Listings[ConfidentialListing]
    complete: bool = True
    heightened: Mapping[str, Monitoring] = {}

    @property
    def usable(self) -> bool:
        """Whether an allow may rest on it: some restriction is in it, and none was lost on the way."""
        return self.complete and len(self.restricted) > 0


def compile_blocklist(
    restrictions: Iterable[Restriction],
    confidential: Iterable[ConfidentialEntry] = (),
    *,
    complete: bool = True,
    heightened: Mapping[str, Monitoring] | None = None,
    lost: Lost | None = None,
    compiling: Compiling = in_turn,
) -> Blocklist:
    """Compile restrictions and the register; iterables are read once and not kept.

    `complete=False` says that some source could not be read, so that nothing may be allowed on it. `lost` is
    told each restriction or register entry that cannot be compiled, with the error; the others are compiled,
    and a list that lost a restriction is not complete. Without it the first such error is raised. A
    restriction of which a part could not be read is told as well (PartlyReadError): it holds, and nothing is
    allowed to the prisoners that it names. `compiling` makes the parts that the list is put together of.
    """
    missing: list[str] = []
    restricted = _put_together(Listing, compiling(restrictions), lost, missing)
    return _blocklist(restricted, _register(confidential, lost), complete and not missing, heightened or {})


def change_blocklist(
    blocklist: Blocklist,
    put: Iterable[Restriction] = (),
    gone: Iterable[str] = (),
    *,
    confidential: Iterable[ConfidentialEntry] | None = None,
    complete: bool | None = None,
    heightened: Mapping[str, Monitoring] | None = None,
    lost: Lost | None = None,
) -> Blocklist:
    """The blocklist with restrictions added, or put for those with their identifiers, and others gone.

    Its answers and its version are those of a blocklist compiled of the restrictions that are left; the
    one given stays as it is. `gone` holds identifiers, unknown ones included. `confidential` is the whole
    register and `heightened` everybody's monitoring, where they changed. What cannot be compiled is told to
    `lost`, as by `compile_blocklist`, and the last good one of its name stays in force. Raises TypeError for
    a blocklist that was not compiled.
    """
    restricted, register = blocklist.restricted, blocklist.confidential
    if not (isinstance(restricted, Index) and isinstance(register, Index)):
        raise TypeError("only a compiled blocklist can be changed")
    wanted = {restriction.id: restriction for restriction in put}
    missing: list[str] = []
    made = {
        name: entry
        for name, restriction in wanted.items()
        for entry in entries(
            [restriction],
            restriction_entry,
            lambda _, error, source=restriction: _tell(lost, missing, source, error),  # type: ignore[misc]
        )
    }
    rows = {name: restricted.rows_named(name) for name in {*gone, *made}}
    put_in: dict[int, IndexEntry] = {}
    behind = restricted.rows
    for name, entry in made.items():
        row = rows[name][0] if rows[name] else behind
        behind += row == behind
        put_in[row] = entry
    restricted = restricted.changed((row for some in rows.values() for row in some), put_in)
    if confidential is not None:
        register = _register(confidential, lost)
    whole = blocklist.complete if complete is None else complete
    monitored = blocklist.heightened if heightened is None else heightened
    return _blocklist(restricted, register, whole and not missing, monitored)


def _tell(
    lost: Lost | None, missing: list[str], source: Restriction | ConfidentialEntry, error: Exception
) -> None:
    """Tell `lost`, and note the name of what was not compiled. Raises that error where nobody listens."""
    if not isinstance(error, PartlyReadError):
        if lost is None:
            raise error
        missing.append(source.id or "")
    if lost is not None:
        lost(source, error)


def _blocklist(
    restricted: Index[Listing],
    register: Index[ConfidentialListing],
    complete: bool,
    heightened: Mapping[str, Monitoring],
) -> Blocklist:
    digest = sha256(b"%d %d %d " % (FORMAT, complete, len(restricted)))
    digest.update(restricted.digests.hash())
    digest.update(register.digests.hash())
    digest.update(msgspec.json.encode(heightened, order="deterministic"))
    return Blocklist(f"sha256:{digest.hexdigest()}", restricted, register, complete, heightened)


def _register(confidential: Iterable[ConfidentialEntry], lost: Lost | None) -> Index[ConfidentialListing]:
    every = list(confidential)
    return _put_together(ConfidentialListing, [(every, part_of(every, confidential_entry))], lost, [])


def _put_together(
    kind: type[T], parts: Iterable[tuple[Sequence[S], CompiledPart]], lost: Lost | None, missing: list[str]
) -> Index[T]:
    whole: CompiledPart | None = None
    for sources, part in parts:
        for place, error in part.lost:
            _tell(lost, missing, sources[place], error)
        if whole is None:
            whole = part
        else:
            whole.extend(part)
    whole = whole or CompiledPart()
    columns = whole.columns
    return Index(
        kind,
        Digests(b"".join(sorted(columns.digests))),
        Records(whole.records, whole.ends),
        Records(whole.addresses, whole.address_ends),
        columns.names.postings(),
        columns.numbers.postings(),
        columns.accounts.postings(),
        columns.by_address.postings(),
        columns.prisoners.postings(),
        columns.own_numbers.postings(),
        columns.near.postings(),
    )


_decode_address = msgspec.msgpack.Decoder(Address).decode
