"""Prisoners who are still to be told of a restriction, by prison."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from service.cases.notices import Place
from service.console.handling import Officer
from service.console.page import prison, show
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)

UNKNOWN = "unknown"
"""In the place of a prison, for those of whom nobody knows where they are."""


@router.get("/notices")
def list_notices(request: Request, officer: Officer) -> Response:
    """Who was not told yet, since when, and why not."""
    wanted, after = request.query_params.get("prison", ""), _place(request.query_params.get("after", ""))
    in_prison = {"": None, UNKNOWN: ""}.get(wanted, wanted)
    page = system_of(request).notices.outstanding(officer, prison=in_prison, after=after)
    here = {"prison": wanted} if wanted else {}
    return show(
        request,
        "case_notices.html",
        officer,
        page=page,
        choices=[(place or UNKNOWN, f"{prison(place)}: {count:,}") for place, count in page.counts.items()],
        wanted=wanted,
        first=_address(here) if after else None,
        next=_address({**here, "after": _written(page.next)}) if page.next else None,
    )


def _address(query: Mapping[str, str]) -> str:
    return "/cases/notices" + (f"?{urlencode(query)}" if query else "")


def _written(place: Place) -> str:
    prison, since, id_ = place
    return f"{prison}~{since.isoformat()}~{id_}"


def _place(text: str) -> Place | None:
    """Behind which a page begins; the first page for what is no place."""
    try:
        prison, since, id_ = text.split("~")
        at = datetime.fromisoformat(since)
    except ValueError:
        return None
    return (prison, at, id_) if at.tzinfo else None
