"""Between two tests there stay statements, and no service."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Connection, func, select
from sqlalchemy.engine.interfaces import CacheStats

from service.registry.tables import finder
from tests.conftest import pytest_runtest_teardown
from tests.kept import let_go
from tests.service.databases import sqlite_in


def asked_of(connection: Connection) -> CacheStats:
    """Whether something was compiled before."""
    found = connection.execute(select(func.count()).select_from(finder)).context
    assert found is not None
    return CacheStats(found.cache_hit)


def test_what_one_database_compiled_another_need_not(tmp_path: Path) -> None:
    said = []
    for name in ("one", "another"):
        (tmp_path / name).mkdir()
        database = sqlite_in(tmp_path / name)
        with database.read() as connection:
            said.append(asked_of(connection))
        database.close()
    assert said[-1] == CacheStats.CACHE_HIT


def made() -> weakref.ref[FastAPI]:
    """An application with a route that knows it."""
    app = FastAPI()

    @app.get("/")
    def page() -> str:
        return app.title

    return weakref.ref(app)


def test_an_application_that_nobody_has_is_gone() -> None:
    app = made()
    let_go()
    gc.collect()
    assert app() is None


def test_a_collector_that_a_command_turned_off_is_on_for_the_next_test() -> None:
    gc.disable()
    pytest_runtest_teardown()
    assert gc.isenabled()
