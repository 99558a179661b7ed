"""Accounts: who comes in with a password, and who is kept out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access.model import Role
from service.errors import NotSignedInError
from tests.service.access.conftest import NEW, Door


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
