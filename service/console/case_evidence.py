"""The files that came with a report, drawn anew; each look is recorded before it is shown."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from service.cases import evidence
from service.cases.model import CaseState
from service.console.handling import CaseId, Officer
from service.console.page import show
from service.errors import ConflictError, NotFoundError
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)

Number = Annotated[int, Path(ge=1, le=1_000)]


@router.get("/{case_id}/evidence/{number}")
def look_at(request: Request, case_id: CaseId, number: Number, officer: Officer) -> Response:
    """One file, in the order in which they were sent."""
    cases = system_of(request).cases
    case = cases.get(officer, case_id)
    if case.state is CaseState.DESTROYED:
        raise ConflictError("what was sealed of this case is destroyed")
    cases.require_seen(officer, case)
    first = cases.history(case)[0]
    if first.is_unread:
        raise ConflictError("what came with the case cannot be read: tell whoever runs the service")
    files = first.document.asked.evidence
    if number > len(files):
        raise NotFoundError("there is no such file")
    cases.view(officer, case, f"file {number} that came with it")
    file = files[number - 1]
    found = evidence.shown(file.content)
    return show(
        request,
        "case_file.html",
        officer,
        case=case,
        number=number,
        count=len(files),
        name=file.name,
        size=len(file.content),
        shown=found,
        pictures=[base64.b64encode(one).decode() for one in found.pictures],
    )
