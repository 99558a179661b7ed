"""What has to be looked at again: reviews, ends, and what happened to prisoners; and what is done then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from engine import dates
from service.access.model import Principal
from service.cases import rules
from service.cases.model import Case
from service.cases.reminders import RULES, Due, Happening, day_of
from service.cases.reopening import ended_by_death
from service.console.handling import CaseId, Officer
from service.console.page import OurForm, go, ids_of, moment, number_in, prison, said_of, show
from service.console.prisoners import NOWHERE
from service.console.restriction_form import FormError, FormReader
from service.console.restrictions import Id, listed, plain, readable, version_in
from service.errors import ConflictError, ServiceError
from service.registry.model import RestrictionVersion
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases/reminders", include_in_schema=False)

SHOWN_AT_ONCE = 50
DONE = {
    "review": "It goes on. That it was looked at, and why it goes on, is recorded.",
    "end": "The end is proposed. Until a second person confirms it, the restriction holds.",
    "close": "The case is ended.",
}
"""What the page says after each act."""


@router.get("")
def list_reminders(request: Request, officer: Officer) -> Response:
    """What is due, the first first."""
    system = system_of(request)
    wanted = request.query_params.get("what", "")
    what = wanted if wanted in [*Happening] else ""
    found = [one for one in system.reminders.due(officer) if not what or one.happening == what]
    page = max(
        0, min(number_in(request.query_params.get("page", "")) or 0, (len(found) - 1) // SHOWN_AT_ONCE)
    )
    shown = found[page * SHOWN_AT_ONCE : (page + 1) * SHOWN_AT_ONCE]
    here = f"/cases/reminders?what={what}"
    is_more = len(found) > (page + 1) * SHOWN_AT_ONCE
    return show(
        request,
        "case_reminders.html",
        officer,
        rows=_rows(system, officer, shown),
        total=len(found),
        first=here if page else None,
        next=f"{here}&page={page + 1}" if is_more else None,
        what=what,
        choices=[(one.value, RULES[one].what) for one in Happening],
        rules=[RULES[one] for one in Happening],
        not_read=ids_of("restriction", system.registry.versions.unread(officer.prisons)),
    )


@router.get("/view/{restriction_id:path}")
def read_reminders(request: Request, restriction_id: Id, officer: Officer) -> Response:
    """Why one restriction has to be looked at, and what can be done."""
    return _view(request, officer, restriction_id, said=DONE.get(request.query_params.get("done", "")))


@router.post("/review/{restriction_id:path}")
def say_it_goes_on(request: Request, restriction_id: Id, form: OurForm, officer: Officer) -> Response:
    """It was looked at, and goes on until the next review."""
    version = readable(request, officer, restriction_id)
    reader = FormReader(form)
    reason = reader.text("reason", "Enter why it goes on")
    review = reader.day("review")
    if not review:
        reader.wrong.setdefault("review", "Enter when it is looked at again")
    try:
        reader.check()
        _require_opened(system_of(request), officer, version)
        system_of(request).registry.restrictions.review(
            officer, restriction_id, version_in(form), reason, review or ""
        )
    except (FormError, ServiceError) as error:
        return _refused(request, officer, restriction_id, form, error)
    return go(f"/cases/reminders/view/{quote(restriction_id)}?done=review")


@router.post("/end/{restriction_id:path}")
def propose_end(request: Request, restriction_id: Id, form: OurForm, officer: Officer) -> Response:
    """Everybody whom it names died: ask a second person that it end."""
    system = system_of(request)
    version = readable(request, officer, restriction_id)
    reader = FormReader(form)
    reason = reader.text("because", "Enter where it is known from that he died")
    try:
        reader.check()
        _require_opened(system, officer, version)
        system.registry.restrictions.propose_end(officer, restriction_id, version_in(form), reason)
    except (FormError, ServiceError) as error:
        return _refused(request, officer, restriction_id, form, error)
    return go(f"/cases/reminders/view/{quote(restriction_id)}?done=end")


@router.post("/close/{case_id}")
def close_case(request: Request, case_id: CaseId, form: OurForm, officer: Officer) -> Response:
    """End a case whose restriction two people ended since the prisoner died."""
    cases = system_of(request).cases
    case = cases.get(officer, case_id)
    try:
        cases.end_after_death(officer, case_id, version_in(form))
    except ServiceError as error:
        return _refused(request, officer, case.restriction or case_id, form, error)
    return go(f"/cases/reminders/view/{quote(case.restriction or case_id)}?done=close")


def _require_opened(system: System, officer: Principal, version: RestrictionVersion) -> None:
    """Raises ConflictError for who has opened neither the restriction nor a case behind it."""
    cases = system.cases
    if system.registry.restrictions.has_seen(officer, version):
        return
    if not any(cases.has_seen(officer, case) for case in cases.behind(version.id)):
        raise ConflictError("open the restriction, or a case behind it, first", "version")


def _refused(
    request: Request,
    officer: Principal,
    id_: str,
    form: Mapping[str, str],
    error: FormError | ServiceError,
) -> Response:
    if isinstance(error, FormError):
        return _view(request, officer, id_, wrong=error.fields, form=form, status=422)
    wrong = {error.field or "version": said_of(error)}
    return _view(request, officer, id_, wrong=wrong, form=form, status=error.status)


def _view(
    request: Request,
    officer: Principal,
    id_: str,
    *,
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    said: str | None = None,
) -> Response:
    system = system_of(request)
    version = readable(request, officer, id_)
    now = system.clock()
    behind = system.cases.behind_any(officer, {id_}).get(id_, [])
    all_died = system.registry.versions.all_died(version.document.restriction)
    unheld = [one for one in behind if rules.is_taken_past(one, version.document)]
    return show(
        request,
        "case_reminder.html",
        officer,
        status=status,
        said=said,
        wrong=wrong or {},
        errors=listed(wrong or {}),
        form=form or {},
        one=plain(version, now),
        rows=_rows(system, officer, system.reminders.due(officer, of=id_)),
        cases=[(one, _told(one)) for one in behind],
        to_close=unheld if all_died else [],
        to_put_back=[] if all_died else [one for one in behind if one in unheld or _is_ended(one, version)],
        all_died=all_died,
        waiting=system.registry.approvals.list(subject=id_),
        reviewed=moment(system.reminders.looked_at(id_)),
    )


def _is_ended(case: Case, version: RestrictionVersion) -> bool:
    """Whether a case ended by a record of death, and nobody has said yet that he lives."""
    return ended_by_death(case) and not rules.is_behind(case.id, version.document)


def _rows(system: System, officer: Principal, shown: Sequence[Due]) -> list[dict[str, Any]]:
    behind = system.cases.behind_any(officer, {one.restriction for one in shown})
    return [_row(system, one, behind.get(one.restriction, [])) for one in shown]


def _row(system: System, due: Due, behind: Sequence[Case]) -> dict[str, Any]:
    place = system.reminders.place_of(due)
    return {
        "day": dates.shown(day_of(due)),
        "is_over": due.at <= system.clock(),
        "is_overdue": due.happening in (Happening.REVIEW, Happening.RESOLUTION) and due.at <= system.clock(),
        "rule": RULES[due.happening],
        "restriction": due.restriction,
        "link": f"/cases/{due.case}" if due.case else f"/cases/reminders/view/{quote(due.restriction)}",
        "prisoners": (due.prisoner,) if due.prisoner else due.prisoners,
        "place": NOWHERE.get(place or "", prison(place)),
        "cases": [(one.id, _told(one)) for one in behind],
    }


def _told(case: Case) -> str:
    """Whether the prisoner was told."""
    notice = case.document.notice
    if case.is_unread:
        return "it cannot be read: tell whoever runs the service"
    if notice.served is not None:
        return f"he was told on {dates.shown(notice.served)}"
    return "the notice is held" if notice.held_because else "the notice is outstanding"
