"""What running text says of people: names and account names, and requests to pass something on.

Phrases are looked for whole, in lower case without accents; `digits` finds numbers, `accounts` e-mail
addresses and @handles, `address.find_in_text` addresses.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import ahocorasick

from matchers import tables
from matchers.folding import search_form

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


@lru_cache(maxsize=4096)
def automaton(phrases: tuple[str, ...]) -> ahocorasick.Automaton:
    """A search for all of these phrases at once."""
    built = ahocorasick.Automaton()
    for phrase in phrases:
        built.add_word(phrase, phrase)
    built.make_automaton()
    return built


def find(text: str, phrases: tuple[str, ...]) -> Iterator[Mention]:
    """Every phrase that stands in `text` as whole words, each with the request to pass on near it.

    `phrases` are lower case without accents, apostrophes and hyphens; `start` and `end` count the
    characters of the text in that form.
    """
    if not phrases:
        return
    folded = _name_form(text)
    for start, end, phrase in _whole_words(folded, automaton(phrases)):
        yield Mention(phrase, start, end, _relay_near(folded, start, end))


def find_simple(text: str, phrases: Iterable[str]) -> set[str]:
    """The phrases in `text`, found one by one: what `find` must agree with."""
    folded = _name_form(text)
    found = set()
    for phrase in phrases:
        at = folded.find(phrase)
        while at >= 0:
            if _is_whole(folded, at, at + len(phrase)):
                found.add(phrase)
            at = folded.find(phrase, at + 1)
    return found


# An apostrophe inside a name is dropped, as it is in the phrases: O'Brien is obrien, Sarah's is sarah s.
_GENITIVE = re.compile(r"['\u2019]s\b")


def _name_form(text: str) -> str:
    folded = search_form(text)
    if "'" in folded or "\u2019" in folded:
        folded = _GENITIVE.sub(" s", folded).replace("'", "").replace("\u2019", "")
    return folded.replace("-", " ")


_RELAY_KINDS = dict(tables.rows("relay_phrases"))
_relays = automaton(tuple(_RELAY_KINDS))


def _whole_words(folded: str, search: ahocorasick.Automaton) -> Iterator[tuple[int, int, str]]:
    for last, phrase in search.iter(folded):
        start = last + 1 - len(phrase)
        if _is_whole(folded, start, last + 1):
            yield start, last + 1, phrase


def _is_whole(folded: str, start: int, end: int) -> bool:
    before, behind = folded[start - 1 : start], folded[end : end + 1]
    return not (before.isalnum() and folded[start].isalnum()) and not (
        behind.isalnum() and folded[end - 1].isalnum()
    )


def _relay_near(folded: str, start: int, end: int) -> str:
    """The request nearest to a name at [start, end): "tell" before it, or "tell her" around it."""
    lowest = max(start - PRONOUN_DISTANCE, 0)
    around = folded[lowest : end + PRONOUN_DISTANCE]
    for _, stop, phrase in _whole_words(around, _relays):
        if _RELAY_KINDS[phrase] == "pronoun":
            return phrase
        if 0 <= start - (lowest + stop) <= NAME_DISTANCE and not _sentence_ends(
            folded[lowest + stop : start]
        ):
            return phrase
    return ""


def _sentence_ends(between: str) -> bool:
    return any(mark in between for mark in ".!?\n;")
