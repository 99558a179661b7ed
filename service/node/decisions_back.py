"""What reviewers at the centre decided of this node's flags, asked for again and again: by it what is held
here goes on.

Each answer is sealed with the node's own key, to this very question: nobody else makes one, and none counts a
second time. What is decided of an attempt takes effect here once, in the transaction of its record; what was
asked up to where stands in a file: lost, or older than it was, it has some told again. It is a number of the
centre's ledger and the hash of the record there: a centre that has not this record was restored, and is asked
from the first on. Without an answer all that is held stays held.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, select

from service.check.requests import request_key
from service.feed.api_messages import SETTLED_PATH, LedgerPlace, NodeSettled, open_settlements
from service.ledger import payloads, search
from service.ledger.record import Kind, ledger
from service.node.bookmark import Bookmark, read_bookmark
from service.node.centre_line import CentreLine
from service.registry.journal import Journal
from service.review.model import REVIEW, ItemState, Outcome
from service.review.queueing import enqueue
from service.review.settled import SETTLED
from service.review.tables import review_item
from service.storage import rows
from service.storage.rows import ChangedRowError
from service.storage.sealing import SealError

EVERY = 10.0
"""Seconds between two questions: a decision can be taken back for thirty."""
ASKED_UP_TO = "settled"
"""The file that says up to where."""
CENTRE = "centre"
"""Who decided, as this node knows it: the names of reviewers are the centre's."""

_log = structlog.get_logger(__name__)


class DecisionsBack:
    """Asks, and does what it is told; `step` for a `Repeating`. For one thread."""

    def __init__(
        self,
        line: CentreLine,
        node_key: bytes,
        journal: Journal,
        folder: Path,
        era: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`folder` holds the file. `era` is that of the list in force: a centre that begins anew may have
        given its numbers to other decisions, so all is asked again."""
        self._line, self._node_key, self._journal = line, node_key, journal
        self._file = folder / ASKED_UP_TO
        self._era_now = era
        self._at = read_bookmark(self._file)
        self._is_told = False

    def step(self) -> int:
        """Ask once; gives how many decisions there were. Raises httpx.HTTPError without an answer, SealError
        for one that is none to this question."""
        era = self._era_now()
        if era is not None and era != self._at.era:
            self._at = Bookmark(era=era)
        asked, after, there = secrets.token_hex(16), self._at.until, self._at.centre.hash
        answer = self._line.get(SETTLED_PATH, after=after, asked=asked, **({"hash": there} if there else {}))
        if answer.status_code == 404:
            self._tell_older()
            return 0
        answer.raise_for_status()
        told = open_settlements(self._node_key, asked, after, answer.content)
        if told.settled:
            with self._journal.write() as connection:
                for one in told.settled:
                    self._take(connection, one)
        if not told.is_known:
            _log.warning("centre_lacks_what_it_had", seq=after)
            self._note(Bookmark(era=self._at.era))
            return 1
        if told.after > after or (told.after == after and told.hash != there):
            self._note(Bookmark(told.after, self._at.era, LedgerPlace(told.after, told.hash)))
        return len(told.settled) or int(told.more)

    def _note(self, at: Bookmark) -> None:
        self._at = at
        at.write(self._file)

    def _take(self, connection: Connection, one: NodeSettled) -> None:
        """Let one decision take effect, once; what it is about has to be a flag of this node's."""
        record = self._flag(connection, one)
        if record is None:
            _log.error("decision_of_no_flag_here")
            return
        vault, seq = self._journal.vault, record.seq
        there = connection.execute(select(review_item.c.seq).where(review_item.c.seq == seq)).first()
        if there is None:  # of a version that kept none
            enqueue(connection, vault, [(seq, record, payloads.tried(record.detail))])
        outcome, now = Outcome.RELEASE if one.released else Outcome.UPHOLD, self._journal.clock()
        values: dict[str, Any] = {"state": ItemState.SETTLED.value, "outcome": outcome.value}
        values |= {"decided_by": CENTRE, "decided_at": now, "effective_at": now}
        waits = (review_item.c.seq == seq, review_item.c.state == ItemState.OPEN.value)
        try:
            if not rows.update(connection, vault, review_item, waits, values):
                return
        except ChangedRowError:  # it stays held, and holds up no other
            _log.error("held_item_was_changed", seq=seq)
            return
        made = self._journal.record(
            CENTRE,
            f"{REVIEW}/{seq}",
            SETTLED,
            kind=Kind.REVIEW,
            prisoner=record.prisoner,
            establishment=record.establishment,
            outcome_was=outcome,
        )
        made = msgspec.structs.replace(made, channel=record.channel, codes=record.codes)
        self._journal.append(connection, [made])

    def _flag(self, connection: Connection, one: NodeSettled) -> search.Row | None:
        """The record of this node's that is decided, by what is sealed in it; None where there is none."""
        vault = self._journal.vault
        names = (one.channel, "event") if one.channel == "call" else (one.channel,)
        subjects = [f"attempt/{request_key(vault, one.actor, name, one.id).hex()}" for name in names]
        wanted = select(ledger.c.seq).where(
            ledger.c.subject.in_(subjects), ledger.c.kind == Kind.DECISION.value, ledger.c.at == one.at
        )
        for seq in connection.execute(wanted).scalars().all():
            record = search.read(connection, seq)
            try:
                decision = payloads.decision_of(vault, record.subject, record.sealed)
            except SealError:
                continue
            if decision.decision == "flag" and decision.id == one.id:
                return record
        return None

    def _tell_older(self) -> None:
        if not self._is_told:
            _log.warning("centre_tells_no_decisions")
        self._is_told = True
