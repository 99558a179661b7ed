"""Sessions: when one ends, and what it needs to change anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.errors import NotAllowedError, NotSignedInError
from tests.service.access.conftest import Door


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
