"""Processes that are killed, and processes that write to one ledger together."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import select

from service.ledger.checkpoints import FILE
from service.ledger.record import ledger
from service.ledger.verify import verify
from service.storage.database import Database
from service.storage.sealing import Vault

ROOT = Path(__file__).parents[3]
ROUNDS = int(os.environ.get("NOCONTACT_KILLS", "20"))
"""How often the writer is killed."""
PATIENCE = 60


def begin(url: str, folder: Path, count: int, told: Path) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "tests.service.ledger.appending", url, str(folder), str(count)]
    with told.open("wb") as output:
        return subprocess.Popen(program, cwd=ROOT, stdout=output)


def acknowledged(told: Path) -> list[int]:
    """The numbers that were printed whole."""
    return [int(line) for line in told.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def kill_under_load(process: subprocess.Popen[bytes], told: Path, chance: random.Random) -> None:
    ends = time.monotonic() + PATIENCE
    while not told.stat().st_size and process.poll() is None:
        assert time.monotonic() < ends, "it never wrote"
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.1))
    process.kill()
    process.wait(PATIENCE)


def test_nothing_that_was_acknowledged_is_lost_when_the_process_is_killed(
    database: Database, database_url: str, vault: Vault, tmp_path: Path
) -> None:
    rounds = ROUNDS if database.is_sqlite else max(1, ROUNDS // 4)
    chance, every = random.Random(1), 0
    for number in range(rounds):
        told = tmp_path / f"told{number}"
        process = begin(database_url, tmp_path, 1_000_000, told)
        kill_under_load(process, told, chance)
        assert process.returncode == -9, "it was killed at work"
        with database.read() as connection:
            there = set(connection.execute(select(ledger.c.seq)).scalars())
        assert set(acknowledged(told)) <= there
        every += len(acknowledged(told))
    assert every > rounds
    report = verify(database, vault.public_key, tmp_path / FILE)
    assert report.problems == []
    assert report.records >= every


def test_two_processes_make_one_unbroken_chain(
    database: Database, database_url: str, vault: Vault, tmp_path: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    processes = [begin(database_url, folder, 2_000, folder / "told") for folder in folders]
    assert [process.wait(PATIENCE) for process in processes] == [0, 0]
    one, two = (acknowledged(folder / "told") for folder in folders)
    assert sorted(one + two) == list(range(1, 4_001))
    for folder in folders:
        assert verify(database, vault.public_key, folder / FILE).problems == []
