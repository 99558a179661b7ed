"""Cases in one line each, without what is sealed: what waits for somebody, and what a search leads to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from engine.listing import guess_kind
from engine.model import Contact
from matchers import person
from service.access.model import Principal
from service.cases import rules
from service.cases.cases import Cases
from service.cases.model import OPEN, UNDECIDED, Case, CaseDocument
from service.cases.tables import case_version
from service.registry.journal import some_at_once
from service.registry.point import read_point
from service.registry.registry import Registry
from service.registry.versions import LIKELY_NAME

MOST_OPENED = 1_000
"""Undecided cases that one search opens, what is due first: nothing else leads to what is sealed in them."""


class CaseLine(NamedTuple):
    """What is plain of a case."""

    id: str
    state: str
    kind: str
    due: datetime | None
    assigned: str | None
    prisoner: str | None
    restriction: str | None


class OpenCases(NamedTuple):
    """How many open cases of somebody's prisons wait for them."""

    theirs: int
    nobodys: int
    late: int
    """Of both, those of which something should have been done already."""


def waiting(cases: Cases, by: Principal, now: datetime) -> OpenCases:
    """Counted where they are stored."""
    found = case_version.c
    theirs, nobodys, late = found.assigned == by.id, found.assigned.is_(None), found.due < now
    wanted = select(func.count().filter(theirs), func.count().filter(nobodys), func.count().filter(late))
    with cases.database.read() as connection:
        return OpenCases(*connection.execute(wanted.where(*_waiting(cases, by))).one())


def late(cases: Cases, by: Principal, now: datetime) -> int:
    """Of what waits for somebody, what should have been done already."""
    wanted = select(func.count()).where(*_waiting(cases, by), case_version.c.due < now)
    with cases.database.read() as connection:
        return connection.execute(wanted).scalar_one()


def _waiting(cases: Cases, by: Principal) -> list[ColumnElement[bool]]:
    found = case_version.c
    is_open = found.state.in_([one.value for one in OPEN])
    return [
        found.latest,
        is_open,
        or_(found.assigned == by.id, found.assigned.is_(None)),
        cases.of_prisons(by),
    ]


def open_cases(cases: Cases, by: Principal) -> int:
    """How many are open in somebody's prisons, whoever has them."""
    found = case_version.c
    is_open = found.state.in_([one.value for one in OPEN])
    wanted = select(func.count()).where(found.latest, is_open, cases.of_prisons(by))
    with cases.database.read() as connection:
        return connection.execute(wanted).scalar_one()


def next_for(
    cases: Cases, by: Principal, registry: Registry, assigned: str | None, limit: int
) -> list[CaseLine]:
    """The open cases of somebody, of NOBODY, or of all, that are due first."""
    shown = cases.ids(by, assigned=assigned, limit=limit)
    return list(_lines(registry, by, case_version.c.id.in_(shown)))


def of_prisoner(registry: Registry, by: Principal, number: str) -> list[CaseLine]:
    """Those in which he is the confirmed prisoner, under any of his numbers."""
    return list(_lines(registry, by, case_version.c.prisoner.in_(registry.prisoners.group(number))))


def behind(registry: Registry, by: Principal, restrictions: Collection[str]) -> list[CaseLine]:
    """Those behind any of these restrictions."""
    return [
        line
        for some in some_at_once(sorted(restrictions))
        for line in _lines(registry, by, case_version.c.restriction.in_(some))
    ]


def undecided_with(cases: Cases, by: Principal, typed: str) -> tuple[list[CaseLine], bool]:
    """Undecided cases that hold a contact point, a name or a reference as it is typed; and whether
    there are more than were looked at."""
    found = cases.page(by, states=UNDECIDED, limit=MOST_OPENED + 1)
    sought = _Sought(typed)
    held = [_line(one) for one in found[:MOST_OPENED] if sought.is_in(one.document)]
    return held, len(found) > MOST_OPENED or any(one.is_unread for one in found)


class _Sought:
    """What somebody looks for, read once."""

    def __init__(self, typed: str) -> None:
        self._text = typed.strip().upper()
        self._values = frozenset(read_point(guess_kind(typed)).found_by)
        self._name = person.read(typed)
        words = (*self._name.given, *self._name.surname, *self._name.known_as)
        self._word = person.written_as(words[0]) if len(words) == 1 else frozenset()
        self._is_name = bool(words) and not any(letter.isdigit() for letter in typed)

    def is_in(self, document: CaseDocument) -> bool:
        """Whether a case holds it."""
        asked = document.asked
        if self._text in (asked.reference.upper(), asked.sought.number.upper()):
            return True
        if not self._values.isdisjoint(_values(document)):
            return True
        return self._is_name and any(map(self._is_called, _names(document)))

    def _is_called(self, name: str) -> bool:
        read = person.read(name)
        if self._word:
            return not self._word.isdisjoint((*read.given, *read.surname, *read.known_as))
        return person.compare(self._name, read).score >= LIKELY_NAME


def _names(document: CaseDocument) -> Iterator[str]:
    asked = document.asked
    yield from (asked.person.name, *asked.person.aliases, asked.asker.name, asked.sought.name)


def _values(document: CaseDocument) -> Iterator[tuple[str, str]]:
    """By what each contact point would be found: those asked for, those listed, and the asker's own."""
    asked = document.asked
    points: list[Contact] = [
        *document.contacts,
        *rules.contacts_asked(asked.person),
        *(Contact(kind="phone", value=one) for one in (asked.asker.phone,) if one),
        *(Contact(kind="email", value=one) for one in (asked.asker.email,) if one),
    ]
    for point in points:
        yield from read_point(point).found_by


def _line(case: Case) -> CaseLine:
    return CaseLine(*(getattr(case, name) for name in CaseLine._fields))


def _lines(registry: Registry, by: Principal, *conditions: ColumnElement[bool]) -> Iterator[CaseLine]:
    columns: list[Any] = [case_version.c[name] for name in CaseLine._fields]
    wanted = select(*columns).where(case_version.c.latest, *conditions)
    with registry.journal.database.read() as connection:
        found = connection.execute(wanted.order_by(case_version.c.due, case_version.c.id)).all()
    for row in found:
        if by.covers(registry.where_is(row.prisoner)):
            yield CaseLine(*row)
