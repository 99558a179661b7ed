"""What somebody means to do about a person: have something passed on, reach her, frighten her.

The phrases are a table, `tables/intent_phrases.tsv`; one automaton finds them all in one pass.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from itertools import islice, product
from typing import Final, Literal, NamedTuple

import ahocorasick

from matchers import tables
from matchers.said import Said, meant

Kind = Literal["relay", "contact", "intimidation"]

NAME_DISTANCE: Final = 24
"""Characters between a phrase and the name behind it ("tell my old friend Sally")."""
NEAR_DISTANCE: Final = 80
"""Characters between a name and a "tell her" that means the person named."""
NEARBY_DISTANCE: Final = 40
"""Characters between a name and a phrase that says little ("for me"), in the same sentence."""
_TELLING: Final = 3
"""Letters of a word that is not in every text."""
_GAP: Final = frozenset("that our my the your his her ur this about little old bloody fucking fuckin".split())
"""Words that may stand between a phrase and the name that belongs to it."""


class Intent(NamedTuple):
    """A phrase that was found, the name's place in it as "…", its kind, and how much it says."""

    phrase: str
    kind: Kind
    sure: bool
    """Whether only a person can stand there: "have a word with …"."""
    close: bool = True
    """Whether the name stands in the phrase, and not just near it."""


class Relation(NamedTuple):
    """A person meant by what she is to somebody, at the words [start, end)."""

    start: int
    end: int
    phrase: str
    gender: str
    """"m", "f", or "-" for either."""
    whose: str
    """To whom she is it: "own", the prisoner, or "other"."""


def may_need_no_name(words: Iterable[str]) -> bool:
    """Whether one of a text's words, as they are meant, is one that such phrases are not told without."""
    return not _phrases().telling.isdisjoint(words)


def needs_no_name(words: Iterable[str]) -> bool:
    """Whether a text of these words, as they are meant and in their order, tells one."""
    joined = " ".join(words)
    return next(_phrases().nameless.iter(f" {joined} "), None) is not None


class _Near(NamedTuple):
    stop: int
    """Where it ends in the joined text: by this they are in order."""
    first: int
    end: int
    phrase: str


def _says_more(one: Intent, other: Intent) -> bool:
    return (one.sure, not one.phrase.endswith("…")) > (other.sure, not other.phrase.endswith("…"))


class Intents:
    """Every phrase of a text, by place: those before a name are found at once, those behind it on demand."""

    def __init__(self, said: Said) -> None:
        """Find what needs no name; the rest is found when a name is."""
        self._said = said
        self._phrases = _phrases()
        self.relations: list[Relation] = []
        self._alone: list[str] = []
        for first, end, _, phrase in _found(self._phrases.nameless, said):
            if relation := self._phrases.relations.get(phrase):
                self.relations.append(Relation(first, end, phrase, *relation))
            else:
                self._alone.append(phrase)

    @cached_property
    def _parts(self) -> tuple[dict[int, list[str]], list[_Near]]:
        before: dict[int, list[str]] = {}
        near: list[_Near] = []
        for first, end, stop, phrase in _found(self._phrases.named, self._said):
            if phrase in self._phrases.before:
                before.setdefault(end, []).append(phrase)
            if phrase in self._phrases.near:
                near.append(_Near(stop, first, end, phrase))
        return before, near

    def about(self, start: int, end: int) -> Intent | None:
        """The phrase in which a name at the words [start, end) stands; else one near it; else None."""
        return self._around(start, end) or next(self._beside(start, end), None)

    def threat(self, start: int, end: int) -> Intent | None:
        """A threat near the words [start, end)."""
        return next((near for near in self._beside(start, end) if near.kind == "intimidation"), None)

    def alone(self) -> Iterator[Intent]:
        """Phrases that say enough although nobody is named."""
        for phrase in self._alone:
            yield Intent(phrase, self._phrases.near[phrase][0], sure=True, close=False)

    def _around(self, start: int, end: int) -> Intent | None:
        said = self._said
        follows = self._behind(end)
        before = self._parts[0]
        best: Intent | None = None
        tight = True
        for at in range(start, max(start - 7, -1), -1):
            if at < start:
                tight = tight and said.meant[at] in _GAP
                if said.begins[at + 1] or said.starts[start] - said.starts[at] > NAME_DISTANCE:
                    break
            for left in before.get(at, ()):
                for right, (kind, how, shown) in self._phrases.before[left].items():
                    if how == "start" and not (tight and at == left.count(" ") + 1):
                        continue
                    if not right or (tight and right in follows):
                        found = Intent(shown, kind, how == "sure" and tight)
                        best = found if best is None or _says_more(found, best) else best
        for right in follows:
            if right in self._phrases.before[""] and (best is None or not best.sure):
                kind, how, shown = self._phrases.before[""][right]
                if best is None or how == "sure":
                    best = Intent(shown, kind, how == "sure")
        return best

    def _behind(self, end: int) -> list[str]:
        """The parts of phrases that start right behind a name, or behind a word that says nothing."""
        said = self._said
        follows: list[str] = []
        for first in (end, end + 1):
            if first >= len(said.words) or (first > end and said.meant[end] not in _FILLERS):
                break
            if said.meant[first] in self._phrases.right_heads:
                words = said.meant[first : first + self._phrases.longest_right]
                phrases = (" ".join(words[: n + 1]) for n in range(len(words)))
                follows += [phrase for phrase in phrases if phrase in self._phrases.rights]
        return follows

    def _beside(self, start: int, end: int) -> Iterator[Intent]:
        said = self._said
        left = said.starts[start]
        right = said.starts[end] if end < len(said.starts) else len(said.joined)
        every = self._parts[1]
        for near in islice(every, bisect_left(every, (left - NEAR_DISTANCE,)), None):
            distance = max(left - near.stop, said.starts[near.first] - right)
            if said.starts[near.first] > right + NEAR_DISTANCE:
                return
            kind, how = self._phrases.near[near.phrase]
            if how == "nearby" and (
                distance > NEARBY_DISTANCE
                or any(said.begins[min(end, near.end) : max(start, near.first) + 1])
            ):
                continue
            if distance <= NEAR_DISTANCE:
                yield Intent(near.phrase, kind, sure=False, close=False)


_FILLERS: Final = frozenset("really just fucking fuckin bloody do now please".split())


# ── the tables ──────────────────────────────────────────────────────────────────────────────────────────


def _expanded(pattern: str, classes: dict[str, str]) -> Iterator[str]:
    """Every phrase that a pattern of alternatives and words that may be missing stands for."""
    choices: list[list[str]] = []
    for group in pattern.split():
        name, missing = group.rstrip("?"), group.endswith("?")
        words = classes.get(name, name).split("|")
        choices.append([meant(word) for word in words] + [""] * missing)
    for chosen in product(*map(dict.fromkeys, choices)):
        yield " ".join(word for word in chosen if word)


class _Phrases(NamedTuple):
    before: dict[str, dict[str, tuple[Kind, str, str]]]
    """What stands before a name to what may stand behind it: kind, how it is meant, how it is shown."""
    near: dict[str, tuple[Kind, str]]
    """What stands near a name: kind, how near it has to be."""
    rights: frozenset[str]
    """What may stand behind a name."""
    right_heads: frozenset[str]
    """The first words of those."""
    longest_right: int
    """Words of the longest of those."""
    relations: dict[str, tuple[str, str]]
    """A phrase for a person by what she is to somebody ("the missus"): her gender, and whose she is."""
    nameless: ahocorasick.Automaton
    """Finds what needs no name."""
    telling: frozenset[str]
    """Words of which each phrase that needs no name holds one."""
    named: ahocorasick.Automaton
    """Finds what stands before a name, or near one."""


_KINDS: Final[dict[str, Kind]] = {"relay": "relay", "contact": "contact", "intimidation": "intimidation"}


@cache
def _phrases() -> _Phrases:
    """The tables as they are looked up, made when the first text is read: a call needs none of them."""
    before, near = _read_phrases()
    rights = frozenset(right for behind in before.values() for right in behind if right)
    relations = {
        phrase: (gender, whose)
        for pattern, gender, whose in tables.rows("person_relations")
        for phrase in _expanded(pattern, {})
    }
    nameless = {*relations, *(phrase for phrase, (_, how) in near.items() if how == "alone")}
    return _Phrases(
        before,
        near,
        rights,
        frozenset(right.partition(" ")[0] for right in rights),
        max(right.count(" ") + 1 for right in rights),
        relations,
        _automaton(nameless),
        _telling(nameless),
        _automaton({*before, *near} - {""}),
    )


def _telling(phrases: set[str]) -> frozenset[str]:
    """Of each phrase the word that is in the fewest rows of the tables, and so in few texts."""
    rows = (*tables.rows("person_relations"), *tables.rows("intent_phrases"))
    words = Counter(word for row in rows for word in {*_WORDS(" ".join(row))})
    return frozenset(
        min(phrase.split(), key=lambda word: (len(word) < _TELLING, words[word], word)) for phrase in phrases
    )


_WORDS: Final = re.compile(r"\w+").findall


def _read_phrases() -> tuple[dict[str, dict[str, tuple[Kind, str, str]]], dict[str, tuple[Kind, str]]]:
    classes: dict[str, str] = {}
    phrases: dict[str, dict[str, tuple[Kind, str, str]]] = {"": {}}
    near: dict[str, tuple[Kind, str]] = {}
    for row in tables.rows("intent_phrases"):
        if len(row) == 2:
            classes[row[0]] = row[1]
            continue
        pattern, how, kind = row[0], row[2], _KINDS[row[1]]
        for phrase in _expanded(pattern, classes):
            if how in ("near", "nearby", "alone"):
                near.setdefault(phrase, (kind, how))
                continue
            left, _, right = (part.strip() for part in phrase.partition("_"))
            shown = f"{left} … {'' if right.startswith(':') else right}".strip()
            right = right.removeprefix(":").strip()
            rights = phrases.setdefault(left, {})
            if right not in rights or how == "sure":
                rights[right] = (kind, how, shown)
    return phrases, near


def _automaton(phrases: Iterable[str]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for phrase in phrases:
        automaton.add_word(f" {phrase} ", (phrase, len(phrase), phrase.count(" ") + 1))
    automaton.make_automaton()
    return automaton


def _found(automaton: ahocorasick.Automaton, said: Said) -> Iterator[tuple[int, int, int, str]]:
    """Each phrase that stands there as whole words: first word, word behind, end in `joined`, phrase."""
    for stop, (phrase, length, count) in automaton.iter(f" {said.joined} "):  # a space before each word
        stop -= 1
        first = bisect_left(said.starts, stop - length)
        yield first, first + count, stop, phrase
