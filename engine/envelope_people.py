"""Who is named on an envelope, and whether it is somebody whom this prisoner must not contact."""

import re
from collections.abc import Iterator

import msgspec

from engine.finding import Finding, failure
from engine.listing import Listing
from engine.model import ReasonCode
from engine.read_attempt import ReadAttempt
from matchers import person
from matchers.address import Address
from matchers.envelope_names import MATCHED, EnvelopeWords, Named
from matchers.person import NameMatch, Person

_HEAD = re.compile(r"[^\d\n]{3,80}")
_NOBODY = NameMatch("different", 0.0)
_BY_FIRST_NAME = NameMatch("compatible", 0.6, ("the first name alone, at her or his own address",))


def find_person(read: ReadAttempt) -> Iterator[Finding]:
    """The person whom this prisoner must not contact, named anywhere on the envelope."""
    least = read.policy.person.own_name_score
    for row in _rows_perhaps_named(read):
        listing = read.restricted.listing(row)
        try:
            others = any(
                e.prisoner == read.attempt.prisoner and e.contact.kind == "address"
                for e in listing.exemptions
            )
            found = [*_named(read.outside, listing, least, may_write_to_others=others)]
            yield from found or _named_otherwise(read, listing, least, may_write_to_others=others)
        except Exception as error:  # the others are compared all the same
            yield failure("person", error, listing)


def _rows_perhaps_named(read: ReadAttempt) -> Iterator[int]:
    """Of the rows that name this prisoner, those of which somebody may be on the envelope; where it can be
    read in more ways than one, all."""
    if read.attempt.readings:
        yield from read.own_rows
        return
    people = read.restricted.people
    for row in read.own_rows:
        try:
            may_be = read.outside.may_name(people(row))
        except Exception:  # it fails when it is searched as well, and is told there
            may_be = True
        if may_be:
            yield row


def _named_otherwise(
    read: ReadAttempt, listing: Listing, least: float, *, may_write_to_others: bool
) -> Iterator[Finding]:
    """The same on the envelope as it may be read otherwise, where a machine has read it."""
    for text in read.attempt.readings:
        outside = EnvelopeWords(text)
        for found in _named(outside, listing, least, may_write_to_others=may_write_to_others):
            yield msgspec.structs.replace(found, place="other", steps=("read another way", *found.steps))
            return


def _named(
    outside: EnvelopeWords, listing: Listing, least: float, *, may_write_to_others: bool
) -> Iterator[Finding]:
    """Her name, or her rare family name alone: others have it, whom an exception may let him write to."""
    best: dict[bool, Named] = {}
    for name in listing.people:
        for named in outside.find(name):
            if named.match.level == "household" and may_write_to_others:
                continue
            known = best.get(named.care_of)
            if named.match.score >= least and (known is None or named.match.score > known.match.score):
                best[named.care_of] = named
    for care_of, named in best.items():
        yield Finding(
            code=ReasonCode.CARE_OF if care_of else ReasonCode.RESTRICTED_PERSON,
            matcher="person",
            given=named.text,
            listed=listing.restriction.protected.name,
            score=named.match.score,
            steps=named.match.steps,
            listing=listing,
        )


def best_name(outside: EnvelopeWords, listing: Listing) -> NameMatch:
    """How well the best of the names on an envelope to a listed address is the protected person's.

    Her first name alone is hers there.
    """
    found = (named.match for name in listing.people for named in outside.find(name))
    best = max(found, key=lambda match: (match.level in MATCHED, match.score), default=_NOBODY)
    if best.level not in MATCHED and any(outside.has_first_name(name) for name in listing.people):
        return _BY_FIRST_NAME
    return best


def everybody_named(given: Address) -> list[Person]:
    """Everybody named in a place for names, those after "care of" as well.

    A name on one line with the address can be taken for a house's: what stands before the first number or
    comma, and whatever was read as a house or a part of a town, may be a person too.
    """
    head = _HEAD.match(given.text)
    doubtful = (head[0], *head[0].split(",")) if head else ()
    written = (*given.names, given.organisation, given.building, given.locality, *map(str.strip, doubtful))
    around = [
        name
        for name in written
        if name and not any(inner.casefold() in name.casefold() for inner in given.care_of)
    ]
    return [person.read(name) for name in dict.fromkeys((*around, *given.care_of))]
