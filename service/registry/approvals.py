"""Changes that wait for a second person. Who asked cannot be who confirms, and a machine confirms nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, insert, or_, select, update

from service.access.model import Principal
from service.errors import ConflictError, NotAllowedError, NotFoundError
from service.registry.ground import APPROVAL, Change, Ground
from service.registry.tables import approval


class Answer(StrEnum):
    """Where an approval stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for, without its details."""

    id: str
    kind: str
    """`change`, `withdrawal`, `removal` of restrictions; `register`; `smaller_list`."""
    subject: str
    """The restriction's or the entry's id, or how many there are."""
    base: int
    establishment: str | None
    asked_by: str
    asked_at: datetime
    state: Answer
    decided_by: str | None
    decided_at: datetime | None
    loosens: tuple[str, ...]
    """What it would let through, in words."""


class Asked(NamedTuple):
    """An approval about to be written. `payload` is sealed."""

    kind: str
    subject: str
    base: int
    establishment: str | None
    payload: bytes
    loosens: tuple[str, ...] = ()


Apply = Callable[[Connection, Principal, Approval, bytes], None]
"""Puts in force what was confirmed, in the same transaction."""


class _Sealed(msgspec.Struct, frozen=True):
    payload: bytes
    loosens: tuple[str, ...]
    note: str = ""


_decode = msgspec.msgpack.Decoder(_Sealed).decode
_encode = msgspec.msgpack.Encoder().encode


class Approvals:
    """Keeps them. Safe to share between threads."""

    def __init__(self, ground: Ground) -> None:
        """`on` says what happens when one is confirmed."""
        self._ground = ground
        self._apply: dict[str, Apply] = {}

    def on(self, kind: str, apply: Apply) -> None:
        """What confirming one of this kind does."""
        self._apply[kind] = apply

    def ask(self, connection: Connection, actor: str, asked: Asked) -> Approval:
        """Write one, in the transaction that is open. The one pending on the same subject gives way to it."""
        now, identifier = self._ground.clock(), secrets.token_hex(8)
        self._close_earlier(connection, actor, asked, now)
        sealed = self._ground.vault.seal(
            _encode(_Sealed(asked.payload, asked.loosens)), f"approval/{identifier}"
        )
        row = {
            "id": identifier,
            "kind": asked.kind,
            "subject": asked.subject,
            "base": asked.base,
            "establishment": asked.establishment,
            "asked_by": actor,
            "asked_at": now,
            "state": Answer.PENDING.value,
            "sealed": sealed,
        }
        connection.execute(insert(approval), row)
        self._note(connection, actor, identifier, "asked", asked.establishment, asked.kind, asked.subject)
        return self._approval(connection.execute(select(approval).where(approval.c.id == identifier)).one())

    def get(self, identifier: str) -> Approval:
        """Raises NotFoundError."""
        with self._ground.database.read() as connection:
            return self._approval(self._row(connection, identifier))

    def payload(self, identifier: str) -> bytes:
        """What is asked for, opened. Whoever sees it is recorded by who shows it. Raises NotFoundError."""
        with self._ground.database.read() as connection:
            return self._open(self._row(connection, identifier)).payload

    def list(
        self, *, state: Answer | None = Answer.PENDING, prisons: Collection[str] = (), limit: int = 200
    ) -> list[Approval]:
        """The oldest first; of no prison in particular included."""
        wanted = select(approval).order_by(approval.c.asked_at, approval.c.id).limit(limit)
        if state is not None:
            wanted = wanted.where(approval.c.state == state.value)
        if prisons:
            here = approval.c.establishment.in_(sorted(prisons))
            wanted = wanted.where(or_(approval.c.establishment.is_(None), here))
        with self._ground.database.read() as connection:
            return [self._approval(row) for row in connection.execute(wanted)]

    def confirm(self, by: Principal, identifier: str, note: str = "") -> Approval:
        """Put it in force. Raises NotAllowedError for who asked and for machines, NotFoundError, and
        ConflictError where it was decided, or what it would change has changed."""
        return self._decide(by, identifier, Answer.CONFIRMED, note)

    def refuse(self, by: Principal, identifier: str, note: str = "") -> Approval:
        """Leave it as it is. Whoever asked may take it back so. Raises as `confirm`."""
        return self._decide(by, identifier, Answer.REFUSED, note)

    def _decide(self, by: Principal, identifier: str, answer: Answer, note: str) -> Approval:
        with self._ground.database.write() as connection:
            row = self._row(connection, identifier, lock=True)
            before = self._approval(row)
            if before.establishment is not None:
                by.require_prison(before.establishment)
            if before.state is not Answer.PENDING:
                raise ConflictError("it was decided before")
            sealed = self._open(row)
            if answer is Answer.CONFIRMED:
                _require_second(by, before)
                self._apply[before.kind](connection, by, before, sealed.payload)
            values = {
                "state": answer.value,
                "decided_by": by.id,
                "decided_at": self._ground.clock(),
                "sealed": self._ground.vault.seal(
                    _encode(msgspec.structs.replace(sealed, note=note)), f"approval/{identifier}"
                ),
            }
            connection.execute(update(approval).where(approval.c.id == identifier).values(values))
            self._note(
                connection,
                by.id,
                identifier,
                answer.value,
                before.establishment,
                before.kind,
                before.subject,
            )
            return self._approval(self._row(connection, identifier))

    def _close_earlier(self, connection: Connection, actor: str, asked: Asked, now: datetime) -> None:
        same = (
            approval.c.subject == asked.subject,
            approval.c.kind == asked.kind,
            approval.c.state == Answer.PENDING.value,
        )
        values = {"state": Answer.REFUSED.value, "decided_by": actor, "decided_at": now}
        connection.execute(update(approval).where(*same).values(values))

    def _note(
        self,
        connection: Connection,
        actor: str,
        identifier: str,
        outcome: str,
        establishment: str | None,
        kind: str,
        about: str,
    ) -> None:
        subject = f"approval/{identifier}"
        record = self._ground.record(
            actor, subject, outcome, establishment=establishment, approves=kind, about=about
        )
        (seq,) = self._ground.append(connection, [record])
        self._ground.announce(connection, [Change(seq, APPROVAL, identifier, False)])

    def _row(self, connection: Connection, identifier: str, *, lock: bool = False) -> Row[Any]:
        wanted = select(approval).where(approval.c.id == identifier)
        row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
        if row is None:
            raise NotFoundError("there is no such approval")
        return row

    def _open(self, row: Row[Any]) -> _Sealed:
        return _decode(self._ground.vault.open(row.sealed, f"approval/{row.id}"))

    def _approval(self, row: Row[Any]) -> Approval:
        return Approval(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            base=row.base,
            establishment=row.establishment,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            state=Answer(row.state),
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            loosens=self._open(row).loosens,
        )


def _require_second(by: Principal, asked: Approval) -> None:
    if not by.person:
        raise NotAllowedError("only a person confirms")
    if by.id == asked.asked_by:
        raise NotAllowedError("who asked cannot confirm: it takes a second person")
