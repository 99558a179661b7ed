"""Rows that cannot be read, each its own trouble: a round, a list or a search goes on with the others.

Which ones they are is kept, so that staff are told how many (`/metrics`, `/health/ready`, and the page on
which one would stand), and forgotten when the row can be read again. Nothing is done by what was not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import msgspec
import structlog

from service.storage.rows import ChangedRowError
from service.storage.sealing import SealError

CANNOT_BE_READ = (ChangedRowError, SealError, msgspec.MsgspecError, ValueError)
"""What a row fails with that is not as the service wrote it."""

IN_WORDS = (
    "what is sealed of this cannot be read. Whatever it stopped is stopped all the same, and nothing is "
    "allowed by it. Tell whoever runs the service: it has to be put right, or brought back from a backup"
)
"""What the page of one that cannot be read says, and what may be done."""

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Noted(Protocol):
    """Where it is noted: a vault."""

    @property
    def unread(self) -> dict[str, set[str]]:
        """By what it is of."""


@contextmanager
def reading(vault: Noted, of: str, id_: str) -> Iterator[None]:
    """Read one row of a kind: where it cannot be read, that is noted and logged, and raises nothing."""
    known = vault.unread.setdefault(of, set())
    try:
        yield
    except CANNOT_BE_READ as error:
        if id_ not in known:
            known.add(id_)
            _log.error("row_not_readable", kind=of, error=type(error).__name__)
    else:
        known.discard(id_)


def each(
    vault: Noted, of: str, rows: Iterable[Any], read: Callable[[Any], T], name: str = "id"
) -> tuple[list[T], list[str]]:
    """What each row of a kind says, in their order, and the ids of those that cannot be read."""
    found: list[T] = []
    unread: list[str] = []
    for row in rows:
        id_ = str(getattr(row, name))
        with reading(vault, of, id_):
            found.append(read(row))
            continue
        unread.append(id_)
    return found, unread


def counts(vault: Noted) -> dict[str, int]:
    """How many could not be read when somebody last tried, by their kind."""
    return {of: len(ids) for of, ids in sorted(vault.unread.copy().items()) if ids}
