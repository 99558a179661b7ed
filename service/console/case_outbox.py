"""Messages to whoever asked: which are still to be sent, and what an officer does with one on its case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from service.access.model import Principal
from service.cases.cases import Cases
from service.cases.model import Case
from service.console.handling import Officer
from service.console.page import number_in, show
from service.errors import InvalidError, NotFoundError
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)

SHOWN_AT_ONCE = 50


@router.get("/messages")
def list_messages(request: Request, officer: Officer) -> Response:
    """What is still to be sent, or held until somebody has looked at it; nothing of what is in it."""
    after = _behind(request.query_params.get("after", ""))
    outbox = system_of(request).cases.outbox
    found = outbox.unsent(officer, after=after, limit=SHOWN_AT_ONCE + 1)
    shown = found[:SHOWN_AT_ONCE]
    query = ""
    if len(found) > SHOWN_AT_ONCE:
        last = shown[-1]
        query = urlencode({"after": f"{last.at.isoformat()}~{last.case}~{last.version}"})
    return show(
        request,
        "case_outbox.html",
        officer,
        rows=shown,
        first="/cases/messages" if after else None,
        next=f"/cases/messages?{query}" if query else None,
    )


def _behind(text: str) -> tuple[datetime, str, int] | None:
    """Behind which message a page begins; the first page for what names none."""
    at, _, message = text.partition("~")
    id_, _, version = message.partition("~")
    try:
        since = datetime.fromisoformat(at)
    except ValueError:
        return None
    number = number_in(version)
    return None if since.tzinfo is None or number is None else (since, id_.replace("\0", ""), number)


def _sent(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Case:
    version, how = _said(form, "say how it was sent")
    cases.outbox.mark_sent(by, case, version, how)
    return case


def _hold(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Case:
    version, because = _said(form, "say why it is held")
    cases.outbox.hold(by, case, version, because)
    return case


def _release(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Case:
    version, because = _said(form, "say how it can be sent safely")
    cases.outbox.release(by, case, version, because)
    return case


def _said(form: Mapping[str, str], required: str) -> tuple[int, str]:
    """Which message, and what was written about it. Raises NotFoundError, InvalidError."""
    named = form.get("message", "")
    number = number_in(named)
    if number is None:
        raise NotFoundError("there is no such message")
    text = form.get(f"message_{named}", "").strip()
    if not text:
        raise InvalidError(required, f"message_{named}")
    return number, text


ACTS: dict[str, Callable[[Cases, Principal, Case, Mapping[str, str]], Case]] = {
    "message-sent": _sent,
    "message-hold": _hold,
    "message-release": _release,
}
SAID = {
    "message-sent": "Noted that it was sent.",
    "message-hold": "The message is held.",
    "message-release": "The message can be sent.",
}
