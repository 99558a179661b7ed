"""Several writers of one version: one wins, the others are told, and nothing is overwritten."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from service.errors import ConflictError
from service.registry.registry import Registry
from service.storage import sealing
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.databases import MASTER
from tests.service.registry.listings import ASKER, SECOND, Clock, confirmed, phones, restriction

ROOT = Path(__file__).parents[3]
WRITERS = 4
PATIENCE = 60


def race(*writers: Callable[[], object]) -> Counter[str]:
    """How often it ended how, when all of them begin at once."""
    begin = Barrier(len(writers))

    def run(write: Callable[[], object]) -> str:
        begin.wait(PATIENCE)
        try:
            write()
        except ConflictError:
            return "conflict"
        return "written"

    with ThreadPoolExecutor(len(writers)) as threads:
        return Counter(threads.map(run, writers))


def changing(registry: Registry, version: int, note: str) -> Callable[[], object]:
    return lambda: registry.restrictions.change(ASKER, "R1", version, "in a race", notes=note)


def several(registry: Registry, database_url: str, own: bool) -> list[Registry]:
    """The same registry in every thread, or one on a connection pool of its own for each."""
    if not own:
        return [registry] * WRITERS
    databases = [Database(database_url) for _ in range(WRITERS)]
    return [Registry(one, sealing.open_vault(one, MASTER), Clock()) for one in databases]


@pytest.mark.parametrize("own", [False, True], ids=["one_database_object", "a_database_object_each"])
def test_of_many_changes_of_one_version_one_wins(registry: Registry, database_url: str, own: bool) -> None:
    registry.restrictions.create(ASKER, restriction(), notes="0")
    registries = several(registry, database_url, own)
    for version in range(1, 6):
        writers = [changing(one, version, f"{version}/{n}") for n, one in enumerate(registries)]
        assert race(*writers) == {"written": 1, "conflict": WRITERS - 1}
    history = registry.versions.history("R1").versions
    assert [one.version for one in history] == [6, 5, 4, 3, 2, 1]
    assert [one.document.notes.partition("/")[0] for one in history] == list("543210")


@pytest.mark.parametrize("own", [False, True], ids=["one_database_object", "a_database_object_each"])
def test_of_many_that_create_one_id_one_wins(registry: Registry, database_url: str, own: bool) -> None:
    registries = several(registry, database_url, own)

    def creating(one: Registry, note: str) -> Callable[[], object]:
        return lambda: one.restrictions.create(ASKER, restriction(), notes=note)

    writers = [creating(one, str(n)) for n, one in enumerate(registries)]
    assert race(*writers) == {"written": 1, "conflict": WRITERS - 1}
    assert len(registry.versions.history("R1").versions) == 1


@pytest.mark.parametrize("version", [0, 1])
def test_of_two_processes_one_wins(registry: Registry, database_url: str, version: int) -> None:
    if version:
        registry.restrictions.create(ASKER, restriction())
    program = [sys.executable, "-m", "tests.service.registry.writing", database_url, "R1", str(version)]
    processes = [
        subprocess.Popen([*program, note], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for note in ("one", "two")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate(timeout=PATIENCE)[0].strip() for process in processes]
    assert sorted(ended) == ["conflict", "written"]
    winner = ("one", "two")[ended.index("written")]
    assert [one.document.notes for one in registry.versions.history("R1").versions][:1] == [winner]
    assert len(registry.versions.history("R1").versions) == version + 1


def test_of_two_who_confirm_one_wins(registry: Registry, database_url: str) -> None:
    registry.restrictions.create(ASKER, restriction())
    less = restriction(contacts=phones("07700 900456"))
    asked = registry.restrictions.change(ASKER, "R1", 1, "moved", restriction=less).approval
    assert asked is not None
    registries = several(registry, database_url, own=True)
    writers = [lambda one=one: confirmed(one, SECOND, asked.id) for one in registries]
    assert race(*writers) == {"written": 1, "conflict": WRITERS - 1}
    assert [one.version for one in registry.versions.history("R1").versions] == [3, 2, 1]


def test_writers_of_several_restrictions_in_any_order_never_stand_in_each_others_way(
    registry: Registry, database_url: str, vault: Vault
) -> None:
    """One takes a restriction first and then the ledger, the other the ledger first."""
    registry.restrictions.create(ASKER, restriction())
    one, two = several(registry, database_url, own=True)[:2]

    def removing() -> None:
        with two.journal.database.write() as connection:
            two.restrictions.remove(connection, "user:asker", ["R1"], "in a race")

    for _ in range(10):
        version = registry.versions.get("R1").version
        ended = race(changing(one, version, "in a race"), removing)
        assert ended["written"] >= 1
