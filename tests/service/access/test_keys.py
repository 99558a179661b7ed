"""Keys: who makes one, what it opens, and when it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access.model import Principal, Role
from service.errors import NotAllowedError, NotSignedInError
from tests.service.access.conftest import ADMIN, Door


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
