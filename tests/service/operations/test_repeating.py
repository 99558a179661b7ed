"""One thing is done again and again, also after it failed, until it is stopped."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from service.operations.clock import Clock
from service.operations.repeating import Repeating
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault
from service.system import make_system, running

PATIENCE = 30


def test_it_goes_on_after_an_error_and_tells_it_until_it_works_again() -> None:
    reached = threading.Event()
    seen: list[str | None] = []

    def step() -> int:
        seen.append(again.failure)
        if len(seen) == 1:
            raise ValueError("07700 900123")
        if len(seen) == 3:
            reached.set()
        return 0

    again = Repeating("a test's", step, every=0.01)
    again.start()
    assert reached.wait(PATIENCE)
    again.stop()
    assert seen[:3] == [None, "ValueError", None]
    reached.clear()
    seen.clear()
    seen.append(None)  # no error to be made a second time
    again.start()
    assert reached.wait(PATIENCE)
    again.stop()


def test_stopping_what_was_never_started_is_nothing() -> None:
    Repeating("a test's", lambda: 0, every=1).stop()


def test_every_part_of_a_service_is_begun_and_ended_with_it(
    database: Database, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the one that has nothing to do where no phone system is named."""
    made, begun, ended = list[str](), list[str](), list[str]()
    really = Repeating.__init__

    def make(one: Repeating, name: str, *more: Any) -> None:
        really(one, name, *more)
        made.append(name)

    monkeypatch.setattr(Repeating, "__init__", make)
    monkeypatch.setattr(Repeating, "start", lambda one: begun.append(one._name))
    monkeypatch.setattr(Repeating, "stop", lambda one: ended.append(one._name))
    settings = Settings(data=tmp_path, _env_file=None)  # type: ignore[call-arg]
    with running(make_system(settings, database, vault, Clock())):
        assert len(made) > 10
        assert sorted([*begun, "phone-lists"]) == sorted(made)
        assert ended == []
    assert set(ended) >= set(begun)
