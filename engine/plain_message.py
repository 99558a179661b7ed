"""A message that there is nothing to say about: most are, and each is answered with a few look-ups.

What is told here is only ever "nothing", and only where it is certain. A text of plain words is cut once, and
asked for what no restriction is mentioned without; whatever may be one, or be said otherwise, is left to the
matchers, which would say nothing of the others either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine import dates
from engine.blocklist import Blocklist
from engine.content import read_listed
from engine.listing import Listing
from engine.model import Attempt
from engine.plain_call import is_to_nobody
from matchers import address, content, digits, email_handle, intent, plain_numbers, plain_text, said
from matchers.person import ways_of_naming
from matchers.plain_text import AT, MEANS, MORE, REPEATS, Forms, PlainText

_MOST_KEPT = 1 << 12
"""Prisoners whose restrictions are kept in the form in which a text is asked for them, ten kilobytes each."""


class _Own(NamedTuple):
    """What a text of plain words does not name anybody without, of whom a prisoner's own restrictions are."""

    names: Forms
    """People, accounts by their names, houses."""
    first_names: tuple[str, ...]
    """Those that may be misspelt."""
    accounts: Forms
    """Accounts of letters alone."""
    accounts_with_digits: frozenset[str]
    """What the others begin with; a digit is any."""
    codes: Forms
    """Postcodes."""
    doors: tuple[frozenset[str], ...]
    """Each way of saying a house number, as its words."""
    local: frozenset[str]
    """Numbers without their area code."""
    heads: frozenset[str] | None
    """Words of which a text has one if it names anything above, but for what is said or written in digits.
    They are gathered for who writes again: that takes longer than to look at one text without them."""


class PlainMessages:
    """Tells of messages, against one blocklist. Safe to share between threads."""

    def __init__(self, blocklist: Blocklist) -> None:
        """Each prisoner's own restrictions are read when he writes first."""
        self._blocklist = blocklist
        self._own: dict[str, _Own | None] = {}

    def nothing_to_say(self, attempt: Attempt, earlier: Sequence[str]) -> bool:
        """Whether an attempt is a plain message to an ordinary number that names nobody and nothing listed.

        `earlier` are the bodies of the last messages to the same recipient.
        """
        if attempt.channel != "message" or not attempt.body or attempt.doubts or attempt.privileged:
            return False
        prisoner, blocklist = attempt.prisoner, self._blocklist
        if prisoner is None or prisoner in blocklist.heightened or not is_to_nobody(attempt, blocklist):
            return False
        if attempt.at is not None:
            dates.starts(attempt.at)  # as it is read anyway: what is no time is an error
        text = plain_text.read(attempt.body)
        if text is None:
            return False
        own = self._own_of(prisoner)
        facts = plain_text.facts_in(text, of_his_own=own is not None)
        if facts.marks & MORE or (facts.marks & AT and email_handle.follows_at(text.encoded.decode())):
            return False
        if own is not None and _may_name(text, facts.marks, own):
            return False
        return not plain_numbers.may_hold_number(
            text,
            facts,
            blocklist.restricted.has_number,
            local=None if own is None else own.local,
            after_others=bool(earlier),
        )

    def _own_of(self, prisoner: str) -> _Own | None:
        try:
            own = self._own[prisoner]
        except KeyError:
            own = self._own[prisoner] = self._read_own(prisoner)
        else:
            if own is not None and own.heads is None:
                own = self._own[prisoner] = own._replace(heads=_heads(own))
        return own

    def _read_own(self, prisoner: str) -> _Own | None:
        restricted = self._blocklist.restricted
        if len(self._own) >= _MOST_KEPT:
            self._own.clear()
        rows = restricted.rows_of(prisoner)
        listings = [restricted.listing(row) for row in rows]
        return _of(listings, restricted.own_numbers(prisoner)) if listings else None


def _may_name(text: PlainText, marks: int, own: _Own) -> bool:
    """Whether a text may name somebody or something of his own restrictions."""
    if marks & REPEATS or _may_stand_in(text, own):
        return True
    meant = list(map(said.meant, text.spoken)) if marks & MEANS else text.spoken
    if intent.may_need_no_name(meant) and intent.needs_no_name(meant):
        return True
    return any(content.may_be_misspelt(first, text.names) for first in own.first_names)


def _may_stand_in(text: PlainText, own: _Own) -> bool:
    """Whether a text may hold a name, account, door or postcode of his own restrictions."""
    words, tokens = text.names, text.tokens
    if text.digits and not own.accounts_with_digits.isdisjoint(text.digits.decode()):
        return True
    said = address.digits_of(words)
    heads = own.heads
    if (
        heads is not None
        and said is words
        and heads.isdisjoint(words)
        and (words is tokens or heads.isdisjoint(tokens))
    ):
        return False
    return (
        own.names.may_stand_in(words)
        or own.accounts.may_stand_in(tokens)
        or (len(text.digits) > 0 and not own.accounts_with_digits.isdisjoint(tokens))
        or any(map(words.issuperset, own.doors))
        or own.codes.may_stand_in(said)
    )


def _of(listings: Sequence[Listing], numbers: Sequence[int]) -> _Own:
    names: list[str] = []
    first_names: list[str] = []
    accounts: list[str] = []
    addresses: list[address.Needed] = []
    for listing in listings:
        protected = listing.restriction.protected
        naming = ways_of_naming((protected.name, *protected.aliases))
        handles = [contact.account for contact in listing.contacts if contact.kind == "handle"]
        names += content.forms_sought(naming, handles)
        first_names += [first for first, _ in naming.given]
        for contact in listing.contacts:
            if contact.kind == "address":
                addresses += map(address.needed, read_listed(contact.value))
            elif contact.kind != "phone":
                accounts += email_handle.squeezed_forms(contact.kind, contact.account)
    with_digits = [account for account in accounts if not account.isalpha()]
    return _Own(
        names=_once([*names, *(house for one in addresses for house in one.houses)]),
        first_names=tuple(dict.fromkeys(first_names)),
        accounts=_once(account for account in accounts if account.isalpha()),
        accounts_with_digits=frozenset[str]().union(*map(email_handle.begins, with_digits)),
        codes=_once(code for one in addresses for code in one.codes),
        doors=tuple(dict.fromkeys(door for one in addresses for door in one.doors)),
        local=frozenset(form for key in numbers for form in digits.local_forms(key)),
        heads=None,
    )


def _once(forms: Iterable[str]) -> Forms:
    return Forms(dict.fromkeys(forms))


def _heads(own: _Own) -> frozenset[str]:
    longest = {max(door, key=lambda word: (len(word), word)) for door in own.doors}
    every = (forms.heads() for forms in (own.names, own.accounts, own.codes))
    return own.accounts_with_digits.union(longest, *every)
