"""What the tests' many services and databases keep between them: compiled statements, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

MOST = 4_000
"""Statements: more than there are."""


class CompiledOnce:
    """A cache as SQLAlchemy asks for one, for every database of a kind.

    Each test has databases of its own, and each database would compile all of its statements anew.
    """

    def __init__(self) -> None:
        from sqlalchemy.util import LRUCache

        self._kept: LRUCache[Any, Any] = LRUCache(MOST)

    def get(self, key: tuple[Any, ...]) -> Any:
        """What was compiled; None where nothing was."""
        return self._kept.get(self._of_any(key))

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self._kept[self._of_any(key)] = compiled

    @staticmethod
    def _of_any(key: tuple[Any, ...]) -> tuple[Any, ...]:
        """The key with the kind of server in place of what speaks to this one."""
        dialect, *statement = key
        return (type(dialect), dialect.server_version_info, *statement)


@contextmanager
def statements_compiled_once() -> Iterator[None]:
    """For every database that is opened meanwhile."""
    storage: Any = sys.modules.get("service.storage.database")
    if storage is None:  # no test that was collected opens one
        yield
        return
    shared = {"compiled_cache": CompiledOnce()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "create_engine", partial(storage.create_engine, execution_options=shared))
        yield


def let_go() -> None:
    """Of every application that was made: FastAPI remembers the last 4,096 functions that routes called, and
    by them whole services with their databases, gigabytes of them."""
    routes = sys.modules.get("fastapi.dependencies.models")
    for remembered in vars(routes).values() if routes else ():
        if hasattr(remembered, "cache_clear"):
            remembered.cache_clear()
