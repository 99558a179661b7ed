"""The commands that screen attempts again: the same is printed on one core, on all and on a cluster."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli.main import app
from service.registry.journal import Journal
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database
from tests.service.blocklist.test_backtesting import NEAR, PACKAGED, Past
from tests.service.registry.listings import HIS, NUMBER, Clock

RESTRICTION = {
    "id": "R1",
    "prisoner": HIS,
    "protected": {"name": "Rhoswen Tallantyre"},
    "contacts": [{"kind": "phone", "value": NUMBER}],
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service with one restriction, and four attempts that it allowed."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data"
    assert nocontact(folder, "init").exit_code == 0
    file = tmp_path / "restrictions.jsonl"
    file.write_text(json.dumps(RESTRICTION))
    assert nocontact(folder, "import", file).exit_code == 0
    settings = Settings(data=folder)
    database, clock = Database(settings.url), Clock()
    clock.now = datetime.now(UTC)
    vault = sealing.open_vault(database, sealing.read_master_key(settings))
    past = Past(Journal(database, vault, clock), clock)
    for to in (NEAR, NUMBER, NEAR, "020 7946 0018"):
        past.tried(to)
    database.close()
    return folder


def nocontact(data: Path, name: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [name, "--data", str(data), *map(str, arguments)])


def strict(folder: Path) -> Path:
    policy = folder / "strict.toml"
    policy.write_text(PACKAGED.replace('NEAR_NUMBER = "flag"', 'NEAR_NUMBER = "block"'))
    return policy


def test_the_same_is_printed_on_one_core_and_on_all(data: Path, tmp_path: Path) -> None:
    policy = strict(tmp_path)
    one = nocontact(data, "backtest", "--policy", policy)
    more = nocontact(data, "backtest", "--policy", policy, "--parquet", "bulk", "--processes", "2")
    assert one.stdout == more.stdout
    assert "       2  call     NEAR_NUMBER              flag -> block" in one.stdout


def test_what_was_answered_is_held_to_what_would_be_today(data: Path) -> None:
    told = nocontact(data, "rescreen", "--parquet", "bulk", "--processes", "1").stdout.splitlines()
    assert told[1:3] == [
        "       2  call     NEAR_NUMBER              allow -> flag",
        "       1  call     RESTRICTED_NUMBER        allow -> block",
    ]


def test_what_other_restrictions_would_have_stopped(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.jsonl"
    other = {**RESTRICTION, "id": "R2", "contacts": [{"kind": "phone", "value": "020 7946 0018"}]}
    file.write_text(json.dumps(other))
    given = ("rescreen", "--parquet", "bulk", "--processes", "1", "--restrictions", file)
    assert "       1  call     RESTRICTED_NUMBER        allow -> block" in nocontact(data, *given).stdout
    file.write_text(json.dumps(other) + "\nnot one\n")
    failed = nocontact(data, *given)
    assert failed.exit_code == 2
    assert "new.jsonl line 2" in failed.stderr


def test_without_the_extra_it_is_told_what_to_install(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    failed = nocontact(data, "rescreen", "--parquet", "bulk")
    assert failed.exit_code == 2
    assert "pip install 'nocontact[bulk]'" in failed.stderr


@pytest.mark.slow
def test_a_cluster_does_it_by_a_setting(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    alone = nocontact(data, "rescreen", "--parquet", "bulk")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        monkeypatch.setenv("NOCONTACT_CLUSTER", cluster.scheduler_address)
        done = nocontact(data, "rescreen", "--parquet", "cluster")
    assert done.exit_code == 0, done.output
    assert done.stdout == alone.stdout


def test_a_cluster_is_reached_over_tls_alone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOCONTACT_CLUSTER", "tcp://192.0.2.1:8786")
    failed = nocontact(data, "rescreen", "--parquet", "bulk")
    assert failed.exit_code == 2
    assert "NOCONTACT_CLUSTER" in failed.stderr
