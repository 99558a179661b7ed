"""Finding records again. What is sealed stays sealed; who reads it is recorded by whoever opens it."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, literal, or_, select
from sqlalchemy import Row as Stored

from service.errors import NotFoundError
from service.ledger.record import Kind, Record, ledger, of_no_attempt
from service.ledger.tables import answered

ATTEMPT = "attempt/"
"""Before the key of an attempt, in its subject."""
_ATTEMPT = re.compile(f"{ATTEMPT}[0-9a-f]{{32}}").fullmatch
LAST_SEQ = 2**63 - 1
"""The highest number that a database takes."""


class Row(Record, frozen=True, kw_only=True):
    """A record with its place in the chain."""

    seq: int
    hash: bytes


def search(
    connection: Connection,
    *,
    kind: Kind | None = None,
    actor: str | None = None,
    subject: str | None = None,
    prisoner: str | None = None,
    establishment: str | None = None,
    establishments: Collection[str] | None = None,
    outcome: str | None = None,
    code: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_seq: int | None = None,
    limit: int = 50,
) -> list[Row]:
    """Records that meet every condition, newest first; the next page is `before_seq` the last one's `seq`.

    `establishments` is whose records the reader may see: none of them, no records. `since` is included and
    `until` is not. Kind, actor, subject, prisoner, establishment and time have an index; outcome and code
    are looked for among what those leave.
    """
    equal = {
        "kind": None if kind is None else str(kind),
        "actor": actor,
        "prisoner": prisoner,
        "establishment": establishment,
        "outcome": outcome,
    }
    found = select(ledger).where(
        *(ledger.c[name] == value for name, value in equal.items() if value is not None)
    )
    if subject is not None:
        found = found.where(_is_about(connection, subject))
    if establishments is not None:
        found = found.where(ledger.c.establishment.in_(sorted(establishments)))
    if code is not None:
        found = found.where(_has_code(code))
    if since is not None:
        found = found.where(ledger.c.at >= since)
    if until is not None:
        found = found.where(ledger.c.at < until)
    if before_seq is not None:
        found = found.where(ledger.c.seq < min(before_seq, LAST_SEQ))
    return _read(connection, found.order_by(ledger.c.seq.desc()).limit(limit))


def read(connection: Connection, seq: int) -> Row:
    """One record. Raises NotFoundError."""
    rows = _read(connection, select(ledger).where(ledger.c.seq == seq)) if 0 < seq <= LAST_SEQ else []
    if not rows:
        raise NotFoundError("there is no such record")
    return rows[0]


def has_seen(connection: Connection, actor: str, *subjects: str) -> bool:
    """Whether somebody opened what is sealed about any of these: that is recorded before it is shown."""
    opened = (ledger.c.subject.in_(subjects), ledger.c.actor == actor, ledger.c.kind == Kind.VIEW.value)
    found = select(ledger.c.seq).where(*opened, of_no_attempt).limit(1)
    return connection.execute(found).first() is not None


def actors_of(connection: Connection, subject: str, kind: Kind, outcome: str) -> list[str]:
    """Who did something to a subject, the last one first."""
    done = (ledger.c.subject == subject, ledger.c.kind == kind.value, ledger.c.outcome == outcome)
    found = select(ledger.c.actor).where(*done, of_no_attempt).order_by(ledger.c.seq.desc())
    return list(connection.execute(found).scalars())


def answered_seq(connection: Connection, key: bytes) -> int | None:
    """The number of the record that answered an attempt; None where it was not asked about."""
    return connection.execute(select(answered.c.seq).where(answered.c.key == key)).scalar_one_or_none()


def answered_record(connection: Connection, seq: int, key: bytes) -> Record:
    """The record that answered an attempt, to answer it again: `Duplicate.seq`. Raises NotFoundError, too
    where that is the record of another attempt: what leads to it is not in the chain."""
    record = read(connection, seq)
    if record.subject != f"{ATTEMPT}{key.hex()}":
        raise NotFoundError("there is no record of this attempt")
    return record


def _is_about(connection: Connection, subject: str) -> ColumnElement[bool]:
    """Whether a record is about this: by the subjects' index, and for an attempt by what answered it."""
    is_it = ledger.c.subject == subject
    found = and_(is_it, of_no_attempt)
    if _ATTEMPT(subject):
        seq = answered_seq(connection, bytes.fromhex(subject.removeprefix(ATTEMPT)))
        if seq is not None:
            found = or_(found, and_(is_it, ledger.c.seq == seq))
    return found


def _has_code(code: str) -> ColumnElement[bool]:
    codes = literal(",").concat(ledger.c.codes).concat(",")
    return codes.contains(f",{code},", autoescape=True)


def _read(connection: Connection, found: Select[Any]) -> list[Row]:
    return [_row(stored) for stored in connection.execute(found)]


def _row(stored: Stored[Any]) -> Row:
    values = stored._asdict()
    return Row(**{**values, "kind": Kind(values["kind"]), "detail": values["detail"].encode()})
