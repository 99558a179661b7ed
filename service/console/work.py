"""What waits for somebody, in counts: on the page where they begin, and beside the navigation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from service.access.model import Principal, Right
from service.cases.finding import CaseLine, waiting_for
from service.review.shown import Filter
from service.system import System

LINES_SHOWN = 5
"""Cases that are named on the page where somebody begins; the rest is in the list."""


class Count(NamedTuple):
    """So many wait."""

    number: int | None
    """None where it takes a look to tell."""
    text: str
    href: str
    is_late: bool = False
    """Whether it should have been done already, or is held for too long."""


class Waits(NamedTuple):
    """What waits of one kind: the counts, and cases by name under a heading each."""

    title: str
    counts: tuple[Count, ...]
    lines: tuple[tuple[str, tuple[CaseLine, ...]], ...] = ()


class ToDo(NamedTuple):
    """The count beside a link of the navigation."""

    number: int
    text: str


def waiting(system: System, by: Principal) -> list[Waits]:
    """Everything that waits for somebody with these rights."""
    return [found(system, by) for right, found in _FOUND.items() if by.may(right)]


def notices(system: System, by: Principal) -> dict[str, ToDo]:
    """By the address of a link: what is overdue, and what waits for a second person like them."""
    found = {}
    if by.may(Right.HANDLE_CASES):
        late = sum(_is_late(system, line) for line in waiting_for(system.registry, by))
        found["/cases"] = ToDo(late, "overdue")
    if by.may(Right.REVIEW):
        found["/queue"] = ToDo(system.reviews.waiting(_part(system, by, "overdue")), "overdue")
    if by.may(Right.CONFIRM):
        found["/approvals"] = ToDo(system.registry.approvals.waiting_for(by), "waiting for you")
    return {href: notice for href, notice in found.items() if notice.number}


def _cases(system: System, by: Principal) -> Waits:
    lines = waiting_for(system.registry, by)
    mine = [line for line in lines if line.assigned == by.id]
    nobodys = [line for line in lines if line.assigned is None]
    late = [line for line in lines if _is_late(system, line)]
    counts = (
        Count(len(mine), "yours", "/cases?which=mine"),
        Count(len(nobodys), "with nobody", "/cases?which=nobody"),
        Count(len(late), "of these overdue", "/cases?which=overdue", is_late=bool(late)),
    )
    shown = (("Yours, what is due first", mine), ("With nobody", nobodys))
    return Waits("Cases", counts, tuple((title, tuple(some[:LINES_SHOWN])) for title, some in shown if some))


def _queue(system: System, by: Principal) -> Waits:
    reviews = system.reviews
    hours = f"{system.settings.held_hours:g}"
    parts = (
        ("mine", "yours at the moment", False),
        ("overdue", "overdue", True),
        ("late", f"held for longer than {hours} hours", True),
        ("second", "need a second reviewer", False),
        ("escalated", "escalated", False),
    )
    counts = [Count(reviews.waiting(Filter(by.prisons)), "waiting", "/queue")]
    for which, text, is_late in parts:
        count = reviews.waiting(_part(system, by, which))
        counts.append(Count(count, text, f"/queue?which={which}", is_late=is_late and count > 0))
    return Waits("What was flagged", tuple(counts))


def _approvals(system: System, by: Principal) -> Waits:
    count = system.registry.approvals.waiting_for(by)
    return Waits("Approvals", (Count(count, "waiting for a second person like you", "/approvals"),))


def _mailroom(system: System, by: Principal) -> Waits:
    trays = [tray for tray in system.trays.newest(by) if tray.closed_at is None]
    return Waits("Mailroom", (Count(len(trays), "trays not closed", "/mail"),))


def _restrictions(system: System, by: Principal) -> Waits:
    link = Count(None, "Ending or to be reviewed within four weeks", "/restrictions/ending")
    return Waits("Restrictions", (link,))


_FOUND: dict[Right, Callable[[System, Principal], Waits]] = {
    Right.HANDLE_CASES: _cases,
    Right.REVIEW: _queue,
    Right.CONFIRM: _approvals,
    Right.SCAN: _mailroom,
    Right.SEE_RESTRICTIONS: _restrictions,
}
"""In the order in which they are shown."""


def _part(system: System, by: Principal, which: str) -> Filter:
    longest = timedelta(hours=system.settings.held_hours)
    return Filter(by.prisons, which=which, by=by.id, longest=longest)


def _is_late(system: System, line: CaseLine) -> bool:
    return line.due is not None and line.due < system.clock()
