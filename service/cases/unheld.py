"""Cases that say "in force" while their restriction does not stand, or not by their request.

Whatever the cause, it is an alarm: whoever asked believes that it is stopped. An act on a case and a change
of its restriction cannot make one; a database that was brought back in part, or changed past the service,
can.
"""

from __future__ import annotations

import threading
from collections.abc import Collection

from sqlalchemy import Connection, select

from service.access.model import Principal, Right
from service.cases.model import CaseState
from service.cases.tables import CASE, case_version
from service.registry.following import Following
from service.registry.journal import RESTRICTION, some_at_once
from service.registry.registry import Registry
from service.storage.unread import reading


class Unheld:
    """Follows cases and restrictions. Safe to share between threads; keeps nothing that is protected."""

    def __init__(self, registry: Registry) -> None:
        """Reads nothing yet."""
        self._registry = registry
        self._followed: Following | None = None
        self._cases: dict[str, tuple[str, str | None]] = {}
        """Of those in force, the restriction and the prisoner."""
        self._behind: dict[str, frozenset[str]] = {}
        """Of each such restriction, the requests that stand."""
        self._following = threading.Lock()
        self.count = 0
        """How many there were at the last look."""

    def step(self) -> int:
        """Look, without being asked. Gives 0."""
        with self._following:
            self._follow()
        return 0

    def of(self, by: Principal) -> list[str]:
        """Their ids, in the prisons of somebody."""
        by.require(Right.HANDLE_CASES)
        with self._following:
            found = self._follow()
        where_is = self._registry.where_is
        return [id_ for id_ in found if by.covers(where_is(self._cases[id_][1]))]

    def _follow(self) -> list[str]:
        """Take in what changed, the first time everything."""
        if self._followed is None:
            following = Following(self._registry)  # first: what comes in meanwhile is looked at again
            self._read(None, ())
            self._followed = following
        for ids in self._followed.changed():
            self._read(ids.get(CASE, set()), ids.get(RESTRICTION, set()) & self._behind.keys())
        found = sorted(id_ for id_, (behind, _) in self._cases.items() if id_ not in self._behind[behind])
        self.count = len(found)
        return found

    def _read(self, cases: Collection[str] | None, restrictions: Collection[str]) -> None:
        """These cases, or all, with their restrictions, and those restrictions: as of one moment."""
        with self._registry.journal.database.read() as connection:
            if cases is None:
                read = self._in_force(connection, None)
            else:
                for id_ in cases:
                    self._cases.pop(id_, None)
                read = self._in_force(connection, cases)
            changed = {behind for behind, _ in read.values()} | set(restrictions)
            self._behind |= dict.fromkeys(changed, frozenset())  # what is lost, or not read, holds nothing
            for row in self._registry.versions.stored(connection, changed):
                with reading(self._registry.journal.vault, RESTRICTION, row.id):
                    document = self._registry.versions.document(row.id, row.sealed, row.version)
                    self._behind[row.id] = frozenset(one.id for one in document.requests if one.stands)
        self._cases |= read

    def _in_force(
        self, connection: Connection, ids: Collection[str] | None
    ) -> dict[str, tuple[str, str | None]]:
        found = case_version.c
        wanted = select(found.id, found.restriction, found.prisoner)
        wanted = wanted.where(found.latest, found.state == CaseState.IN_FORCE.value)
        every = [wanted] if ids is None else [wanted.where(found.id.in_(some)) for some in some_at_once(ids)]
        return {
            id_: (restriction or id_, prisoner)
            for one in every
            for id_, restriction, prisoner in connection.execute(one)
        }
