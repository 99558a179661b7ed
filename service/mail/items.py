"""The letters of a tray as they are kept: what was read on each, what was answered, what became of it."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select

from adapters.mailroom.barcodes import CodeKind
from engine.model import Attempt, Decision, Verdict
from service.access.model import Principal
from service.errors import ConflictError, NotFoundError
from service.ledger.writer import Beside
from service.mail.standing import TODO, Standings, Todo, believed
from service.mail.tables import mail_asked, mail_item, mail_picture
from service.mail.trays import refuse_closed
from service.review.model import Standing
from service.storage import rows
from service.storage.database import Database
from service.storage.sealing import Vault

AT_ONCE = "the same picture came twice at once"
ITEM = "[A-Z2-7]{16}"
"""How an item is named."""


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
    standing: Standing = Standing.HELD
    """What became of it by now, as it is read from what is kept."""

    @property
    def todo(self) -> Todo:
        """What is to be done with it now."""
        return TODO[self.standing]


def attempt_id(item: str, version: int, asked: Attempt) -> str:
    """The attempt of one version of an item: another one where anything else is asked."""
    digest = hashlib.sha256(msgspec.msgpack.encode(msgspec.structs.replace(asked, id=""))).hexdigest()
    return f"mail-{item}-{version}-{digest[:8]}"


def version_of(attempt: str) -> tuple[str, int] | None:
    """The item that an attempt is about, and which version of it; None where it is about none."""
    found = _attempt_id(attempt)
    return None if found is None else (found[1], int(found[2]))


def item_of(attempt: str) -> str | None:
    """The item alone."""
    found = version_of(attempt)
    return None if found is None else found[0]


def named(identifier: str) -> str | None:
    """The item that somebody names, by itself or by an attempt about it; None where it is neither."""
    return identifier if _item_id(identifier) else item_of(identifier)


_item_id = re.compile(ITEM).fullmatch
_attempt_id = re.compile(rf"mail-({ITEM})-(\d{{1,9}})-[0-9a-f]{{8}}", re.ASCII).fullmatch
_pack = msgspec.msgpack.Encoder().encode
_readings = msgspec.msgpack.Decoder(Reading)


class Items:
    """Keeps them. Safe to share between threads."""

    def __init__(self, database: Database, vault: Vault, standings: Standings, keep: timedelta) -> None:
        """`keep` is how long pictures and readings are kept."""
        self._database = database
        self._vault = vault
        self._standings = standings
        self._keep = keep

    def find(self, item: str) -> MailItem | None:
        """One item, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(mail_item).where(mail_item.c.id == item)).one_or_none()
            return None if row is None else self._item(connection, row)

    def require_open(self, tray: str) -> None:
        """Raises ConflictError for a tray that is closed."""
        with self._database.read() as connection:
            refuse_closed(connection, tray)

    def get(self, by: Principal, tray: str, item: str) -> MailItem:
        """One item of a tray. Raises NotFoundError, for one outside the caller's prisons too."""
        found = self.find(item)
        if found is None or found.tray != tray or not by.covers(found.establishment):
            raise NotFoundError("there is no such item", "item")
        return found

    def before(self, item: MailItem) -> str | None:
        """The item in front of one in its tray."""
        wanted = select(mail_item.c.id).where(mail_item.c.tray == item.tray, mail_item.c.place < item.place)
        with self._database.read() as connection:
            return connection.execute(wanted.order_by(mail_item.c.place.desc()).limit(1)).scalar_one_or_none()

    def adding(self, by: Principal, item: MailItem, pictures: tuple[bytes, ...], now: datetime) -> Beside:
        """Makes what keeps a new item at the end of its tray, beside the record of its answer. One that is
        there stays. Raises ConflictError where another record answered it, and in a closed tray."""
        sealed = [
            {
                "item": item.id,
                "page": page,
                "sealed": self._vault.seal(picture, picture_context(item.id, page)),
            }
            for page, picture in enumerate(pictures, 1)
        ]
        values = self._values(item) | {"id": item.id, "tray": item.tray, "keep_until": now + self._keep}
        values |= {"establishment": item.establishment, "taken_at": now, "taken_by": by.id}

        def add(connection: Connection, seq: int) -> None:
            answered = select(mail_asked.c.seq).where(mail_asked.c.item == item.id, mail_asked.c.version == 1)
            if connection.execute(answered).scalar_one_or_none() == seq:
                return
            if connection.execute(select(mail_item.c.id).where(mail_item.c.id == item.id)).first():
                raise ConflictError(AT_ONCE, "item")
            refuse_closed(connection, item.tray)
            last = select(func.max(mail_item.c.place)).where(mail_item.c.tray == item.tray)
            place = (connection.execute(last).scalar_one() or 0) + 1
            rows.insert(connection, self._vault, mail_item, [values | {"place": place}])
            if sealed:
                connection.execute(insert(mail_picture), sealed)
            self._note_asked(connection, item, seq)

        return add

    def correcting(self, before: MailItem, after: MailItem) -> Beside:
        """Makes what puts a new version in the place of the one that the officer saw, beside the record of
        its answer. Raises ConflictError where somebody else was quicker, and in a closed tray."""
        values = self._values(after)
        same = (mail_item.c.id == before.id, mail_item.c.version == before.version)

        def correct(connection: Connection, seq: int) -> None:
            refuse_closed(connection, before.tray)
            if not rows.update(connection, self._vault, mail_item, same, values):
                raise ConflictError("somebody else has corrected this item", "version")
            self._note_asked(connection, after, seq)

        return correct

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
        return [self._vault.open(row.sealed, picture_context(item, row.page)) for row in rows]

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

    def _note_asked(self, connection: Connection, item: MailItem, seq: int) -> None:
        asked = {"item": item.id, "version": item.version, "seq": seq}
        rows.insert(connection, self._vault, mail_asked, [asked])

    def _item(self, connection: Connection, row: Row[Any]) -> MailItem:
        shown, sealed = believed(self._vault, row), row.sealed
        fields = {name: shown[name] for name in _COLUMNS}
        plain = None if sealed is None else self._vault.open(sealed, f"mail/{row.id}/reading")
        reading = None if plain is None else _readings.decode(plain)
        standing = self._standings.of(connection, [row])[row.id].standing
        return MailItem(**fields, reading=reading, standing=standing)


def picture_context(item: str, page: int) -> str:
    """What a picture is sealed for."""
    return f"mail/{item}/picture/{page}"


_COLUMNS = [name for name in MailItem.__struct_fields__ if name in mail_item.columns]
