"""What a matcher may ask of a list of restrictions or of the confidential register."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

import msgspec

from engine.listing import ConfidentialListing, Listing
from matchers.address import Address
from matchers.person import Person

T_co = TypeVar("T_co", Listing, ConfidentialListing, covariant=True)


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

    def addresses_at(self, postcode: str) -> Iterable[tuple[Reference, Address]]:
        """Addresses with exactly this postcode ("LS1 4AB")."""
        ...

    def addresses_in_street(self, street: str) -> Iterable[tuple[Reference, Address]]:
        """Addresses in a street of this name ("HIGH STREET"), in whichever town: for who searches, since it
        goes through all."""
        ...

    def listing(self, row: int) -> T_co:
        """The listing in a row."""
        ...

    def people(self, row: int) -> tuple[Person, ...]:
        """Who is listed in a row; the same tuple for equal people as long as it is kept."""
        ...

    def rows_of(self, prisoner: str) -> Sequence[int]:
        """Rows of the restrictions that name a prisoner."""
        ...

    def own_numbers(self, prisoner: str) -> Sequence[int]:
        """Keys of the telephone numbers restricted for a prisoner by name."""
        ...

    def numbers_like(self, prisoner: str, key: int) -> Collection[int]:
        """Keys of numbers restricted for a prisoner by name that may be like this whole number of the UK.

        A superset, to be compared: of those that are one slip of the finger away, or the same digits abroad.
        """
        ...

    def partly_read(self, prisoner: str | None) -> bool:
        """Whether a part of a restriction that names a prisoner, or of any where he is None, was not read."""
        ...
