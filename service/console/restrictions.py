"""One restriction: its page, its details, its requests, and the forms that make and change it.

Protected details are shown after a POST with a reason, which is in the ledger first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response

from engine import entry
from engine.canary import is_canary
from engine.listing import area_codes
from engine.model import Restriction
from matchers.prison import PRISONER_NUMBER
from service.access.model import Principal, Right
from service.cases.finding import behind
from service.console.nodes import reached_by
from service.console.page import OurForm, go, ids_of, moment, number_in, page_needs, said_of, show, words
from service.console.restriction_form import (
    LONGEST_TEXT,
    Entered,
    FormError,
    FormReader,
    fields_of,
    misplaced,
    order_in_words,
    read_form,
    read_request,
    shown_day,
)
from service.errors import ConflictError, InvalidError, NotFoundError
from service.registry.model import Document, ListingState, RestrictionVersion, state_at
from service.registry.restrictions import Restrictions, Written
from service.registry.tables import ID
from service.registry.versions import Versions
from service.web.dependencies import system_of

router = APIRouter(prefix="/restrictions", include_in_schema=False)

Viewer = Annotated[Principal, Depends(page_needs(Right.SEE_RESTRICTIONS))]
Editor = Annotated[Principal, Depends(page_needs(Right.EDIT_RESTRICTIONS))]
Revealer = Annotated[Principal, Depends(page_needs(Right.REVEAL))]
Id = Annotated[str, Path(min_length=1, max_length=ID)]

DONE = {
    "created": "The restriction is in force.",
    "changed": "The change is in force.",
    "waits": "Your change waits for a second person. Until then the restriction holds as it was.",
}
"""What is said after a change."""
PARTS: dict[str, Callable[[Document], object]] = {
    "prisoners": lambda one: one.restriction.prisoners,
    "the protected person’s names": lambda one: one.restriction.protected,
    "contact points": lambda one: one.restriction.contacts,
    "for whom it holds": lambda one: one.restriction.scope,
    "prison": lambda one: one.restriction.establishments,
    "pathway": lambda one: one.restriction.pathway,
    "dates": lambda one: (one.restriction.from_, one.restriction.until),
    "court order": lambda one: one.restriction.court_order,
    "exceptions": lambda one: one.restriction.exceptions,
    "requests": lambda one: one.requests,
    "justification and review": lambda one: (one.justification, one.review),
    "notes": lambda one: one.notes,
}
"""What can differ between two versions, in words."""


@router.get("/new")
def new_form(request: Request, editor: Editor) -> Response:
    """The form, empty."""
    return show(request, "restriction_new.html", editor, form={"scope": "estate"}, wrong={})


@router.post("/new")
def create_restriction(request: Request, form: OurForm, editor: Editor) -> Response:
    """A new restriction, in force at once."""
    now = system_of(request).clock()
    try:
        entered, asked = read_form(form, now), read_request(form, now)
        written = _checked(
            entered,
            lambda: _restrictions(request).create(
                editor,
                entered.restriction,
                asked,
                justification=entered.justification,
                review=entered.review,
                notes=entered.notes,
                reason=entered.reason,
            ),
        )
    except (FormError, ConflictError) as error:
        wrong, status = _wrong(error)
        context: dict[str, Any] = {"form": form, "wrong": wrong, "errors": listed(wrong)}
        return show(request, "restriction_new.html", editor, status=status, **context)
    return _written(request, editor, entered.restriction.id, written, "created", entered)


@router.get("/view/{restriction_id:path}")
def read_restriction(request: Request, restriction_id: Id, reader: Viewer) -> Response:
    """One restriction without its details, its requests, its history and what waits."""
    done = DONE.get(request.query_params.get("done", ""))
    return _view(request, reader, restriction_id, said=done)


@router.post("/show/{restriction_id:path}")
def show_details(request: Request, restriction_id: Id, form: OurForm, revealer: Revealer) -> Response:
    """The details of one version. That they were seen, and why, is in the ledger before they are shown."""
    version = readable(request, revealer, restriction_id)
    read = FormReader(form)
    why = read.text("why", "Enter why you need to see the details")
    wanted = form.get("version") or str(version.version)
    versions = _versions(request).history(restriction_id).versions
    opened = next((one for one in versions if str(one.version) == wanted), None)
    if opened is None:
        read.wrong["version"] = "Choose a version"
    if read.wrong or opened is None:
        return _view(request, revealer, restriction_id, wrong=read.wrong, form=form, status=422)
    _restrictions(request).view(revealer, opened, why)
    return _view(request, revealer, restriction_id, details=_details(opened))


@router.post("/requests/{restriction_id:path}")
def add_request(request: Request, restriction_id: Id, form: OurForm, editor: Editor) -> Response:
    """One more agency behind it."""
    version = readable(request, editor, restriction_id)
    try:
        asked = read_request(form, system_of(request).clock(), _free_id(version))
        read = FormReader(form)
        reason = read.text("reason", "Enter a reason")
        read.check()
        written = _restrictions(request).add_request(editor, restriction_id, version_in(form), asked, reason)
    except (FormError, ConflictError) as error:
        wrong, status = _wrong(error)
        return _view(request, editor, restriction_id, wrong=wrong, form=form, status=status)
    return _written(request, editor, restriction_id, written, "changed")


@router.post("/withdraw/{restriction_id:path}")
def withdraw_request(request: Request, restriction_id: Id, form: OurForm, editor: Editor) -> Response:
    """Take a request back. The last one that stands waits for a second person."""
    readable(request, editor, restriction_id)
    read = FormReader(form)
    reason = read.text("because", "Enter why it is withdrawn")
    asked = read.text("request", "Choose the request that is withdrawn")
    try:
        read.check()
        written = _restrictions(request).withdraw_request(
            editor, restriction_id, version_in(form), asked, reason
        )
    except NotFoundError:
        wrong = {"request": "Choose a request that stands"}
        return _view(request, editor, restriction_id, wrong=wrong, form=form, status=422)
    except (FormError, ConflictError) as error:
        wrong, status = _wrong(error)
        return _view(request, editor, restriction_id, wrong=wrong, form=form, status=status)
    return _written(request, editor, restriction_id, written, "changed")


@router.get("/edit/{restriction_id:path}")
def edit_question(request: Request, restriction_id: Id, editor: Editor) -> Response:
    """Why the details have to be seen; the form comes behind that."""
    version = readable(request, editor, restriction_id)
    return _ask_why(request, editor, version, {})


@router.post("/edit/{restriction_id:path}")
def edit(request: Request, restriction_id: Id, form: OurForm, editor: Editor, revealer: Revealer) -> Response:
    """With `why` the form with the details, which is recorded; else the next version."""
    version = readable(request, editor, restriction_id)
    if "why" in form:
        return _open_form(request, revealer, version, form)
    try:
        entered = read_form(form, system_of(request).clock(), version.document)
        written = _checked(
            entered,
            lambda: _restrictions(request).change(
                editor,
                restriction_id,
                version_in(form),
                entered.reason,
                restriction=entered.restriction,
                justification=entered.justification,
                review=entered.review,
                notes=entered.notes,
            ),
        )
    except (FormError, ConflictError) as error:
        wrong, status = _wrong(error)
        return show(
            request,
            "restriction_edit.html",
            editor,
            status=status,
            errors=listed(wrong),
            wrong=wrong,
            one=plain(version, system_of(request).clock()),
            form=form,
        )
    return _written(request, editor, restriction_id, written, "changed", entered)


def readable(request: Request, principal: Principal, id_: str) -> RestrictionVersion:
    """The latest version, of one's own prisons. Raises NotFoundError."""
    if not id_.isprintable():  # no database is asked for what none can hold
        raise NotFoundError("there is no such restriction")
    return _versions(request).get(id_, prisons=principal.prisons)


def plain(version: RestrictionVersion, now: datetime) -> dict[str, Any]:
    """What is shown of a restriction, at a moment, to whoever may see that there is one."""
    document, restriction = version.document, version.document.restriction
    kinds = Counter(contact.kind for contact in restriction.contacts)
    return {
        "id": version.id,
        "is_canary": is_canary(version.id),
        "link": "/restrictions/view/" + quote(version.id),
        "version": version.version,
        "at": version.at,
        "author": version.author,
        "state": state_at(version, now),
        "prisoners": restriction.prisoners,
        "is_estate": restriction.scope == "estate",
        "scope": "Whole estate" if restriction.scope == "estate" else "The named prisoners alone",
        "prisons": ", ".join(restriction.establishments),
        "pathway": restriction.pathway,
        "from": shown_day(restriction.from_),
        "until": shown_day(restriction.until),
        "court_order": restriction.has_court_order,
        "contacts": ", ".join(f"{count} {_KINDS[kind][count > 1]}" for kind, count in kinds.items()),
        "exceptions": len(restriction.exceptions),
        "requests": document.requests,
        "standing": sum(request.stands for request in document.requests),
        "review": shown_day(document.review),
    }


def listed(wrong: Mapping[str, str]) -> list[dict[str, str]]:
    """Errors for the top of a page, each leading to its field."""
    return [{"text": text, "href": f"#{name}"} for name, text in wrong.items()]


def is_prisoner_number(text: str) -> bool:
    """Whether it is written like one: a letter, four digits, two letters."""
    return _number(text) is not None


def differences(before: Document, after: Document) -> list[str]:
    """What differs between two versions, in words that hold no detail."""
    return [name for name, part in PARTS.items() if part(before) != part(after)]


_number = re.compile(PRISONER_NUMBER).fullmatch
_KINDS = {
    "phone": ("number", "numbers"),
    "address": ("address", "addresses"),
    "email": ("e-mail address", "e-mail addresses"),
    "handle": ("account", "accounts"),
}


def _restrictions(request: Request) -> Restrictions:
    return system_of(request).registry.restrictions


def _versions(request: Request) -> Versions:
    return system_of(request).registry.versions


def _view(
    request: Request,
    reader: Principal,
    id_: str,
    *,
    status: int = 200,
    said: str | None = None,
    wrong: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    details: dict[str, Any] | None = None,
    told: Sequence[str] = (),
    read: Sequence[tuple[str, str, str]] = (),
) -> Response:
    """The page; `told` is what its author should know, `read` each contact point and what it stops."""
    version = readable(request, reader, id_)
    registry = system_of(request).registry
    history = registry.versions.history(id_)
    return show(
        request,
        "restriction.html",
        reader,
        status=status,
        said=said,
        errors=listed(wrong or {}),
        wrong=wrong or {},
        form=form or {},
        one=plain(version, system_of(request).clock()),
        links_to={name: f"/restrictions/{name}/{quote(id_)}" for name in _ACTS},
        versions=[one.version for one in history.versions],
        history=_timeline(history.versions),
        not_read=ids_of("version", history.unread),
        waiting=registry.approvals.list(subject=id_, by=reader),
        details=details,
        told=told,
        read=read,
        may_edit=reader.may(Right.EDIT_RESTRICTIONS),
        may_reveal=reader.may(Right.REVEAL),
        may_confirm=reader.may(Right.CONFIRM),
        cases=behind(registry, reader, [id_]) if reader.may(Right.HANDLE_CASES) else [],
        reached=reached_by(system_of(request), id_),
    )


_ACTS = ("show", "edit", "requests", "withdraw")


def _timeline(history: list[RestrictionVersion]) -> list[dict[str, str]]:
    """The versions, the newest first."""
    events = []
    for number, one in enumerate(history):
        before = history[number + 1] if number + 1 < len(history) else None
        if one.version == 1:
            text = "Created."
        elif before is None or before.version != one.version - 1:
            text = "What changed is not known: the version before it cannot be read."
        else:
            text = "Changed: " + (", ".join(differences(before.document, one.document)) or "nothing") + "."
        if one.state is ListingState.WITHDRAWN:
            text += " No request stands any more."
        if one.confirmed_by:
            text += f" Confirmed by {one.confirmed_by}."
        title = f"Version {one.version}: {words(one.state.value).lower()}"
        events.append({"title": title, "by": one.author, "at": moment(one.at), "text": text})
    return events


def _details(version: RestrictionVersion) -> dict[str, Any]:
    """What is protected, for the template."""
    document, restriction = version.document, version.document.restriction
    return {
        "version": version.version,
        "name": restriction.protected.name,
        "aliases": restriction.protected.aliases,
        "contacts": _read_as(restriction),
        "exceptions": restriction.exceptions,
        "court_order": order_in_words(restriction.court_order) if restriction.has_court_order else "",
        "requests": document.requests,
        "justification": document.justification,
        "notes": document.notes,
        "reason": document.reason,
    }


def _ask_why(
    request: Request, editor: Principal, version: RestrictionVersion, wrong: Mapping[str, str]
) -> Response:
    return show(
        request,
        "restriction_edit_why.html",
        editor,
        status=422 if wrong else 200,
        errors=listed(wrong),
        wrong=wrong,
        one=plain(version, system_of(request).clock()),
    )


def _open_form(
    request: Request, revealer: Principal, version: RestrictionVersion, form: Mapping[str, str]
) -> Response:
    """The form with everything in it; recorded first."""
    read = FormReader(form)
    why = read.text("why", "Enter why you need to change it", LONGEST_TEXT)
    if read.wrong:
        return _ask_why(request, revealer, version, read.wrong)
    _restrictions(request).view(revealer, version, why)
    filled = fields_of(version.document) | {"version": str(version.version), "reason": why}
    return show(
        request,
        "restriction_edit.html",
        revealer,
        wrong={},
        one=plain(version, system_of(request).clock()),
        form=filled,
    )


def _checked(entered: Entered, write: Callable[[], Written]) -> Written:
    """What came of a change. Raises FormError that names the form's field, ConflictError."""
    try:
        return write()
    except InvalidError as error:
        raise misplaced(error, entered.restriction) from None


def _wrong(error: FormError | ConflictError) -> tuple[dict[str, str], int]:
    """What to say of it, by field, and the status."""
    if isinstance(error, FormError):
        return error.fields, 422
    return {error.field or "version": said_of(error)}, error.status


def _written(
    request: Request,
    editor: Principal,
    id_: str,
    written: Written,
    done: str,
    entered: Entered | None = None,
) -> Response:
    """On to the restriction, which says what came of it; its author is shown what to know of it at once.

    What was told stands in no address of a page, so it is shown in the answer itself; what was read, only to
    whoever has just `entered` it: nobody else sees it unrecorded.
    """
    system_of(request).current.wake()
    if written.version is None:
        done = "waits"
    if not written.warnings:
        return go(f"/restrictions/view/{quote(id_)}?done={done}")
    read: Sequence[tuple[str, str, str]] = ()
    if entered is not None and written.version is not None and editor.may(Right.REVEAL):
        read = _read_as(written.version.document.restriction)
    told = [one.numbered if entered is None else one.in_words for one in written.warnings]
    return _view(request, editor, id_, said=DONE[done], told=told, read=read)


def _read_as(restriction: Restriction) -> list[tuple[str, str, str]]:
    """Each contact point: what it is, as it is listed, and what it stops. Protected details."""
    codes = area_codes(restriction)
    return [
        (words(_KINDS[one.kind][0]), one.value, "\n".join(point.stops for point in read.points))
        for one in restriction.contacts
        for read in (entry.read(one, codes, for_register=True),)
    ]


def version_in(form: Mapping[str, str]) -> int:
    """The version that a form was filled in on; 0, which there is none of, where it names none."""
    return number_in(form.get("version", "")) or 0


def _free_id(version: RestrictionVersion) -> str:
    known = {request.id for request in version.document.requests}
    return next(str(n) for n in range(len(known) + 1, 2 * len(known) + 2) if str(n) not in known)
