"""Attempts exported and screened again in several processes: the answers of a backtest, whatever happens."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from service.access.model import Principal, Role
from service.blocklist import exported, parquet, rescreening
from service.blocklist.backtesting import MOST_EXAMPLES, Backtest
from service.blocklist.exported import export
from service.blocklist.rescreening import ATTEMPTS, Plan, begin, executor_for, report, screen_again
from service.cases.looking_back import look_back
from service.ledger.record import ledger
from service.registry.journal import Journal
from service.storage import sealing
from tests.service.blocklist.test_backtesting import (
    BLOCKLIST,
    FREE,
    LAX,
    LIVE,
    NEAR,
    STRICT,
    Past,
    with_canaries,
)
from tests.service.databases import MASTER, sqlite_in
from tests.service.registry.listings import HIS, NUMBER, Clock, restriction

DAYS = 7
HUB = Principal("user:hub", frozenset({Role.CASE_OFFICER}), person=True)
HALVES = ("his number is 07700", "900123 as before")


@pytest.fixture
def past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Past]:
    """A ledger in a data folder of its own, with what some prisoners tried in turn, and a broken record."""
    monkeypatch.setattr(exported, "AT_LEAST", 10)
    monkeypatch.setattr(exported, "AT_ONCE", 25)
    data = tmp_path / "data"
    data.mkdir()
    sealing.write_master_key(data / "master.key", MASTER)
    database, clock = sqlite_in(data), Clock()
    past = Past(Journal(database, sealing.open_vault(database, MASTER), clock), clock)
    _fill(past)
    yield past
    database.close()


def _fill(past: Past) -> None:
    rng = random.Random(5)
    said: dict[str, int] = {}
    for n in range(80):
        who = f"A{1000 + rng.randrange(9)}AA"
        if rng.random() < 0.5:
            body = HALVES[said.get(who, 0) % 2]
            said[who] = said.get(who, 0) + 1
            past.tried(FREE, id=f"M{n}", channel="message", body=body, prisoner=who)
        elif rng.random() < 0.2:
            past.tried("1 Nowhere Street", id=f"L{n}", channel="letter", prisoner=None)
        else:
            past.tried(rng.choice((NEAR, NUMBER, FREE)), id=f"C{n}", prisoner=rng.choice((who, HIS)))
    with past.journal.database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == 7).values(sealed=b"\x00" * 60))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "bulk"


def data_of(folder: Path) -> Path:
    return folder.parent / "data"


def again(past: Past, folder: Path, executor: Executor, *policies: Any) -> Backtest:
    about = export(past.journal, folder / ATTEMPTS, DAYS)
    run = begin(folder, about, BLOCKLIST, Plan(past.clock(), *policies))
    screen_again(run, about, executor, data_of(folder))
    return report(run, about)


def test_several_processes_answer_as_a_backtest_does(past: Past, folder: Path) -> None:
    with executor_for(None, 2) as executor:
        for proposed in (STRICT, LAX):
            expected = past.under(proposed)
            assert again(past, folder, executor, LIVE, proposed) == expected
            assert expected.changed
            assert expected.unreadable == 1
    assert len({*folder.glob("run-*")}) == 2


def test_a_canary_is_not_exported(past: Past, folder: Path) -> None:
    with_canaries(past)
    with ThreadPoolExecutor(1) as executor:
        done = again(past, folder, executor, LIVE, STRICT)
    assert done == past.under(STRICT)
    assert done.attempts + done.unreadable == 82


def test_messages_are_screened_with_those_before_them(past: Past, folder: Path) -> None:
    with ThreadPoolExecutor(1) as executor:
        done = again(past, folder, executor, None, LIVE)
    assert [one for one in done.changed if (one.channel, one.now) == ("message", "allow")]


def test_against_what_was_answered_then(past: Past, folder: Path) -> None:
    with ThreadPoolExecutor(1) as executor:
        done = again(past, folder, executor, None, LIVE)
    blocked = [one for one in done.changed if one.code == "RESTRICTED_NUMBER"]
    assert [(one.channel, one.now, one.then) for one in blocked] == [("call", "allow", "block")]


def test_looking_back_finds_what_a_case_finds(past: Past, folder: Path) -> None:
    with past.journal.database.write() as connection:
        refused = select(func.min(ledger.c.seq)).where(ledger.c.channel == "call").scalar_subquery()
        connection.execute(update(ledger).where(ledger.c.seq == refused).values(outcome="block"))
    looked = look_back(past.journal, HUB, restriction("R1", NUMBER), LIVE)
    with ThreadPoolExecutor(1) as executor:
        done = again(past, folder, executor, None, LIVE, True)
    counts = Counter[tuple[str, str]]()
    for one in done.changed:
        counts[one.channel, one.then] += one.attempts
    assert (done.attempts, done.unreadable) == (looked.attempts, looked.unreadable) == (78, 1)
    assert sorted((*kind, count) for kind, count in counts.items()) == list(looked.counts)
    assert done.examples == tuple(one.seq for one in looked.last)[:MOST_EXAMPLES]


def test_everything_lies_there_for_its_owner_alone_and_the_list_goes(past: Past, folder: Path) -> None:
    old = os.umask(0)
    try:
        with ThreadPoolExecutor(1) as executor:
            again(past, folder, executor, LIVE, STRICT)
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert {mode for name, mode in modes.items() if "." in name} == {0o600}
    assert {mode for name, mode in modes.items() if "." not in name} == {0o700}
    assert "list.saved" not in modes
    content = b"".join(path.read_bytes() for path in folder.rglob("*.*"))
    assert b"900123" not in content
    assert b"Nowhere" not in content


class Killed(BaseException):
    """What a kill is to those who wait."""


def test_what_is_done_is_kept_and_the_rest_is_gone_on_with(past: Past, folder: Path) -> None:
    about = export(past.journal, folder / ATTEMPTS, DAYS)
    run = begin(folder, about, BLOCKLIST, Plan(past.clock(), LIVE, STRICT))
    with _pool() as pool:
        pool.submit(rescreening.screen_partition, rescreening.Job(run, 0, data_of(folder))).result()
        pool.submit(os.kill, next(iter(pool._processes)), signal.SIGKILL)
        with pytest.raises(BrokenProcessPool):
            screen_again(run, about, pool, data_of(folder))
    done = {file: file.stat().st_mtime_ns for file in run.glob("*.parquet")}
    assert 1 <= len(done) < about.partitions
    with pytest.raises(ValueError, match="partitions have no answers"):
        report(run, about)
    with ThreadPoolExecutor(1) as executor:
        assert again(past, folder, executor, LIVE, STRICT) == past.under(STRICT)
    assert {file: file.stat().st_mtime_ns for file in done} == done


KILLED = """
import os, time
from service.blocklist.rescreening import executor_for
if __name__ == "__main__":
    with executor_for(None, 1) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        pool.submit(time.sleep, 600).result()
"""


def test_who_screens_ends_with_the_command_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "killed.py"
    file.write_text(KILLED)
    with subprocess.Popen([sys.executable, file], stdout=subprocess.PIPE) as command:
        assert command.stdout is not None
        process = int(command.stdout.readline())
        command.kill()
    for _ in range(100):
        if not _runs(process):
            return
        time.sleep(0.1)
    os.kill(process, signal.SIGKILL)
    pytest.fail("it goes on alone")


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def test_an_export_that_was_cut_off_goes_on_behind_what_is_whole(
    past: Past, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, times = parquet.write, iter(range(9))

    def dies(*given: Any) -> None:
        if next(times) == 2:
            raise Killed
        write(*given)

    monkeypatch.setattr(parquet, "write", dies)
    with pytest.raises(Killed):
        export(past.journal, folder / ATTEMPTS, DAYS)
    assert len(list((folder / ATTEMPTS).glob("*.parquet"))) == 2
    past.tried(NEAR)  # after the export was begun: not of it
    monkeypatch.setattr(parquet, "write", write)
    about = export(past.journal, folder / ATTEMPTS, DAYS)
    kept = [one.seq for n in range(about.partitions) for one in exported.attempts_of(folder / ATTEMPTS, n)]
    assert sorted(kept) == list(range(1, about.attempts + 1))
    assert about.attempts == 80
    assert about.partitions == 8


def test_attempts_of_another_time_are_not_taken_for_these(past: Past, folder: Path) -> None:
    export(past.journal, folder, DAYS)
    with pytest.raises(ValueError, match="holds 7 days"):
        export(past.journal, folder, DAYS + 1)


def test_without_attempts_there_is_nothing(past: Past, folder: Path) -> None:
    past.clock.now += past.clock.now - past.clock.now.replace(year=past.clock.now.year - 1)
    with ThreadPoolExecutor(1) as executor:
        assert again(past, folder, executor, LIVE, STRICT) == Backtest(0, 0, (), ())


def test_a_file_that_is_cut_off_is_told_without_what_is_in_it(past: Past, folder: Path) -> None:
    about = export(past.journal, folder / ATTEMPTS, DAYS)
    file = next((folder / ATTEMPTS).glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(parquet.ParquetError, match=r"\.parquet: \w+$"), ThreadPoolExecutor(1) as executor:
        again(past, folder, executor, LIVE, STRICT)
    assert about.complete
