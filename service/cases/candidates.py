"""Which prisoner? Who of the directory may be the one that a request describes, and what speaks for each.

Nothing here confirms anything: a person reads what speaks for a candidate and what against, and confirms.

What weighs how much stands in `POINTS`. A name that few people have weighs more than John Smith's; a date of
birth is told wrong in known ways (day and month turned round, one digit off), and a number with a sign that
nobody could read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from matchers import person
from matchers.person import Person
from matchers.person.facts import ALIKE, SPELLINGS, full_forms, short_forms
from matchers.person.tokens import agree_given
from matchers.prison import is_prisoner_number, prison_name, prisons_named
from service.access.model import Principal
from service.public.asked import Sought
from service.registry import directory
from service.registry.directory import Particulars, everybody_in
from service.registry.registry import Registry
from service.storage.sealing import Vault

MOST = 10
"""Candidates that are shown."""

POINTS: Final = {
    "number": 12.0,
    "part of the number": 5.0,
    "number, one sign off": 6.0,
    "another number": -3.0,
    "name": 6.0,
    "rare name": 4.0,
    "name, one letter off": 3.0,
    "one name": 2.0,
    "another name": -6.0,
    "born": 8.0,
    "born, turned round": 5.0,
    "born, one digit off": 5.0,
    "born that year": 2.0,
    "born on another day": -5.0,
    "prison": 2.0,
    "another prison": -1.0,
    "out of prison": -2.0,
}
"""What each thing adds. "name" and "rare name" by how well the names agree, the latter by how few have it."""
LEAST = 3.0
"""Points of a candidate: a name that many have is not enough against another date of birth."""
FEWEST_SIGNS = 3
"""Signs of a part of a number: with fewer it fits thousands."""

_day = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII).fullmatch
_words = re.compile("[a-z]+").findall
_UNREADABLE = re.compile(r"[?*_.…]")
_NOT_OF_A_NUMBER = re.compile(r"[^A-Z0-9?]")


class Candidate(NamedTuple):
    """Somebody who may be the one. All but the number and the prison is protected."""

    number: str
    """The one that stands for all of his."""
    name: str
    names: tuple[str, ...]
    """His other names."""
    born: str
    prison: str | None
    speaks_for: tuple[str, ...]
    against: tuple[str, ...]
    points: float
    mark: str
    """Who it is, and whether he is where the request says: what is new to who looked before."""

    @property
    def because(self) -> str:
        """What speaks for him and against, as it is kept with the confirmation."""
        against = f"; against it: {', '.join(self.against)}" if self.against else ""
        return f"{', '.join(self.speaks_for)}{against}"

    @property
    def is_inside(self) -> bool:
        """Whether he may be in prison, as far as is known."""
        return self.prison != OUT


OUT = "OUT"


class _Wanted(NamedTuple):
    """What a request says of him, read once."""

    names: tuple[Person, ...]
    born: str
    number: str
    """As it is written: capitals, with ? for each sign that could not be read."""
    prisons: frozenset[str]
    letters: frozenset[str]
    """With which a word of his name begins, if it agrees: most that sound like it need no comparison."""


class _Weighed(NamedTuple):
    """One thing that speaks for somebody, or against him."""

    points: float
    what: str


class Candidates:
    """Looks for them. Safe to share between threads."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def shown_to(self, by: Principal, sought: Sought) -> list[Candidate]:
        """The best ones of the viewer's prisons, the best first."""
        return [one for one in self.every(sought) if by.covers(one.prison)][:MOST]

    def every(self, sought: Sought) -> list[Candidate]:
        """All that there is enough for, the best first."""
        wanted = _read(sought)
        vault = self._registry.journal.vault
        numbers = self._registry.directory.numbers(_hashes(vault, wanted), _patterns(wanted.number))
        if self._registry.knows(wanted.number):
            numbers.add(wanted.number)
        return self._of(wanted, numbers)

    def among(self, sought: Sought, numbers: Collection[str]) -> list[Candidate]:
        """The same of these numbers alone."""
        return self._of(_read(sought), numbers)

    def _of(self, wanted: _Wanted, numbers: Iterable[str]) -> list[Candidate]:
        prisoners = self._registry.prisoners
        people = {group[0]: group for group in map(prisoners.group, numbers)}
        known = self._registry.directory.get({one for group in people.values() for one in group})
        found = (
            _weigh(wanted, group, [known[one] for one in group if one in known], prisoners.where_is(number))
            for number, group in people.items()
        )
        return sorted(
            (one for one in found if one.points >= LEAST and one.speaks_for),
            key=lambda one: (-one.points, one.number),
        )


def _read(sought: Sought) -> _Wanted:
    written = dict.fromkeys((sought.name, sought.name.partition(",")[0]))  # a note behind a comma, or a name
    names = tuple(one for text in written if text.strip() for one in everybody_in(person.read(text)))
    number = _NOT_OF_A_NUMBER.sub("", _UNREADABLE.sub("?", sought.number.upper()))
    given = {word for name in names for word in (*(name.given or name.surname), *name.known_as)}
    letters = frozenset(form[0] for word in given for form in _forms(word))
    return _Wanted(names, sought.born, number, prisons_named(sought.prison), letters)


# ── what is looked for ──────────────────────────────────────────────────────────────────────────────────


def _hashes(vault: Vault, wanted: _Wanted) -> Iterator[bytes]:
    for name in wanted.names:
        given, family = (*name.given, *name.known_as), (*name.surname, *name.former)
        if not given:  # one word alone is not enough: he is found by what else is told
            continue
        for ways in ((given, family), (family, given)):  # in this order, or turned round
            for last in ways[1]:
                yield directory.family_hash(vault, last)
                yield directory.rest_hash(vault, last)
                for first in ways[0]:
                    yield from (directory.pair_hash(vault, one, last) for one in _forms(first))
    yield from (directory.born_hash(vault, born) for born in _dates_like(wanted.born))


def _forms(given: str) -> set[str]:
    """A given name, its other spellings, what it is short for, and what is short for that."""
    spelt = {given, *SPELLINGS.get(given, ())}
    spelt |= {other for form in spelt for other in ALIKE.get(form, ())}
    full = spelt.union(*(full_forms().get(name, ()) for name in spelt))
    return full.union(*(short_forms().get(name, ()) for name in full))


def _dates_like(born: str) -> set[str]:
    """Dates that may have been told as this one."""
    read = _day(born)
    if read is None:
        return set()
    year, month, day = read.groups()
    digits = f"{year}{month}{day}"
    changed = (
        f"{digits[:at]}{digit}{digits[at + 1 :]}" for at in range(len(digits)) for digit in "0123456789"
    )
    turned = f"{year}{day}{month}"
    return {f"{one[:4]}-{one[4:6]}-{one[6:]}" for one in (*changed, turned) if _is_date(one)}


def _is_date(digits: str) -> bool:
    try:
        date.fromisoformat(digits)
    except ValueError:
        return False
    return True


def _patterns(number: str) -> Iterator[str]:
    """Patterns of SQL's LIKE for numbers that may have been written so."""
    if len(number.replace("?", "")) < FEWEST_SIGNS or len(number) > _SIGNS:
        return
    if len(number) < _SIGNS:
        yield f"%{number.replace('?', '_')}%"
        return
    yield number.replace("?", "_")
    if "?" not in number:
        yield from (f"{number[:at]}_{number[at + 1 :]}" for at in range(_SIGNS))
        yield from map("".join, _swapped(number))


_SIGNS = 7


def _swapped(number: str) -> Iterator[tuple[str, str, str, str]]:
    for at in range(len(number) - 1):
        yield number[:at], number[at + 1], number[at], number[at + 2 :]


# ── what speaks for somebody, and against ───────────────────────────────────────────────────────────────


def _weigh(
    wanted: _Wanted, group: Sequence[str], known: Sequence[Particulars], prison: str | None
) -> Candidate:
    names = tuple(dict.fromkeys(name for who in known for name in who.names))
    days = tuple(dict.fromkeys(who.born for who in known if who.born))
    weighed = [
        one
        for one in (
            _by_number(wanted.number, group),
            _by_name(wanted, names),
            _by_day(wanted.born, days),
            _by_prison(wanted.prisons, prison),
        )
        if one is not None
    ]
    speaks_for = tuple(one.what for one in weighed if one.points > 0)
    against = tuple(one.what for one in weighed if one.points <= 0)
    if not names:
        against = (*against, "nothing is known of his name and date of birth")
    is_where_told = prison in wanted.prisons
    return Candidate(
        number=group[0],
        name=names[0] if names else "",
        names=names[1:],
        born=", ".join(map(_shown, days)),
        prison=prison,
        speaks_for=speaks_for,
        against=against,
        points=round(sum(one.points for one in weighed), 3),
        mark=f"{group[0]} {prison}" if is_where_told else group[0],
    )


def _by_number(told: str, group: Sequence[str]) -> _Weighed | None:
    if len(told.replace("?", "")) < FEWEST_SIGNS:
        return None
    if told in group:
        return _Weighed(POINTS["number"], f"his number is {told}, as told")
    part = re.compile(told.replace("?", "."))
    for number in group:
        if (len(told) < _SIGNS and part.search(number)) or part.fullmatch(number):
            return _Weighed(POINTS["part of the number"], f"his number is {number}: {told} fits it")
    for number in group if len(told) == _SIGNS else ():
        is_swapped = number in map("".join, _swapped(told))
        if is_swapped or sum(a != b for a, b in zip(told, number, strict=True) if a != "?") == 1:
            what = "two signs are swapped" if is_swapped else "one sign is another"
            return _Weighed(POINTS["number, one sign off"], f"his number is {number}: {what} in {told}")
    if not is_prisoner_number(told):
        return None
    return _Weighed(POINTS["another number"], f"his number is {group[0]}, not {told}")


def _by_name(wanted: _Wanted, names: Sequence[str]) -> _Weighed | None:
    if not wanted.names or not names:
        return None
    best = _Weighed(POINTS["another name"], f"he is called {names[0]}")
    for name in names:
        if name.isascii() and not any(word[0] in wanted.letters for word in _words(name.lower())):
            continue
        for one in everybody_in(person.read(name)):
            for given in wanted.names:
                best = max(best, _one_name(given, one, name), key=lambda found: found.points)
    return best


def _one_name(given: Person, known: Person, name: str) -> _Weighed:
    match = person.compare(given, known)
    if match.level in ("same", "compatible"):
        points = match.score * (POINTS["name"] + POINTS["rare name"] * person.rarity(known))
        steps = f" ({'; '.join(match.steps)})" if match.steps else ""
        return _Weighed(points, f"the name {name} agrees{steps}")
    if match.level == "household":
        return _Weighed(POINTS["one name"], f"the family name of {name} agrees")
    if _is_near(given, known):
        return _Weighed(POINTS["name, one letter off"], f"the name {name} is one letter from it")
    words = given.surname if not given.given else ()
    if len(words) == 1 and known.given and agree_given(words[0], known.given[0]).score:
        return _Weighed(POINTS["one name"], f"the first name of {name} agrees")
    return _Weighed(POINTS["another name"], f"he is called {name}")


def _is_near(given: Person, known: Person) -> bool:
    """Whether the first names agree, and the family names but for a letter: Farris for Harris."""
    if not (given.given and known.given and agree_given(given.given[0], known.given[0]).score):
        return False
    return any(OSA.distance(a, b, score_cutoff=1) <= 1 for a in given.surname for b in known.surname)


def _by_day(told: str, days: Sequence[str]) -> _Weighed | None:
    if not told or not days:
        return None
    if told in days:
        return _Weighed(POINTS["born"], f"born on {_shown(told)}, as told")
    for born in days:
        if f"{told[:4]}-{told[8:]}-{told[5:7]}" == born:
            return _Weighed(
                POINTS["born, turned round"], f"born on {_shown(born)}: day and month turned round"
            )
        if len(told) == len(born) and sum(a != b for a, b in zip(told, born, strict=True)) == 1:
            return _Weighed(POINTS["born, one digit off"], f"born on {_shown(born)}: one digit is another")
    if _day(told) is None or "-00" in told:  # a year alone, or no date at all
        if told[:4] in {born[:4] for born in days}:
            return _Weighed(POINTS["born that year"], f"born in {told[:4]}, as told")
        return None
    return _Weighed(POINTS["born on another day"], f"born on {_shown(days[0])}, not {_shown(told)}")


def _by_prison(told: frozenset[str], prison: str | None) -> _Weighed | None:
    if prison == OUT:
        return _Weighed(POINTS["out of prison"], "out of prison, as far as is known")
    if not told or prison is None or prison == "TRN":
        return None
    if prison in told:
        return _Weighed(POINTS["prison"], f"he is in {prison_name(prison)}, as told")
    there = ", ".join(sorted(map(prison_name, told)))
    return _Weighed(POINTS["another prison"], f"he is in {prison_name(prison)}, not {there}")


def _shown(born: str) -> str:
    """A date as it is typed in a form."""
    year, month, day = born.split("-") if _day(born) else (born, "", "")
    return f"{int(day)}/{int(month)}/{year}" if day else year
