"""What the registry says otherwise today than the list that was kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from engine.blocklist import Lost
from engine.listing import PartlyReadError
from engine.model import ConfidentialEntry, Restriction
from service.registry.found import StoredVersion
from service.registry.journal import RESTRICTION
from service.registry.registry import Registry

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class CatchingUp:
    """What the registry says otherwise than a kept list. A registry that says less than it is not obeyed."""

    def __init__(
        self,
        registry: Registry,
        before: Mapping[str, int],
        states: Mapping[str, tuple[int, bool]],
        standing: Callable[[StoredVersion, set[str]], Restriction | None],
    ) -> None:
        self._registry, self._before, self._states, self._standing = registry, before, states, standing
        self.put: list[Restriction] = []
        self.gone: list[str] = []
        self.lost: set[str] = set()
        """Stay as they were, and the list is incomplete."""
        self.doubted: set[str] = set()

    def all(self, connection: Connection, ids: Collection[str]) -> None:
        """Read the latest versions of these."""
        less = set(filter(self.is_less, ids))
        for id_ in less:
            self._is_behind(id_)
        for row in self._registry.versions.stored(connection, set(ids) - less):
            was = self._before.get(row.id, 0)
            if row.is_less_than(was):
                self._is_behind(row.id)
            elif (restriction := self._standing(row, self.lost)) is not None:
                self.put.append(restriction)
            elif was and row.holds and not row.stands:
                self.gone.append(row.id)

    def is_less(self, id_: str) -> bool:
        """Whether the registry says less of it than the kept list: what a version said stays said."""
        version, stands = self._states.get(id_, (0, False))
        was = self._before.get(id_, 0)
        return version < was or (version == was > 0 and not stands)

    def _is_behind(self, id_: str) -> None:
        _log.error("registry_says_less_than_the_kept_list", kind=RESTRICTION)
        self.lost.add(id_)
        self.doubted.add(id_)


def differing(before: Mapping[str, T], now: Mapping[str, T]) -> set[str]:
    """The keys under which not the same stands in both."""
    if before == now:  # mostly, and found out at once
        return set()
    return {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}


def noting(lost: set[str]) -> Lost:
    """Notes what cannot be compiled. Of the register it is left out, and then checked like anybody else.

    A restriction that was read in part is in the list, which itself allows nothing to whom it names.
    """

    def note(source: Restriction | ConfidentialEntry, error: Exception) -> None:
        _log.error("not_compiled", kind=type(source).__name__, error=type(error).__name__)
        if isinstance(source, Restriction) and not isinstance(error, PartlyReadError):
            lost.add(source.id)

    return note
