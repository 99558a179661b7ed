"""What running text says of people: names and account names, and requests to pass something on.

Phrases are looked for whole, in lower case without accents; `digits` finds numbers, `accounts` e-mail
addresses and @handles, `address.find_in_text` addresses.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import ahocorasick

from matchers import person, tables
from matchers.folding import plain

NAME_DISTANCE = 24
"""Characters between a relay phrase and the name that it needs behind it ("tell my old friend Sally")."""
PRONOUN_DISTANCE = 80
"""Characters between a name and a "tell her" that means the person named."""


class Mention(NamedTuple):
    """A phrase found in a text: where, and the relay phrase near it, if any."""

    phrase: str
    start: int
    end: int
    relay: str


def find(text: str, phrases: Iterable[str]) -> Iterator[Mention]:
    """Every phrase that stands in `text` as whole words, each once, with the request to pass on near it.

    `phrases` are lower case without accents, apostrophes and hyphens; `start` and `end` count the
    characters of the text in that form. A place with a request near it goes before one without. The few
    phrases of one prisoner are found fastest one by one; the requests, by one automaton.
    """
    folded = _name_form(text)
    for phrase in phrases:
        best: Mention | None = None
        at = folded.find(phrase)
        while at >= 0 and (best is None or not best.relay):
            end = at + len(phrase)
            if _is_whole(folded, at, end):
                relay = _relay_near(folded, at, end)
                if best is None or relay:
                    best = Mention(phrase, at, end, relay)
            at = folded.find(phrase, at + 1)
        if best is not None:
            yield best


# An apostrophe inside a name is dropped, as it is in the phrases: O'Brien is obrien, Sarah's is sarah s.
_GENITIVE = re.compile(r"[\'\u2019]s\b", re.IGNORECASE)


def _name_form(text: str) -> str:
    if not text.isascii():
        return person.fold(_GENITIVE.sub(" s", plain(text)[0]))
    folded = text.lower()
    if "'" in folded:
        folded = _GENITIVE.sub(" s", folded).replace("'", "")
    return " ".join(folded.replace("-", " ").split())


_RELAY_KINDS = dict(tables.rows("relay_phrases"))
_relays = ahocorasick.Automaton()
for _phrase in _RELAY_KINDS:
    _relays.add_word(_phrase, _phrase)
_relays.make_automaton()


def _requests(folded: str) -> Iterator[tuple[int, int, str]]:
    for last, phrase in _relays.iter(folded):
        start = last + 1 - len(phrase)
        if _is_whole(folded, start, last + 1):
            yield start, last + 1, phrase


def _is_whole(folded: str, start: int, end: int) -> bool:
    before, behind = folded[start - 1 : start], folded[end : end + 1]
    return not (before.isalnum() and folded[start].isalnum()) and not (
        behind.isalnum() and folded[end - 1].isalnum()
    )


def _relay_near(folded: str, start: int, end: int) -> str:
    """The request for a name at [start, end): the longest that ends just before it, else one around it."""
    lowest = max(start - PRONOUN_DISTANCE, 0)
    around = ""
    before: list[tuple[int, int, str]] = []
    for _, stop, phrase in _requests(folded[lowest : end + PRONOUN_DISTANCE]):
        distance = start - (lowest + stop)
        if _RELAY_KINDS[phrase] == "pronoun":
            around = around or phrase
        elif 0 <= distance <= NAME_DISTANCE and not _sentence_ends(folded[start - distance : start]):
            before.append((distance, -len(phrase), phrase))
    return min(before)[2] if before else around


def _sentence_ends(between: str) -> bool:
    return any(mark in between for mark in ".!?;")
