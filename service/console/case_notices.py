"""Prisoners who are still to be told of a restriction, by prison."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from service.access.model import Principal, Right
from service.cases.notices import outstanding
from service.console.page import page_needs, show
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)

Officer = Annotated[Principal, Depends(page_needs(Right.HANDLE_CASES))]


@router.get("/notices")
def list_notices(request: Request, officer: Officer) -> Response:
    """Who was not told yet, since when, and why not."""
    return show(request, "case_notices.html", officer, prisons=outstanding(system_of(request).cases, officer))
