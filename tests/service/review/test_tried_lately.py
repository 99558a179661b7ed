"""What is kept of the last tries is what the ledger says of them, and costs as much however many they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from service.ledger import chain, payloads, times
from service.ledger.payloads import DecisionDetail
from service.ledger.record import Kind, Record
from service.operations.clock import Jump
from service.review import tried_lately
from service.review.tables import tried
from service.review.tried_lately import PROBED_WITHIN, SHARED_WITHIN, Probes, Sharers, Stopped, stopped
from service.storage.database import Database
from service.storage.sealing import Vault

BEGAN = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
PRISONERS = ("X1234BC", "X5678CD", "X9999EF")
CONTACTS = (b"a" * 16, b"b" * 16)


class Tries:
    """Attempts that were stopped, in a ledger."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault
        self.end, self.at = 0, BEGAN

    def add(
        self, after: timedelta, prisoner: str, contact: bytes, code: str = "RESTRICTED_NUMBER"
    ) -> Stopped:
        """One more, so long after the one before it; marked where the clock was set back for it."""
        before, self.at = self.at, self.at + after
        detail = payloads.plain(DecisionDetail(["R1"], "refuse", False, contact=contact.hex()))
        one = Record(
            at=self.at,
            kind=Kind.DECISION,
            actor="key:lei",
            subject=f"attempt/{self.end}",
            prisoner=prisoner,
            establishment="LEI",
            channel="call",
            outcome="block",
            codes=code,
            detail=detail,
        )
        marks = [times.mark(Jump(before, self.at))] if self.at < before else []
        with self.database.write() as connection:
            self.end = chain.append(connection, self.vault, [*marks, one]) + len(marks)
            connection.execute(insert(tried), {"contact": contact, "seq": self.end})
            (found,) = stopped(connection, self.end - 1, 1)
        return found


@pytest.fixture
def tries(database: Database, vault: Vault) -> Tries:
    return Tries(database, vault)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@contextmanager
def counting(database: Database) -> Iterator[list[int]]:
    """Something for each step of SQLite's machine."""
    counted: list[int] = []

    def count(connection: Any, record: object, proxy: object) -> None:
        connection.set_progress_handler(lambda: counted.append(1), 1)

    event.listen(database.engine, "checkout", count)
    try:
        yield counted
    finally:
        event.remove(database.engine, "checkout", count)


def test_what_is_kept_is_what_is_read_anew_after_each_attempt(tries: Tries) -> None:
    rng = random.Random(22)
    sharers, probes, codes = (
        Sharers(tries.database),
        Probes(tries.database),
        ("NEAR_NUMBER", "OTHER_PRISONER"),
    )
    seen = set()
    for _ in range(120):
        after = timedelta(minutes=rng.choice((0, 0, 1, 5, 20, 61, 60 * 24 * 3)))
        one = tries.add(after, rng.choice(PRISONERS), rng.choice(CONTACTS), ",".join(rng.sample(codes, 1)))
        contact = bytes.fromhex(payloads.tried(one.detail).contact or "")
        anew, count = Sharers(tries.database).up_to(one, contact), Probes(tries.database).up_to(one)
        assert probes.up_to(one) == count
        assert probes.up_to(one) == count, "it was given again"
        if one.is_at_restricted:
            assert sharers.up_to(one, contact) == anew
        seen.add((count, len(anew)))
    assert len({count for count, _ in seen}) > 3
    assert {prisoners for _, prisoners in seen} >= {1, 2, 3}


def test_after_the_clock_was_set_back_the_hour_is_the_same_read_anew_or_kept(tries: Tries) -> None:
    tries.add(timedelta(), PRISONERS[0], CONTACTS[0])
    tries.add(timedelta(hours=3), PRISONERS[0], CONTACTS[0])
    kept = Probes(tries.database)
    counts = []
    for minutes in (-180, 10, 45, 20, 120):
        one = tries.add(timedelta(minutes=minutes), PRISONERS[0], CONTACTS[0])
        counts.append(kept.up_to(one))
        assert counts[-1] == Probes(tries.database).up_to(one)
    assert counts == [3, 4, 5, 3, 2]


def test_a_further_attempt_costs_as_much_however_many_were_before_it(tries: Tries) -> None:
    sharers, probes = Sharers(tries.database), Probes(tries.database)
    for many in (1, 30):
        for _ in range(many):
            one = tries.add(timedelta(seconds=1), PRISONERS[many % 2], CONTACTS[0])
            with statements(tries.database) as said:
                shared, count = sharers.up_to(one, CONTACTS[0]), probes.up_to(one)
    assert (shared, count) == (sorted(PRISONERS[:2]), 30)
    assert not said


def test_a_contact_is_read_by_its_own_tries_and_not_by_its_prisons(tries: Tries) -> None:
    if not tries.database.is_sqlite:
        pytest.skip("its steps are counted by SQLite")
    steps = []
    one = tries.add(timedelta(), PRISONERS[0], CONTACTS[0])
    for others in (0, 100):
        for _ in range(others):
            tries.add(timedelta(), PRISONERS[1], CONTACTS[1])
        with counting(tries.database) as counted:
            Sharers(tries.database).up_to(one, CONTACTS[0])
        steps.append(len(counted))
    assert 0 < steps[1] <= steps[0] + 5


def test_only_who_called_within_the_hour_is_kept(tries: Tries) -> None:
    probes = Probes(tries.database)
    for number in range(20):
        probes.up_to(tries.add(timedelta(minutes=10), f"X{number:04}BC", CONTACTS[0]))
    assert len(probes._calls) == PROBED_WITHIN / timedelta(minutes=10)


def test_a_contact_that_is_no_longer_kept_is_read_again(
    tries: Tries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tried_lately, "MOST_CONTACTS", 1)
    sharers = Sharers(tries.database)
    for prisoner, contact, expected in (
        (PRISONERS[0], CONTACTS[0], 1),
        (PRISONERS[0], CONTACTS[1], 1),
        (PRISONERS[1], CONTACTS[0], 2),
    ):
        assert len(sharers.up_to(tries.add(timedelta(), prisoner, contact), contact)) == expected
    assert len(sharers.up_to(tries.add(SHARED_WITHIN, PRISONERS[2], CONTACTS[0]), CONTACTS[0])) == 1
