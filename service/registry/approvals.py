"""Changes that wait for a second person.

Who asked cannot be who confirms, a machine confirms nothing, and nobody confirms what he has not opened: each
approval is opened by `view`, which the ledger has before anything is shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, or_, select

from service.access.model import Principal, Right
from service.errors import ConflictError, NotAllowedError, NotFoundError
from service.ledger import payloads, search
from service.registry.journal import APPROVAL, Journal, OutboxRow
from service.registry.tables import approval
from service.storage import rows
from service.storage.unread import none_of, reading


class ApprovalState(StrEnum):
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
    state: ApprovalState
    decided_by: str | None
    decided_at: datetime | None
    loosens: tuple[str, ...]
    """What it would let through, or stop though it is on the register, in words."""
    is_unread: bool = False
    """Whether it is not as the service wrote it, or cannot be opened: it can be refused alone."""


class Asked(NamedTuple):
    """An approval about to be written. `payload` is sealed."""

    kind: str
    subject: str
    base: int
    establishment: str | None
    payload: bytes
    loosens: tuple[str, ...] = ()


class Opened(NamedTuple):
    """What is sealed of an approval: what it would change, as its kind writes it, and the note of who
    decided it."""

    payload: bytes
    note: str


Apply = Callable[[Connection, Principal, Approval, bytes], None]
"""Puts in force what was confirmed, in the same transaction."""
GoesOn = Callable[[Approval, bytes], bool]
"""Whether an earlier one, with its payload, waits on beside a new one on the same subject."""
Concerns = Callable[[Principal, Approval], bool]
"""Whether an approval is about a prison of somebody's."""


class _Sealed(msgspec.Struct, frozen=True):
    payload: bytes
    loosens: tuple[str, ...]
    note: str = ""


CANNOT_BE_READ = (
    "what it would change cannot be read, so nobody can confirm it: refuse it, and ask for it again if it is "
    "still wanted"
)

_decode = msgspec.msgpack.Decoder(_Sealed).decode
_encode = msgspec.msgpack.Encoder().encode


def _names_their_prison(by: Principal, asked: Approval) -> bool:
    """What names no prison is about all of them: for those alone who have all."""
    return by.covers(asked.establishment)


class Approvals:
    """Keeps them. Safe to share between threads."""

    def __init__(self, journal: Journal) -> None:
        """`on` says what happens when one is confirmed."""
        self._journal = journal
        self._apply: dict[str, Apply] = {}
        self._concerns: dict[str, Concerns] = {}
        self._opened_with: dict[str, Right] = {}

    def on(
        self,
        kind: str,
        apply: Apply,
        concerns: Concerns = _names_their_prison,
        opened_with: Right = Right.REVEAL,
    ) -> None:
        """What confirming one of this kind does, whose business it is, and the right to open it: a policy
        holds nothing that is protected."""
        self._apply[kind] = apply
        self._concerns[kind] = concerns
        self._opened_with[kind] = opened_with

    def may_open(self, by: Principal, asked: Approval) -> bool:
        """Whether somebody may see what it would change, and so confirm it."""
        return by.may(self._right(asked.kind))

    def is_protected(self, asked: Approval) -> bool:
        """Whether what it would change says more than whoever may confirm sees anyway: then opening it takes
        a reason."""
        return self._right(asked.kind) is Right.REVEAL

    def is_opened(self, by: Principal, asked: Approval) -> bool:
        """Whether somebody has seen what it would change."""
        with self._journal.database.read() as connection:
            return search.has_seen(connection, by.id, f"approval/{asked.id}")

    def concerns(self, by: Principal, asked: Approval) -> bool:
        """Whether it is about a prison of theirs."""
        return not by.prisons or self._concerns.get(asked.kind, _names_their_prison)(by, asked)

    def _right(self, kind: str) -> Right:
        """The right to open one of a kind; of a kind that nobody knows the strictest."""
        return self._opened_with.get(kind, Right.REVEAL)

    def ask(
        self, connection: Connection, actor: str, asked: Asked, goes_on: GoesOn = lambda *_: False
    ) -> Approval:
        """Write one, in the transaction that is open. Those pending on the same subject give way to it, but
        for what `goes_on` beside it."""
        now, identifier = self._journal.clock(), secrets.token_hex(8)
        self._close_earlier(connection, actor, asked, goes_on, now)
        sealed = self._journal.vault.seal(
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
            "state": ApprovalState.PENDING.value,
            "sealed": sealed,
        }
        rows.insert(connection, self._journal.vault, approval, [row])
        self._note(connection, actor, identifier, "asked", asked.establishment, asked.kind, asked.subject)
        return self._approval(connection.execute(select(approval).where(approval.c.id == identifier)).one())

    def get(self, identifier: str) -> Approval:
        """Raises NotFoundError."""
        with self._journal.database.read() as connection:
            return self._approval(self._row(connection, identifier))

    def payload(self, asked: Approval) -> bytes:
        """What is asked for, for the service itself. Raises ChangedRowError for one that was changed."""
        with self._journal.database.read() as connection:
            row = self._row(connection, asked.id)
        rows.require(self._journal.vault, approval, row)
        return self._open(row).payload

    def view(self, by: Principal, identifier: str, why: str) -> Opened:
        """What is asked for, opened, once it is recorded that somebody sees it.

        Raises NotFoundError, NotAllowedError, ConflictError where it cannot be read.
        """
        with self._journal.database.read() as connection:
            row = self._row(connection, identifier)
        by.require(self._right(row.kind))
        if self._approval(row).is_unread:
            raise ConflictError(CANNOT_BE_READ)
        self._journal.saw(by.id, f"approval/{identifier}", why, establishment=row.establishment)
        sealed = self._open(row)
        return Opened(sealed.payload, sealed.note)

    def list(
        self,
        *,
        state: ApprovalState | None = ApprovalState.PENDING,
        subject: str | None = None,
        by: Principal | None = None,
        limit: int = 200,
    ) -> list[Approval]:
        """The oldest first: of one subject, and as far as they are the business of `by`; with those that wait
        one in a state that nobody knows."""
        wanted = select(approval).order_by(approval.c.asked_at, approval.c.id)
        if state is ApprovalState.PENDING:
            wanted = wanted.where(
                or_(approval.c.state == state.value, none_of(approval.c.state, ApprovalState))
            )
        elif state is not None:
            wanted = wanted.where(approval.c.state == state.value)
        if subject is not None:
            wanted = wanted.where(approval.c.subject == subject)
        if by is None or not by.prisons:
            wanted = wanted.limit(limit)
        with self._journal.database.read() as connection:
            found = [self._approval(row) for row in connection.execute(wanted)]
        return [one for one in found if by is None or self.concerns(by, one)][:limit]

    def waiting_for(self, by: Principal) -> int:
        """How many wait for somebody like them: that others asked for, about their prisons, and of a kind
        that they may open."""
        wanted = select(*(column for column in approval.columns if column.name not in ("sealed", rows.MAC)))
        pending = (approval.c.state == ApprovalState.PENDING.value, approval.c.asked_by != by.id)
        with self._journal.database.read() as connection:
            found = connection.execute(wanted.where(*pending)).all()
        asked = (Approval(**{**row._asdict(), "state": ApprovalState.PENDING}, loosens=()) for row in found)
        return sum(self.may_open(by, one) and self.concerns(by, one) for one in asked)

    def confirm(self, by: Principal, identifier: str, note: str = "") -> Approval:
        """Put it in force. Raises NotAllowedError for who asked and for machines, NotFoundError, and
        ConflictError where it was decided, was not opened by them, or what it would change has changed."""
        return self._decide(by, identifier, ApprovalState.CONFIRMED, note)

    def refuse(self, by: Principal, identifier: str, note: str = "") -> Approval:
        """Leave it as it is. Whoever asked may take it back so, and anybody who may confirm one that cannot
        be read. Raises as `confirm`."""
        return self._decide(by, identifier, ApprovalState.REFUSED, note)

    def _decide(self, by: Principal, identifier: str, answer: ApprovalState, note: str) -> Approval:
        with self._journal.write() as connection:
            row = self._row(connection, identifier, lock=True)
            before = self._approval(row)
            if not self.concerns(by, before):
                raise NotAllowedError("this concerns a prison that is not among yours")
            if before.state is not ApprovalState.PENDING:
                raise ConflictError("it was decided before")
            if answer is ApprovalState.CONFIRMED:
                _require_second(by, before)
                if before.is_unread:
                    raise ConflictError(CANNOT_BE_READ)
                if not search.has_seen(connection, by.id, f"approval/{identifier}"):
                    raise ConflictError("open its details first: nobody confirms what he has not seen")
                self._apply[before.kind](connection, by, before, self._open(row).payload)
            values: dict[str, Any] = {
                "state": answer.value,
                "decided_by": by.id,
                "decided_at": self._journal.clock(),
            }
            if not before.is_unread:  # else it stays for whoever puts it right, and the ledger has the note
                noted = msgspec.structs.replace(self._open(row), note=note)
                values["sealed"] = self._journal.vault.seal(_encode(noted), f"approval/{identifier}")
            self._end(connection, before, values)
            self._note(
                connection,
                by.id,
                identifier,
                answer.value,
                before.establishment,
                before.kind,
                before.subject,
                note if before.is_unread else "",
            )
            return self._approval(self._row(connection, identifier))

    def _close_earlier(
        self, connection: Connection, actor: str, asked: Asked, goes_on: GoesOn, now: datetime
    ) -> None:
        same = (
            approval.c.subject == asked.subject,
            approval.c.kind == asked.kind,
            approval.c.state == ApprovalState.PENDING.value,
        )
        values = {"state": ApprovalState.REFUSED.value, "decided_by": actor, "decided_at": now}
        for row in connection.execute(select(approval).where(*same)).all():
            earlier = self._approval(row)
            if not earlier.is_unread and goes_on(earlier, self._open(row).payload):
                continue
            self._end(connection, earlier, values)
            self._note(connection, actor, row.id, "superseded", row.establishment, asked.kind, asked.subject)

    def _end(self, connection: Connection, ended: Approval, values: Mapping[str, Any]) -> None:
        """Write how one ended. One that is not as the service wrote it goes on not to hold."""
        this = (approval.c.id == ended.id,)
        rows.update(connection, self._journal.vault, approval, this, values, changed_too=ended.is_unread)

    def _note(
        self,
        connection: Connection,
        actor: str,
        identifier: str,
        outcome: str,
        establishment: str | None,
        kind: str,
        about: str,
        said: str = "",
    ) -> None:
        subject = f"approval/{identifier}"
        record = self._journal.record(
            actor, subject, outcome, establishment=establishment, approves=kind, about=about
        )
        if said:
            sealed = payloads.seal(self._journal.vault, subject, said)
            record = msgspec.structs.replace(record, sealed=sealed)
        (seq,) = self._journal.append(connection, [record])
        self._journal.announce(connection, [OutboxRow(seq, APPROVAL, identifier, False)])

    def _row(self, connection: Connection, identifier: str, *, lock: bool = False) -> Row[Any]:
        wanted = select(approval).where(approval.c.id == identifier)
        row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
        if row is None:
            raise NotFoundError("there is no such approval")
        return row

    def _open(self, row: Row[Any]) -> _Sealed:
        return _decode(self._journal.vault.open(row.sealed, f"approval/{row.id}"))

    def _approval(self, row: Row[Any]) -> Approval:
        """One that cannot be read is told as that, and hides no other."""
        opened = None
        with reading(self._journal.vault, APPROVAL, row.id):
            rows.require(self._journal.vault, approval, row)
            opened = self._open(row)
        return Approval(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            base=row.base,
            establishment=row.establishment,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            state=ApprovalState(row.state) if row.state in [*ApprovalState] else ApprovalState.PENDING,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            loosens=opened.loosens if opened else (),
            is_unread=opened is None,
        )


def _require_second(by: Principal, asked: Approval) -> None:
    by.require_person("confirms")
    if by.id == asked.asked_by:
        raise NotAllowedError("who asked cannot confirm: it takes a second person")
