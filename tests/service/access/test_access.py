"""Access: who comes in, who is kept out, and when a session, a lock or a key ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from service.access.access import Access
from service.access.model import Principal, Role
from service.access.passwords import Passwords
from service.access.sessions import Session
from service.errors import NotAllowedError, NotSignedInError
from service.ledger.record import Record, ledger
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


def test_the_first_admin_may_only_change_his_password(door: Door) -> None:
    begun = door.access.sign_in("admin", door.access.make_first_admin())
    assert begun.principal.must_change_password


def test_with_a_password_of_his_own_he_comes_in(door: Door) -> None:
    session = door.admin()
    found = door.access.authenticate("GET", door.cookie(session))
    assert found.id == "user:admin"
    assert Role.ADMIN in found.roles
    assert not found.must_change_password


@pytest.mark.parametrize("name", ["admin", "nobody"])
def test_a_wrong_password_and_an_unknown_name_are_told_the_same(door: Door, name: str) -> None:
    door.admin()
    with pytest.raises(NotSignedInError) as caught:
        door.access.sign_in(name, "not the password")
    with pytest.raises(NotSignedInError) as other:
        door.access.sign_in("somebody else", "not the password")
    assert caught.value.detail == other.value.detail


def test_after_five_wrong_passwords_the_right_one_is_refused_until_the_lock_ends(door: Door) -> None:
    door.admin()
    for _ in range(5):
        with pytest.raises(NotSignedInError):
            door.access.sign_in("admin", "not the password")
    with pytest.raises(NotSignedInError):
        door.access.sign_in("admin", NEW)
    door.now += timedelta(minutes=16)
    assert door.access.sign_in("admin", NEW).principal.id == "user:admin"


def test_a_session_ends_when_nothing_is_asked_for_half_an_hour(door: Door) -> None:
    headers = door.cookie(door.admin())
    door.now += timedelta(minutes=31)
    with pytest.raises(NotSignedInError):
        door.access.authenticate("GET", headers)


def test_a_session_in_use_ends_with_the_shift(door: Door) -> None:
    headers = door.cookie(door.admin())
    for _ in range(29):
        door.now += timedelta(minutes=20)
        door.access.authenticate("GET", headers)
    door.now += timedelta(minutes=21)
    with pytest.raises(NotSignedInError):
        door.access.authenticate("GET", headers)


def test_a_session_changes_nothing_without_its_token(door: Door) -> None:
    session = door.admin()
    headers = door.cookie(session)
    with pytest.raises(NotAllowedError):
        door.access.authenticate("POST", headers)
    with pytest.raises(NotAllowedError):
        door.access.authenticate("POST", {**headers, "x-csrf-token": "guessed"})
    assert door.access.authenticate("POST", {**headers, "x-csrf-token": session.csrf}).id == "user:admin"


def test_a_new_password_ends_the_old_sessions(door: Door) -> None:
    session = door.admin()
    door.access.change_password(session.principal, NEW, "eight dry badgers sleep")
    with pytest.raises(NotSignedInError):
        door.access.authenticate("GET", door.cookie(session))


def test_signed_out_is_out(door: Door) -> None:
    headers = door.cookie(door.admin())
    door.access.sign_out(headers)
    with pytest.raises(NotSignedInError):
        door.access.authenticate("GET", headers)


def test_a_key_comes_in_until_it_is_revoked(door: Door) -> None:
    key = door.access.keys.create(ADMIN, "lei-phones", [Role.PHONE_SYSTEM], ["LEI"])
    headers = {"authorization": f"Bearer {key.secret}"}
    found = door.access.authenticate("POST", headers)
    assert (found.id, found.prisons) == ("key:lei-phones", frozenset({"LEI"}))
    door.access.revoke_key(ADMIN, "lei-phones")
    with pytest.raises(NotSignedInError):
        door.access.authenticate("POST", headers)


def test_a_key_expires(door: Door) -> None:
    key = door.access.keys.create(ADMIN, "short", [Role.PHONE_SYSTEM], [], days=1)
    door.now += timedelta(days=1, seconds=1)
    with pytest.raises(NotSignedInError):
        door.access.authenticate("POST", {"authorization": f"Bearer {key.secret}"})


def test_a_key_is_no_admin_and_only_an_admin_makes_one(door: Door) -> None:
    with pytest.raises(NotAllowedError):
        door.access.keys.create(ADMIN, "master", [Role.ADMIN], [])
    officer = Principal("user:officer", frozenset({Role.CASE_OFFICER}), person=True)
    with pytest.raises(NotAllowedError):
        door.access.keys.create(officer, "mine", [Role.PHONE_SYSTEM], [])


def test_no_secret_is_kept(door: Door) -> None:
    key = door.access.keys.create(ADMIN, "lei-phones", [Role.PHONE_SYSTEM], [])
    session = door.admin()
    with door.database.read() as connection:
        kept = repr([connection.exec_driver_sql(f"SELECT * FROM {t}").all() for t in TABLES])  # noqa: S608
    for secret in (key.secret, key.secret.split("_", 2)[2], session.token, session.csrf, NEW):
        assert secret not in kept


TABLES = ("account", "api_key", "session", ledger.name)
