"""What a message or letter says: restricted numbers, accounts and addresses of anybody, names of his own."""

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.blocklist import Reference
from engine.finding import Finding
from engine.listing import Listing
from engine.model import ReasonCode
from engine.own_accounts import find_own_accounts
from engine.read_attempt import Case
from matchers import address, content, digits, email_handle, person, phone
from matchers.address import Address
from matchers.folding import may_hold_digits, plain

_NUMBER = re.compile(r"\d+", re.ASCII)
_NEEDS_RELAY = ("first", "nickname")
"""Kinds of phrases too common to mean anything unless somebody is asked to pass something on."""
_SCORES = {"full": 1.0, "nickname_surname": 0.9, "title_surname": 0.8, "initial_surname": 0.7, "handle": 0.9}


def find_numbers(case: Case) -> Iterator[Finding]:
    """Restricted numbers in the text, plain or hidden, and local parts of this prisoner's own."""
    body = case.attempt.body
    if not body:
        return
    prisoner = case.attempt.prisoner
    own = case.restricted.own_numbers(prisoner) if prisoner else ()
    for found in digits.find(body, case.restricted.has_number, case.earlier, own):
        code = ReasonCode.HIDDEN_NUMBER if found.hidden else ReasonCode.RESTRICTED_CONTENT
        yield from _number_findings(case, code, found.key, found.given, found.steps)


def find_accounts(case: Case) -> Iterator[Finding]:
    """Restricted e-mail addresses and @handles in the text."""
    for account, given in email_handle.find(case.attempt.body or ""):
        for reference in case.restricted.accounts(account.kind, account.canonical):
            listing = case.restricted.listing(reference.row)
            yield Finding(
                code=ReasonCode.RESTRICTED_CONTENT,
                matcher=account.kind,
                given=given,
                listed=listing.contacts[reference.place].value,
                steps=account.steps,
                place="content",
                listing=listing,
            )
    yield from find_own_accounts(case)


def find_addresses(case: Case) -> Iterator[Finding]:
    """Restricted addresses in the text: anybody's with the postcode, this prisoner's own without it too."""
    body = case.attempt.body or ""
    if not may_hold_digits(body):
        return
    folded = plain(body)[0]
    for _start, _end, given in address.find_in_text(folded):
        read = address.read(given)
        for reference, listed in case.restricted.addresses(read):
            comparison = address.compare(read, listed)
            if comparison.level == "same":
                yield _address_finding(case, reference, given, comparison.score, comparison.steps)
    for start, end, code in address.find_postcodes(folded):
        for reference, listed in case.restricted.addresses(Address(text="", postcode=code)):
            if listed.postcode == code and (how := address.mentioned_at(listed, folded, start, end)):
                yield _address_finding(case, reference, folded[start:end], 0.8, (f"the text holds {how}",))
    numbers = frozenset(_NUMBER.findall(folded))
    for listing in case.own_listings():
        for contact in listing.contacts:
            if contact.kind == "address" and not numbers.isdisjoint(_NUMBER.findall(contact.value)):
                words = address.mentioned_anywhere(address.read(contact.value), folded)
                if words:
                    yield _content_finding(
                        listing, contact.value, words, 0.7, ("the text holds its number and street",)
                    )


def _address_finding(
    case: Case, reference: Reference, given: str, score: float, steps: tuple[str, ...]
) -> Finding:
    listing = case.restricted.listing(reference.row)
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


def find_people(case: Case) -> Iterator[Finding]:
    """Protected people of this prisoner's own restrictions, by name or account, and messages for them."""
    body = case.attempt.body
    if not body:
        return
    for listing in case.own_listings():
        kinds = spoken_phrases(listing)
        for mention in content.find(body, kinds):
            kind, listed = kinds[mention.phrase]
            if not mention.relay and kind in _NEEDS_RELAY:
                continue
            relay = mention.relay
            yield Finding(
                code=ReasonCode.RELAY_REQUEST if relay else ReasonCode.RESTRICTED_CONTENT,
                matcher="person",
                given=f"{relay} … {mention.phrase}" if relay else mention.phrase,
                listed=listed,
                score=_SCORES.get(kind, 0.6),
                steps=(_STEPS[kind], *((f'asked to pass something on: "{relay}"',) if relay else ())),
                place="content",
                listing=listing,
            )


_STEPS = {
    "full": "the full name",
    "nickname_surname": "a short form of the name",
    "title_surname": "title and family name",
    "initial_surname": "initial and family name",
    "first": "the first name",
    "nickname": "a short form of the first name",
    "handle": "the account name",
}


def spoken_phrases(listing: Listing) -> dict[str, tuple[str, str]]:
    """Phrases by which a text can mean the protected person: phrase to (kind, the listed value)."""
    phrases: dict[str, tuple[str, str]] = {}
    protected = listing.restriction.protected
    for name in (protected.name, *protected.aliases):
        for phrase, kind in _spoken_forms(name):
            phrases.setdefault(phrase, (kind, name))
    for contact in listing.contacts:
        if contact.kind == "handle":
            phrases.setdefault(contact.account.replace("-", " "), ("handle", contact.value))
    return phrases


@lru_cache(maxsize=4096)
def _spoken_forms(name: str) -> tuple[tuple[str, str], ...]:
    folded = person.fold(name)
    forms = person.spoken_forms(person.read(name))
    if " " not in folded:
        forms = (*forms, (folded, "nickname"))
    return tuple((phrase, kind) for phrase, kind in forms if len(phrase) > 2)


def _number_findings(
    case: Case, code: ReasonCode, key: int, given: str, steps: tuple[str, ...]
) -> Iterator[Finding]:
    for reference in case.restricted.numbers(key):
        listing = case.restricted.listing(reference.row)
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
