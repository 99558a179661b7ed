"""Ready only when attempts can be answered and recorded; and it says why not."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event

from engine.blocklist import compile_blocklist
from engine.jsonl import read_restriction
from engine.policy import read_policy
from engine.screener import Screener
from service.operations import health
from service.operations.clock import Clock
from service.review.waiting import Held
from service.settings import Settings
from service.storage.database import Database

RESTRICTION = (
    '{"id": "R1", "prisoner": "X1234BC", "protected": {"name": "Sarah Okafor"},'
    ' "contacts": [{"kind": "phone", "value": "07700 900123"}]}'
)
NOW = 1_000_000.0


def screener(complete: bool = True, restrictions: int = 1) -> Screener:
    one = read_restriction(RESTRICTION).restriction
    assert one is not None
    return Screener(compile_blocklist([one] * restrictions, complete=complete), read_policy())


@dataclasses.dataclass
class Current:
    """A blocklist in force."""

    screener: Screener | None
    why_not: str | None = None
    confirmed_at: float | None = NOW - 60


@dataclasses.dataclass
class Ledger:
    """A writer that writes."""

    waiting: int = 0
    oldest_wait_seconds: float = 0.0
    last_seq: int = 5
    failure: str | None = None
    checkpoint_failure: str | None = None


@dataclasses.dataclass
class Vault:
    """One that met no row that was changed."""

    refused: dict[str, int] = dataclasses.field(default_factory=dict)
    unread: dict[str, set[str]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Waiting:
    """What nobody has decided: nothing."""

    held: tuple[Held, ...] = ()


@dataclasses.dataclass
class Unheld:
    """Cases that their restriction does not hold: none."""

    count: int = 0


@dataclasses.dataclass
class Intake:
    """The form's folder: nothing in the way."""

    unreadable: int = 0
    trouble: str | None = None


@dataclasses.dataclass
class Reports:
    """Nodes: none."""

    states: tuple[object, ...] = ()
    refused: int = 0
    trouble_words: tuple[str, ...] = ()
    canary_words: tuple[str, ...] = ()


@dataclasses.dataclass
class System:
    """A system in good health."""

    settings: Settings
    database: Database
    ledger: Ledger
    current: Current
    vault: Vault = dataclasses.field(default_factory=Vault)
    waiting: Waiting = dataclasses.field(default_factory=Waiting)
    unheld: Unheld = dataclasses.field(default_factory=Unheld)
    intake: Intake = dataclasses.field(default_factory=Intake)
    reports: Reports = dataclasses.field(default_factory=Reports)
    feed: None = None
    clock: Clock = dataclasses.field(default_factory=Clock)


@pytest.fixture
def system(database: Database, tmp_path: Path) -> System:
    """On a real database of each kind."""
    settings = Settings(data=tmp_path, most_waiting=100, _env_file=None)  # type: ignore[call-arg]
    return System(settings, database, Ledger(), Current(screener()))


def ask(system: System) -> tuple[bool, dict[str, Any]]:
    is_ready, told = health.ready(system, lambda: NOW)
    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(told))
    assert body["ready"] is is_ready
    return is_ready, body


def test_ready_when_everything_is_well(system: System) -> None:
    is_ready, body = ask(system)
    assert is_ready
    assert [body[part]["state"] for part in ("blocklist", "ledger", "database")] == [
        "fresh",
        "written",
        "reachable",
    ]
    assert body["warnings"] == []


def test_requests_that_are_not_taken_in_are_a_warning(system: System) -> None:
    system.intake = Intake(2, "PermissionError")
    is_ready, body = ask(system)
    assert is_ready
    assert ["PermissionError" in body["warnings"][0], "2 files" in body["warnings"][1]] == [True, True]


def test_what_cannot_be_read_is_a_warning_with_how_much_of_what(system: System) -> None:
    system.vault.unread = {"message": {"message/C1/1", "message/C2/1"}, "case": set()}
    assert ["message 2;" in told for told in ask(system)[1]["warnings"]] == [True]
    assert health.state(system).rows_unread == {"message": 2}


STALE = read_policy().stale_after + timedelta(seconds=1)
BLOCKLISTS: dict[str, Current] = {
    "missing": Current(None, "it could not be built"),
    "empty": Current(screener(restrictions=0)),
    "incomplete": Current(screener(complete=False)),
    "stale": Current(screener(), confirmed_at=NOW - STALE.total_seconds()),
}


@pytest.mark.parametrize("state", BLOCKLISTS)
def test_not_ready_without_a_list_that_an_allow_may_rest_on(system: System, state: str) -> None:
    system.current = BLOCKLISTS[state]
    is_ready, body = ask(system)
    assert not is_ready
    assert body["blocklist"]["state"] == state
    assert body["blocklist"]["why"]


def test_a_list_that_nobody_confirmed_is_stale(system: System) -> None:
    system.current.confirmed_at = None
    assert ask(system)[1]["blocklist"]["state"] == "stale"


def test_a_list_is_fresh_to_the_last_second(system: System) -> None:
    system.current.confirmed_at = NOW - STALE.total_seconds() + 1
    assert ask(system)[0]


@pytest.mark.parametrize(
    ("ledger", "state"),
    [
        (Ledger(failure="OperationalError SQLITE_FULL"), "failing"),
        (Ledger(waiting=100), "behind"),
        (Ledger(waiting=1, oldest_wait_seconds=60), "behind"),
    ],
)
def test_not_ready_when_decisions_do_not_get_onto_the_disk(
    system: System, ledger: Ledger, state: str
) -> None:
    system.ledger = ledger
    is_ready, body = ask(system)
    assert not is_ready
    assert body["ledger"]["state"] == state
    assert (ledger.failure or "wait") in body["ledger"]["why"]


def test_not_ready_without_the_database(system: System) -> None:
    system.database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    is_ready, body = ask(system)
    assert not is_ready
    assert body["database"] == {"ok": False, "state": "unreachable", "why": "it refused: OperationalError"}


def test_a_database_that_hangs_does_not_hang_the_answer(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "DATABASE_PATIENCE", 0.05)
    over = threading.Event()

    def hang(connection: object) -> None:
        over.wait(5)

    event.listen(system.database.engine, "begin", hang)
    assert ask(system)[1]["database"]["why"] == "no answer within 0.05 seconds"
    threads = threading.active_count()
    assert ask(system)[1]["database"]["why"] == "it still has not answered the last question"
    assert threading.active_count() == threads
    over.set()
    for thread in threading.enumerate():
        if thread.name == "health":
            thread.join()
    event.remove(system.database.engine, "begin", hang)
    monkeypatch.undo()
    assert ask(system)[0]


def test_what_is_held_back_is_a_warning(system: System) -> None:
    system.current.why_not = "the new list is smaller by 7 % and waits for a second person"
    system.ledger.checkpoint_failure = "OSError No space left on device"
    is_ready, body = ask(system)
    assert is_ready
    assert [("second person" in w, "No space" in w) for w in body["warnings"]] == [
        (True, False),
        (False, True),
    ]


def test_alive_is_all_that_alive_says() -> None:
    assert msgspec.json.decode(health.live()) == {"live": True}


def test_rows_that_were_changed_are_a_warning_that_names_their_tables(system: System) -> None:
    system.vault.refused = {"session": 3, "account": 1}
    is_ready, body = ask(system)
    assert is_ready
    assert [line for line in body["warnings"] if "account, session" in line]
