"""Rows that cannot be read, each its own trouble: a round, a list or a search goes on with the others.

Which ones they are is kept, so that staff are told how many (`/metrics`, `/health/ready`, and the page on
which one would stand), and forgotten when the row can be read again. Nothing is done by what was not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import pairwise
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec
import structlog
from sqlalchemy import ColumnElement, and_, or_

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


class History(NamedTuple, Generic[T]):
    """The versions of something that can be read, the newest first, and the numbers of the others."""

    versions: list[T]
    unread: list[str]


E = TypeVar("E", bound=StrEnum)
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


def each(vault: Noted, of: str, rows: Iterable[Any], read: Callable[[Any], T]) -> tuple[list[T], list[str]]:
    """What each row of a kind says, in their order, and the ids of those that cannot be read."""
    found: list[T] = []
    unread: list[str] = []
    for row in rows:
        id_ = str(row.id)
        with reading(vault, of, id_):
            found.append(read(row))
            continue
        unread.append(id_)
    return found, unread


def history_of(vault: Noted, of: str, id_: str, rows: Iterable[Any], read: Callable[[Any], T]) -> History[T]:
    """What each version of one thing says, in their order; the rows have a `version`."""
    history: History[T] = History([], [])
    for row in rows:
        with reading(vault, of, f"{id_}, version {row.version}"):
            history.versions.append(read(row))
            continue
        history.unread.append(str(row.version))
    return history


def known(kind: type[E], value: str) -> E:
    """What a plain column says. Raises ChangedRowError where that is nothing that the program knows."""
    try:
        return kind(value)
    except ValueError:
        raise ChangedRowError from None


def none_of(column: ColumnElement[str], known: Iterable[str]) -> ColumnElement[bool]:
    """Whether a plain column says what the program does not know, for a statement.

    In ranges, each found by an index of the column, since almost no row is there.
    """
    values = sorted(map(str, known))
    between = (and_(column > low, column < high) for low, high in pairwise(values))
    return and_(or_(column < values[0], *between, column > values[-1]), column.not_in(values))


def counts(vault: Noted) -> dict[str, int]:
    """How many could not be read when somebody last tried, by their kind."""
    return {of: len(ids) for of, ids in sorted(vault.unread.copy().items()) if ids}
