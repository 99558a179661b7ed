"""Health: whether the process lives, and whether it is ready to be asked. Kept apart on purpose.

A process that is alive and not ready must not be restarted for it: without its database it still has the
last good blocklist, and a restart would lose it. `/health` is for whoever restarts, `/health/ready` for
whoever sends requests here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from engine.screener import Screener
from service.ledger import chain
from service.operations.clock import Clock
from service.operations.metrics import ServiceState
from service.review.model import PHONE_LIST
from service.review.waiting import Held
from service.settings import Settings
from service.storage import unread
from service.storage.database import Database

DATABASE_PATIENCE = 2.0
"""Seconds until a database that does not answer counts as not reachable: who asks gives up after five."""
LEDGER_PATIENCE = 1.0
"""Seconds that a record may wait for the disk. A commit takes milliseconds; so long means that it hangs."""


class _Current(Protocol):
    """The blocklist in force, as `service.blocklist.current` keeps it."""

    @property
    def screener(self) -> Screener | None: ...
    @property
    def why_not(self) -> str | None: ...
    @property
    def confirmed_at(self) -> float | None:
        """When the list was last known to be current, on the monotonic clock."""


class _Ledger(Protocol):
    """The ledger's writer."""

    @property
    def waiting(self) -> int: ...
    @property
    def oldest_wait_seconds(self) -> float: ...
    @property
    def last_seq(self) -> int: ...
    @property
    def failure(self) -> str | None: ...
    @property
    def checkpoint_failure(self) -> str | None: ...


class _Waiting(Protocol):
    """What looks at what is held."""

    @property
    def held(self) -> tuple[Held, ...]: ...


class _Vault(Protocol):
    """What rows are checked with."""

    @property
    def refused(self) -> dict[str, int]:
        """Rows that were not as the service wrote them, by table."""

    @property
    def unread(self) -> dict[str, set[str]]:
        """What could not be read when it was last tried."""


class _Unheld(Protocol):
    """What holds cases against their restrictions."""

    @property
    def count(self) -> int: ...


class _Intake(Protocol):
    """What takes in requests of the public form."""

    @property
    def unreadable(self) -> int: ...
    @property
    def trouble(self) -> str | None: ...


class _Reports(Protocol):
    """What nodes said of themselves."""

    @property
    def states(self) -> Sequence[object]: ...
    @property
    def refused(self) -> int: ...
    @property
    def trouble_words(self) -> tuple[str, ...]: ...
    @property
    def canary_words(self) -> tuple[str, ...]: ...


class _Publisher(Protocol):
    """What publishes the list."""

    @property
    def why_not(self) -> str | None: ...
    @property
    def number(self) -> int: ...


class _Feed(Protocol):
    @property
    def publisher(self) -> _Publisher: ...


class Watched(Protocol):
    """The parts of the running system that are looked at."""

    @property
    def settings(self) -> Settings:
        """What the operator set."""

    @property
    def database(self) -> Database:
        """Where everything is kept."""

    @property
    def ledger(self) -> _Ledger:
        """The writer."""

    @property
    def current(self) -> _Current:
        """The blocklist."""

    @property
    def vault(self) -> _Vault:
        """The keys."""

    @property
    def waiting(self) -> _Waiting:
        """What nobody has decided."""

    @property
    def unheld(self) -> _Unheld:
        """Cases that are in force by their word alone."""

    @property
    def intake(self) -> _Intake:
        """The form's folder."""

    @property
    def reports(self) -> _Reports:
        """The nodes."""

    @property
    def feed(self) -> _Feed | None:
        """What they follow, where there is one."""

    @property
    def clock(self) -> Clock:
        """What time it is."""


class PartHealth(msgspec.Struct, frozen=True):
    """One part of the service; `ok` False makes the whole not ready."""

    ok: bool
    state: str
    """Of the blocklist `fresh`, `stale`, `missing`, `empty`, `incomplete`; of the ledger `written`,
    `failing`, `behind`; of the database `reachable`, `unreachable`, `locked`."""
    why: str = ""


class Health(msgspec.Struct, frozen=True):
    """The body of `/health/ready`: states in words, versions and ages; no data."""

    ready: bool
    blocklist: PartHealth
    ledger: PartHealth
    database: PartHealth
    warnings: list[str]
    """What somebody should see to although every answer is right."""


def live() -> bytes:
    """The body of `/health`: that this process can answer at all."""
    return b'{"live":true}'


def state(system: Watched, monotonic: Callable[[], float] = time.monotonic) -> ServiceState:
    """What the system is like now. Asks nothing of the database."""
    current, ledger = system.current, system.ledger
    screener, confirmed = current.screener, current.confirmed_at
    return ServiceState(
        blocklist=screener.blocklist.version if screener else None,
        policy=screener.policy.version if screener else None,
        restrictions=len(screener.blocklist.restricted) if screener else 0,
        register=len(screener.blocklist.confidential) if screener else 0,
        usable=screener is not None and screener.blocklist.usable,
        confirmed_seconds=None if confirmed is None else max(0.0, monotonic() - confirmed),
        stale_after_seconds=screener.policy.stale_after.total_seconds() if screener else 0.0,
        why_not=current.why_not,
        ledger_waiting=ledger.waiting,
        ledger_wait_seconds=ledger.oldest_wait_seconds,
        ledger_seq=ledger.last_seq,
        ledger_failure=ledger.failure,
        checkpoint_failure=ledger.checkpoint_failure,
        most_waiting=system.settings.most_waiting,
        rows_refused=dict(system.vault.refused),
        rows_unread=unread.counts(system.vault),
        held=system.waiting.held,
        cases_unheld=system.unheld.count,
        requests_unreadable=system.intake.unreadable,
        intake_trouble=system.intake.trouble,
        now=system.clock(),
        clock_trouble=system.clock.trouble,
        nodes=len(system.reports.states),
        reports_refused=system.reports.refused,
        node_troubles=system.reports.trouble_words,
        canary_troubles=system.reports.canary_words,
        feed_trouble=system.feed.publisher.why_not if system.feed is not None else None,
        feed_number=system.feed.publisher.number if system.feed is not None else 0,
    )


def ready(system: Watched, monotonic: Callable[[], float] = time.monotonic) -> tuple[bool, Health]:
    """Whether attempts should be sent here, and why not: answer 200 or 503 with it, as JSON.

    Waits for the database for `DATABASE_PATIENCE` at the most. Call it from a thread.
    """
    now = state(system, monotonic)
    blocklist, ledger = blocklist_part(now), ledger_part(now)
    database = _database_part(system.database)
    is_ready = blocklist.ok and ledger.ok and database.ok
    return is_ready, Health(is_ready, blocklist, ledger, database, _warnings(now))


def blocklist_part(state: ServiceState) -> PartHealth:
    """Whether there is a list that an allow may rest on."""
    if state.blocklist is None:
        return PartHealth(False, "missing", f"no blocklist yet: {state.why_not or 'it is being built'}")
    if not state.usable:
        empty = not state.restrictions
        why = (
            "it holds no restriction"
            if empty
            else "what it is made from was lost, or changed in the database"
        )
        return PartHealth(False, "empty" if empty else "incomplete", f"nothing is allowed on it: {why}")
    age = state.confirmed_seconds
    if age is None or age > state.stale_after_seconds:
        told = "it was never confirmed" if age is None else f"last confirmed {_ago(age)} ago"
        return PartHealth(
            False,
            "stale",
            f"nothing is allowed on it: {told}, policy asks for {_ago(state.stale_after_seconds)}",
        )
    return PartHealth(True, "fresh")


def ledger_part(state: ServiceState) -> PartHealth:
    """Whether decisions get onto the disk."""
    if state.ledger_failure is not None:
        return PartHealth(False, "failing", f"the ledger cannot be written: {state.ledger_failure}")
    if state.ledger_waiting >= state.most_waiting:
        return PartHealth(
            False, "behind", f"{state.ledger_waiting} records wait for the disk: no more are taken"
        )
    if state.ledger_wait_seconds > LEDGER_PATIENCE:
        return PartHealth(
            False, "behind", f"a record has waited {_ago(state.ledger_wait_seconds)} for the disk"
        )
    return PartHealth(True, "written")


class _Question(threading.Thread):
    """One read, and one turn at writing, in a thread that is left behind when it hangs."""

    def __init__(self, database: Database) -> None:
        super().__init__(name="health", daemon=True)
        self._database = database
        self.asked_at = time.monotonic()
        self.found = PartHealth(True, "reachable")

    def run(self) -> None:
        """Ask."""
        state, why = "unreachable", "it refused"
        try:
            with self._database.read() as connection:
                connection.execute(text("SELECT version_num FROM alembic_version"))
            state, why = "locked", "nothing can be written"
            with self._database.write() as connection:
                chain.lock(connection)
        except (SQLAlchemyError, OSError) as error:
            self.found = PartHealth(False, state, f"{why}: {type(error).__name__}")


_asking: WeakKeyDictionary[Database, _Question] = WeakKeyDictionary()
"""Who waits for a database. One at a time: each holds a connection, and a pool used up by health checks would
keep the service from its database after that has come back."""
_asking_lock = threading.Lock()


def _database_part(database: Database) -> PartHealth:
    """What one question finds; who asks while another waits for its answer gets that."""
    with _asking_lock:
        question = _asking.get(database)
        is_new = question is None or not question.is_alive()
        if question is None or is_new:
            question = _asking[database] = _Question(database)
            question.start()
    question.join(max(0.0, question.asked_at + DATABASE_PATIENCE - time.monotonic()))
    if question.is_alive():
        why = "it still has not answered the last question"
        return PartHealth(
            False, "unreachable", f"no answer within {DATABASE_PATIENCE:g} seconds" if is_new else why
        )
    return question.found


def _warnings(state: ServiceState) -> list[str]:
    warnings = []
    if state.blocklist is not None and state.why_not is not None:
        warnings.append(f"the blocklist in force is not the newest: {state.why_not}")
    if state.clock_trouble is not None:
        warnings.append(f"{state.clock_trouble}: restrictions hold that are in force by either")
    if state.cases_unheld:
        warnings.append(f"cases in force that their restriction does not hold: {state.cases_unheld}")
    if state.checkpoint_failure is not None:
        warnings.append(f"checkpoints are behind: {state.checkpoint_failure}")
    if late := [f"{one.channel} {one.late}" for one in state.held if one.late and one.channel != PHONE_LIST]:
        warnings.append(f"held for too long, and nobody has decided: {', '.join(late)}")
    if on_lists := sum(one.late for one in state.held if one.channel == PHONE_LIST):
        warnings.append(f"on prisoners' lists for too long, neither taken off nor released: {on_lists}")
    if state.intake_trouble is not None:
        warnings.append(f"requests of the public form are not taken in: {state.intake_trouble}")
    if state.requests_unreadable:
        warnings.append(f"{state.requests_unreadable} files of the intake could not be opened, and lie there")
    if state.feed_trouble is not None:
        warnings.append(f"the newest list is not carried to the nodes: {state.feed_trouble}")
    if state.node_troubles:
        warnings.append(f"nodes: {', '.join(state.node_troubles)}")
    if state.canary_troubles:
        warnings.append(f"canaries: {', '.join(state.canary_troubles)}")
    if state.rows_refused:
        tables = ", ".join(sorted(state.rows_refused))
        warnings.append(f"rows were changed in the database: {tables}; `nocontact verify` names them")
    if state.rows_unread:
        told = ", ".join(f"{of} {count}" for of, count in state.rows_unread.items())
        warnings.append(f"what cannot be read is passed over: {told}; `nocontact verify` names it")
    return warnings


def _ago(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 3600 else f"{seconds:.0f} seconds"
