"""One attempt on its way through the matchers: what was read of it, read once and shared."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from engine.blocklist import Listings
from engine.listing import ConfidentialListing, Listing
from engine.model import Attempt
from engine.policy import Policy
from matchers import accounts, address, phone
from matchers.accounts import Account
from matchers.address import Address
from matchers.phone import Number


class Case:
    """An attempt with the lists it is held against. Each reading of its recipient is made at most once."""

    def __init__(
        self,
        attempt: Attempt,
        restricted: Listings[Listing],
        confidential: Listings[ConfidentialListing],
        policy: Policy,
        earlier: Sequence[str] = (),
    ) -> None:
        """`earlier` are the bodies of the last messages to the same recipient, oldest first."""
        self.attempt = attempt
        self.restricted = restricted
        self.confidential = confidential
        self.policy = policy
        self.earlier = earlier

    @cached_property
    def account(self) -> Account | None:
        """The recipient as an e-mail address or @handle; None when it is neither."""
        to = self.attempt.to.strip()
        if to.startswith("@"):
            return accounts.read_handle(to)
        return accounts.read_email(to) if "@" in to and not to.lower().startswith("sip") else None

    @cached_property
    def number(self) -> Number:
        """The recipient as a telephone number, with area codes near the prison where it has none."""
        number = phone.read(self.attempt.to)
        if number.kind is phone.NumberClass.LOCAL:
            codes = phone.area_codes_near(self.attempt.establishment)
            return phone.read(self.attempt.to, area_codes=codes)
        return number

    @cached_property
    def address(self) -> Address:
        """The recipient as an address."""
        return address.read(self.attempt.to)

    def own_listings(self) -> Iterator[Listing]:
        """The restrictions that name this prisoner."""
        if self.attempt.prisoner is not None:
            for row in self.restricted.rows_of(self.attempt.prisoner):
                yield self.restricted.listing(row)
