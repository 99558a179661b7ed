from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from structlog.testing import capture_logs

from engine.dates import Between
from service.ledger import chain, payloads, times
from service.ledger.keeping import Keeping
from service.ledger.record import Kind, Record, ledger
from service.ledger.tables import ledger_head
from service.ledger.verify import verify
from service.ledger.writer import LedgerWriter
from service.operations.clock import TOLERANCE, Clock
from service.storage.database import Database, moment_text
from service.storage.sealing import Vault
from tests.service.ledger.records import append, record
from tests.service.ledger.test_writer import until

START = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def of(at: datetime, number: int = 1) -> Record:
    return msgspec.structs.replace(record(number), at=at)


def started(at: datetime) -> Record:
    """The start of a service that keeps times in order."""
    detail = payloads.plain(times.Start(times_kept=True))
    return Record(
        at=at,
        kind=Kind.SYSTEM,
        actor="system",
        subject=times.STARTED,
        outcome="started",
        detail=detail,
    )


def told(database: Database) -> list[tuple[str, str | None, datetime]]:
    """Every record: what it is about, its outcome, and its time."""
    wanted = select(ledger.c.subject, ledger.c.outcome, ledger.c.at).order_by(ledger.c.seq)
    with database.read() as connection:
        return [(row.subject, row.outcome, row.at) for row in connection.execute(wanted)]


def problems(database: Database, vault: Vault) -> list[tuple[int, str]]:
    return [(one.seq, one.what) for one in verify(database, vault.public_key).problems]


class Machine:
    """A machine with a writer, whose clock the test sets."""

    def __init__(self, database: Database, vault: Vault, folder: Path) -> None:
        self.wall, self.monotonic = START, 100.0
        self.clock = Clock(lambda: self.wall, lambda: self.monotonic)
        """Of the last start."""
        self._made: Callable[[], LedgerWriter] = lambda: LedgerWriter(
            database, vault, Keeping(folder, vault.public_key), most_waiting=1_000, clock=self.clock
        )

    @contextmanager
    def writer(self) -> Iterator[LedgerWriter]:
        self.clock = Clock(lambda: self.wall, lambda: self.monotonic)
        with self._made() as writer:
            yield writer

    def write(self, writer: LedgerWriter) -> int:
        return writer.write_now(of(self.wall)).seq


@pytest.fixture
def machine(database: Database, vault: Vault, tmp_path: Path) -> Machine:
    append(database, vault, [started(START)])
    return Machine(database, vault, tmp_path)


@pytest.mark.parametrize(
    ("moved", "outcome"), [(-DAY, "set_back"), (365 * DAY, "set_forward"), (-2 * TOLERANCE, "set_back")]
)
def test_a_jump_while_it_runs_is_logged_and_marked_before_the_records_that_follow(
    machine: Machine, database: Database, vault: Vault, moved: timedelta, outcome: str
) -> None:
    with machine.writer() as writer, capture_logs() as logs:
        machine.write(writer)
        machine.wall += moved
        machine.write(writer)
        machine.write(writer)
    assert told(database)[2:] == [
        ("clock", outcome, START + moved),
        ("attempt/1", "block", START + moved),
        ("attempt/1", "block", START + moved),
    ]
    (line,) = [line for line in logs if line["event"] == "clock_was_set"]
    assert (line["log_level"], line["seconds"]) == ("warning", moved.total_seconds())
    assert not problems(database, vault)


def test_it_is_marked_when_nobody_writes(machine: Machine, database: Database) -> None:
    with machine.writer() as writer:
        machine.write(writer)
        machine.monotonic += 3_600  # an hour without a record, and the clock where it was
        until(lambda: writer.last_seq == 3)
    assert told(database)[2][:2] == ("clock", "set_back")


def test_a_clock_that_was_set_back_while_it_was_down_is_marked_at_the_start(
    machine: Machine, database: Database, vault: Vault
) -> None:
    with machine.writer() as writer:
        machine.write(writer)
    machine.wall -= DAY
    with machine.writer() as writer:
        machine.write(writer)
    assert [one[0] for one in told(database)[2:]] == ["clock", "attempt/1"]
    assert not problems(database, vault)


def test_a_clock_that_is_behind_the_last_record_at_a_start_is_told_and_may_be_as_late_as_that(
    machine: Machine,
) -> None:
    with machine.writer() as writer:
        machine.write(writer)
    before = machine.wall
    machine.wall -= DAY
    with machine.writer() as writer:
        machine.write(writer)
        assert machine.clock.moment() == Between(machine.wall, machine.wall, before)
        assert machine.clock.trouble == "the clock is 24 hours behind the last that was recorded"
        machine.wall += DAY
        assert machine.clock.trouble is None


def test_hours_without_a_service_are_no_jump(machine: Machine, database: Database) -> None:
    with machine.writer() as writer:
        machine.write(writer)
    machine.wall += 365 * DAY
    with machine.writer() as writer:
        machine.write(writer)
    assert "clock" not in [one[0] for one in told(database)]


def test_whoever_is_behind_by_a_little_gets_the_time_of_the_record_before(
    database: Database, vault: Vault
) -> None:
    append(database, vault, [started(START), of(START + TOLERANCE)])
    append(database, vault, [of(START)])
    assert told(database)[-1] == ("attempt/1", "block", START + TOLERANCE)
    append(database, vault, [of(START + TOLERANCE + SECOND)])
    assert told(database)[-1][2] == START + TOLERANCE + SECOND
    assert not problems(database, vault)


def test_a_record_that_waited_long_is_no_sign_of_a_clock_set_back(
    machine: Machine, database: Database, vault: Vault
) -> None:
    with machine.writer() as writer:
        append(database, vault, [of(START + DAY, 2)])
        machine.wall, machine.monotonic = machine.wall + DAY, machine.monotonic + DAY.total_seconds()
        writer.write_now(of(START))
    assert told(database)[2:] == [("attempt/1", "block", START + DAY)]


def test_a_record_made_before_the_clock_was_set_back_is_not_later_than_the_clock(
    machine: Machine, database: Database, vault: Vault
) -> None:
    with machine.writer() as writer:
        before = of(machine.wall)
        machine.wall -= DAY
        writer.write_now(before)
        machine.write(writer)
    assert [one[2] for one in told(database)[1:]] == [START - DAY] * 3
    assert not problems(database, vault)


def test_a_command_marks_too(database: Database, vault: Vault) -> None:
    append(database, vault, [started(START)])
    assert append(database, vault, [of(START - DAY), of(START - DAY, 2)]) == 3
    assert [one[0] for one in told(database)] == ["service", "clock", "attempt/1", "attempt/2"]
    assert not problems(database, vault)


def test_verify_names_a_record_that_is_earlier_without_a_mark(database: Database, vault: Vault) -> None:
    append(database, vault, [started(START), of(START)])
    _as_before(database, vault, of(START - SECOND))
    ((seq, what),) = problems(database, vault)
    assert seq == 3
    assert "earlier than the record before it" in what


def test_a_ledger_of_a_version_that_kept_no_order_is_not_held_to_it(database: Database, vault: Vault) -> None:
    append(database, vault, [of(START)])
    _as_before(database, vault, of(START - DAY))
    append(database, vault, [started(START)])
    assert not problems(database, vault)


def test_a_mark_forward_allows_no_record_to_be_earlier(database: Database, vault: Vault) -> None:
    append(database, vault, [started(START)])
    forward = msgspec.structs.replace(
        of(START - DAY), kind=Kind.SYSTEM, subject="clock", outcome="set_forward"
    )
    _as_before(database, vault, forward)
    assert [seq for seq, _ in problems(database, vault)] == [2]


def _as_before(database: Database, vault: Vault, one: Record) -> None:
    """Add a record as it is, whatever its time, as somebody with the key would."""
    with database.write() as connection, ExitStack() as stack:
        end = chain.lock(connection)
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        patched.setattr(times, "in_order", lambda last, now, rows: iter(rows))
        chain.extend(connection, vault, end, [chain.columns(one)], one.at)


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), max_size=12), st.integers(-20, 20))
def test_whatever_comes_in_whatever_order_none_is_earlier_without_a_mark(
    given_: list[tuple[int, int]], first: int
) -> None:
    last, kept = moment_text(START + first * SECOND), []
    for at, clock in given_:
        now = START + clock * SECOND
        jump = times.behind(last, now)
        rows = [chain.columns(of(START + at * SECOND))]
        if jump:
            rows.insert(0, chain.columns(times.mark(jump)))
        for row in times.in_order(last, now, rows):
            is_mark = times.is_mark(row[1], row[3], row[7])
            assert is_mark or str(row[0]) >= last
            last = str(row[0])
            kept.append(is_mark)
        assert abs(datetime.fromisoformat(last) - now) <= TOLERANCE or datetime.fromisoformat(last) < now


def test_the_head_has_the_time_that_the_last_record_was_written_with(
    database: Database, vault: Vault
) -> None:
    append(database, vault, [of(START + SECOND)])
    append(database, vault, [of(START)])
    with database.read() as connection:
        assert connection.execute(select(ledger_head.c.at)).scalar_one() == START + SECOND
