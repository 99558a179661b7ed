"""The queue: what was flagged comes in with its decision, is claimed, decided, and takes effect.

A claim is a lease with a **fencing token**: each claim counts it up, and a decision names the one it was made
under. Whoever comes back after the lease ran out and somebody else claimed the item is refused. Everything
here is one conditional update in the service's own database, so that of two reviewers one wins.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from service.access.model import Principal, Right
from service.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.ledger import payloads, search
from service.ledger.payloads import Decided
from service.ledger.record import Kind, Record, ledger, of_no_attempt
from service.registry.journal import Journal, some_at_once
from service.review.model import (
    ESCALATED_GRAVITY,
    LEASE,
    LETS_GO,
    REASONS,
    REVIEW,
    UNDO,
    WAITING,
    ItemState,
    Outcome,
    ReviewItem,
    Standing,
    Stood,
)
from service.review.shown import Filter, conditions
from service.review.tables import review_item, tried
from service.storage import rows

SHOWN_AT_ONCE = 50
"""Items of one page."""
LONGEST_NOTE = 2_000
"""Characters."""
ESCALATED = "escalated"
"""What the ledger calls it. Who did is asked there: the columns have the last decision alone."""

_WAITING = [state.value for state in WAITING]


class Counts(NamedTuple):
    """How many wait; `mine` are the reviewer's own."""

    total: int
    overdue: int
    late: int
    """Held for so long that it is an alarm."""
    mine: int
    by_channel: dict[str, int]
    by_prison: dict[str, int]
    by_code: dict[str, int]


class Reviews:
    """Keeps the queue. Safe to share between threads."""

    def __init__(self, journal: Journal) -> None:
        """Items come in by `queue_up`."""
        self._journal = journal

    def page(
        self, shown: Filter, *, after: tuple[int, datetime, int] | None = None, limit: int = SHOWN_AT_ONCE
    ) -> list[ReviewItem]:
        """What waits, the gravest first and of those the oldest; from behind `after`, which is an item's
        gravity, time and number."""
        wanted = select(*_COLUMNS).where(*self._conditions(shown))
        if after is not None:
            gravity, at, seq = after
            later = or_(
                review_item.c.gravity < gravity,
                and_(
                    review_item.c.gravity == gravity,
                    or_(review_item.c.at > at, and_(review_item.c.at == at, review_item.c.seq > seq)),
                ),
            )
            wanted = wanted.where(later)
        order = (review_item.c.gravity.desc(), review_item.c.at, review_item.c.seq)
        with self._journal.database.read() as connection:
            return [_item(row) for row in connection.execute(wanted.order_by(*order).limit(limit))]

    def missing(self, by: Principal) -> list[str]:
        """Items of somebody's prisons that the queue leaves out, as far as it was noticed
        (`service.operations.missing`), or whose decision could not take effect."""
        noted = [int(one) for one in self._journal.vault.unread.get(REVIEW, set()).copy()]
        wanted = select(review_item.c.seq).where(review_item.c.seq.in_(noted))
        if by.prisons:
            wanted = wanted.where(review_item.c.establishment.in_(sorted(by.prisons)))
        with self._journal.database.read() as connection:
            return [str(seq) for seq in connection.execute(wanted.order_by(review_item.c.seq)).scalars()]

    def counts(self, by: Principal, shown: Filter, longest: timedelta) -> Counts:
        """How many wait in the reviewer's prisons, whatever else is filtered; late after `longest`."""
        mine = Filter(prisons=shown.prisons)
        now = self._journal.clock()
        groups = (review_item.c.channel, review_item.c.establishment, review_item.c.code)
        wanted = select(*groups, func.count().label("count")).where(*self._conditions(mine)).group_by(*groups)
        waiting = select(func.count()).where(*self._conditions(mine))
        by_channel: dict[str, int] = {}
        by_prison: dict[str, int] = {}
        by_code: dict[str, int] = {}
        with self._journal.database.read() as connection:
            for row in connection.execute(wanted):
                channel, prison, code, count = row
                by_channel[channel] = by_channel.get(channel, 0) + count
                by_prison[prison or "?"] = by_prison.get(prison or "?", 0) + count
                by_code[code] = by_code.get(code, 0) + count
            overdue = connection.execute(waiting.where(review_item.c.due < now)).scalar_one()
            late = connection.execute(waiting.where(review_item.c.at < now - longest)).scalar_one()
        total = sum(by_channel.values())
        return Counts(total, int(overdue), int(late), self.mine(by), by_channel, by_prison, by_code)

    def mine(self, by: Principal) -> int:
        """How many items are the reviewer's own at the moment."""
        held = select(func.count()).where(
            review_item.c.claimed_by == by.id,
            review_item.c.lease_until > self._journal.clock(),
            review_item.c.state.in_(_WAITING),
        )
        with self._journal.database.read() as connection:
            return int(connection.execute(held).scalar_one())

    def get(self, by: Principal, seq: int) -> ReviewItem:
        """One item. Raises NotFoundError, for one outside the reviewer's prisons too."""
        with self._journal.database.read() as connection:
            return self._require(connection, by, seq)

    def claim(self, by: Principal, seq: int) -> ReviewItem:
        """Make it one's own for ten minutes; one's own again renews it, under a new token.

        Raises NotFoundError, ConflictError where somebody else has it or it is decided; NotAllowedError for
        a second look at what one would let go, or has escalated.
        """
        by.require(Right.REVIEW)
        with self._journal.database.write() as connection:
            before = self._require(connection, by, seq)
            done = self._done_by(connection, by, before)
            if done is not None:
                raise NotAllowedError(f"you {done}: it takes somebody else")
            return self._claim(connection, by, before)

    def claim_next(self, by: Principal, shown: Filter) -> ReviewItem | None:
        """Claim the first item that nobody has; None when there is none."""
        by.require(Right.REVIEW)
        now = self._journal.clock()
        free = or_(review_item.c.lease_until.is_(None), review_item.c.lease_until <= now)
        not_own = or_(review_item.c.decided_by.is_(None), review_item.c.decided_by != by.id)
        escalated = exists().where(
            ledger.c.subject == literal("review/") + cast(review_item.c.seq, String),
            of_no_attempt,
            ledger.c.kind == Kind.REVIEW.value,
            ledger.c.outcome == ESCALATED,
            ledger.c.actor == by.id,
        )
        not_escalated = or_(review_item.c.gravity < ESCALATED_GRAVITY, ~escalated)
        wanted = (
            select(*_COLUMNS)
            .where(*self._conditions(shown), free, not_own, not_escalated)
            .order_by(review_item.c.gravity.desc(), review_item.c.at, review_item.c.seq)
            .limit(1)
        )
        with self._journal.database.write() as connection:
            row = connection.execute(wanted.with_for_update(skip_locked=True)).one_or_none()
            return None if row is None else self._claim(connection, by, _item(row))

    def takes_another(self, by: Principal, item: ReviewItem) -> bool:
        """Whether it waits, and not for this reviewer: they would let it go, or escalated it."""
        with self._journal.database.read() as connection:
            return self._done_by(connection, by, item) is not None

    def skip(self, by: Principal, seq: int, token: int, why: str = "") -> ReviewItem:
        """Give it back. Raises as `decide`."""
        with self._journal.database.write() as connection:
            before = self._hold(connection, by, seq, token)
            values = {"claimed_by": None, "lease_until": None}
            return self._store(connection, by, before, values, "skipped", note=why)

    def decide(
        self, by: Principal, seq: int, token: int, outcome: Outcome, reason: str, note: str = ""
    ) -> ReviewItem:
        """Decide, under the token of one's claim; in effect 30 seconds later.

        What is guarded, and would be let go, waits for a second reviewer, who decides anew. Raises
        InvalidError without a reason from the list, NotFoundError, and ConflictError where the token is old,
        or would let go what they have not opened.
        """
        _check(outcome, reason, note)
        now = self._journal.clock()
        with self._journal.database.write() as connection:
            before = self._hold(connection, by, seq, token)
            if outcome in LETS_GO and not search.has_seen(connection, by.id, f"review/{seq}"):
                raise ConflictError("open its details first: nobody lets go what he has not seen", "outcome")
            values: dict[str, Any] = {"claimed_by": None, "lease_until": None, "outcome": outcome.value}
            values |= {"reason": reason, "decided_at": now}
            if outcome is Outcome.ESCALATE:
                gravity = before.gravity % ESCALATED_GRAVITY + ESCALATED_GRAVITY
                values |= {
                    "state": ItemState.OPEN.value,
                    "outcome": None,
                    "decided_by": by.id,  # so that it is not theirs to claim
                    "gravity": gravity,
                }
                return self._store(connection, by, before, values, ESCALATED, reason, note)
            if before.state is ItemState.SECOND:
                values |= {"second_by": by.id}
            else:
                values |= {"decided_by": by.id}
            if outcome in LETS_GO and before.guarded and before.state is not ItemState.SECOND:
                values |= {"state": ItemState.SECOND.value}
                return self._store(connection, by, before, values, "asks_second", reason, note, outcome)
            values |= {"state": ItemState.DECIDED.value, "effective_at": now + UNDO}
            return self._store(connection, by, before, values, outcome.value, reason, note)

    def undo(self, by: Principal, seq: int) -> ReviewItem:
        """Take one's decision back within 30 seconds; the item is one's own again.

        Raises NotFoundError, ConflictError where it is in effect or somebody else's.
        """
        now = self._journal.clock()
        with self._journal.database.write() as connection:
            before = self._require(connection, by, seq)
            last = before.second_by or before.decided_by
            pending = before.state is ItemState.DECIDED and before.effective_at is not None
            if not pending or last != by.id or before.effective_at is None or now >= before.effective_at:
                raise ConflictError("too late, or not your decision")
            values: dict[str, Any] = {"state": ItemState.OPEN.value, "outcome": None, "effective_at": None}
            if before.second_by is not None:
                values |= {"state": ItemState.SECOND.value, "second_by": None}
            else:
                escalators = self._escalators(connection, before)
                values |= {"decided_by": escalators[0] if escalators else None}
            values |= {"claimed_by": by.id, "lease_until": now + LEASE, "token": before.token + 1}
            return self._store(connection, by, before, values, "undone")

    def due(self, limit: int = 100) -> list[ReviewItem]:
        """Decisions that are in effect and not settled yet."""
        wanted = select(*_COLUMNS).where(
            review_item.c.state == ItemState.DECIDED.value,
            review_item.c.effective_at <= self._journal.clock(),
        )
        with self._journal.database.read() as connection:
            return [_item(row) for row in connection.execute(wanted.order_by(review_item.c.seq).limit(limit))]

    def settle(self, connection: Connection, item: ReviewItem) -> bool:
        """Mark as settled, in the transaction of what follows from it; False where somebody else has."""
        decided = (review_item.c.seq == item.seq, review_item.c.state == ItemState.DECIDED.value)
        settled = {"state": ItemState.SETTLED.value}
        if not rows.update(connection, self._journal.vault, review_item, decided, settled):
            return False
        record = self._record("system", item, "settled", outcome_was=item.outcome)
        self._journal.append(connection, [record])
        return True

    def withdraw(self, connection: Connection, seqs: Collection[int]) -> None:
        """Close what waits and is there no more; what was decided stays as it is."""
        for seq in seqs:
            item = self._find(connection, seq)
            if item is None or item.state not in WAITING:
                continue
            gone = {"state": ItemState.GONE.value, "claimed_by": None, "lease_until": None}
            rows.update(
                connection,
                self._journal.vault,
                review_item,
                [review_item.c.seq == seq],
                gone,
                changed_too=True,  # it is shown as changed all the same, and holds up no other
            )
            record = self._record("system", item, ItemState.GONE.value, token=item.token)
            self._journal.append(connection, [record])

    def stood(self, connection: Connection, seqs: Collection[int]) -> dict[int, Stood]:
        """What became of flags, by the numbers of their records: held, released or stopped.

        Without those that are in the queue no more, or never were.
        """
        found: dict[int, Stood] = {}
        for some in some_at_once(sorted(seqs)):
            wanted = select(review_item).where(review_item.c.seq.in_(some))
            found |= {row.seq: self._stood(row) for row in connection.execute(wanted)}
        return found

    def _stood(self, row: Row[Any]) -> Stood:
        if not rows.holds(self._journal.vault, review_item, row):  # nobody of the service released it
            return Stood(Standing.HELD)
        if row.effective_at is None or not self._is_in_effect(row.state, row.effective_at):
            return Stood(Standing.HELD)
        standing = Standing.RELEASED if row.outcome in LETS_GO else Standing.STOPPED
        return Stood(standing, row.effective_at)

    def _is_in_effect(self, state: str, effective_at: datetime) -> bool:
        """What is settled is in effect, however the clock is set back afterwards."""
        return state == ItemState.SETTLED or self._journal.clock() >= effective_at

    def open(self, by: Principal, item: ReviewItem, why: str) -> Decided:
        """What was sent and why it was flagged; recorded before it is shown. Raises NotAllowedError."""
        by.require(Right.REVEAL)
        record = self._record(by.id, item, "seen", kind=Kind.VIEW)
        record = msgspec.structs.replace(
            record, sealed=payloads.seal(self._journal.vault, record.subject, why)
        )
        with self._journal.database.write() as connection:
            self._journal.append(connection, [record])
        return self.peek(item.seq)

    def peek(self, seq: int) -> Decided:
        """The same for the service itself; whoever shows it records that. Raises NotFoundError."""
        with self._journal.database.read() as connection:
            record = search.read(connection, seq)
        return payloads.decided(self._journal.vault, record.subject, record.sealed)

    def tries_at(self, contact: bytes, limit: int = 20) -> list[search.Row]:
        """The last attempts at a contact point that were stopped, whoever made them."""
        wanted = (
            select(tried.c.seq).where(tried.c.contact == contact).order_by(tried.c.seq.desc()).limit(limit)
        )
        with self._journal.database.read() as connection:
            return [search.read(connection, seq) for seq in connection.execute(wanted).scalars()]

    def _conditions(self, shown: Filter) -> list[ColumnElement[bool]]:
        return conditions(shown, self._journal.clock())

    def waiting(self, shown: Filter) -> int:
        """How many wait, of what is shown."""
        wanted = select(func.count()).where(*self._conditions(shown))
        with self._journal.database.read() as connection:
            return int(connection.execute(wanted).scalar_one())

    def _require(self, connection: Connection, by: Principal, seq: int) -> ReviewItem:
        item = self._find(connection, seq)
        if item is None or not by.covers(item.establishment):
            raise NotFoundError("there is no such item")
        return item

    def _find(self, connection: Connection, seq: int) -> ReviewItem | None:
        if not 0 < seq <= search.LAST_SEQ:
            return None
        wanted = select(*_COLUMNS).where(review_item.c.seq == seq)
        row = connection.execute(wanted.with_for_update()).one_or_none()
        return None if row is None else _item(row)

    def _done_by(self, connection: Connection, by: Principal, item: ReviewItem) -> str | None:
        """What somebody did with a waiting item for which it takes another reviewer now."""
        if item.state is ItemState.SECOND and item.decided_by == by.id:
            return "would let it go"
        if item.state in WAITING and by.id in self._escalators(connection, item):
            return "escalated it"
        return None

    def _escalators(self, connection: Connection, item: ReviewItem) -> list[str]:
        """Everybody who escalated it, the last one first; whatever was decided and taken back since."""
        if item.gravity < ESCALATED_GRAVITY:
            return []
        return search.actors_of(connection, f"review/{item.seq}", Kind.REVIEW, ESCALATED)

    def _claim(self, connection: Connection, by: Principal, before: ReviewItem) -> ReviewItem:
        now = self._journal.clock()
        if before.state not in WAITING:
            raise ConflictError("it is decided")
        holder = before.held_by(now)
        if holder not in (None, by.id):
            raise ConflictError("somebody else has it")
        values = {"claimed_by": by.id, "lease_until": now + LEASE, "token": before.token + 1}
        return self._store(connection, by, before, values, "claimed")

    def _hold(self, connection: Connection, by: Principal, seq: int, token: int) -> ReviewItem:
        """The item, claimed by the caller under this token."""
        by.require(Right.REVIEW)
        by.require_person()
        item = self._require(connection, by, seq)
        if item.state not in WAITING or item.claimed_by != by.id or item.token != token:
            raise ConflictError("your claim has run out, and the item is somebody else's or decided", "token")
        return item

    def _store(
        self,
        connection: Connection,
        by: Principal,
        before: ReviewItem,
        values: dict[str, Any],
        act: str,
        reason: str | None = None,
        note: str = "",
        answer: Outcome | None = None,
    ) -> ReviewItem:
        vault, subject = self._journal.vault, f"review/{before.seq}"
        if reason is not None:
            values = {**values, "sealed": vault.seal(note.encode(), subject)}
        same = (
            review_item.c.seq == before.seq,
            review_item.c.token == before.token,
            review_item.c.state == before.state.value,
        )
        if not rows.update(connection, vault, review_item, same, values):
            raise ConflictError("somebody was first", "token")
        said = {"reason": reason, "answer": answer, "token": values.get("token", before.token)}
        record = self._record(by.id, before, act, **said)
        if note:
            record = msgspec.structs.replace(record, sealed=payloads.seal(vault, subject, note))
        self._journal.append(connection, [record])
        return _item(connection.execute(select(*_COLUMNS).where(review_item.c.seq == before.seq)).one())

    def _record(
        self, actor: str, item: ReviewItem, act: str, *, kind: Kind = Kind.REVIEW, **detail: object
    ) -> Record:
        record = self._journal.record(
            actor,
            f"review/{item.seq}",
            act,
            kind=kind,
            prisoner=item.prisoner,
            establishment=item.establishment,
            **{name: value for name, value in detail.items() if value is not None},
        )
        return msgspec.structs.replace(record, channel=item.channel, codes=item.code)


_COLUMNS = [column for column in review_item.columns if column.name not in ("sealed", rows.MAC)]


def _item(row: Row[Any]) -> ReviewItem:
    """An item among others, whatever its row says: it is not decided by what nobody knows, and its hash does
    not let it be changed."""
    values = row._asdict()
    values["state"] = ItemState(values["state"]) if values["state"] in [*ItemState] else ItemState.OPEN
    values["outcome"] = Outcome(values["outcome"]) if values["outcome"] in [*Outcome] else None
    return ReviewItem(**values)


def _check(outcome: Outcome, reason: str, note: str) -> None:
    if reason not in REASONS[outcome]:
        raise InvalidError("choose a reason from the list", "reason")
    if reason == "other" and not note.strip():
        raise InvalidError("say what the other reason is", "note")
    if len(note) > LONGEST_NOTE:
        raise InvalidError(f"longer than {LONGEST_NOTE:,} characters", "note")
