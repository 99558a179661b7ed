"""Notices outstanding: of what is in force, the prisoners who have not been told, by prison."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from heapq import nsmallest
from typing import NamedTuple

from sqlalchemy import func, select

from service.access.model import Principal, Right
from service.cases import figures
from service.cases.cases import Cases
from service.cases.model import HOLDING, Case
from service.cases.tables import CASE, case_version
from service.registry.following import Following
from service.registry.journal import RESTRICTION, some_at_once
from service.registry.registry import Registry
from service.storage.unread import reading

Place = tuple[str, datetime, str]
"""Where a case stands in the list: the prison, empty for not known, since when, and its id."""


class NoticePage(NamedTuple):
    """Some of those who are still to be told, by the prison where they are now."""

    prisons: dict[str | None, list[Outstanding]]
    counts: dict[str | None, int]
    """How many there are in each prison, also beyond this page."""
    next: Place | None
    """Behind which the next page begins."""


class Outstanding(NamedTuple):
    """One prisoner who is still to be told."""

    case: Case
    prison: str | None
    """Where he is now; None where nobody knows."""
    moved_from: str | None
    """Where he was at the case's last step, if that is another prison."""
    since: datetime | None
    """When it was approved."""
    held_by: int
    """How many people hold the notice; from two on he is not to be told."""
    held_because: str | None
    """Why it is held, for who has opened the case; that he sees it again is recorded."""
    why_not: str | None
    """Why he cannot be told now: of what stops nothing nobody is told, nor of what cannot be read."""


class _Waiting(NamedTuple):
    """What is kept in memory of a case: nothing that is protected."""

    since: datetime
    prisoner: str | None


class Notices:
    """Follows the cases, from the first look on. Safe to share between threads.

    Whether he was told is sealed in a case; in a code it stands among the figures, under a hash of its id.
    """

    def __init__(self, cases: Cases, registry: Registry) -> None:
        """Reads nothing yet."""
        self._cases, self._registry = cases, registry
        self._followed: Following | None = None
        self._waiting: dict[str, _Waiting] = {}
        self._following = threading.Lock()

    def outstanding(
        self, by: Principal, *, prison: str | None = None, after: Place | None = None, limit: int = 50
    ) -> NoticePage:
        """Who is to be told, in the prisons that `by` may see or in one of them, from behind a place. By the
        prison where he is now, and there those who wait longest first."""
        by.require(Right.HANDLE_CASES)
        with self._following:
            self._follow()
            everywhere = [
                (self._registry.where_is(one.prisoner), one.since, id_) for id_, one in self._waiting.items()
            ]
        theirs = [one for one in everywhere if by.covers(one[0])]
        counts = Counter(place for place, _, _ in theirs)
        ahead = (
            place
            for place in ((where or "", since, id_) for where, since, id_ in theirs)
            if prison in (None, place[0]) and (after is None or place > after)
        )
        found = nsmallest(limit + 1, ahead)
        shown = found[:limit]
        prisons: dict[str | None, list[Outstanding]] = {}
        for case in self._cases.of_ids([id_ for _, _, id_ in shown]):
            if by.covers(self._cases.place_of(case)) and _is_outstanding(case):
                one = _outstanding(self._cases, by, case)
                prisons.setdefault(one.prison, []).append(one)
        in_order = sorted(counts.items(), key=lambda item: item[0] or "")
        return NoticePage(prisons, dict(in_order), shown[-1] if len(found) > limit else None)

    def _follow(self) -> None:
        """Take in what changed, the first time everything."""
        if self._followed is None:
            following = Following(self._registry)  # first: what comes in meanwhile is looked at again
            self._waiting = dict(self._read(None))
            self._followed = following
        for ids in self._followed.changed():
            for some in some_at_once(sorted(ids.get(CASE, ()))):
                found = dict(self._read(some))
                for id_ in some:
                    self._waiting.pop(id_, None)
                self._waiting.update(found)

    def _read(self, ids: Collection[str] | None) -> Iterator[tuple[str, _Waiting]]:
        """Of these cases, or of all, whose prisoner is still to be told."""
        found, wanted_states = case_version.c, [state.value for state in HOLDING]
        which = [found.state.in_(wanted_states), *([] if ids is None else [found.id.in_(ids)])]
        latest = select(found.id, found.prisoner).where(*which, found.latest)
        approved = select(found.id, func.min(found.at).label("since")).where(*which).group_by(found.id)
        vault = self._registry.journal.vault
        with self._cases.database.read() as connection:
            prisoners = {row.id: row.prisoner for row in connection.execute(latest)}
            since = {row.id: row.since for row in connection.execute(approved)}
            told = figures.told(connection, vault, ids)
        for id_, prisoner in prisoners.items():
            if figures.key(vault, id_) not in told:
                yield id_, _Waiting(since[id_], prisoner)


def _is_outstanding(case: Case) -> bool:
    return case.state in HOLDING and case.document.notice.served is None


def _outstanding(cases: Cases, by: Principal, case: Case) -> Outstanding:
    notice, considered = case.document.notice, case.document.consideration
    prison = cases.place_of(case)
    held_because = None
    if notice.held_by and cases.has_seen(by, case):
        cases.view(by, case, "notices outstanding")
        held_because = notice.held_because
    return Outstanding(
        case=case,
        prison=prison,
        moved_from=case.establishment if case.establishment != prison else None,
        since=datetime.fromisoformat(considered.at) if considered and considered.at else None,
        held_by=len(notice.held_by),
        held_because=held_because,
        why_not=_why_not(cases, case),
    )


def _why_not(cases: Cases, case: Case) -> str | None:
    if case.is_unread:
        return "the case cannot be read: tell whoever runs the service"
    with reading(cases.vault, RESTRICTION, str(case.restriction)):
        return cases.why_not_in_force(case)
    return "its restriction cannot be read: tell whoever runs the service"
