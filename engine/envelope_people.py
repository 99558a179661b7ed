"""Who is named on an envelope, and whether it is somebody whom this prisoner must not contact."""

import re
from collections.abc import Iterator

from engine.finding import Finding, failure
from engine.listing import Listing
from engine.model import ReasonCode
from engine.read_attempt import ReadAttempt
from matchers import person
from matchers.address import Address
from matchers.person import NameMatch, Person

_HEAD = re.compile(r"[^\d\n]{3,80}")


class Outside:
    """What stands on an envelope, read once for everybody who is looked for on it."""

    def __init__(self, given: Address) -> None:
        """Read the names on it; `given` is what its text was read as."""
        self.names = _names(given)
        """Everybody named, and whether after "care of"."""


def find_person(read: ReadAttempt) -> Iterator[Finding]:
    """The person whom this prisoner must not contact, named anywhere on the envelope."""
    given = read.address
    outside = Outside(given)
    if not outside.names:
        return
    least = read.policy.person.own_name_score
    for listing in read.own_listings():
        try:
            yield from _named(outside, listing, least)
        except Exception as error:  # the others are compared all the same
            yield failure("person", error, listing)


def _named(outside: Outside, listing: Listing, least: float) -> Iterator[Finding]:
    for name, care_of in outside.names:
        match = person.compare_any(name, listing.people)
        if match.level in ("same", "compatible") and match.score >= least:
            yield Finding(
                code=ReasonCode.CARE_OF if care_of else ReasonCode.RESTRICTED_PERSON,
                matcher="person",
                given=name.text,
                listed=listing.restriction.protected.name,
                score=match.score,
                steps=match.steps,
                listing=listing,
                to_protected=True,
            )


def best_name(outside: Outside, listing: Listing) -> NameMatch:
    """How well the best of the names on an envelope is the protected person's."""
    matches = (person.compare_any(name, listing.people) for name, _ in outside.names)
    return max(
        matches,
        key=lambda m: (m.level in ("same", "compatible"), m.score),
        default=NameMatch("different", 0, ()),
    )


def _names(given: Address) -> list[tuple[Person, bool]]:
    """Everybody named on the envelope, and whether it is after "care of".

    A name on one line with the address can be taken for a house's: what stands before the first number or
    comma, and whatever was read as a house or a part of a town, may be a person too.
    """
    head = _HEAD.match(given.text)
    doubtful = (head[0], *head[0].split(",")) if head else ()
    written = (*given.names, given.organisation, given.building, given.locality, *map(str.strip, doubtful))
    names = [
        (name, False)
        for name in dict.fromkeys(written)
        if name and not any(inner.casefold() in name.casefold() for inner in given.care_of)
    ]
    names += [(name, True) for name in given.care_of]
    return [(person.read(name), care_of) for name, care_of in names]
