"""What a message or letter says: restricted numbers, accounts and addresses of anybody."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice

from engine.finding import Finding, failure
from engine.listing import Listing
from engine.listings import Reference
from engine.model import ReasonCode
from engine.own_accounts import find_own_accounts
from engine.read_attempt import ReadAttempt
from engine.scores import SCORES
from matchers import address, digits, email_handle, phone
from matchers.address import Address
from matchers.folding import may_hold_digits, other_readings

MOST_ADDRESSES = 100
"""Different addresses of one text that are read; a text that holds more is held for a person to look at."""
MOST_POSTCODES = 1_000
"""Places of a postcode in one text that are looked at; with more it is held as well."""
_BY_POSTCODE, _BY_STREET = SCORES["address", "postcode"], SCORES["address", "street"]


def find_numbers(read: ReadAttempt) -> Iterator[Finding]:
    """Restricted numbers in the text, plain or hidden, and local parts of this prisoner's own."""
    body = read.attempt.body
    if not body:
        return
    own = read.own_numbers()
    readings = [(body, read.look), *((reading, None) for reading in other_readings(body, read.look.plain[0]))]
    found_in = (
        digits.find(text, read.restricted.has_number, read.earlier, own, look) for text, look in readings
    )
    for found in chain.from_iterable(found_in):
        code = ReasonCode.HIDDEN_NUMBER if found.hidden else ReasonCode.RESTRICTED_CONTENT
        yield from _number_findings(read, code, found.key, found.given, found.steps)


def find_accounts(read: ReadAttempt) -> Iterator[Finding]:
    """Restricted e-mail addresses and @handles in the text."""
    for account, given in email_handle.find(read.attempt.body or "", read.look):
        for reference in read.restricted.accounts(account.kind, account.canonical):
            listing = read.restricted.listing(reference.row)
            yield Finding(
                code=ReasonCode.RESTRICTED_CONTENT,
                matcher=account.kind,
                given=given,
                listed=listing.contacts[reference.place].value,
                steps=account.steps,
                place="content",
                listing=listing,
            )
    if read.own_rows:
        yield from find_own_accounts(read)


def find_unread(read: ReadAttempt) -> Iterator[Finding]:
    """What of a message no machine could read: a picture, letters of an unknown character set."""
    if read.attempt.channel == "message" and read.attempt.doubts:
        yield Finding(
            code=ReasonCode.DOUBTFUL_READING,
            matcher="reader",
            given="",
            steps=read.attempt.doubts,
            place="content",
        )


def find_addresses(read: ReadAttempt) -> Iterator[Finding]:
    """Restricted addresses in the text: anybody's with the postcode, this prisoner's own without it too."""
    body = read.attempt.body or ""
    if read.own_rows:
        yield from find_own_addresses(read)
    look = read.look
    if not may_hold_digits(body) or (look.plain_words and body.isascii()):  # a postcode's end is of both
        return
    folded = look.plain[0]
    postcodes = list(islice(address.find_postcodes(folded), MOST_POSTCODES + 1))
    if len(postcodes) > MOST_POSTCODES:
        yield _too_many(f"more postcodes than the {MOST_POSTCODES} that are looked at in one text")
    yield from _addresses_in_full(read, folded, postcodes)
    if read.policy.address.block <= _BY_POSTCODE:
        yield from _addresses_by_postcode(read, folded, postcodes)


def _addresses_in_full(
    read: ReadAttempt, folded: str, postcodes: Iterable[tuple[int, int, str]]
) -> Iterator[Finding]:
    looked: set[str] = set()
    for _, _, given in address.find_in_text(folded, postcodes):
        if len(looked) == MOST_ADDRESSES:
            yield _too_many(f"more addresses than the {MOST_ADDRESSES} that are read of one text")
            return
        if given in looked:
            continue
        looked.add(given)
        written = address.read(given)
        for reference, listed in read.restricted.addresses(written):
            try:
                comparison = read.compare(written, listed)
            except Exception as error:  # the others are compared all the same
                yield failure("address", error, read.restricted.listing(reference.row))
                continue
            if comparison.level == "same":
                yield _address_finding(read, reference, given, comparison.score, comparison.steps)


def _addresses_by_postcode(
    read: ReadAttempt, folded: str, postcodes: Iterable[tuple[int, int, str]]
) -> Iterator[Finding]:
    known: dict[str, list[tuple[Reference, Address]]] = {}
    for start, end, code in postcodes:
        if code not in known:
            known[code] = list(read.restricted.addresses_at(code))
        for reference, listed in known[code]:
            if how := address.mentioned_at(listed, folded, start, end):
                yield _address_finding(
                    read, reference, folded[start:end], _BY_POSTCODE, (f"the text holds {how}",)
                )


def _too_many(step: str) -> Finding:
    """A text that is not read to its end is held: unknown means flag."""
    return Finding(
        code=ReasonCode.MATCHER_FAILED, matcher="address", given="", steps=(step,), place="content"
    )


def find_own_addresses(read: ReadAttempt) -> Iterator[Finding]:
    """Addresses of this prisoner's own restrictions, named by some of their parts, or a place as a code."""
    body = read.attempt.body
    if not body or read.policy.address.block > _BY_STREET:
        return
    words: address.Words | None = None
    for listing in read.own_listings():
        for contact in listing.contacts:
            if contact.kind != "address":
                continue
            if words is None:
                words = address.Words(body, read.look)
                if code := address.location_code(body, read.look.searched):
                    steps = ("a place given as a code, which cannot be held against an address",)
                    yield _content_finding(listing, contact.value, code, _BY_STREET, steps)
            for listed in read_listed(contact.value):
                if found := address.mentioned_by_parts(listed, words):
                    steps = (f"the text holds {found.how}",)
                    yield _content_finding(listing, contact.value, found.given, _BY_STREET, steps)
                    break


@lru_cache(maxsize=1 << 14)
def read_listed(value: str) -> tuple[Address, ...]:
    """A listed address in each of its readings; who writes once writes again."""
    return address.every_reading(value)


def _address_finding(
    read: ReadAttempt, reference: Reference, given: str, score: float, steps: tuple[str, ...]
) -> Finding:
    listing = read.restricted.listing(reference.row)
    return _content_finding(listing, listing.contacts[reference.place].value, given, score, steps)


def _content_finding(
    listing: Listing, listed: str, given: str, score: float, steps: tuple[str, ...]
) -> Finding:
    return Finding(
        code=ReasonCode.RESTRICTED_CONTENT,
        matcher="address",
        given=given,
        listed=listed,
        score=score,
        steps=steps,
        place="content",
        listing=listing,
    )


def _number_findings(
    read: ReadAttempt, code: ReasonCode, key: int, given: str, steps: tuple[str, ...]
) -> Iterator[Finding]:
    for reference in read.restricted.numbers(key):
        listing = read.restricted.listing(reference.row)
        listed = listing.contacts[reference.place].value
        more = tuple(f"listed: {step}" for step in phone.read(listed).steps)
        yield Finding(
            code=code,
            matcher="digits",
            given=given,
            listed=listed,
            steps=(*steps, *more),
            place="content",
            listing=listing,
        )
