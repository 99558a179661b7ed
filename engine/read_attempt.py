"""One attempt on its way through the matchers: what was read of it, read once and shared."""

import re
from collections.abc import Iterable, Sequence

from engine.listing import ConfidentialListing, Listing
from engine.listings import Listings
from engine.model import Attempt
from engine.policy import Policy
from matchers import address, email_handle, phone
from matchers.address import Address, Comparison
from matchers.email_handle import Account
from matchers.envelope_names import EnvelopeWords
from matchers.look import Look
from matchers.phone import Number

_LETTERS_ALONE = re.compile(r"\D*[A-Za-z]\D*").fullmatch


class ReadAttempt:
    """An attempt with the lists it is held against. Each reading of its recipient is made at most once."""

    __slots__ = (
        "_account",
        "_addresses",
        "_look",
        "_number",
        "_outside",
        "_own",
        "_own_rows",
        "attempt",
        "confidential",
        "earlier",
        "policy",
        "restricted",
    )

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
        self._account: Account | None = None
        self._number: Number | None = None
        self._addresses: tuple[Address, ...] = ()
        self._own: list[Listing] | None = None
        self._own_rows: Sequence[int] | None = None
        self._look: Look | None = None
        self._outside: EnvelopeWords | None = None

    @property
    def look(self) -> Look:
        """The body as all its readers first look at it."""
        if self._look is None:
            self._look = Look(self.attempt.body or "")
        return self._look

    @property
    def account(self) -> Account | None:
        """The recipient as an e-mail address or @handle; None when it is neither."""
        to = self.attempt.to
        if self._account is None and ("@" in to or _LETTERS_ALONE(to)):
            to = to.strip()
            if to.startswith("@"):
                self._account = email_handle.read_handle(to)
            elif not to.lower().startswith("sip"):
                self._account = email_handle.read_email(to)
        return self._account

    @property
    def number(self) -> Number:
        """The recipient as a telephone number, with area codes near the prison where it has none."""
        number = self._number
        if number is None:
            codes = phone.area_codes_near(self.attempt.establishment)
            number = self._number = phone.read(self.attempt.to, area_codes=codes)
        return number

    @property
    def address(self) -> Address:
        """The recipient as an address, in the likeliest of its readings."""
        return self.addresses[0]

    @property
    def outside(self) -> EnvelopeWords:
        """The words on the envelope, to be searched for one listed person at a time."""
        if self._outside is None:
            self._outside = EnvelopeWords(self.address.text)
        return self._outside

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The recipient as an address, in each reading that it allows."""
        if not self._addresses:
            self._addresses = address.readings(self.attempt.to)
        return self._addresses

    def closest(self, given: Iterable[Address], listed: Iterable[Address]) -> Comparison:
        """The best comparison of all readings of one address with all of another."""
        pairs = (self.compare(one, other) for one in given for other in listed)
        return max(pairs, key=lambda comparison: comparison.rank)

    def compare(self, given: Address, listed: Address) -> Comparison:
        """Whether two addresses are one door, by the policy's thresholds: every address is held to them."""
        thresholds = self.policy.address
        return address.compare(given, listed, block=thresholds.block, flag=thresholds.flag)

    @property
    def own_rows(self) -> Sequence[int]:
        """The rows of the restrictions that name this prisoner. Most have none, and are asked no more."""
        if self._own_rows is None:
            prisoner = self.attempt.prisoner
            self._own_rows = self.restricted.rows_of(prisoner) if prisoner is not None else ()
        return self._own_rows

    def own_listings(self) -> list[Listing]:
        """The restrictions that name this prisoner."""
        if self._own is None:
            self._own = [self.restricted.listing(row) for row in self.own_rows]
        return self._own

    def own_numbers(self) -> Sequence[int]:
        """Keys of the telephone numbers of the restrictions that name this prisoner."""
        prisoner = self.attempt.prisoner
        return self.restricted.own_numbers(prisoner) if prisoner is not None and self.own_rows else ()

    def partly_read(self) -> bool:
        """Whether a part of a restriction on this prisoner, or of any if nobody knows him, was not read."""
        prisoner = self.attempt.prisoner
        return (prisoner is None or len(self.own_rows) > 0) and self.restricted.partly_read(prisoner)
