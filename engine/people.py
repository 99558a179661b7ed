"""Protected people of this prisoner's own restrictions: in what is said, and beside a number or account.

A name counts for the prisoner's own restrictions alone: for anybody else it is a namesake's.
"""

import re
from collections.abc import Iterator

from engine.finding import Finding, failure
from engine.listing import Listing
from engine.model import ReasonCode
from engine.read_attempt import ReadAttempt
from engine.scores import SCORES
from matchers.content import NAMES_IN_FULL, Mention, Text
from matchers.person import Naming, Way, ways_of_naming

_DIALLED = "+0123456789 ()-.,/#*"
_NOT_A_NAME = re.compile(r"@\S+|(?<![^\W\d])\d+(?![^\W\d])")
"""What is no part of a name beside a number or account: a domain, digits."""
_STEPS = {
    "full": "the full name",
    "full_word": "the full name",
    "nickname_surname": "a form of the name",
    "given_names": "the given names",
    "title_surname": "title and family name",
    "common_title": "title and family name",
    "initial_surname": "initial and family name",
    "common_initial": "initial and family name",
    "title_initial": "title and initial",
    "initials": "the initials",
    "initial": "the initial",
    "first": "the first name",
    "nickname": "a short form of the first name",
    "surname": "the family name",
    "handle": "the account name",
    "relation": "what she or he is to him",
    "nobody": "nobody is named",
}
_INTENTS = {
    "relay": "asked to pass something on",
    "contact": "speaks to her or him, or asks where she or he is",
    "intimidation": "pressure or a threat",
}


def find_people(read: ReadAttempt) -> Iterator[Finding]:
    """Protected people of this prisoner's own restrictions, by name, account or relation, and intents."""
    body = read.attempt.body
    if not body or not read.own_rows:
        return
    text = Text(body, read.look)
    for listing in read.own_listings():
        try:
            yield from _mentioned(text, listing)
        except Exception as error:  # the others are looked for all the same
            yield failure("person", error, listing)


def _mentioned(text: Text, listing: Listing) -> Iterator[Finding]:
    ways = _ways(listing)
    for mention in text.find(ways):
        yield _finding(listing, mention)
    for contact in listing.contacts:
        if contact.kind == "handle" and contact.account not in ways.words:
            named = text.find_whole(contact.account)
            if named is not None:
                yield _finding(listing, named._replace(way=Way("handle", contact.value)))


def find_named_recipient(read: ReadAttempt) -> Iterator[Finding]:
    """A protected person of this prisoner's own, named beside the number or account of a call or message."""
    to = read.attempt.to
    if not to.strip(_DIALLED):
        return
    listings = [listing for listing in read.own_listings() if not _may_use_it(read, listing)]
    text = Text(_NOT_A_NAME.sub(" ", to)) if listings else None
    for listing in listings:
        for mention in text.find(_ways(listing)) if text else ():
            if mention.way.kind in NAMES_IN_FULL:
                yield Finding(
                    code=ReasonCode.RESTRICTED_PERSON,
                    matcher="person",
                    given=to,
                    listed=mention.way.name,
                    score=SCORES["name", mention.way.kind],
                    steps=(_STEPS[mention.way.kind], *mention.steps, "beside the number or account"),
                    listing=listing,
                )


def _may_use_it(read: ReadAttempt, listing: Listing) -> bool:
    """Whether an exception of the listing lets this prisoner use this very number or account."""
    account = read.account.canonical if read.account is not None else None
    return any(
        e.prisoner == read.attempt.prisoner
        and (
            (e.contact.kind == "phone" and e.contact.key == read.number.key)
            or (account is not None and e.contact.account == account)
        )
        for e in listing.exemptions
    )


def _ways(listing: Listing) -> Naming:
    protected = listing.restriction.protected
    return ways_of_naming((protected.name, *protected.aliases))


def _finding(listing: Listing, mention: Mention) -> Finding:
    intent = mention.intent
    steps = (_STEPS[mention.way.kind], *mention.steps)
    given = mention.words
    code = ReasonCode.RESTRICTED_CONTENT
    if intent is not None:
        phrase = intent.phrase.removesuffix(" …")
        steps = (*steps, f'{_INTENTS[intent.kind]}: "{phrase}"')
        given = _with_name(intent.phrase, mention.words)
        if intent.kind == "relay":
            code = ReasonCode.RELAY_REQUEST
    return Finding(
        code=code,
        matcher="person",
        given=given,
        listed=mention.way.name or listing.restriction.protected.name,
        score=SCORES["name", mention.way.kind],
        steps=steps,
        place="content",
        listing=listing,
    )


def _with_name(phrase: str, words: str) -> str:
    """The phrase and the name in their order; "…" where words may stand between."""
    before, _, behind = phrase.partition("…")
    return " … ".join(part for part in (before.strip(), words, behind.strip()) if part)
