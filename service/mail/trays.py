"""Trays: as many letters come out as went in. What came, what became of each, and when all of it is done."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from engine.model import Verdict
from service.access.model import Principal
from service.errors import ConflictError, NotFoundError
from service.ledger import payloads
from service.mail.standing import TODO, Standings, Todo, believed
from service.mail.tables import mail_item, mail_tray
from service.registry.journal import Journal
from service.review.model import ANSWERED, Standing, Stood

MOST_SHOWN = 200
"""Trays on one page, the newest first."""
CLOSED = "this tray is closed: begin another"


class Tray(msgspec.Struct, frozen=True, kw_only=True):
    """A tray of letters. `expected` is how many somebody counted into it."""

    id: str
    establishment: str | None
    expected: int | None
    made_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    allowed: int
    """At once."""
    held: int
    """Wait for a reviewer."""
    released: int
    """By a reviewer."""
    stopped: int
    """By the answer or by a reviewer."""
    open: int
    """Not yet looked at by an officer."""

    @property
    def items(self) -> int:
        """How many have come."""
        return self.allowed + self.held + self.released + self.stopped

    @property
    def missing(self) -> int:
        """Counted in and not yet come; 0 where nobody counted."""
        return max(0, (self.expected or 0) - self.items)

    @property
    def surplus(self) -> int:
        """Come and not counted in."""
        return max(0, self.items - self.expected) if self.expected is not None else 0

    @property
    def in_the_way(self) -> str | None:
        """Why it cannot be closed yet."""
        if self.held:
            return f"held, and a reviewer has not decided: {self.held}"
        if self.missing:
            return f"counted and not scanned: {self.missing}; find them, or count the tray again"
        if self.surplus:
            return f"scanned and not counted: {self.surplus}; count the tray again"
        return None if self.items else "nothing has come"


class ManifestEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a tray's manifest. It holds no detail."""

    id: str
    place: int
    version: int
    """More than 1: an officer has typed what it says."""
    decision: Verdict
    action: str
    taken_at: datetime
    done_at: datetime | None
    standing: Standing
    """What became of it by now."""
    settled_at: datetime | None
    """When a reviewer's decision took effect."""

    @property
    def todo(self) -> Todo:
        """What is to be done with it now."""
        return TODO[self.standing]


class Trays:
    """Keeps them. Safe to share between threads."""

    def __init__(self, journal: Journal, standings: Standings) -> None:
        """What is begun, counted and closed is in the ledger."""
        self._journal = journal
        self._standings = standings

    def begin(self, by: Principal, tray: str, establishment: str | None, expected: int | None) -> Tray:
        """Begin a tray, or count again what is in it. Raises ConflictError for another prison's, and for
        another count of one that is closed."""
        with self._journal.write() as connection:
            same = mail_tray.c.id == tray
            known = connection.execute(select(mail_tray).where(same)).one_or_none()
            if known is None:
                values = {"establishment": establishment, "expected": expected, "made_by": by.id}
                made = insert(mail_tray).values(id=tray, made_at=self._journal.clock(), **values)
                connection.execute(made)
                self._record(connection, by, tray, establishment, "begun", {"counted": expected})
            elif known.establishment != establishment or not by.covers(establishment):
                raise ConflictError("another prison has a tray of this name: put yours in front", "id")
            elif expected not in (None, known.expected):
                if known.closed_at is not None:
                    raise ConflictError(CLOSED, "id")
                connection.execute(update(mail_tray).where(same).values(expected=expected))
                counted = {"counted": expected, "counted_before": known.expected}
                self._record(connection, by, tray, establishment, "counted", counted)
        return self.get(by, tray)

    def close(self, by: Principal, tray: str) -> Tray:
        """All of it is done: nothing more comes in, nothing in it is corrected. A closed one stays as it is.

        Raises NotFoundError; ConflictError while letters of it are held, or are not as many as were counted.
        """
        with self._journal.write() as connection:
            row = _require(connection, by, tray)
            if row.closed_at is None:
                found = Counter(one.standing for one in self._entries(connection, tray))
                if why_not := _tray(row, found, 0).in_the_way:
                    raise ConflictError(why_not, "tray")
                values = {"closed_at": self._journal.clock(), "closed_by": by.id}
                connection.execute(update(mail_tray).where(mail_tray.c.id == tray).values(**values))
                counts: dict[str, object] = {
                    standing.value: found[standing] for standing in Standing if found[standing]
                }
                self._record(connection, by, tray, row.establishment, "closed", counts)
        return self.get(by, tray)

    def get(self, by: Principal, tray: str) -> Tray:
        """One tray. Raises NotFoundError, for one outside the caller's prisons too."""
        with self._journal.database.read() as connection:
            return self._counted(connection, _require(connection, by, tray))

    def newest(self, by: Principal) -> list[Tray]:
        """The newest trays of the caller's prisons."""
        wanted = select(mail_tray).order_by(mail_tray.c.made_at.desc()).limit(MOST_SHOWN)
        if by.prisons:
            wanted = wanted.where(mail_tray.c.establishment.in_(sorted(by.prisons)))
        with self._journal.database.read() as connection:
            return [self._counted(connection, row) for row in connection.execute(wanted).all()]

    def manifest(self, by: Principal, tray: str) -> list[ManifestEntry]:
        """What came into a tray, in its order, and what became of it. Raises NotFoundError."""
        with self._journal.database.read() as connection:
            _require(connection, by, tray)
            return self._entries(connection, tray)

    def waiting(self, tray: str) -> str | None:
        """The first item of a tray that no officer has looked at."""
        wanted = select(mail_item.c.id).where(mail_item.c.tray == tray, mail_item.c.done_at.is_(None))
        with self._journal.database.read() as connection:
            return connection.execute(wanted.order_by(mail_item.c.place).limit(1)).scalar_one_or_none()

    def _entries(self, connection: Connection, tray: str) -> list[ManifestEntry]:
        wanted = select(mail_item).where(mail_item.c.tray == tray).order_by(mail_item.c.place)
        found = connection.execute(wanted).all()
        stood = self._standings.of(connection, found)
        return [_entry(believed(self._journal.vault, row), stood[row.id]) for row in found]

    def _counted(self, connection: Connection, row: Row[Any]) -> Tray:
        """A tray with its numbers. Only what is flagged is looked at one by one."""
        is_open = mail_item.c.done_at.is_(None)
        wanted = select(mail_item.c.decision, is_open, func.count()).where(mail_item.c.tray == row.id)
        found: Counter[Standing] = Counter()
        unseen = 0
        for decision, is_unseen, count in connection.execute(wanted.group_by(mail_item.c.decision, is_open)):
            unseen += count * bool(is_unseen)
            if decision != "flag":
                found[ANSWERED.get(decision, Standing.HELD)] += count  # what is none is nobody's leave
        flagged = select(mail_item).where(mail_item.c.tray == row.id, mail_item.c.decision == "flag")
        stood = self._standings.of(connection, connection.execute(flagged).all())
        return _tray(row, found + Counter(one.standing for one in stood.values()), unseen)

    def _record(
        self,
        connection: Connection,
        by: Principal,
        tray: str,
        establishment: str | None,
        act: str,
        detail: dict[str, object],
    ) -> None:
        record = self._journal.record(by.id, f"tray/{tray}", act, establishment=establishment)
        self._journal.append(connection, [msgspec.structs.replace(record, detail=payloads.plain(detail))])


def refuse_closed(connection: Connection, tray: str) -> None:
    """Raises ConflictError for a tray that is closed: in the transaction that would change what is in it."""
    closed = select(mail_tray.c.closed_at).where(mail_tray.c.id == tray)
    if connection.execute(closed).scalar_one_or_none() is not None:
        raise ConflictError(CLOSED, "tray")


def _require(connection: Connection, by: Principal, tray: str) -> Row[Any]:
    row = connection.execute(select(mail_tray).where(mail_tray.c.id == tray)).one_or_none()
    if row is None or not by.covers(row.establishment):
        raise NotFoundError("there is no such tray", "tray")
    return row


def _entry(shown: dict[str, Any], stood: Stood) -> ManifestEntry:
    names = ("id", "place", "version", "decision", "action", "taken_at", "done_at")
    fields = {name: shown[name] for name in names}
    return ManifestEntry(**fields, standing=stood.standing, settled_at=stood.since)


def _tray(row: Row[Any], found: Counter[Standing], unseen: int) -> Tray:
    return Tray(
        id=row.id,
        establishment=row.establishment,
        expected=row.expected,
        made_at=row.made_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        allowed=found[Standing.ALLOWED],
        held=found[Standing.HELD],
        released=found[Standing.RELEASED],
        stopped=found[Standing.STOPPED],
        open=unseen,
    )
