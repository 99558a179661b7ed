"""What waits for somebody, in counts: on the page where they begin, and beside the navigation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import NamedTuple

from service.access.model import Principal, Right
from service.cases import finding
from service.cases.finding import CaseLine
from service.cases.versions import NOBODY
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
    beside: str = ""
    """What is said with it beside the link of the navigation, where it stands there too."""


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
    return _beside_links(found(system, by) for right, found in _NOTICED.items() if by.may(right))


def notices_in(waits: Iterable[Waits]) -> dict[str, ToDo]:
    """The same, of what was counted already."""
    return _beside_links(count for one in waits for count in one.counts)


def _beside_links(counts: Iterable[Count]) -> dict[str, ToDo]:
    shown = [(one.href.partition("?")[0], one) for one in counts if one.beside]
    return {link: ToDo(one.number, one.beside) for link, one in shown if one.number}


def _late(number: int, text: str, href: str) -> Count:
    return Count(number, text, href, is_late=number > 0, beside="overdue")


def _late_cases(number: int) -> Count:
    return _late(number, "of these overdue", "/cases?which=overdue")


def _late_flags(system: System, by: Principal) -> Count:
    number = system.reviews.waiting(_part(system, by, "overdue"))
    return _late(number, "overdue", "/queue?which=overdue")


def _to_confirm(system: System, by: Principal) -> Count:
    number = system.registry.approvals.waiting_for(by)
    return Count(number, "waiting for a second person like you", "/approvals", beside="waiting for you")


def _cases(system: System, by: Principal) -> Waits:
    waits = finding.waiting(system.cases, by, system.clock())
    unheld = len(system.unheld.of(by))
    alarm = Count(unheld, "in force, and not held by their restriction", "/cases?which=unheld", is_late=True)
    counts = (
        *(alarm,) * (unheld > 0),
        Count(waits.theirs, "yours", "/cases?which=mine"),
        Count(waits.nobodys, "with nobody", "/cases?which=nobody"),
        _late_cases(waits.late),
    )
    shown = (("Yours, what is due first", by.id), ("With nobody", NOBODY))
    lines = (
        (title, tuple(finding.next_for(system.cases, by, system.registry, who, LINES_SHOWN)))
        for title, who in shown
    )
    return Waits("Cases", counts, tuple((title, some) for title, some in lines if some))


def _queue(system: System, by: Principal) -> Waits:
    reviews = system.reviews
    hours = f"{system.settings.held_hours:g}"
    parts = (
        ("late", f"held for longer than {hours} hours", True),
        ("second", "need a second reviewer", False),
        ("escalated", "escalated", False),
    )
    mine = reviews.waiting(_part(system, by, "mine"))
    counts = [
        Count(reviews.waiting(Filter(by.prisons)), "waiting", "/queue"),
        Count(mine, "yours at the moment", "/queue?which=mine"),
        _late_flags(system, by),
    ]
    for which, text, is_late in parts:
        count = reviews.waiting(_part(system, by, which))
        counts.append(Count(count, text, f"/queue?which={which}", is_late=is_late and count > 0))
    return Waits("What was flagged", tuple(counts))


def _approvals(system: System, by: Principal) -> Waits:
    return Waits("Approvals", (_to_confirm(system, by),))


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
_NOTICED: dict[Right, Callable[[System, Principal], Count]] = {
    Right.HANDLE_CASES: lambda system, by: _late_cases(finding.late(system.cases, by, system.clock())),
    Right.REVIEW: _late_flags,
    Right.CONFIRM: _to_confirm,
}
"""Of these, what stands beside the navigation of every page."""


def _part(system: System, by: Principal, which: str) -> Filter:
    longest = timedelta(hours=system.settings.held_hours)
    return Filter(by.prisons, which=which, by=by.id, longest=longest)
