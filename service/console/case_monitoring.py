"""Heightened monitoring of a case's prisoner: what holds and why, and the forms that change it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from service.access.model import Principal
from service.cases import monitoring
from service.cases.model import Case
from service.console.handling import CaseId, Officer
from service.console.page import OurForm, go, ids_of, moment, said_of, show
from service.console.restriction_form import FormError, FormReader, shown_day
from service.console.restrictions import listed
from service.errors import ConflictError, NotFoundError, ServiceError
from service.registry.monitoring import MOST_DAYS, MonitoringVersion
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)

DONE = {
    "start": "From now on each of his letters and messages is held.",
    "change": "The last day is changed.",
    "end": "It is ended: his letters and messages are decided as before.",
}
"""What the page says after each act."""


@router.get("/{case_id}/monitoring")
def read_monitoring(request: Request, case_id: CaseId, officer: Officer) -> Response:
    """What the case's prisoner is under; that somebody read why is recorded."""
    case = _seen(request, case_id, officer)
    return _view(request, officer, case, said=DONE.get(request.query_params.get("done", "")))


@router.post("/{case_id}/monitoring/{act}")
def change_monitoring(
    request: Request, case_id: CaseId, act: str, form: OurForm, officer: Officer
) -> Response:
    """Start, prolong, shorten or end it."""
    if act not in DONE:
        raise NotFoundError("there is no such step")
    case = _seen(request, case_id, officer)
    system = system_of(request)
    monitorings, reader = system.registry.monitorings, FormReader(form)
    names = _names(act, form)
    reason = reader.text(names["reason"], "Enter why")
    until = (reader.day(names["until"]) or "") if act != "end" else ""
    if act != "end" and not until:
        reader.wrong.setdefault(names["until"], "Enter the last day")
    try:
        reader.check()
        if act == "start":
            monitoring.start(monitorings, officer, case, until, reason)
        else:
            number, version = _meant(monitorings.of(case.prisoner or ""), form)
            if act == "change":
                monitorings.change(officer, number, version, until, reason)
            else:
                monitorings.end(officer, number, version, reason)
    except FormError as error:
        return _view(request, officer, case, wrong=error.fields, form=form, status=422)
    except ServiceError as error:
        field = error.field or "version"
        wrong = {names.get(field, field): said_of(error)}
        return _view(request, officer, case, wrong=wrong, form=form, status=error.status)
    system.current.wake()
    return go(f"/cases/{case_id}/monitoring?done={act}")


def _seen(request: Request, case_id: str, officer: Principal) -> Case:
    """The case, of a prisoner who is confirmed, opened by who asks."""
    cases = system_of(request).cases
    case = cases.get(officer, case_id)
    cases.require_seen(officer, case)
    if case.prisoner is None:
        raise ConflictError("confirm the prisoner first")
    return case


def _names(act: str, form: Mapping[str, str]) -> dict[str, str]:
    """What the fields of a form are called: each monitoring of merged numbers has forms of its own."""
    if act == "start":
        return {"until": "last", "reason": "reason"}
    number = form.get("number", "")
    return {"until": f"until_{number}", "reason": f"{'ended' if act == 'end' else 'reason'}_{number}"}


def _meant(standing: list[MonitoringVersion], form: Mapping[str, str]) -> tuple[str, int]:
    """Which one a form is about. Raises ConflictError where it changed since."""
    for one in standing:
        if form.get("number") == one.prisoner and form.get("version") == str(one.version):
            return one.prisoner, one.version
    raise ConflictError("somebody changed it since you opened this page: read it again", "version")


def _view(
    request: Request,
    officer: Principal,
    case: Case,
    *,
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    said: str | None = None,
) -> Response:
    system = system_of(request)
    monitorings, number = system.registry.monitorings, case.prisoner or ""
    system.cases.view(officer, case, "heightened monitoring")
    history = monitorings.history(number)
    return show(
        request,
        "case_monitoring.html",
        officer,
        status=status,
        said=said,
        wrong=wrong or {},
        errors=listed(wrong or {}),
        form=form or {},
        case=case,
        standing=monitorings.of(number),
        history=[_told(one) for one in history.versions],
        not_read=ids_of("version", history.unread),
        may_start=monitoring.may_start(case),
        most=MOST_DAYS,
        day=shown_day,
    )


def _told(one: MonitoringVersion) -> dict[str, str]:
    """A version for the timeline."""
    until = shown_day(one.document.monitoring.until)
    title = "Ended" if one.document.ended else f"Until {until}"
    case = f" Case {one.document.case}." if one.document.case else ""
    return {
        "title": f"{title}, {one.prisoner}",
        "by": one.author,
        "at": moment(one.at),
        "text": f"{one.document.reason}{case}",
    }
