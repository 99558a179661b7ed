"""Nodes in the prisons: what each has, and of a restriction where it is in force."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from msgspec.structs import replace

from engine import dates
from service.access.model import Principal, Right
from service.console.page import page_needs, show
from service.errors import NotFoundError
from service.feed.changes import listed
from service.feed.reports import EVERYWHERE, HeldIn, Reached
from service.registry.model import ListingState, ends, starts
from service.storage.unread import CANNOT_BE_READ
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/nodes", include_in_schema=False)

Watcher = Annotated[Principal, Depends(page_needs(Right.SEE_STATUS))]


@router.get("")
def nodes(request: Request, watcher: Watcher) -> Response:
    """Every node."""
    system = system_of(request)
    now, silent = system.clock(), system.reports.silent
    states = [one for one in system.reports.now() if watcher.covers(one.prison)]
    return show(
        request,
        "nodes.html",
        watcher,
        rows=[
            (one, one.trouble(now, silent), one.canary_troubles(now, system.reports.canaries_within))
            for one in states
        ],
        is_on=system.feed is not None,
        failure=system.feed.publisher.why_not if system.feed is not None else None,
    )


def reached_by(system: System, restriction: str | None) -> Reached | None:
    """Where the latest version of a restriction is in force; None of none, and without nodes."""
    if not restriction:
        return None
    try:
        change = system.registry.versions.last_change(restriction)
    except NotFoundError:
        return None
    reached = system.reports.standing(change, held_in(system, restriction))
    return reached and replace(reached, not_now=_why_not_now(system, restriction))


def held_in(system: System, restriction: str) -> HeldIn:
    """Which nodes have to hold a restriction, as the list in force has it; one that is not in it, all."""
    screener = system.current.screener
    found = listed(screener.blocklist, restriction) if screener is not None else None
    if found is None or found.scope != "prisoner":
        return EVERYWHERE
    prisoners = system.registry.prisoners
    prisons = {*found.establishments, *map(prisoners.where_is, found.prisoners)} - {None}
    return HeldIn({prison for prison in prisons if prison}, prisoners.last_moved(found.prisoners))


def _why_not_now(system: System, restriction: str) -> str | None:
    """Why nothing is stopped by it at this moment, wherever it is; None where it is."""
    try:
        version = system.registry.versions.get(restriction)
    except CANNOT_BE_READ:
        return "it cannot be read, so nobody knows whether it holds now"
    one, now = version.document.restriction, system.clock()
    if version.state is ListingState.WITHDRAWN:
        return "it is withdrawn"
    if now < starts(one):
        return f"it holds from {dates.shown(one.from_)}"
    return f"it held until {dates.shown(one.until)}" if now >= ends(one) else None
