"""My work: what waits for whoever looks, in counts that lead to it. No protected detail is on it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from service.access.model import Principal
from service.console import work
from service.console.page import go, home, links, show, viewer
from service.web.dependencies import system_of

router = APIRouter(include_in_schema=False)


@router.get("/")
def my_work(request: Request, principal: Annotated[Principal, Depends(viewer)]) -> Response:
    """Where somebody begins; elsewhere where there is nothing for them, or a password to be changed."""
    where = home(principal)
    if where != "/":
        return go(where)
    waits = work.waiting(system_of(request), principal)
    return show(
        request,
        "landing.html",
        principal,
        counted=work.notices_in(waits),
        waits=waits,
        others=[link for link in links(principal) if link.href != "/"],
    )
