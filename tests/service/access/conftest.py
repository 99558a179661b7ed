"""The door of an empty service, and who stands before it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher

from service.access.access import Access
from service.access.model import Principal, Role
from service.access.passwords import Passwords
from service.access.sessions import Session
from service.ledger.record import Record
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
ADMIN = Principal("user:admin", frozenset({Role.ADMIN}), person=True)
NEW = "seven wet otters dance"


class Door:
    """Access with a clock that the test moves."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.now = START
        self.database = database
        self.records: list[Record] = []
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.access = Access(
            database,
            vault,
            Settings(secure_cookies=False),
            lambda: self.now,
            self.records.append,
            hashes=cheap,
            monotonic=lambda: (self.now - START).total_seconds(),
        )

    def admin(self) -> Session:
        """The first admin, with a password of his own."""
        first = self.access.make_first_admin()
        begun = self.access.sign_in("admin", first)
        return self.access.change_password(begun.principal, first, NEW)

    def cookie(self, session: Session) -> dict[str, str]:
        """The headers of a browser that has the session."""
        return {"cookie": self.access.sessions.set_cookie(session).partition(";")[0]}


@pytest.fixture
def door(database: Database, vault: Vault) -> Door:
    return Door(database, vault)
