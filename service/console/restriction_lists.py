"""Many restrictions: the list, the search, and what was in force at a moment.

What is looked for comes in a form, never in an address.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from engine import dates
from service.access.model import Right
from service.console.page import OurForm, ids_of, show
from service.console.restriction_form import FormReader, iso_day
from service.console.restrictions import Viewer, is_prisoner_number, listed, plain
from service.registry.model import ListingState
from service.registry.tables import ID
from service.web.dependencies import system_of

router = APIRouter(prefix="/restrictions", include_in_schema=False)

SHOWN_AT_ONCE = 50
"""Restrictions of one page."""
ENDING_WITHIN = timedelta(weeks=4)


@router.get("")
def list_restrictions(request: Request, reader: Viewer) -> Response:
    """Restrictions of one's prisons, in the order of their ids."""
    query = request.query_params
    state, number = query.get("state", ""), query.get("prisoner", "").strip().upper()
    after = _after(request)
    if number and not is_prisoner_number(number):
        wrong = {"filter-prisoner": "Enter a prisoner number: a letter, four digits, two letters"}
        context: dict[str, Any] = {"rows": [], "errors": listed(wrong), "state": state, "prisoner": number}
        return show(request, "restrictions.html", reader, status=422, **context)
    page = system_of(request).registry.versions.page(
        prisons=reader.prisons,
        prisoner_number=number or None,
        state=ListingState(state) if state in [*ListingState] else None,
        after=after,
        limit=SHOWN_AT_ONCE,
    )
    chosen = {name: value for name, value in (("state", state), ("prisoner", number)) if value}
    return show(
        request,
        "restrictions.html",
        reader,
        rows=[plain(one, system_of(request).clock()) for one in page.items],
        state=state,
        prisoner=number,
        may_edit=reader.may(Right.EDIT_RESTRICTIONS),
        may_reveal=reader.may(Right.REVEAL),
        not_read=ids_of("restriction", page.unread),
        first=_address("/restrictions", chosen) if after else None,
        next=_address("/restrictions", {**chosen, "after": page.next}) if page.next else None,
    )


@router.post("/search")
def search_restrictions(request: Request, form: OurForm, reader: Viewer) -> Response:
    """Restrictions that hold, or once held, what was typed. Who looked for what is in the ledger."""
    read = FormReader(form)
    wanted = read.text("wanted", "Enter a number, an e-mail address, an address or a name", ID)
    if read.wrong:
        return show(
            request,
            "restrictions_found.html",
            reader,
            status=422,
            errors=listed(read.wrong),
            wrong=read.wrong,
            rows=None,
            wanted="",
        )
    system = system_of(request)
    system.asking.search(reader)
    system.registry.journal.saw(reader.id, "search/restrictions", wanted)
    versions = system.registry.versions
    held = versions.find(contact=wanted, prisons=reader.prisons)
    called = versions.find(name=wanted, prisons=reader.prisons)
    found = {one.id: one for one in (*held.versions, *called.versions)}
    rows = [plain(found[id_], system.clock()) for id_ in sorted(found)]
    return show(
        request,
        "restrictions_found.html",
        reader,
        wrong={},
        wanted=wanted,
        rows=rows[:SHOWN_AT_ONCE],
        total=len(rows),
        not_read=ids_of("restriction", sorted({*held.unread, *called.unread})),
    )


@router.get("/in-force")
def list_in_force(request: Request, reader: Viewer) -> Response:
    """What was in force at a moment; now, where none is named."""
    typed, after = request.query_params.get("at", "").strip(), _after(request)
    try:
        at = _moment_of(typed) if typed else system_of(request).clock()
    except ValueError:
        wrong = {"at": "Enter a real date, with a time if you want one, for example 27/3/2026 14:30"}
        return show(
            request,
            "restrictions_in_force.html",
            reader,
            status=422,
            errors=listed(wrong),
            wrong=wrong,
            at=None,
            typed=typed,
            rows=[],
        )
    versions = system_of(request).registry.versions
    page = versions.in_force(at, prisons=reader.prisons, after=after, limit=SHOWN_AT_ONCE)
    local = at.astimezone(dates.UK)
    typed = f"{local.day}/{local.month}/{local.year} {local:%H:%M}"
    ahead = {"at": typed, "after": page.next} if page.next else None
    return show(
        request,
        "restrictions_in_force.html",
        reader,
        wrong={},
        at=at,
        typed=typed,
        rows=[plain(one, at) for one in page.items],
        not_read=ids_of("restriction", page.unread),
        first=_address("/restrictions/in-force", {"at": typed}) if after else None,
        next=_address("/restrictions/in-force", ahead) if ahead else None,
    )


@router.get("/ending")
def list_ending(request: Request, reader: Viewer) -> Response:
    """What is in force and ends, or is to be reviewed, within some weeks or should have been."""
    system = system_of(request)
    until = dates.day_of(dates.later(system.clock(), ENDING_WITHIN)).isoformat()
    day, _, id_ = request.query_params.get("after", "").partition("~")
    found = system.reminders.ending(reader.prisons, until)
    ahead = found[bisect_right(found, (day, id_)) :]
    days = {id_: day for day, id_ in ahead[:SHOWN_AT_ONCE]}
    with system.database.read() as connection:
        opened = system.registry.versions.opened(connection, sorted(days))
    shown = {one.id: one for one in opened.versions}
    return show(
        request,
        "restrictions_ending.html",
        reader,
        rows=[
            {**plain(shown[id_], system.clock()), "soon": dates.shown(day)}
            for id_, day in days.items()
            if id_ in shown
        ],
        weeks=ENDING_WITHIN.days // 7,
        total=len(found),
        not_read=ids_of("restriction", system.registry.versions.unread(reader.prisons)),
        first="/restrictions/ending" if id_ else None,
        next=_address("/restrictions/ending", {"after": "~".join(ahead[SHOWN_AT_ONCE - 1])})
        if len(ahead) > SHOWN_AT_ONCE
        else None,
    )


def _after(request: Request) -> str:
    """The id behind which a page begins."""
    return request.query_params.get("after", "")[:ID].replace("\0", "")


def _address(path: str, query: Mapping[str, str | None]) -> str:
    return f"{path}?{urlencode({name: value or '' for name, value in query.items()})}" if query else path


def _moment_of(text: str) -> datetime:
    """A date, or a date and a time, of the UK where no zone is named. Raises ValueError."""
    day, _, time = text.replace(",", " ").partition(" ")
    written = iso_day(day) + (f"T{time.strip():0>5}" if time.strip() else "")
    try:
        return dates.starts(written).astimezone(UTC)
    except OverflowError:
        raise ValueError("beyond the calendar") from None
