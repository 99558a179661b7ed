"""The console on a real system, and people of each role at it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from starlette.testclient import TestClient

from engine.model import Attempt, Contact, ProtectedPerson, Restriction
from service.access.model import Principal, Role
from service.app import App
from service.operations.repeating import Repeating
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault
from service.system import System, make_system, running

OFFICER = Principal("user:officer", frozenset({Role.CASE_OFFICER}), person=True)
SWITCH = Principal("key:switch", frozenset({Role.PHONE_SYSTEM}))
PRISONER, NUMBER = "X1234BC", "07700 900123"
NAME = "Rhoswen <b>Tallantyre</b>"
ADDRESS = "14 Larkmead Street\nAmbermouth\nLS1 4AB"


@dataclass
class Clock:
    """A clock that the test sets forward."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Visitor:
    """Somebody who is signed in."""

    id: str
    client: TestClient
    csrf: str

    def get(self, path: str, **options: Any) -> httpx.Response:
        """A page, redirects not followed."""
        answer: httpx.Response = self.client.get(path, follow_redirects=False, **options)
        return answer

    def post(self, path: str, **fields: Any) -> httpx.Response:
        """A form of ours, redirects not followed."""
        data = {"csrf": self.csrf, **fields}
        answer: httpx.Response = self.client.post(path, data=data, follow_redirects=False)
        return answer


@dataclass
class Console:
    """A running system with its application."""

    system: System
    app: App
    clock: Clock

    def visitor(self, *roles: Role, name: str = "visitor", prisons: tuple[str, ...] = ()) -> Visitor:
        """Somebody with these roles, through an issuer."""
        who = Principal(f"oidc:{name}", frozenset(roles), frozenset(prisons), name=name.title(), person=True)
        sessions = self.system.access.sessions
        with self.system.database.write() as connection:
            begun = sessions.begin_for_subject(connection, who, name)
        client = TestClient(self.app, base_url="http://localhost", raise_server_exceptions=False)
        client.headers["cookie"] = f"{sessions.cookie}={begun.token}"
        return Visitor(who.id, client, begun.csrf)

    def stranger(self) -> TestClient:
        """Nobody in particular."""
        return TestClient(self.app, base_url="http://localhost", raise_server_exceptions=False)

    def key_of(self, machine: Principal) -> dict[str, str]:
        """The headers of a machine that attempts are made by; a new key."""
        admin = Principal("operator:test", frozenset({Role.ADMIN}))
        name = machine.id.partition(":")[2]
        made = self.system.access.keys.create(admin, name, machine.roles, machine.prisons)
        return {"authorization": f"Bearer {made.secret}"}

    def restrict(self, **fields: Any) -> None:
        """A restriction, in force when this returns."""
        given: dict[str, Any] = {
            "id": "R1",
            "prisoner": PRISONER,
            "protected": ProtectedPerson(name=NAME),
            "contacts": (Contact(kind="phone", value=NUMBER), Contact(kind="address", value=ADDRESS)),
        }
        self.system.registry.restrictions.create(OFFICER, Restriction(**{**given, **fields}))
        self.system.current.refresh()

    def attempt(self, identifier: str = "C1", **fields: Any) -> int:
        """An attempt through the check API's decider; gives the number of its record."""
        given: dict[str, Any] = {"id": identifier, "channel": "call", "to": NUMBER, "prisoner": PRISONER}
        decider = self.app.checks.decider
        asked = Attempt(**{"establishment": "LEI", **given, **fields})
        deciding = decider.attempt(SWITCH, asked, decider.screener())
        with ThreadPoolExecutor(1) as thread:  # a browser test's own thread has a loop of its browser's
            thread.submit(asyncio.run, decider.recorded(deciding)).result()
        return self.system.ledger.last_seq

    def flag(self, identifier: str = "C1", **fields: Any) -> int:
        """A call that is flagged: digits behind a number that is near the restricted one."""
        return self.attempt(identifier, **{"to": "07700 900124", **fields})


@contextmanager
def console_on(database: Database, vault: Vault, folder: Path, **more: Any) -> Iterator[Console]:
    """A console on a database, with what is set besides."""
    clock = Clock()
    settings = Settings(data=folder, **more, _env_file=None)  # type: ignore[call-arg]
    system = make_system(settings, database, vault, clock)
    with ExitStack() as stack:
        with patch.object(Repeating, "start"):  # a test does itself what it wants done beside its answers
            stack.enter_context(running(system))
        system.current.refresh()
        system.patterns.stop()
        yield Console(system, App(system), clock)


@pytest.fixture
def console(database: Database, vault: Vault, tmp_path: Path) -> Iterator[Console]:
    """A console without any restriction, on each kind of database in turn."""
    with console_on(database, vault, tmp_path) as made:
        yield made
