"""Notices outstanding: of what is in force, the prisoners who have not been told, by prison."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from service.access.model import Principal
from service.cases.cases import Cases
from service.cases.model import HOLDING, Case

AT_ONCE = 200
"""Cases of one page."""


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
    """Why he cannot be told now: of what stops nothing nobody is told."""


def outstanding(cases: Cases, by: Principal) -> dict[str | None, list[Outstanding]]:
    """By the prison where he is now, those who wait longest first; of the prisons that `by` may see."""
    found: dict[str | None, list[Outstanding]] = {}
    for case in _holding(cases, by):
        if case.document.notice.served is None:
            one = _outstanding(cases, by, case)
            found.setdefault(one.prison, []).append(one)
    for some in found.values():
        some.sort(key=lambda one: (one.since or one.case.at, one.case.id))
    return dict(sorted(found.items(), key=lambda item: item[0] or ""))


def _holding(cases: Cases, by: Principal) -> Iterator[Case]:
    """Every case whose restriction has to stand, a page after the other."""
    for state in HOLDING:
        after = None
        while some := cases.page(by, states=[state], limit=AT_ONCE, after=after):
            yield from some
            after = (some[-1].due, some[-1].id)


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
        why_not=cases.why_not_in_force(case),
    )
