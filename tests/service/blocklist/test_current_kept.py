"""A start serves from the kept list for as much as the registry says; kept is what may be served from."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from structlog.testing import capture_logs

from engine.policy import read_policy
from service.blocklist import kept
from service.blocklist.current import Current
from service.blocklist.kept import FILE
from service.operations import logs
from service.registry.registry import Registry
from service.registry.tables import restriction_version
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.blocklist.lists import NOBODYS, OTHER_NUMBER, decision, version, writer_of
from tests.service.blocklist.test_kept import ORIGINS, a_list, other_vault
from tests.service.registry.listings import (
    ANOTHER,
    ASKER,
    HIS,
    NUMBER,
    SECOND,
    THIRD,
    Clock,
    confirmed,
    entry,
    phones,
    restriction,
)


@pytest.fixture(autouse=True)
def _logs_tell_from_what_it_started() -> None:
    """That a kept list was taken is no error."""
    logs.configure("INFO", sys.stderr)


@pytest.fixture
def registry(database: Database, vault: Vault, clock: Clock) -> Registry:
    """A registry with a restriction of each of two prisoners, and an entry of the register."""
    made = Registry(database, vault, clock)
    made.restrictions.create(ASKER, restriction())
    made.restrictions.create(ASKER, restriction("R2", OTHER_NUMBER, prisoner=ANOTHER))
    asked = made.register.add(ASKER, entry(), "seen").approval
    assert asked is not None
    confirmed(made, SECOND, asked.id)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where lists are kept."""
    made = tmp_path / "data"
    made.mkdir()
    return made


class Ticking:
    """A monotonic clock that stands until it is put on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def start(registry: Registry, folder: Path, ticking: Ticking | None = None) -> Current:
    """A service's list after its start, brought up to date once."""
    write, monotonic = writer_of(registry), ticking or Ticking()
    made = Current(registry, read_policy(), write_record=write, folder=folder, monotonic=monotonic)
    made.refresh()
    return made


def start_from_it(registry: Registry, folder: Path) -> Current:
    """The same, where the list has to be the kept one."""
    with capture_logs() as lines:
        made = start(registry, folder)
    assert [line["event"] for line in lines if line["event"] == "kept_list_taken"], lines
    return made


def answers(current: Current) -> list[str]:
    """What is answered for a number of his, one of another's, and one that nobody listed."""
    calls = ((HIS, NUMBER), (ANOTHER, OTHER_NUMBER), (THIRD, NOBODYS))
    return [decision(current, Clock(), to, prisoner) for prisoner, to in calls]


RIGHT = ["block", "block", "allow"]


def of_a_build(registry: Registry) -> str:
    """The version of a list that is compiled of all the registry holds."""
    made = Current(registry, read_policy(), write_record=None)
    made.refresh()
    assert made.screener is not None
    return made.screener.blocklist.version


def withdraw(registry: Registry, id_: str, before: int = 1) -> None:
    asked = registry.restrictions.withdraw_request(ASKER, id_, before, "1", "no longer").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)


def test_the_next_start_serves_from_it(registry: Registry, folder: Path) -> None:
    first = start(registry, folder)
    assert answers(first) == RIGHT
    again = start_from_it(registry, folder)
    assert answers(again) == RIGHT
    assert version(again) == version(first)


def since(registry: Registry) -> dict[str, Callable[[], object]]:
    """What the registry may have been told while nobody served."""
    restrictions = registry.restrictions
    return {
        "a new one": lambda: restrictions.create(ASKER, restriction("R3", NOBODYS, prisoner=THIRD)),
        "a changed one": lambda: restrictions.change(
            ASKER, "R1", 1, "more", restriction=restriction(contacts=phones(NUMBER, NOBODYS))
        ),
        "withdrawn by two people": lambda: withdraw(registry, "R2"),
        "a prisoner moved": lambda: registry.prisoners.move(ASKER, HIS, "MDI"),
        "two numbers of one prisoner": lambda: registry.prisoners.merge(ASKER, HIS, THIRD),
        "an entry off the register": lambda: registry.register.remove(ASKER, "E1", 1, "closed"),
    }


SINCE = [
    "a new one",
    "a changed one",
    "withdrawn by two people",
    "a prisoner moved",
    "two numbers of one prisoner",
    "an entry off the register",
]


@pytest.mark.parametrize("change", SINCE)
def test_an_older_list_is_brought_up_to_the_registry_before_it_serves(
    registry: Registry, folder: Path, change: str
) -> None:
    registry.restrictions.create(
        ASKER, restriction("R9", "07700 900555", scope="prisoner", establishment="LEI")
    )
    start(registry, folder)
    since(registry)[change]()
    again = start_from_it(registry, folder)
    assert version(again) == of_a_build(registry)
    assert again.screener is not None
    assert again.screener.blocklist.usable
    assert again.why_not is None


def test_one_of_long_ago_is_compiled_again(
    registry: Registry, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.blocklist.current.AT_LEAST", 2)
    start(registry, folder)
    for number in range(3):
        registry.restrictions.create(ASKER, restriction(f"N{number}", f"01632 96000{number}"))
    with capture_logs() as lines:
        again = start(registry, folder)
    assert not [line for line in lines if line["event"] == "kept_list_taken"]
    assert answers(again) == RIGHT


LESS: dict[str, Any] = {
    "withdrawn in the table": update(restriction_version).values(state="withdrawn"),
    "a version said to be": update(restriction_version).values(state="withdrawn", version=2),
    "an earlier version": update(restriction_version).values(version=0),
    "no more the latest": update(restriction_version).values(latest=False),
    "deleted": delete(restriction_version),
}


@pytest.mark.parametrize("how", LESS)
@pytest.mark.parametrize("ids", [("R2",), ("R1", "R2")], ids=["one", "all"])
def test_a_registry_that_says_less_opens_nothing(
    registry: Registry, folder: Path, how: str, ids: tuple[str, ...]
) -> None:
    start(registry, folder)
    with registry.journal.database.write() as connection:
        connection.execute(LESS[how].where(restriction_version.c.id.in_(ids)))
    with capture_logs() as lines:
        again = start(registry, folder)
    assert answers(again) == ["block", "block", "flag"]
    assert [line["event"] for line in lines].count("registry_says_less_than_the_kept_list") == len(ids)
    registry.restrictions.create(ASKER, restriction("R3", "07700 900555"))
    again.refresh()
    assert answers(again) == ["block", "block", "flag"]


def test_another_registrys_list_is_refused_and_all_is_compiled(registry: Registry, folder: Path) -> None:
    kept.keep(folder, other_vault(), a_list(NOBODYS), ORIGINS)
    with capture_logs() as lines:
        assert answers(start(registry, folder)) == RIGHT
    assert "kept_list_refused" in [line["event"] for line in lines]


# ── when it is kept ─────────────────────────────────────────────────────────────────────────────────────


def kept_version(registry: Registry, folder: Path) -> str | None:
    found = kept.load(folder, registry.journal.vault)
    return found.blocklist.version if found else None


def test_it_is_kept_at_a_change_though_not_at_each(registry: Registry, folder: Path) -> None:
    ticking = Ticking()
    current = start(registry, folder, ticking)
    first = version(current)
    assert kept_version(registry, folder) == first
    registry.restrictions.create(ASKER, restriction("R3", NOBODYS))
    ticking.now += kept.EVERY - 1
    current.refresh()
    assert kept_version(registry, folder) == first
    ticking.now += 1
    current.refresh()
    assert kept_version(registry, folder) == version(current) != first


def test_it_is_kept_at_the_stop(registry: Registry, folder: Path) -> None:
    current = start(registry, folder)
    current.start()
    registry.restrictions.create(ASKER, restriction("R3", NOBODYS))
    current.refresh()
    assert kept_version(registry, folder) != version(current)
    current.stop()
    assert kept_version(registry, folder) == version(current) == of_a_build(registry)


def test_as_it_was_it_is_not_written_again(registry: Registry, folder: Path) -> None:
    start(registry, folder)
    before = (folder / FILE).read_bytes()
    ticking = Ticking()
    ticking.now = 1e6
    current = start(registry, folder, ticking)
    ticking.now += kept.EVERY
    current.refresh()
    current.start()
    current.stop()
    assert (folder / FILE).read_bytes() == before


def test_a_list_on_which_nothing_is_allowed_is_not_kept(registry: Registry, folder: Path) -> None:
    with registry.journal.database.write() as connection:
        broken = update(restriction_version).where(restriction_version.c.id == "R2")
        connection.execute(broken.values(sealed=bytes(64)))
    current = start(registry, folder)
    assert answers(current)[2] == "flag"
    current.start()
    current.stop()
    assert not (folder / FILE).exists()


def test_whoever_only_looks_keeps_nothing(registry: Registry, folder: Path) -> None:
    Current(registry, read_policy(), write_record=None, folder=folder).refresh()
    assert not list(folder.iterdir())


def test_one_that_was_read_in_part_does_not_keep_it_from_being_kept(registry: Registry, folder: Path) -> None:
    partly = restriction(
        "partly", "07700 900300", prisoner=THIRD, unread=("contacts[1].value: cannot be read",)
    )
    registry.restrictions.create(ASKER, partly)
    first = start(registry, folder)
    assert first.screener is not None
    assert answers(first) == ["block", "block", "flag"]  # to the prisoner whom it names nothing is allowed
    again = start_from_it(registry, folder)
    assert answers(again) == ["block", "block", "flag"]
    assert version(again) == version(first)


def test_beside_one_that_was_read_in_part_a_change_leaves_everybody_else_as_they_were(
    registry: Registry, folder: Path
) -> None:
    partly = restriction(
        "partly", "07700 900300", prisoner=THIRD, unread=("contacts[1].value: cannot be read",)
    )
    registry.restrictions.create(ASKER, partly)
    current = start(registry, folder)
    registry.restrictions.create(ASKER, restriction("R3", "07700 900555"))
    current.refresh()
    assert current.screener is not None
    assert current.screener.blocklist.usable
    assert version(current) == of_a_build(registry)


def disk_full(folder: Path) -> None:
    (folder / f"{FILE}.{os.getpid()}").symlink_to("/dev/full")


def nowhere(folder: Path) -> None:
    folder.rmdir()


def something_in_its_place(folder: Path) -> None:
    (folder / FILE).mkdir()


def read_only(folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    folder.chmod(0o500)


@pytest.mark.parametrize("prevent", [disk_full, nowhere, something_in_its_place, read_only])
def test_where_it_cannot_be_written_that_is_logged_and_the_list_is_in_force(
    registry: Registry, folder: Path, prevent: Callable[[Path], None]
) -> None:
    prevent(folder)
    ticking = Ticking()
    with capture_logs() as lines:
        current = start(registry, folder, ticking)
    assert [line["error"] for line in lines if line["event"] == "list_not_kept"]
    assert answers(current) == RIGHT
    assert current.why_not is None
    registry.restrictions.create(ASKER, restriction("R3", NOBODYS, prisoner=THIRD))
    current.refresh()
    assert answers(current) == ["block", "block", "block"]
    current.start()
    current.stop()


def test_with_room_again_it_is_kept(registry: Registry, folder: Path) -> None:
    disk_full(folder)
    ticking = Ticking()
    current = start(registry, folder, ticking)
    assert kept_version(registry, folder) is None
    ticking.now += kept.EVERY
    current.refresh()
    assert kept_version(registry, folder) == version(current)
