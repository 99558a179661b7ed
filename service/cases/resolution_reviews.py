"""When what was decided about a shared number or address is looked at again, by the restriction it is of."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import select

from service.cases.model import HOLDING
from service.cases.tables import case_version
from service.cases.versions import CaseVersions
from service.registry.journal import some_at_once
from service.registry.registry import Registry


class ResolutionReviews:
    """Kept in memory: days alone, nothing that is protected."""

    def __init__(self, registry: Registry) -> None:
        """Reads nothing yet."""
        self._cases = CaseVersions(registry)
        self._days: dict[str, tuple[str, tuple[str, ...]]] = {}
        """By the case: its restriction, and the day of each resolution that did not end."""
        self._cases_of: dict[str, set[str]] = {}

    def read(self, ids: Collection[str] | None) -> set[str]:
        """Take in these cases anew, or all; gives the restrictions that they are behind."""
        found, changed = case_version.c, set[str]()
        wanted = select(found.id).where(found.latest, found.state.in_([one.value for one in HOLDING]))
        if ids is None:
            with self._cases.database.read() as connection:
                ids = connection.execute(wanted).scalars().all()
        for some in some_at_once(sorted(ids)):
            for id_ in some:
                restriction, _ = self._days.pop(id_, ("", ()))
                self._cases_of.get(restriction, set()).discard(id_)
                changed.add(restriction)
            for case in self._cases.of_ids(some):
                days = tuple(one.review for one in case.document.resolutions if one.ended is None)
                if days and case.state in HOLDING and case.restriction is not None:
                    self._days[case.id] = (case.restriction, days)
                    self._cases_of.setdefault(case.restriction, set()).add(case.id)
                    changed.add(case.restriction)
        return changed - {""}

    def of(self, restriction: str) -> Iterator[tuple[str, str]]:
        """Of one restriction: the case and the day of each."""
        for id_ in sorted(self._cases_of.get(restriction, ())):
            yield from ((id_, day) for day in self._days[id_][1])
