"""The outside of an envelope against restricted addresses and, for the prisoner's own restrictions, names."""

from collections.abc import Iterator

import msgspec

from engine.envelope_people import best_name, everybody_named, find_person
from engine.finding import Finding, failure
from engine.listing import Listing
from engine.listings import Reference
from engine.model import ReasonCode
from engine.read_attempt import ReadAttempt
from matchers import address, person
from matchers.address import Address, Comparison

MATCHER = "address"
MORE = "more addresses than are read"

_CODES = {
    "same": ReasonCode.RESTRICTED_ADDRESS,
    "probable": ReasonCode.PROBABLE_ADDRESS,
    "incomplete": ReasonCode.INCOMPLETE_ADDRESS,
}
_THE_DOOR = (ReasonCode.RESTRICTED_ADDRESS, ReasonCode.PROBABLE_ADDRESS)


def find_address(read: ReadAttempt) -> Iterator[Finding]:
    """Restricted addresses that the envelope's is, may be, or cannot be told from; what is odd about it."""
    readings = [one for one in read.addresses if one.usable]
    if not readings:
        yield _about(read, ReasonCode.UNUSABLE_ADDRESS, "no address could be read")
        return
    for box in dict.fromkeys(one.po_box for one in readings if one.po_box):
        yield _about(read, ReasonCode.PO_BOX, f"PO box {box}")
    closest: dict[Reference, Comparison] = {}
    for given in readings:
        for reference, listed in read.restricted.addresses(given):
            try:
                comparison = _compared(read, given, listed)
            except Exception as error:  # the others are compared all the same
                yield failure(MATCHER, error, read.restricted.listing(reference.row))
                continue
            if comparison.level != "different":
                known = closest.get(reference, comparison)
                closest[reference] = max(known, comparison, key=lambda found: found.rank)
    for reference, comparison in closest.items():
        try:
            yield _matched(read, reference, comparison)
        except Exception as error:  # the others are told all the same
            yield failure(MATCHER, error, read.restricted.listing(reference.row))


def _compared(read: ReadAttempt, given: Address, listed: Address) -> Comparison:
    """How an envelope's address and a listed one compare, with whatever may be the door.

    How probable it must be hangs on whose name the letter bears, and on who writes (`policy`).
    """
    return address.compare(given, listed, block=read.policy.address.block)


def find_misread_address(read: ReadAttempt) -> Iterator[Finding]:
    """Restricted addresses that the envelope bears when it is read another way: probably, never for sure.

    A reading without the number that another one has says nothing: that number tells the door.
    """
    telling = _THE_DOOR if read.address.numbers else tuple(_CODES.values())
    for text in read.attempt.readings:
        for found in find_address(_read_as(read, text)):
            if found.code is ReasonCode.MATCHER_FAILED:
                yield found
            elif found.code in telling:
                yield msgspec.structs.replace(
                    found,
                    code=ReasonCode.PROBABLE_ADDRESS,
                    exact=False,
                    place="other",
                    steps=("read another way", *found.steps),
                )


def find_other_addresses(read: ReadAttempt) -> Iterator[Finding]:
    """Everything that is found on other addresses: a second one under the first, an enclosed envelope's."""
    others = [*_several(read.attempt.to)]
    for text in read.attempt.also_to:
        others += (text, *_several(text))
    for text in others:
        one = _read_as(read, text)
        for found in (*find_address(one), *find_person(one)):
            steps = ("another address on it or in it", *found.steps)
            yield msgspec.structs.replace(found, place="other", steps=steps)
    if any(map(address.left_out, (read.attempt.to, *read.attempt.also_to))):
        yield _about(read, ReasonCode.DOUBTFUL_READING, MORE)


def _several(text: str) -> tuple[str, ...]:
    """Each of the addresses of a text in which several stand; () where it is one."""
    parts = address.parts(text)
    return parts if len(parts) > 1 else ()


def find_oddities(read: ReadAttempt) -> Iterator[Finding]:
    """What is odd about the outside: a reader that is not sure."""
    if read.attempt.doubts:
        steps = read.attempt.doubts
        yield Finding(code=ReasonCode.DOUBTFUL_READING, matcher="reader", given="", steps=steps)


def _read_as(read: ReadAttempt, to: str) -> ReadAttempt:
    attempt = msgspec.structs.replace(read.attempt, to=to)
    return ReadAttempt(attempt, read.restricted, read.confidential, read.policy)


def confidential_address(read: ReadAttempt) -> str | None:
    """The register's address, when the envelope bears it for sure and the entry's name with it; else None."""
    if not len(read.confidential):
        return None
    names = everybody_named(read.address)
    for given in read.addresses:
        if not given.usable:
            continue
        for reference, listed in read.confidential.addresses(given):
            entry = read.confidential.listing(reference.row)
            if read.compare(given, listed).level != "same":
                continue
            if any(person.compare(name, entry.name).level == "same" for name in names):
                return entry.contacts[reference.place].value
    return None


def _matched(read: ReadAttempt, reference: Reference, comparison: Comparison) -> Finding:
    listing = read.restricted.listing(reference.row)
    contact = listing.contacts[reference.place]
    best = best_name(read.outside, listing)
    protected = best.level in ("same", "compatible")
    steps = comparison.steps
    if protected:
        steps = (*steps, "addressed to the protected person", *best.steps)
    return Finding(
        code=_CODES[comparison.level],
        matcher=MATCHER,
        given=read.attempt.to,
        listed=contact.value,
        score=comparison.score,
        exact=comparison.level == "same",
        steps=steps,
        listing=listing,
        to_protected=protected,
        to_nobody=not any(one.names or one.care_of or one.units for one in read.addresses),
        exempt=_exempted(read, listing),
    )


def _exempted(read: ReadAttempt, listing: Listing) -> bool:
    """Whether an exception of the listing lets this prisoner write to this very address."""
    return any(
        e.prisoner == read.attempt.prisoner
        and e.contact.kind == "address"
        and read.closest(read.addresses, address.every_reading(e.contact.value)).level == "same"
        for e in listing.exemptions
    )


def _about(read: ReadAttempt, code: ReasonCode, step: str) -> Finding:
    return Finding(code=code, matcher=MATCHER, given=read.attempt.to, steps=(step,))
