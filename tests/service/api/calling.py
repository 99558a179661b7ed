"""The whole application on a real database, and callers of every role who speak HTTP to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from service.access.model import Principal, Role
from service.app import App
from service.ledger.record import ledger
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault
from service.system import System, make_system, running

ADMIN = Principal("user:root", frozenset({Role.ADMIN}), person=True)


class Service:
    """A running service, and who calls it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._app = App(system)
        self._keys = 0

    def nobody(self) -> TestClient:
        """Somebody who is not signed in."""
        return TestClient(self._app, raise_server_exceptions=False, follow_redirects=False)

    def person(self, name: str, *roles: Role, prisons: tuple[str, ...] = ()) -> TestClient:
        """A person with a session, known to the ledger as `oidc:NAME`."""
        sessions = self.system.access.sessions
        who = Principal(f"oidc:{name}", frozenset(roles), frozenset(prisons), name=name, person=True)
        with self.system.database.write() as connection:
            begun = sessions.begin_for_subject(connection, who, name)
        client = self.nobody()
        client.headers["cookie"] = sessions.set_cookie(begun).partition(";")[0]
        client.headers["x-csrf-token"] = begun.csrf
        return client

    def machine(self, *roles: Role, prisons: tuple[str, ...] = ()) -> TestClient:
        """A machine with a key."""
        self._keys += 1
        made = self.system.access.keys.create(ADMIN, f"machine-{self._keys}", roles, prisons)
        client = self.nobody()
        client.headers["authorization"] = f"Bearer {made.secret}"
        return client

    def records(self, **where: str) -> list[Any]:
        """The ledger's records with these values, the oldest first."""
        wanted = select(ledger).order_by(ledger.c.seq)
        for name, value in where.items():
            wanted = wanted.where(ledger.c[name] == value)
        with self.system.database.read() as connection:
            return list(connection.execute(wanted))


@contextmanager
def serving(database: Database, vault: Vault, folder: Path) -> Iterator[Service]:
    """A service on a database that has its tables."""
    settings = Settings(data=folder, secure_cookies=False)
    with running(make_system(settings, database, vault)) as system:
        yield Service(system)
