"""Access: one way in ends the others, and no secret is kept."""

from __future__ import annotations

import pytest

from service.access.model import Role
from service.errors import NotSignedInError
from service.ledger.record import ledger
from tests.service.access.conftest import ADMIN, NEW, Door


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


def test_no_secret_is_kept(door: Door) -> None:
    key = door.access.keys.create(ADMIN, "lei-phones", [Role.PHONE_SYSTEM], [])
    session = door.admin()
    with door.database.read() as connection:
        kept = repr([connection.exec_driver_sql(f"SELECT * FROM {t}").all() for t in TABLES])  # noqa: S608
    for secret in (key.secret, key.secret.split("_", 2)[2], session.token, session.csrf, NEW):
        assert secret not in kept


TABLES = ("account", "api_key", "session", ledger.name)
