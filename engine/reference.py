"""The blocklist without an index: every listing is looked at for every question.

Slow and obvious. `engine.blocklist` must answer as this does; the tests hold the two side by side.
"""

from collections.abc import Iterable, Iterator
from typing import Generic

from engine.blocklist import Blocklist, T
from engine.listing import Listing, compile_confidential, compile_restriction
from engine.listings import Reference
from engine.model import ConfidentialEntry, Restriction
from matchers import address
from matchers.address import Address
from matchers.person import Person


class PlainList(Generic[T]):
    """Listings in a row."""

    def __init__(self, listings: Iterable[T]) -> None:
        """Keep them all."""
        self._listings: list[T] = list(listings)

    def __len__(self) -> int:
        return len(self._listings)

    def has_number(self, key: int) -> bool:
        """Whether any listing holds the number."""
        return bool(self.numbers(key))

    def numbers(self, key: int) -> list[Reference]:
        """Contact points with this number's key."""
        return [
            Reference(row, place)
            for row, listing in enumerate(self._listings)
            for place, contact in enumerate(listing.contacts)
            if contact.kind == "phone" and contact.key == key
        ]

    def accounts(self, kind: str, canonical: str) -> list[Reference]:
        """Contact points with this e-mail address or handle."""
        return [
            Reference(row, place)
            for row, listing in enumerate(self._listings)
            for place, contact in enumerate(listing.contacts)
            if contact.kind == kind and contact.account == canonical
        ]

    def addresses(self, given: Address) -> Iterator[tuple[Reference, Address]]:
        """Every address there is."""
        for row, listing in enumerate(self._listings):
            for place, contact in enumerate(listing.contacts):
                if contact.kind == "address":
                    for listed in address.every_reading(contact.value):
                        yield Reference(row, place), listed

    def addresses_at(self, postcode: str) -> Iterator[tuple[Reference, Address]]:
        """Addresses with exactly this postcode."""
        return (each for each in self.addresses(Address(text="")) if each[1].postcode == postcode)

    def addresses_in_street(self, street: str) -> Iterator[tuple[Reference, Address]]:
        """Addresses in a street of this name, in whichever town."""
        return (each for each in self.addresses(Address(text="")) if each[1].street == street)

    def listing(self, row: int) -> T:
        """The listing in a row."""
        return self._listings[row]

    def people(self, row: int) -> tuple[Person, ...]:
        """Who is listed in a row."""
        listing = self._listings[row]
        return listing.people if isinstance(listing, Listing) else (listing.name,)

    def rows_of(self, prisoner: str) -> list[int]:
        """Rows of the restrictions that name a prisoner."""
        return [row for row, listing in enumerate(self._listings) if prisoner in _prisoners(listing)]

    def own_numbers(self, prisoner: str) -> list[int]:
        """Keys of the telephone numbers restricted for a prisoner by name, in ascending order."""
        keys = {
            contact.key
            for listing in self._listings
            for contact in listing.contacts
            if prisoner in _prisoners(listing) and contact.kind == "phone"
        }
        return sorted(keys)

    def numbers_like(self, prisoner: str, key: int) -> list[int]:
        """Every number restricted for a prisoner by name."""
        return self.own_numbers(prisoner)

    def partly_read(self, prisoner: str | None) -> bool:
        """Whether a part of a restriction that names a prisoner, or of any where he is None, was not read."""
        partly = (one for one in self._listings if isinstance(one, Listing) and one.restriction.unread)
        return any(prisoner is None or prisoner in _prisoners(one) for one in partly)


def plain_blocklist(
    restrictions: Iterable[Restriction], confidential: Iterable[ConfidentialEntry] = ()
) -> Blocklist:
    """A blocklist that looks at everything. Its version says that it is none to be kept."""
    return Blocklist(
        "plain",
        PlainList(map(compile_restriction, restrictions)),
        PlainList(map(compile_confidential, confidential)),
    )


def _prisoners(listing: object) -> tuple[str, ...]:
    return listing.restriction.prisoners if isinstance(listing, Listing) else ()
