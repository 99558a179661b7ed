"""What another policy would have decided: the attempts of the last days, screened again under both.

The blocklist is the one in force now, for both, so that only the policy differs. A message is screened
without the ones before it. Nothing of an attempt is told but its number in the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select

from engine.blocklist import Blocklist
from engine.model import Attempt, Decision
from engine.policy import Policy
from engine.screener import Screener
from service.ledger import payloads
from service.ledger.record import Kind, ledger
from service.registry.journal import Journal
from service.storage.sealing import SealError

MOST_EXAMPLES = 20
MOST_AT_A_PAGE = 20_000
"""Attempts that the console goes through: a few seconds."""
AT_ONCE = 1_000


class Changed(NamedTuple):
    """How many would be decided otherwise."""

    channel: str
    code: str
    """The gravest reason under the policy that stops it; empty where none does."""
    now: str
    then: str
    attempts: int


class Report(NamedTuple):
    """What came of it."""

    attempts: int
    unreadable: int
    changed: tuple[Changed, ...]
    examples: tuple[int, ...]
    """Numbers in the ledger of some that would change."""


def backtest(
    journal: Journal,
    blocklist: Blocklist,
    live: Policy,
    proposed: Policy,
    *,
    days: int,
    limit: int | None = None,
) -> Report:
    """Screen the attempts of the last `days` again, the newest `limit` of them, under both policies."""
    now, then = Screener(blocklist, live), Screener(blocklist, proposed)
    counts: Counter[tuple[str, str, str, str]] = Counter()
    examples: list[int] = []
    attempts = unreadable = 0
    for seq, attempt in _attempts(journal, days, limit):
        if attempt is None:
            unreadable += 1
            continue
        attempts += 1
        at = journal.clock()
        before, after = now.check(attempt, at), then.check(attempt, at)
        if before.decision != after.decision:
            counts[attempt.channel, _code(before, after), before.decision, after.decision] += 1
            if len(examples) < MOST_EXAMPLES:
                examples.append(seq)
    changed = tuple(Changed(*key, count) for key, count in sorted(counts.items()))
    return Report(attempts, unreadable, changed, tuple(examples))


def _attempts(journal: Journal, days: int, limit: int | None) -> Iterator[tuple[int, Attempt | None]]:
    """Attempts with their numbers, the newest first; None for one that cannot be opened."""
    since = journal.clock() - timedelta(days=days)
    wanted = (
        select(ledger.c.seq, ledger.c.subject, ledger.c.sealed)
        .where(ledger.c.kind == Kind.DECISION.value, ledger.c.at >= since, ledger.c.channel != "contact")
        .order_by(ledger.c.seq.desc())
        .limit(limit)
    )
    with journal.database.read() as connection:
        for row in connection.execute(wanted.execution_options(yield_per=AT_ONCE)):
            try:
                yield row.seq, payloads.attempt_of(journal.vault, row.subject, row.sealed)
            except SealError:
                yield row.seq, None


def _code(before: Decision, after: Decision) -> str:
    """The first reason of the stricter answer: reasons come the gravest first."""
    for decision in sorted((before, after), key=lambda one: one.decision == "allow"):
        if decision.reasons:
            return decision.reasons[0].code.value
    return ""
