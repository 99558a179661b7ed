"""Lists in the phone system: how far they bear the restrictions out, and what is to be put right."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from adapters.pin_phone.reconcile import DriftKind
from matchers.prison import PRISON_CODE
from service.access.model import Principal, Right
from service.console.page import OurForm, PageError, page_needs, show
from service.console.restriction_form import FormReader
from service.console.restrictions import listed
from service.errors import NotFoundError
from service.phone_lists.figures import MOST_SHOWN, ShownDrift, by_prison, drift_in, unread_in
from service.phone_lists.held import HELD, DriftState
from service.review.said import Act, acts, decisions
from service.storage.sealing import SealError
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/phone-lists", include_in_schema=False)

Viewer = Annotated[Principal, Depends(page_needs(Right.SEE_RESTRICTIONS))]
Revealer = Annotated[Principal, Depends(page_needs(Right.REVEAL))]
Place = Annotated[str, Path(pattern=f"^({PRISON_CODE}|unknown)$")]

WORDS = {
    DriftKind.RESTRICTED: "Restricted, and callable on the list",
    DriftKind.BARRED: "Restricted, barred by the switch",
    DriftKind.DOUBTFUL: "Doubtful",
    DriftKind.UNPROVEN: "Called confidential, not on the register",
    DriftKind.SHARED: "New, on several prisoners' lists",
}
TO_DO = {
    DriftKind.RESTRICTED: "Decide in the queue, and take it off the list in the phone system. Calls to it are"
    " refused meanwhile.",
    DriftKind.BARRED: "Take it off the list in the phone system.",
    DriftKind.DOUBTFUL: "Decide in the queue: the number or the name is like a restricted one.",
    DriftKind.UNPROVEN: "Verify it and put it on the register, or take the flag off. Calls to it are recorded"
    " or not as the phone system says.",
    DriftKind.SHARED: "Find out whose it is: a number that several get at once may lead on to another.",
}


@router.get("")
def phone_lists(request: Request, viewer: Viewer) -> Response:
    """Every prison."""
    system = system_of(request)
    rows = by_prison(system.registry.journal, viewer.prisons)
    return show(
        request,
        "phone_lists.html",
        viewer,
        rows=rows,
        kinds=[(kind.value, WORDS[kind]) for kind in DriftKind],
        is_on=system.reconciler.is_on,
        failure=system.reconciler.failure,
    )


@router.get("/{place}")
def one_prison(request: Request, place: Place, viewer: Viewer) -> Response:
    """What is to be put right in one prison, without any number."""
    return _view(request, viewer, place)


@router.post("/{place}/show")
def show_numbers(request: Request, place: Place, form: OurForm, revealer: Revealer) -> Response:
    """The same with names and numbers; recorded before they are shown."""
    read = FormReader(form)
    why = read.text("why", "Enter why you need to see the numbers")
    if read.wrong:
        return _view(request, revealer, place, wrong=read.wrong, status=422)
    prison = _prison(revealer, place)
    journal = system_of(request).registry.journal
    journal.saw(revealer.id, f"phone-lists/{place}", why, establishment=prison)
    return _view(request, revealer, place, is_open=True)


def _view(
    request: Request,
    viewer: Principal,
    place: str,
    *,
    is_open: bool = False,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    system = system_of(request)
    found = drift_in(system.registry.journal, _prison(viewer, place))
    named = (id_ for one in found for id_ in one.restrictions)
    theirs = system.registry.versions.concerning(viewer.prisons, named)
    return show(
        request,
        "phone_list.html",
        viewer,
        status=status,
        place=place,
        prison_code=_prison(viewer, place),
        rows=[_row(system, one, is_open, theirs) for one in found],
        unread=unread_in(system.registry.journal, _prison(viewer, place)),
        held_hours=system.settings.held_hours,
        may_review=viewer.may(Right.REVIEW),
        is_cut=len(found) == MOST_SHOWN,
        is_open=is_open,
        may_open=viewer.may(Right.REVEAL) and bool(found) and not is_open,
        wrong=wrong or {},
        errors=listed(wrong or {}),
    )


def _row(system: System, one: ShownDrift, is_open: bool, theirs: set[str]) -> dict[str, Any]:
    """One entry; of restrictions, those that concern the viewer's prisons."""
    row = {
        "prisoner": one.prisoner,
        "kind": WORDS[one.kind],
        "to_do": _to_do(one),
        "state": one.state.value,
        "review": one.review,
        "released": _released(system, one),
        "is_late": _is_late(system, one),
        "found_at": one.found_at,
        "restrictions": [id_ for id_ in one.restrictions if id_ in theirs],
        "number": "",
        "name": "",
    }
    lists = system.reconciler.lists
    if is_open and lists is not None:
        try:
            kept = lists.opened(one.prisoner, one.number)
        except SealError:
            return {**row, "number": "cannot be opened"}
        if kept is not None:
            return {**row, "number": kept.number, "name": kept.name}
    return row


def _to_do(one: ShownDrift) -> str:
    if one.state is DriftState.RELEASED:
        return "Nothing, until the number, its name or the restriction changes."
    if one.state is DriftState.TO_REMOVE:
        return "Take it off the list in the phone system. It goes from here when the list is read without it."
    return TO_DO[one.kind]


def _released(system: System, one: ShownDrift) -> Act | None:
    """Who let it stand, and why: the last of those who agreed."""
    if one.state is not DriftState.RELEASED or one.review is None:
        return None
    with system.database.read() as connection:
        return next(reversed(decisions(acts(connection, one.review, None))), None)


def _is_late(system: System, one: ShownDrift) -> bool:
    longest = timedelta(hours=system.settings.held_hours)
    waits = one.kind in HELD and one.state is not DriftState.RELEASED
    return waits and one.found_at < system.clock() - longest


def _prison(viewer: Principal, place: str) -> str | None:
    """The prison of an address. Raises PageError for one that is not theirs."""
    prison = None if place == "unknown" else place
    if not viewer.covers(prison):
        raise PageError(NotFoundError("there is no such page"))
    return prison
