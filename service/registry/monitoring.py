"""Heightened monitoring: for a set time each letter and message of a prisoner is held and looked at.

An officer starts it and says why; it ends by itself on its last day, sooner or later where an officer says
so. Each change is a version. Who has several numbers is under it by each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, select

from engine import dates
from engine.model import Monitoring
from service.access.model import Principal, Right
from service.errors import ConflictError, InvalidError
from service.registry.ids import check_person
from service.registry.journal import MONITORING, Journal
from service.registry.model import ListingState
from service.registry.prisoners import Prisoners
from service.registry.tables import monitoring_version
from service.storage import rows
from service.storage.sealing import SealError
from service.storage.unread import History, history_of

MOST_DAYS = 90
"""What may be ordered at once. Who wants more says after that time why it still is proportionate."""


class MonitoringDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version, whole."""

    monitoring: Monitoring
    reason: str
    case: str = ""
    """The investigation that it belongs to."""
    ended: bool = False
    """Whether somebody ended it before its last day."""


class MonitoringVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version with what is plain of it. `prisoner` is the number under which it was started."""

    prisoner: str
    version: int
    at: datetime
    author: str
    document: MonitoringDocument


class Monitored(NamedTuple):
    """Whom a list is to hold as monitored, and whether somebody may be missing."""

    heightened: dict[str, Monitoring]
    is_whole: bool


_documents = msgspec.msgpack.Decoder(MonitoringDocument)
_pack = msgspec.msgpack.Encoder().encode


class Monitorings:
    """Keeps them. Safe to share between threads."""

    def __init__(self, journal: Journal, prisoners: Prisoners) -> None:
        """`prisoners` says which numbers are one person's."""
        self._journal = journal
        self._prisoners = prisoners

    def start(self, by: Principal, prisoner: str, until: str, reason: str, case: str) -> MonitoringVersion:
        """From today on. Raises InvalidError, NotAllowedError, ConflictError where he is under it already."""
        check_person(prisoner, "prisoner")
        number = self._prisoners.group(prisoner)[0]
        today = self._today()
        monitoring = Monitoring(from_=today.isoformat(), until=self._last_day(until))
        known = {one.prisoner: one.version for one in self._latest(number)}
        if self.of(number):
            raise ConflictError("he is under heightened monitoring already: say how long it goes on", "until")
        document = MonitoringDocument(monitoring=monitoring, reason=_said(reason), case=case)
        return self._write(by, number, known.get(number, 0), document, "started")

    def change(
        self, by: Principal, prisoner: str, version: int, until: str, reason: str
    ) -> MonitoringVersion:
        """Another last day, later or sooner. Raises as `start`, and ConflictError where it is over."""
        before = self._standing_version(prisoner, version)
        monitoring = msgspec.structs.replace(before.document.monitoring, until=self._last_day(until))
        document = msgspec.structs.replace(before.document, monitoring=monitoring, reason=_said(reason))
        return self._write(by, prisoner, version, document, "changed")

    def end(self, by: Principal, prisoner: str, version: int, reason: str) -> MonitoringVersion:
        """Now. Raises as `change`."""
        before = self._standing_version(prisoner, version)
        document = msgspec.structs.replace(before.document, reason=_said(reason), ended=True)
        return self._write(by, prisoner, version, document, "ended")

    def of(self, prisoner: str) -> list[MonitoringVersion]:
        """What a person is under now, by any of his numbers; several where they were merged since."""
        today = self._today().isoformat()
        latest = self._latest(prisoner)
        return [one for one in latest if not one.document.ended and one.document.monitoring.until >= today]

    def history(self, prisoner: str) -> History[MonitoringVersion]:
        """Every version of a person's, by all of his numbers, the newest first."""
        found = sorted(self._rows(prisoner), key=lambda row: row.at, reverse=True)
        return history_of(self._journal.vault, MONITORING, prisoner, found, self._version)

    def standing(
        self, connection: Connection, known: Collection[str] = (), *, thoroughly: bool = False
    ) -> Monitored:
        """Everybody who is under it, by each of his numbers.

        A changed row means what its sealed version says; whoever is in a list already (`known`) and of whom
        there is no row is missing. `thoroughly` looks through the ledger for others.
        """
        wanted = select(*rows.stored(monitoring_version)).where(monitoring_version.c.latest)
        found = connection.execute(wanted.order_by(monitoring_version.c.id)).all()
        now, heightened, is_whole = self._journal.clock(), dict[str, Monitoring](), True
        for row, holds in self._journal.checked(connection, MONITORING, monitoring_version, found):
            is_whole = is_whole and holds
            try:
                document = self._open(row)
            except (SealError, msgspec.DecodeError):
                is_whole = False
                continue
            if document.ended or dates.ends(document.monitoring.until) <= now:
                continue
            for number in self._prisoners.group(row.id):
                other = heightened.get(number)
                if other is None or other.until < document.monitoring.until:
                    heightened[number] = document.monitoring
        there = {number for row in found for number in self._prisoners.group(row.id)}
        gone = set(known) - there
        if thoroughly:
            gone |= self._journal.lost(connection, MONITORING, monitoring_version)
        return Monitored(heightened, is_whole and not gone)

    def _today(self) -> date:
        return dates.day_of(self._journal.clock())

    def _last_day(self, until: str) -> str:
        """Raises InvalidError for what is no day, or not one of the next ninety."""
        try:
            day = date.fromisoformat(until)
        except ValueError:
            raise InvalidError("not an ISO 8601 date", "until") from None
        today = self._today()
        if day < today:
            raise InvalidError("the last day is over: it has to be today or later", "until")
        if day > today + timedelta(days=MOST_DAYS):
            raise InvalidError(f"at most {MOST_DAYS} days from today; it can be prolonged", "until")
        return day.isoformat()

    def _standing_version(self, prisoner: str, version: int) -> MonitoringVersion:
        found = next((one for one in self.of(prisoner) if one.prisoner == prisoner), None)
        if found is None:
            raise ConflictError("it is over: start it anew", "version")
        if found.version != version:
            raise ConflictError("somebody changed it meanwhile: read it again", "version")
        return found

    def _write(
        self,
        by: Principal,
        number: str,
        before: int,
        document: MonitoringDocument,
        outcome: str,
    ) -> MonitoringVersion:
        """The version after `before`, 0 for none. Raises ConflictError where somebody wrote it meanwhile."""
        by.require(Right.HANDLE_CASES)
        place = self._prisoners.where_is(number)
        by.require_prison(place)
        journal, monitoring, now = self._journal, document.monitoring, self._journal.clock()
        with journal.write() as connection:
            wanted = select(monitoring_version.c.version).where(monitoring_version.c.id == number)
            if before != (connection.execute(wanted.where(monitoring_version.c.latest)).scalar() or 0):
                raise ConflictError("somebody changed it meanwhile: read it again", "version")
            version = before + 1
            record = journal.record(
                by.id,
                f"{MONITORING}/{number}/{version}",
                outcome,
                prisoner=number,
                establishment=place,
                until=monitoring.until,
                case=document.case,
            )
            (seq,) = journal.append(connection, [record])
            state = ListingState.WITHDRAWN if document.ended else ListingState.STANDING
            row: dict[str, Any] = {
                "id": number,
                "version": version,
                "seq": seq,
                "at": now,
                "author": by.id,
                "state": state.value,
                "latest": True,
                "sealed": journal.vault.seal(_pack(document), _context(number, version)),
            }
            journal.follow(connection, MONITORING, monitoring_version, [row])
        return MonitoringVersion(prisoner=number, version=version, at=now, author=by.id, document=document)

    def _latest(self, prisoner: str) -> list[MonitoringVersion]:
        return [self._version(row) for row in self._rows(prisoner, monitoring_version.c.latest)]

    def _rows(self, prisoner: str, *also: Any) -> Sequence[Row[Any]]:
        numbers = self._prisoners.group(prisoner)
        wanted = select(monitoring_version).where(monitoring_version.c.id.in_(numbers), *also)
        with self._journal.database.read() as connection:
            return connection.execute(wanted.order_by(monitoring_version.c.id)).all()

    def _version(self, row: Row[Any]) -> MonitoringVersion:
        rows.require(self._journal.vault, monitoring_version, row)
        return MonitoringVersion(
            prisoner=row.id,
            version=row.version,
            at=row.at,
            author=row.author,
            document=self._open(row),
        )

    def _open(self, row: Row[Any]) -> MonitoringDocument:
        return _documents.decode(self._journal.vault.open(row.sealed, _context(row.id, row.version)))


def _said(reason: str) -> str:
    if not reason.strip():
        raise InvalidError("say why", "reason")
    return reason


def _context(number: str, version: int) -> str:
    return f"{MONITORING}/{number}/{version}"
