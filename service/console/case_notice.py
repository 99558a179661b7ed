"""The letter for the prisoner, and her name spelled where no typeface is sure to have it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.access.model import Principal
from service.cases import rules
from service.cases.model import HOLDING, Case
from service.console.handling import CaseId, Officer
from service.console.page import HEADERS, OurForm, moment, show
from service.console.restriction_form import FormReader
from service.console.restrictions import listed
from service.errors import ConflictError
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)


@router.get("/{case_id}/notice")
def print_notice(request: Request, case_id: CaseId, officer: Officer) -> Response:
    """The letter for the prisoner, as PDF."""
    return _letter(request, officer, case_id)


@router.post("/{case_id}/notice")
def print_spelled(request: Request, case_id: CaseId, form: OurForm, officer: Officer) -> Response:
    """The same, with her name as the officer spells it."""
    reader = FormReader(form)
    spelled = reader.line("spelled", "Spell her name in Latin letters")
    return _letter(request, officer, case_id, spelled, reader.wrong)


def _letter(
    request: Request, officer: Principal, case_id: str, spelled: str = "", wrong: dict[str, str] | None = None
) -> Response:
    from service.cases.lettering import missing  # what answers calls loads nothing that opens pictures
    from service.cases.notice import notice, printed

    system = system_of(request)
    case = system.cases.get(officer, case_id)
    rules.require_state(case, *HOLDING)
    system.cases.require_seen(officer, case)
    if untold := [what for _, what in system.cases.untold_because(case)]:
        raise ConflictError("; ".join(untold))
    system.cases.view(officer, case, "to print the notice")
    wrong = dict(wrong or {})
    name = None if wrong else printed(case.document.asked.person.name, spelled)
    if name is None:
        if spelled and not wrong:
            wrong["spelled"] = "Spell it in Latin letters, which every typeface has"
        return _ask_for_spelling(request, officer, case, missing(case.document.asked.person.name), wrong)
    day = moment(system.clock()).rpartition(",")[0]
    letter = notice(case.prisoner or "", name, day)
    headers = {**HEADERS, "content-disposition": 'inline; filename="notice.pdf"'}
    return Response(letter, media_type="application/pdf", headers=headers)


def _ask_for_spelling(
    request: Request, officer: Principal, case: Case, lost: str, wrong: dict[str, str]
) -> Response:
    return show(
        request,
        "case_spelling.html",
        officer,
        status=422 if wrong else 200,
        case=case,
        person=case.document.asked.person,
        lost=lost,
        wrong=wrong,
        errors=listed(wrong),
    )
