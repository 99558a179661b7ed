"""Trays and their items as they are kept: what came in, what was answered, what is still to be looked at."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.mailroom.barcodes import CodeKind
from engine.model import Attempt, Decision, Verdict
from service.access.model import Principal
from service.errors import ConflictError, NotFoundError
from service.mail.tables import mail_item, mail_picture, mail_tray
from service.storage import rows
from service.storage.database import Database
from service.storage.sealing import Vault

MOST_SHOWN = 200
"""Trays on one page, the newest first."""


class Tray(msgspec.Struct, frozen=True):
    """A tray of letters. `expected` is how many somebody counted into it."""

    id: str
    establishment: str | None
    expected: int | None
    made_at: datetime
    items: int
    held: int
    """Flagged or blocked."""
    open: int
    """Not yet looked at by an officer."""

    @property
    def missing(self) -> int:
        """Counted in and not yet come; 0 where nobody counted."""
        return max(0, (self.expected or 0) - self.items)

    @property
    def surplus(self) -> int:
        """Come and not counted in."""
        return max(0, self.items - self.expected) if self.expected is not None else 0


class By(StrEnum):
    """Who read the address."""

    MACHINE = "machine"
    OFFICER = "officer"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was read on one item and what was answered; sealed. All but the flags are protected details."""

    name: str
    """The file's."""
    to: str = ""
    readings: tuple[str, ...] = ()
    also_to: tuple[str, ...] = ()
    enclosed: int = 0
    """How many letters were found inside."""
    enclosures: tuple[str, ...] = ()
    """Their addresses."""
    sender: str = ""
    prisoner: str | None = None
    body: str = ""
    doubts: tuple[str, ...] = ()
    problem: str | None = None
    """Why the picture could not be read."""
    codes: tuple[CodeKind, ...] = ()
    """Printed on it."""
    by: By = By.MACHINE
    decision: Decision | None = None

    def __repr__(self) -> str:
        return f"Reading({len(self.to)} characters, by {self.by}, {len(self.doubts)} doubts)"


class MailItem(msgspec.Struct, frozen=True, kw_only=True):
    """One letter of a tray."""

    id: str
    tray: str
    place: int
    establishment: str | None
    taken_at: datetime
    version: int
    decision: Verdict
    action: str
    confidence: float
    privileged: bool
    done_at: datetime | None
    reading: Reading | None
    """None when its time was over."""


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


def attempt_id(item: str, version: int, asked: Attempt) -> str:
    """The attempt of one version of an item: another one where anything else is asked."""
    digest = hashlib.sha256(msgspec.msgpack.encode(msgspec.structs.replace(asked, id=""))).hexdigest()
    return f"mail-{item}-{version}-{digest[:8]}"


def item_of(attempt: str) -> str | None:
    """The item that an attempt is about, or None where it is about none."""
    found = _attempt_id(attempt)
    return None if found is None else found[1]


_attempt_id = re.compile(r"mail-([A-Z2-7]{16})-\d+-[0-9a-f]{8}", re.ASCII).fullmatch
_pack = msgspec.msgpack.Encoder().encode
_readings = msgspec.msgpack.Decoder(Reading)


class Items:
    """Keeps trays and items. Safe to share between threads."""

    def __init__(self, database: Database, vault: Vault, keep: timedelta) -> None:
        """`keep` is how long pictures and readings are kept."""
        self._database = database
        self._vault = vault
        self._keep = keep

    def open_tray(
        self, by: Principal, tray: str, establishment: str | None, expected: int | None, now: datetime
    ) -> Tray:
        """Begin a tray, or count again what is in it. Raises ConflictError for another prison's."""
        values = {"establishment": establishment, "expected": expected, "made_at": now, "made_by": by.id}
        try:
            with self._database.write() as connection:
                connection.execute(insert(mail_tray).values(id=tray, **values))
        except IntegrityError:
            with self._database.read() as connection:
                theirs = select(mail_tray.c.establishment).where(mail_tray.c.id == tray)
                taken_by = connection.execute(theirs).scalar_one()
            if taken_by != establishment or not by.covers(taken_by):
                raise ConflictError(
                    "another prison has a tray of this name: put yours in front", "id"
                ) from None
            known = self.tray(by, tray)
            if expected is not None and expected != known.expected:
                with self._database.write() as connection:
                    counted = update(mail_tray).where(mail_tray.c.id == tray).values(expected=expected)
                    connection.execute(counted)
        return self.tray(by, tray)

    def tray(self, by: Principal, tray: str) -> Tray:
        """One tray. Raises NotFoundError, for one outside the caller's prisons too."""
        with self._database.read() as connection:
            row = connection.execute(select(mail_tray).where(mail_tray.c.id == tray)).one_or_none()
            if row is None or not by.covers(row.establishment):
                raise NotFoundError("there is no such tray", "tray")
            return _tray(connection, row)

    def trays(self, by: Principal) -> list[Tray]:
        """The newest trays of the caller's prisons."""
        wanted = select(mail_tray).order_by(mail_tray.c.made_at.desc()).limit(MOST_SHOWN)
        if by.prisons:
            wanted = wanted.where(mail_tray.c.establishment.in_(sorted(by.prisons)))
        with self._database.read() as connection:
            return [_tray(connection, row) for row in connection.execute(wanted).all()]

    def find(self, item: str) -> MailItem | None:
        """One item, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(mail_item).where(mail_item.c.id == item)).one_or_none()
        return None if row is None else self._item(row)

    def get(self, by: Principal, tray: str, item: str) -> MailItem:
        """One item of a tray. Raises NotFoundError, for one outside the caller's prisons too."""
        self.tray(by, tray)
        found = self.find(item)
        if found is None or found.tray != tray:
            raise NotFoundError("there is no such item", "item")
        return found

    def manifest(self, by: Principal, tray: str) -> list[ManifestEntry]:
        """What came into a tray, in its order, and what became of it. Raises NotFoundError."""
        self.tray(by, tray)
        wanted = select(mail_item).where(mail_item.c.tray == tray).order_by(mail_item.c.place)
        with self._database.read() as connection:
            found = [self._believed(row) for row in connection.execute(wanted)]
        names = ManifestEntry.__struct_fields__
        return [ManifestEntry(**{name: row[name] for name in names}) for row in found]

    def waiting(self, tray: str) -> str | None:
        """The first item of a tray that no officer has looked at."""
        wanted = select(mail_item.c.id).where(mail_item.c.tray == tray, mail_item.c.done_at.is_(None))
        with self._database.read() as connection:
            return connection.execute(wanted.order_by(mail_item.c.place).limit(1)).scalar_one_or_none()

    def before(self, item: MailItem) -> str | None:
        """The item in front of one in its tray."""
        wanted = select(mail_item.c.id).where(mail_item.c.tray == item.tray, mail_item.c.place < item.place)
        with self._database.read() as connection:
            return connection.execute(wanted.order_by(mail_item.c.place.desc()).limit(1)).scalar_one_or_none()

    def add(self, by: Principal, item: MailItem, pictures: tuple[bytes, ...], now: datetime) -> MailItem:
        """Keep a new item at the end of its tray; one that is there stays what it is."""
        for _ in range(20):  # another process may take the same place at the same moment
            try:
                with self._database.write() as connection:
                    places = select(func.max(mail_item.c.place)).where(mail_item.c.tray == item.tray)
                    place = (connection.execute(places).scalar_one() or 0) + 1
                    values = self._values(item) | {"id": item.id, "tray": item.tray, "place": place}
                    values |= {"establishment": item.establishment, "taken_at": now, "taken_by": by.id}
                    values |= {"keep_until": now + self._keep}
                    rows.insert(connection, self._vault, mail_item, [values])
                    for page, picture in enumerate(pictures, 1):
                        sealed = self._vault.seal(picture, f"mail/{item.id}/picture/{page}")
                        connection.execute(
                            insert(mail_picture).values(item=item.id, page=page, sealed=sealed)
                        )
                return msgspec.structs.replace(item, place=place, taken_at=now)
            except IntegrityError:
                known = self.find(item.id)
                if known is not None:
                    return known
        raise ConflictError("the tray is taken up", "tray")

    def correct(self, before: MailItem, after: MailItem) -> None:
        """Put a new version in the place of the one that the officer saw. Raises ConflictError."""
        values = self._values(after)
        same = (mail_item.c.id == before.id, mail_item.c.version == before.version)
        with self._database.write() as connection:
            if not rows.update(connection, self._vault, mail_item, same, values):
                raise ConflictError("somebody else has corrected this item", "version")

    def done(self, item: MailItem, now: datetime) -> None:
        """An officer has looked at it and goes on. Raises ConflictError where it was corrected meanwhile."""
        same = (mail_item.c.id == item.id, mail_item.c.version == item.version)
        with self._database.write() as connection:
            if not rows.update(connection, self._vault, mail_item, same, {"done_at": now}):
                raise ConflictError("somebody else has corrected this item", "version")

    def pictures(self, item: str) -> list[bytes]:
        """Its pages as JPEG, the first first; none when their time was over. Raises SealError."""
        wanted = select(mail_picture).where(mail_picture.c.item == item).order_by(mail_picture.c.page)
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return [self._vault.open(row.sealed, f"mail/{item}/picture/{row.page}") for row in rows]

    def forget(self, now: datetime, most: int = 100) -> int:
        """Delete pictures and readings whose time is over; gives how many items it was."""
        over = select(mail_item.c.id).where(mail_item.c.keep_until <= now, mail_item.c.sealed.is_not(None))
        with self._database.write() as connection:
            ids = list(connection.execute(over.limit(most)).scalars())
            connection.execute(delete(mail_picture).where(mail_picture.c.item.in_(ids)))
            these = (mail_item.c.id.in_(ids),)
            rows.update(connection, self._vault, mail_item, these, {"sealed": None}, changed_too=True)
        return len(ids)

    def _values(self, item: MailItem) -> dict[str, object]:
        sealed = self._vault.seal(_pack(item.reading), f"mail/{item.id}/reading")
        return {
            "version": item.version,
            "decision": item.decision,
            "action": item.action,
            "confidence": item.confidence,
            "privileged": item.privileged,
            "done_at": None,
            "sealed": sealed,
        }

    def _believed(self, row: Row[Any]) -> dict[str, Any]:
        """The columns; a letter whose row was changed in the database is held, whatever that says."""
        held = {} if rows.holds(self._vault, mail_item, row) else {"decision": "flag", "action": "hold"}
        return {**row._mapping, **held, "privileged": row.privileged and not held}

    def _item(self, row: Row[tuple[object, ...]]) -> MailItem:
        believed, sealed = self._believed(row), row.sealed
        fields = {name: believed[name] for name in MailItem.__struct_fields__ if name != "reading"}
        plain = None if sealed is None else self._vault.open(sealed, f"mail/{row.id}/reading")
        return MailItem(**fields, reading=None if plain is None else _readings.decode(plain))


def _tray(connection: Connection, row: Row[tuple[object, ...]]) -> Tray:
    wanted = (
        select(mail_item.c.decision, mail_item.c.done_at.is_(None).label("open"), func.count().label("count"))
        .where(mail_item.c.tray == row.id)
        .group_by(mail_item.c.decision, mail_item.c.done_at.is_(None))
    )
    counted = [(row.decision, bool(row.open), int(row[2])) for row in connection.execute(wanted)]
    return Tray(
        id=row.id,
        establishment=row.establishment,
        expected=row.expected,
        made_at=row.made_at,
        items=sum(count for _, _, count in counted),
        held=sum(count for decision, _, count in counted if decision != "allow"),
        open=sum(count for _, is_open, count in counted if is_open),
    )
