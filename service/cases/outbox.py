"""The outbox: what whoever asked is told of each step, until somebody has sent it.

A message is written in the transaction of the case's version: one step has one message, or none. It holds
nothing of the case but its reference. It waits for a person to send it and to note that, or is sent by itself
where a sender is set up. Whether it may ever be sent is told by the case as it is then, not by what it was
when the message was made. What may be a danger to her is held:

| held because | until |
|---|---|
| she wrote how it is safe to reach her | an officer has read that, and says how it is met |
| nobody wrote how to reach whoever asked | an officer knows a way |
| an officer holds it | an officer lets it go |
| it could not be sent by itself, or it is not known whether it was | an officer has looked |
| what is sealed of it, or of its case, cannot be read | whoever runs the service has put it right |
| whoever asked wants no message | never |
| the number or e-mail given for whoever asked is the protected person's, who may not know | never |
| it is approved on pathway 4 since | never |

On pathway 4 no message is made.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

import msgspec
import structlog
from msgspec.structs import replace
from sqlalchemy import Connection, Row, exists, select, tuple_

from adapters.notifying.sending import Outgoing, Sender, SendingError
from engine.model import Contact
from service.access.model import Principal, Right
from service.cases import keys, rules
from service.cases.model import Case, CaseDocument, CaseState
from service.cases.tables import case_key, case_message, case_version
from service.errors import ConflictError, InvalidError, NotFoundError
from service.public.told import TellStep, told
from service.registry.registry import Registry
from service.storage import rows
from service.storage.unread import none_of, reading

MESSAGE = "message"
"""The kind of its records."""
STEPS: dict[str, TellStep] = {
    "received": "received",
    "approved": "in_force",
    "joined": "in_force",
    "refused": "refused",
    "withdrawal_asked": "withdrawal_asked",
    "ended": "ended",
    "closed": "closed",
}
"""What is told, by the ledger's word for the step."""

SAFELY = "she wrote how it is safe to reach her: read that first"
NO_WAY = "nobody wrote how to reach whoever asked"
NO_MESSAGE = "whoever asked wants no message"
HERS = "it would reach the protected person herself, who may not know of it"
CONCERN = "it was approved on pathway 4 since"
UNSURE = "it may have been sent: look for its number at whoever carries messages"
NOT_TAKEN = "it could not be sent by itself"
UNREAD = "it cannot be read: tell whoever runs the service"
FOR_GOOD = frozenset({NO_MESSAGE, HERS, CONCERN})
"""Why a message is never sent."""

_NO_MESSAGE = re.compile(
    r"(please[ ,]+)?(do not|don.?t|never|no) (ever )?contact( me| us)?( at all| again| in any way)?[.!]*"
    r"|peidiwch (â|a) chysylltu( â ni| â mi| â fi)?( o gwbl| eto)?[.!]*",
    re.IGNORECASE,
).fullmatch
"""The whole of a wish not to be contacted; whatever says more than that is for a person to read."""


AFTER = timedelta(minutes=15)
"""How long an officer has to hold a message before it is sent by itself."""
SENDER = "outbox"
"""Who sends then, in the ledger."""
_log = structlog.get_logger(__name__)


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    HELD = "held"


class SealedMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sealed of it."""

    to: str
    """An e-mail address, or a telephone number where there is none; empty where nobody wrote either."""
    subject: str
    text: str
    safely: str = ""
    """How she can be reached without danger, in her words."""
    held_because: str = ""
    released_because: str = ""
    how: str = ""
    """How it was sent."""


class CaseMessage(NamedTuple):
    """One message with what is plain of it."""

    case: str
    version: int
    """Of the case, that it tells of."""
    at: datetime
    step: str
    state: MessageState
    done_by: str | None
    """Who sent it, held it or let it go."""
    done_at: datetime | None
    message: SealedMessage

    @property
    def is_for_a_person(self) -> bool:
        """Whether a person sends it: one let it go, or has to read first how she can be reached."""
        message = self.message
        return bool(message.safely or message.released_because or not message.to)

    @property
    def is_for_good(self) -> bool:
        """Whether it is held and never sent."""
        return self.state is MessageState.HELD and self.message.held_because in FOR_GOOD

    @property
    def is_unread(self) -> bool:
        """Whether nobody could read what is sealed of it."""
        return self.message is _NOTHING_READ


_NOTHING_READ = SealedMessage(to="", subject="", text="", held_because=UNREAD)
WANTED = (
    select(case_message, case_key.c.sealed.label("key"), case_version.c.prisoner)
    .join(case_version, case_version.c.latest & (case_version.c.id == case_message.c.id))
    .outerjoin(case_key, case_key.c.id == case_message.c.id)
    .where(case_version.c.state != CaseState.DESTROYED.value)
)
"""Messages with the key and the prisoner of their case; of one that was destroyed they are gone with it."""

_decode = msgspec.msgpack.Decoder(SealedMessage).decode
_encode = msgspec.msgpack.Encoder().encode


class Outbox:
    """Keeps the messages. Safe to share between threads."""

    def __init__(self, registry: Registry, now: Callable[[Connection, str], CaseDocument]) -> None:
        """`registry` knows where prisoners are: whose cases an officer may see; `now` reads a case by its id
        as it is, and raises as `service.storage.unread` lists it."""
        self._registry, self._journal, self._now = registry, registry.journal, now

    def put(self, connection: Connection, case: Case, outcome: str) -> None:
        """Write the message of a step, in the transaction of the case's version that it tells of."""
        step, considered = STEPS.get(outcome), case.document.consideration
        if considered is not None and considered.pathway == 4:
            if outcome in ("approved", "joined"):
                self._hold_all(connection, case)
            return
        if step is None:
            return
        asked = case.document.asked
        said = told(step, asked.reference or case.id, asked.asker.language)
        held_because = _why_held(case.document)
        state = MessageState.HELD if held_because else MessageState.WAITING
        message = SealedMessage(
            to=asked.asker.email or asked.asker.phone,
            subject=said.subject,
            text=said.text,
            safely=asked.asker.safely,
            held_because=held_because,
        )
        row = {
            "id": case.id,
            "version": case.version,
            "at": case.at,
            "step": step,
            "state": state.value,
            "done_by": None,
            "done_at": None,
            "sealed": self._sealed(connection, message, case.id, case.version),
        }
        self._record(connection, case.author, case.id, case.version, state)
        rows.insert(connection, self._journal.vault, case_message, [row])

    def of_case(self, id_: str) -> list[CaseMessage]:
        """Those of a case, the first first; whoever shows them records that, as of all that is protected."""
        wanted = WANTED.where(case_message.c.id == id_).order_by(case_message.c.version)
        with self._journal.database.read() as connection:
            every = [self._listed(row) for row in connection.execute(wanted).all()]
            return [self._as_of_now(connection, one) for one in every]

    def unsent(
        self, by: Principal, *, after: tuple[datetime, str, int] | None = None, limit: int = 50
    ) -> list[CaseMessage]:
        """What is still to be sent or to be looked at, of the prisons that `by` may see, the oldest first;
        from behind a message, by its time, case and version."""
        by.require(Right.HANDLE_CASES)
        found = case_message.c
        latest = case_version.c.latest & (case_version.c.id == found.id)
        wanted = select(found.at, found.id, found.version)  # the keys alone, in the order of their index
        if by.prisons:
            theirs = self._registry.prisoners.are_in(case_version.c.prisoner, by.prisons)
            wanted = wanted.where(exists().where(latest, theirs))
        if after is not None:
            wanted = wanted.where(found.at >= after[0], tuple_(found.at, found.id, found.version) > after)
        wanted = wanted.order_by(found.at, found.id, found.version).execution_options(yield_per=limit)
        states = [found.state == one.value for one in (MessageState.WAITING, MessageState.HELD)]
        states.append(none_of(found.state, MessageState))
        shown: list[CaseMessage] = []
        with self._journal.database.read() as connection:
            in_order = heapq.merge(*(connection.execute(wanted.where(one)) for one in states))
            while len(shown) < limit and (some := list(islice(in_order, limit))):
                keys_of = {(row.id, row.version) for row in some}
                # By the case alone: for pairs SQLite would go through the whole table.
                these = connection.execute(WANTED.where(found.id.in_({id_ for id_, _ in keys_of}))).all()
                of_page = [row for row in these if (row.id, row.version) in keys_of]
                mine = [
                    self._listed(row) for row in of_page if by.covers(self._registry.where_is(row.prisoner))
                ]
                mine.sort(key=lambda one: (one.at, one.case, one.version))
                of_now = [self._as_of_now(connection, one) for one in mine]
                shown += [one for one in of_now if not one.is_for_good]
        return shown[:limit]

    def mark_sent(self, by: Principal, case: Case, version: int, how: str) -> None:
        """Note that somebody sent it. Raises ConflictError for what does not wait, InvalidError."""
        if not how.strip():
            raise InvalidError("say how it was sent", "how")
        with self._journal.write() as connection:
            one = self._one(connection, case.id, version, MessageState.WAITING)
            self._change(connection, by.id, one, MessageState.SENT, replace(one.message, how=how))

    def hold(self, by: Principal, case: Case, version: int, because: str) -> None:
        """Keep it from being sent. Raises as `mark_sent`."""
        if not because.strip():
            raise InvalidError("say why", "because")
        with self._journal.write() as connection:
            one = self._one(connection, case.id, version, MessageState.WAITING)
            held = replace(one.message, held_because=because)
            self._change(connection, by.id, one, MessageState.HELD, held)

    def release(self, by: Principal, case: Case, version: int, because: str) -> None:
        """Let it be sent by somebody, who says how that is safe. Raises as `mark_sent`, and ConflictError for
        what is never sent."""
        if not because.strip():
            raise InvalidError("say how it can be sent safely", "because")
        with self._journal.write() as connection:
            one = self._one(connection, case.id, version, MessageState.HELD)
            if one.is_for_good:
                raise ConflictError(f"it is not sent: {one.message.held_because}")
            let_go = replace(one.message, held_because="", released_because=because)
            self._change(connection, by.id, one, MessageState.WAITING, let_go)

    def send(self, sender: Sender) -> int:
        """One round of sending what waits by itself; gives how many were sent.

        Only what nobody has to read first: a wish how she is reached is for a person. A message is held
        before it is handed over, so that it goes once at the most; where it is not known whether it went,
        it stays held, for an officer to look. One that cannot be read, or noted, stops no other.
        """
        wanted = (
            WANTED.where(case_message.c.state == MessageState.WAITING.value)
            .where(case_message.c.at <= self._journal.clock() - AFTER)
            .order_by(case_message.c.at, case_message.c.id)
        )
        with self._journal.database.read() as connection:
            waiting = [self._listed(row) for row in connection.execute(wanted)]
        sent = 0
        for one in waiting:
            if not one.is_for_a_person:  # nor is it one that was not read: that has no address
                with reading(self._journal.vault, MESSAGE, _place_of(one.case, one.version)):
                    sent += self._send(sender, one)
        return sent

    def _send(self, sender: Sender, one: CaseMessage) -> bool:
        held = replace(one.message, held_because=UNSURE)
        try:
            with self._journal.write() as connection:
                self._one(connection, one.case, one.version, MessageState.WAITING)
                self._change(connection, SENDER, one, MessageState.HELD, held)
        except ConflictError:  # somebody was quicker
            return False
        reference = f"{one.case}-{one.version}"
        state, after = MessageState.SENT, replace(one.message, how=sender.name)
        try:
            sender.send(Outgoing(reference, one.message.to, one.message.subject, one.message.text))
        except SendingError as error:
            state, after = MessageState.HELD, replace(held, held_because=f"{NOT_TAKEN}: {error}")
        except Exception as error:  # it may have been sent
            _log.error("message_may_be_sent", error=type(error).__name__)
            return False
        with self._journal.write() as connection:
            self._change(connection, SENDER, one, state, after)
        return state is MessageState.SENT

    def _hold_all(self, connection: Connection, case: Case) -> None:
        wanted = WANTED.where(case_message.c.id == case.id)
        for row in connection.execute(wanted).all():
            one = self._listed(row)
            if one.state is not MessageState.SENT and not one.is_unread:
                held = replace(one.message, held_because=CONCERN)
                self._change(connection, case.author, one, MessageState.HELD, held)

    def _change(
        self,
        connection: Connection,
        actor: str,
        one: CaseMessage,
        state: MessageState,
        message: SealedMessage,
    ) -> None:
        self._record(connection, actor, one.case, one.version, state)
        this = (case_message.c.id == one.case, case_message.c.version == one.version)
        values = {
            "state": state.value,
            "done_by": actor,
            "done_at": self._journal.clock(),
            "sealed": self._sealed(connection, message, one.case, one.version),
        }
        rows.update(connection, self._journal.vault, case_message, this, values)

    def _record(
        self, connection: Connection, actor: str, id_: str, version: int, state: MessageState
    ) -> None:
        latest = case_version.c.latest & (case_version.c.id == id_)
        about = connection.execute(
            select(case_version.c.prisoner, case_version.c.establishment).where(latest)
        ).one()
        subject = _place_of(id_, version)
        record = self._journal.record(
            actor, subject, state.value, prisoner=about.prisoner, establishment=about.establishment
        )
        self._journal.append(connection, [record])

    def _one(self, connection: Connection, id_: str, version: int, state: MessageState) -> CaseMessage:
        this = (case_message.c.id == id_, case_message.c.version == version)
        row = connection.execute(WANTED.where(*this)).one_or_none()
        if row is None:
            raise NotFoundError("there is no such message")
        one = _held_by(self._now(connection, id_), self._message(row))
        if one.state is not state:
            raise ConflictError(f"the message is {one.state.value}: this cannot be done now")
        return one

    def _sealed(self, connection: Connection, message: SealedMessage, id_: str, version: int) -> bytes:
        return keys.seal(connection, self._journal.vault, id_, _place_of(id_, version), _encode(message))

    def _listed(self, row: Row[Any]) -> CaseMessage:
        """A row of WANTED among others: where it cannot be read, it is held as that."""
        with reading(self._journal.vault, MESSAGE, _place_of(row.id, row.version)):
            return self._message(row)
        plain = (row.id, row.version, row.at, row.step)
        return CaseMessage(*plain, MessageState.HELD, row.done_by, row.done_at, _NOTHING_READ)

    def _as_of_now(self, connection: Connection, one: CaseMessage) -> CaseMessage:
        """One among others, by its case as it is: where that cannot be read, the message is held as that."""
        if one.state is MessageState.SENT or one.is_unread:
            return one
        with reading(self._journal.vault, MESSAGE, _place_of(one.case, one.version)):
            return _held_by(self._now(connection, one.case), one)
        return one._replace(state=MessageState.HELD, message=_NOTHING_READ)

    def _message(self, row: Row[Any]) -> CaseMessage:
        """A row of WANTED. Raises as `service.storage.unread` lists it."""
        rows.require(self._journal.vault, case_message, row)
        place = _place_of(row.id, row.version)
        opened = keys.open_(self._journal.vault, row.key, row.id, place, row.sealed)
        state = MessageState(row.state)
        return CaseMessage(
            row.id, row.version, row.at, row.step, state, row.done_by, row.done_at, _decode(opened)
        )


def _place_of(id_: str, version: int) -> str:
    """Where a message is sealed."""
    return f"{MESSAGE}/{id_}/{version}"


def _held_by(document: CaseDocument, one: CaseMessage) -> CaseMessage:
    """A message as its case tells: what is never sent is held, whatever it was when it was made."""
    never = _why_never(document)
    if one.state is MessageState.SENT or not never:
        return one
    return one._replace(state=MessageState.HELD, message=replace(one.message, held_because=never))


def _why_held(document: CaseDocument) -> str:
    """Why a message is not sent as it is; empty for no reason."""
    asker, never = document.asked.asker, _why_never(document)
    if never or asker.safely.strip():
        return never or SAFELY
    return "" if asker.email or asker.phone else NO_WAY


def _why_never(document: CaseDocument) -> str:
    """Why no message of a case is ever sent; empty for no reason."""
    asker, considered = document.asked.asker, document.consideration
    if considered is not None and considered.pathway == 4:
        return CONCERN
    if asker.who != "self" and _points(asker.phone, asker.email) & set(_hers(document)):
        return HERS
    return NO_MESSAGE if _NO_MESSAGE(asker.safely.strip()) else ""


def _hers(document: CaseDocument) -> Iterator[tuple[str, str]]:
    person = document.asked.person
    wrong = (point for one in document.corrections for point in rules.contacts_of(one.kind, one.old))
    yield from rules.points_of((*document.contacts, *wrong))
    for phone in person.numbers:
        yield from _points(phone, "")
    for email in (*person.emails, *person.accounts):  # who types an account may well type an address
        yield from _points("", email)


def _points(phone: str, email: str) -> set[tuple[str, str]]:
    contacts = [Contact(kind="phone", value=phone)] if phone else []
    contacts += [Contact(kind="email", value=email)] if email else []
    return rules.points_of(contacts)
