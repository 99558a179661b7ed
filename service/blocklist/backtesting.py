"""What another policy would have decided: the attempts of the last days, screened again under both.

The blocklist is the one in force now, for both, so that only the policy differs. A message is screened with
the ones before it among these attempts. Nothing of an attempt is told but its number in the ledger. What the
service tried itself, and nothing but canaries met, is no attempt here.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from engine.blocklist import Blocklist
from engine.canary import PRISONERS_LIKE, tried_by_us
from engine.model import Attempt, Decision
from engine.policy import Policy
from engine.screener import Screener
from engine.window import MessageWindow
from service.check.recording import codes_of
from service.ledger import payloads
from service.ledger.record import Kind, ledger
from service.registry.journal import Journal
from service.storage.sealing import SealError

MOST_EXAMPLES = 20
MOST_AT_A_PAGE = 20_000
"""Attempts that the console goes through: a few seconds."""
AT_ONCE = 1_000


class PastAttempt(NamedTuple):
    """An attempt in the ledger. `attempt` is None where it cannot be opened."""

    seq: int
    at: datetime
    establishment: str | None
    attempt: Attempt | None


class Changed(NamedTuple):
    """How many would be decided otherwise."""

    channel: str
    code: str
    """The gravest reason under the policy that stops it; empty where none does."""
    now: str
    then: str
    attempts: int


class Backtest(NamedTuple):
    """What came of it."""

    attempts: int
    unreadable: int
    changed: tuple[Changed, ...]
    examples: tuple[int, ...]
    """Numbers in the ledger of the last ones that would change, the newest first."""

    @property
    def let_through(self) -> int:
        """How many are stopped or held now, and would not be."""
        return sum(one.attempts for one in self.changed if one.then == "allow")


def backtest(
    journal: Journal,
    blocklist: Blocklist,
    live: Policy,
    proposed: Policy,
    *,
    days: int,
    limit: int | None = None,
) -> Backtest:
    """Screen the attempts of the last `days` again, the newest `limit` of them, under both policies."""
    now, then = Screener(blocklist, live), Screener(blocklist, proposed)
    counts: Counter[tuple[str, str, str, str]] = Counter()
    examples: deque[int] = deque(maxlen=MOST_EXAMPLES)
    window = MessageWindow()
    attempts = unreadable = 0
    for past in past_attempts(journal, days, limit):
        seq, attempt = past.seq, past.attempt
        if attempt is None:
            unreadable += 1
            continue
        attempts += 1
        at = journal.clock()
        earlier = window.before(attempt, seq)
        before, after = now.check(attempt, at, earlier), then.check(attempt, at, earlier)
        window.remember(attempt, seq, before)
        if before.decision != after.decision:
            code = code_of(answer_of(before), answer_of(after))
            counts[attempt.channel, code, before.decision, after.decision] += 1
            examples.appendleft(seq)
    changed = tuple(Changed(*key, count) for key, count in sorted(counts.items()))
    return Backtest(attempts, unreadable, changed, tuple(examples))


def past_attempts(
    journal: Journal, days: int, limit: int | None = None, *, outcome: str | None = None
) -> Iterator[PastAttempt]:
    """Attempts of the last `days`, the oldest first, or the newest `limit` of them; those that were answered
    with `outcome` alone, where one is named."""
    kept = of_attempts(journal.clock() - timedelta(days=days))
    if outcome is not None:
        kept.append(ledger.c.outcome == outcome)
    columns = (ledger.c.seq, ledger.c.at, ledger.c.establishment, ledger.c.subject, ledger.c.sealed)
    wanted = select(*columns).where(*kept).order_by(ledger.c.seq)
    if limit is not None:
        newest = select(ledger.c.seq).where(*kept).order_by(ledger.c.seq.desc()).limit(limit).subquery()
        wanted = wanted.where(ledger.c.seq >= select(func.min(newest.c.seq)).scalar_subquery())
    with journal.database.read() as connection:
        ours = canaries_among(connection, kept)
        for row in connection.execute(wanted.execution_options(yield_per=AT_ONCE)):
            if row.seq in ours:
                continue
            try:
                attempt = payloads.attempt_of(journal.vault, row.subject, row.sealed)
            except SealError:
                attempt = None
            yield PastAttempt(row.seq, row.at, row.establishment, attempt)


def of_attempts(since: datetime) -> list[ColumnElement[bool]]:
    """Which records are attempts of a time."""
    return [ledger.c.kind == Kind.DECISION.value, ledger.c.at >= since, ledger.c.channel != "contact"]


def canaries_among(connection: Connection, kept: Sequence[ColumnElement[bool]]) -> dict[int, str | None]:
    """Numbers in the ledger of the canaries among such attempts, each with what was answered."""
    columns = (ledger.c.seq, ledger.c.outcome, ledger.c.prisoner, ledger.c.detail)
    imaginary = select(*columns).where(*kept, ledger.c.prisoner.like(PRISONERS_LIKE))
    return {
        row.seq: row.outcome
        for row in connection.execute(imaginary)
        if tried_by_us(row.prisoner, payloads.tried(row.detail).restrictions)
    }


class Answer(NamedTuple):
    """What was or would be answered, with its reason codes, the gravest first."""

    decision: str
    codes: tuple[str, ...]


def answer_of(decision: Decision) -> Answer:
    """A decision without what it is about."""
    return Answer(decision.decision, codes_of(decision))


def code_of(before: Answer, after: Answer) -> str:
    """The first reason of the stricter answer; empty where neither has one."""
    for answer in sorted((before, after), key=lambda one: one.decision == "allow"):
        if answer.codes:
            return answer.codes[0]
    return ""
