"""The end of a case: proposing that it be destroyed, and what is left of it after that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from service.access.model import Principal
from service.cases.model import OVER, Case
from service.console.handling import CaseId, Officer
from service.console.page import OurForm, go, said_of, show
from service.console.restriction_form import FormReader
from service.console.restrictions import listed
from service.errors import ConflictError, ServiceError
from service.registry.approvals import Approval
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)


class CaseEnd(NamedTuple):
    """How a case that is over may be destroyed."""

    until: datetime | None
    why_not: str | None
    waiting: Approval | None


def what_ends(system: System, case: Case) -> CaseEnd | None:
    """For the pages of a case; None while it is not over."""
    if case.state not in OVER:
        return None
    retention = system.retention
    return CaseEnd(retention.until(case), retention.why_not(case), retention.waiting(case))


def show_what_is_left(request: Request, officer: Principal, case: Case) -> Response:
    """What the table still says of a case that was destroyed."""
    versions = system_of(request).cases.history(case)
    return show(request, "case_destroyed.html", officer, case=case, versions=versions)


@router.get("/{case_id}/destroy")
def ask_why(request: Request, case_id: CaseId, officer: Officer) -> Response:
    """What destroying it means, and the form."""
    return _view(request, officer, system_of(request).cases.get(officer, case_id), {})


@router.post("/{case_id}/destroy")
def propose(request: Request, case_id: CaseId, form: OurForm, officer: Officer) -> Response:
    """One person proposes that it be destroyed, and why."""
    system = system_of(request)
    case = system.cases.get(officer, case_id)
    system.cases.require_seen(officer, case)
    reader = FormReader(form)
    reason = reader.text("destroyed_because", "Say why it is destroyed")
    if reader.wrong:
        return _view(request, officer, case, reader.wrong, 422, form)
    try:
        if form.get("version") != str(case.version):
            raise ConflictError("somebody changed it since you opened this page: read it again")
        asked = system.retention.propose(officer, case_id, case.version, reason)
    except ServiceError as error:
        told = {"destroyed_because": said_of(error)}
        return _view(request, officer, case, told, error.status, form)
    return go(f"/approvals/{asked.id}")


def _view(
    request: Request,
    officer: Principal,
    case: Case,
    wrong: Mapping[str, str],
    status: int = 200,
    form: Mapping[str, str] | None = None,
) -> Response:
    return show(
        request,
        "case_destroy.html",
        officer,
        status=status,
        case=case,
        over=what_ends(system_of(request), case),
        wrong=wrong,
        errors=listed(wrong),
        form=form or {},
    )
