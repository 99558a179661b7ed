"""What waits for a second person: what it would let through in words, its details on request, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response

from service.access.model import Principal, Right
from service.blocklist.changed import SMALLER_LIST
from service.cases import retention
from service.console.page import OurForm, go, ids_of, number_in, page_needs, said_of, show, words
from service.console.restriction_form import LABELS, FormReader, fields_of, order_in_words
from service.console.restrictions import listed
from service.console.try_policy import policy_change
from service.errors import ConflictError, NotAllowedError, NotFoundError
from service.registry import register, restrictions
from service.registry.approvals import Approval, ApprovalState, Opened
from service.registry.elsewhere import public_bodies
from service.registry.journal import POLICY
from service.registry.model import Document, EntryDocument
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/approvals", include_in_schema=False)

Second = Annotated[Principal, Depends(page_needs(Right.CONFIRM))]
Id = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]

SHOWN_AT_ONCE = 50
"""Approvals of one page."""
LAST_PAGE = 200
KINDS = {
    restrictions.CHANGED: "A change of restriction",
    restrictions.WITHDRAWN: "The withdrawal of restriction",
    restrictions.AFTER_DEATH: "After a death, the end of restriction",
    restrictions.REMOVED: "The removal of",
    register.ENTRY: "On the confidential register, entry",
    SMALLER_LIST: "A blocklist that is much smaller:",
    POLICY: "Another policy:",
    retention.DESTROYED: "The destruction of what is sealed of case",
}
"""What is asked for, before its subject."""
ON_RESTRICTION = (restrictions.CHANGED, restrictions.WITHDRAWN, restrictions.AFTER_DEATH)
STILL_ADDED = "the restriction was changed since. This is added to what it is now, shown here"
ALL_OF_IT = {restrictions.REMOVED: ("everything that these restrictions stop",)}
"""What a kind lets through of which nothing more is said."""


@router.get("")
def list_approvals(request: Request, second: Second) -> Response:
    """What waits, or was decided; the oldest first."""
    wanted = request.query_params.get("state", "")
    state = ApprovalState(wanted) if wanted in [*ApprovalState] else ApprovalState.PENDING
    page = _page(request)
    found = system_of(request).registry.approvals.list(state=state, by=second, limit=page * SHOWN_AT_ONCE + 1)
    shown = found[(page - 1) * SHOWN_AT_ONCE : page * SHOWN_AT_ONCE]
    return show(
        request,
        "approvals.html",
        second,
        rows=[_plain(one) for one in shown],
        not_read=ids_of("approval", (one.id for one in shown if one.is_unread)),
        state=state.value,
        states=[(one.value, words(one.value)) for one in ApprovalState],
        first=f"/approvals?state={state}" if page > 1 else None,
        next=f"/approvals?state={state}&page={page + 1}" if len(found) > page * SHOWN_AT_ONCE else None,
    )


@router.get("/{approval_id}")
def read_approval(request: Request, approval_id: Id, second: Second) -> Response:
    """One of them."""
    return _view(request, second, _readable(request, second, approval_id))


@router.post("/{approval_id}/show")
def show_details(request: Request, approval_id: Id, form: OurForm, second: Second) -> Response:
    """What it would change, detail by detail, for who may open its kind; recorded before it is shown."""
    asked = _readable(request, second, approval_id)
    system = system_of(request)
    approvals = system.registry.approvals
    read = FormReader(form)
    is_protected = approvals.is_protected(asked)
    why = read.text("why", "Enter why you need to see the details" if is_protected else "")
    if read.wrong:
        return _view(request, second, asked, wrong=read.wrong, status=422)
    opened = approvals.view(second, approval_id, why or "to decide")
    return _view(request, second, asked, details=_details(system, asked, opened))


@router.post("/{approval_id}/decide")
def decide(request: Request, approval_id: Id, form: OurForm, second: Second) -> Response:
    """Put it in force, which who asked cannot; or leave all as it is."""
    asked = _readable(request, second, approval_id)
    system = system_of(request)
    read = FormReader(form)
    note = read.text("note")
    answer = form.get("answer", "")
    if answer not in ("confirm", "refuse"):
        read.wrong["answer"] = "Choose whether you confirm it"
    if read.wrong:
        return _view(request, second, asked, wrong=read.wrong, form=form, status=422)
    approvals = system.registry.approvals
    try:
        (approvals.confirm if answer == "confirm" else approvals.refuse)(second, approval_id, note)
    except (NotAllowedError, ConflictError) as error:
        wrong = {"answer": said_of(error)}
        asked = approvals.get(approval_id)
        return _view(request, second, asked, wrong=wrong, form=form, status=error.status)
    system.current.wake()
    return go(f"/approvals/{approval_id}")


def _page(request: Request) -> int:
    return min(number_in(request.query_params.get("page", "")) or 1, LAST_PAGE)


def _readable(request: Request, second: Principal, identifier: str) -> Approval:
    """One that concerns their prisons. Raises NotFoundError."""
    approvals = system_of(request).registry.approvals
    found = approvals.get(identifier)
    if not approvals.concerns(second, found):
        raise NotFoundError("there is no such approval")
    return found


def _plain(asked: Approval) -> dict[str, Any]:
    """What is shown of it to whoever may confirm."""
    is_known = asked.kind in ON_RESTRICTION
    return {
        "id": asked.id,
        "what": f"{KINDS.get(asked.kind, words(asked.kind) + ':')} {asked.subject}",
        "restriction": f"/restrictions/view/{quote(asked.subject)}" if is_known else None,
        "prison": asked.establishment,
        "asked_by": asked.asked_by,
        "asked_at": asked.asked_at,
        "state": asked.state.value,
        "decided_by": asked.decided_by,
        "decided_at": asked.decided_at,
        "is_unread": asked.is_unread,
        "loosens": asked.loosens or ALL_OF_IT.get(asked.kind, ()),
    }


def _view(
    request: Request,
    second: Principal,
    asked: Approval,
    *,
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    details: dict[str, Any] | None = None,
) -> Response:
    approvals = system_of(request).registry.approvals
    return show(
        request,
        "approval.html",
        second,
        status=status,
        one=_plain(asked),
        wrong=wrong or {},
        errors=listed(wrong or {}),
        form=form or {},
        details=details,
        is_own=asked.asked_by == second.id,
        is_plain=not approvals.is_protected(asked),
        may_open=approvals.may_open(second, asked),
        is_opened=approvals.is_opened(second, asked),
        may_see=second.may(Right.SEE_RESTRICTIONS),
        not_read=ids_of("approval", [asked.id] if asked.is_unread else []),
    )


def _details(system: System, asked: Approval, opened: Opened) -> dict[str, Any]:
    """What is sealed, for the template: what differs, now and then, why it is asked for, and the note of who
    decided."""
    return {**_change(system, asked, opened.payload), "note": opened.note}


def _change(system: System, asked: Approval, payload: bytes) -> dict[str, Any]:
    if asked.kind == POLICY:
        return policy_change(system, payload)
    if asked.kind in ON_RESTRICTION:
        versions = system.registry.versions
        before = versions.version(asked.subject, asked.base).document
        after, since = restrictions.proposed(payload), ""
        if asked.state is ApprovalState.PENDING and versions.get(asked.subject).version != asked.base:
            now, then = system.registry.restrictions.waiting(asked, payload)
            before, after = (now.document, then) if then else (before, after)
            since = STILL_ADDED if then else restrictions.CHANGED_SINCE
        order = before.restriction.court_order if before.restriction.has_court_order else None
        return {
            "rows": _differences(_shown(before), _shown(after)),
            "reason": after.reason,
            "since": since,
            "order": None if order is None else order_in_words(order),
        }
    if asked.kind == restrictions.REMOVED:
        ids, reason = restrictions.removal(payload)
        return {"rows": [], "reason": reason, "ids": ids[:SHOWN_AT_ONCE], "total": len(ids)}
    if asked.kind == register.ENTRY:
        entry = register.proposed(payload)
        known = system.registry.register.history(asked.subject).versions if asked.base else []
        old = next((one.document for one in known if one.version == asked.base), None)
        rows = _differences({} if old is None else _entry(old), _entry(entry))
        return {"rows": rows, "reason": entry.reason}
    return {"rows": [], "reason": payload.decode() if asked.kind == retention.DESTROYED else ""}


def _shown(document: Document) -> dict[str, str]:
    fields = fields_of(document)
    shown = {label: fields[name] for name, label in LABELS.items() if name in fields}
    standing = [f"{one.id}, {one.agency}" for one in document.requests if one.stands]
    bodies = public_bodies(document.restriction)
    return shown | {"Requests that stand": "\n".join(standing), "Of a public body": "\n".join(bodies)}


def _entry(document: EntryDocument) -> dict[str, str]:
    entry = document.entry
    return {
        "Name": entry.name,
        "Kind": entry.kind,
        "Contact points": "\n".join(contact.value for contact in entry.contacts),
        "How it was verified": document.verified,
    }


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What differs, with how it is and how it would be."""
    return [
        (label, before.get(label, ""), value)
        for label, value in after.items()
        if before.get(label, "") != value
    ]
