"""What another policy would have decided: of which attempts it is asked, and what is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from engine.blocklist import compile_blocklist
from engine.model import Attempt
from engine.policy import Policy, read_policy
from engine.screener import Screener
from service.blocklist.backtesting import MOST_EXAMPLES, Backtest, Changed, backtest
from service.ledger import payloads
from service.ledger.payloads import Decided
from service.ledger.record import Kind, Record, ledger
from service.registry.journal import Journal
from service.storage import sealing
from tests.service.databases import MASTER, sqlite_in
from tests.service.registry.listings import HIS, NUMBER, Clock, restriction

PACKAGED = files("engine").joinpath("policy.toml").read_text(encoding="utf-8")
LIVE = read_policy()
STRICT = read_policy(PACKAGED.replace('NEAR_NUMBER = "flag"', 'NEAR_NUMBER = "block"').encode())
LAX = read_policy(PACKAGED.replace('NEAR_NUMBER = "flag"', 'NEAR_NUMBER = "allow"').encode())
BLOCKLIST = compile_blocklist([restriction("R1", NUMBER)])
CHANGED = Changed("call", "NEAR_NUMBER", "flag", "block", 1)
NEAR, FREE = "07700 900124", "020 7946 0018"
ANSWERED = Screener(BLOCKLIST, LIVE).check(Attempt(id="C0", channel="call", to=FREE), Clock().now)


class Past:
    """A ledger of what was tried."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self.journal, self.clock = journal, clock

    def tried(self, to: str, *, kind: Kind = Kind.DECISION, met: Sequence[str] = (), **fields: Any) -> int:
        """An attempt; gives its number. What was answered then does not count."""
        subject = f"attempt/{self.clock().isoformat()}"
        given: dict[str, Any] = {"id": "C1", "channel": "call", "to": to, "prisoner": HIS}
        attempt = Attempt(**{**given, **fields})
        record = Record(
            at=self.clock(),
            kind=kind,
            actor="key:switch",
            subject=subject,
            prisoner=attempt.prisoner,
            channel=attempt.channel,
            outcome="block" if met else "allow",
            detail=payloads.plain({"restrictions": [*met]}),
            sealed=payloads.seal(self.journal.vault, subject, Decided(attempt, ANSWERED)),
        )
        with self.journal.write() as connection:
            (seq,) = self.journal.append(connection, [record])
        return seq

    def under(self, proposed: Policy, live: Policy = LIVE, **limits: Any) -> Backtest:
        """What comes of trying a policy on the last seven days."""
        return backtest(self.journal, BLOCKLIST, live, proposed, **{"days": 7, **limits})


def with_canaries(past: Past) -> None:
    """What a canary tried, and what was tried in its name that met something else, or nothing."""
    for met in (["canary-LEI-1"], ["canary-LEI-1", "R1"], []):
        past.tried(NUMBER, prisoner="Z0001QQ", met=met)


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    database, clock = sqlite_in(tmp_path), Clock()
    yield Past(Journal(database, sealing.open_vault(database, MASTER), clock), clock)
    database.close()


def test_what_changes_is_counted_by_its_gravest_reason_and_nothing_else_is(past: Past) -> None:
    seqs = [past.tried(to) for to in (NEAR, NUMBER, FREE, NEAR)]
    report = past.under(STRICT)
    assert report == Backtest(4, 0, (CHANGED._replace(attempts=2),), (seqs[3], seqs[0]))
    assert past.under(LIVE) == Backtest(4, 0, (), ())


def test_where_a_policy_lets_go_the_reason_is_that_which_stopped_it(past: Past) -> None:
    past.tried(NEAR)
    assert past.under(LAX).changed == (("call", "NEAR_NUMBER", "flag", "allow", 1),)
    assert past.under(LIVE, live=LAX).changed == (("call", "NEAR_NUMBER", "allow", "flag", 1),)


def test_only_attempts_of_the_days_count(past: Past) -> None:
    past.tried(NEAR)
    past.clock.now += timedelta(days=7)
    kept = past.tried(NEAR)
    past.tried(NEAR, kind=Kind.SYSTEM)
    assert past.under(STRICT).examples == (kept,)
    assert past.under(STRICT, days=8).attempts == 2


def test_of_more_than_the_limit_the_newest_count(past: Past) -> None:
    seqs = [past.tried(NEAR) for _ in range(5)]
    assert past.under(STRICT, limit=2).examples == (seqs[4], seqs[3])
    assert past.under(STRICT, limit=9).attempts == 5


def test_the_examples_are_the_last_ones_the_newest_first(past: Past) -> None:
    seqs = [past.tried(NEAR) for _ in range(MOST_EXAMPLES + 2)]
    report = past.under(STRICT)
    assert report.examples == tuple(reversed(seqs[2:]))
    assert report.changed[0].attempts == MOST_EXAMPLES + 2


def test_a_canary_does_not_count_and_whoever_asks_in_its_name_does(past: Past) -> None:
    with_canaries(past)
    assert past.under(STRICT).attempts == 2


def test_one_that_cannot_be_opened_is_told_and_left_out(past: Past) -> None:
    broken, whole = past.tried(NEAR), past.tried(NEAR)
    with past.journal.database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == broken).values(sealed=b"\x00" * 60))
    report = past.under(STRICT)
    assert (report.attempts, report.unreadable, report.examples) == (1, 1, (whole,))


def test_without_attempts_there_is_nothing(past: Past) -> None:
    assert past.under(STRICT) == Backtest(0, 0, (), ())
    assert past.under(STRICT, limit=5) == Backtest(0, 0, (), ())
