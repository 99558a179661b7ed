"""`/v1/restrictions`: what holds for whom. Details are shown by `reveal` alone, and each time recorded.

What is looked for is in a body, never in an address: addresses are kept in logs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from engine.listing import MOST_CONTACTS
from engine.model import Restriction
from service.access.model import Principal, Right
from service.api.shapes import (
    NUMBER,
    After,
    ApprovalAnswer,
    At,
    CourtOrder,
    Day,
    Identifier,
    IdInPath,
    Name,
    PrisonCodes,
    PrisonerNumber,
    PrisonerNumbers,
    Reason,
    RestrictionAnswer,
    Short,
    Strict,
    Text,
    Value,
    VersionNumber,
    inside,
    not_kept,
)
from service.errors import (
    BadRequestError,
    InvalidError,
    NotFoundError,
    TooLargeError,
    TooManyError,
    UnavailableError,
)
from service.registry import model
from service.registry.found import Page
from service.registry.model import ListingState, RestrictionVersion
from service.registry.restrictions import Restrictions, Written
from service.registry.versions import Versions
from service.web.dependencies import needs, system_of
from service.web.problems import READ, WRITE, problems

router = APIRouter(prefix="/v1/restrictions", tags=["restrictions"])

Reader = Annotated[Principal, Depends(needs(Right.SEE_RESTRICTIONS))]
Editor = Annotated[Principal, Depends(needs(Right.EDIT_RESTRICTIONS))]
Revealer = Annotated[Principal, Depends(needs(Right.REVEAL))]

MOST_AT_ONCE = 200

_WAITS: dict[int | str, dict[str, Any]] = {
    202: {
        "model": ApprovalAnswer,
        "description": "It would let more through, or restrict what is on the confidential register: a "
        "second person has to confirm it.",
    }
}


class ContactPointBody(Strict):
    """A contact point."""

    kind: Literal["phone", "address", "email", "handle"]
    value: Value


class ExceptionBody(Strict):
    """A prisoner who may use a contact point all the same."""

    prisoner: PrisonerNumber
    contact: Value
    note: Text | None = None


class ProtectedBody(Strict):
    """The person who must not be contacted."""

    name: Name
    aliases: Annotated[list[Name], Field(max_length=MOST_CONTACTS, default_factory=list)]


class RestrictionBody(Strict):
    """A restriction, as a line of an import has it."""

    id: Identifier
    prisoner: PrisonerNumbers
    protected: ProtectedBody
    contacts: Annotated[list[ContactPointBody], Field(min_length=1, max_length=MOST_CONTACTS)]
    scope: Literal["estate", "prisoner"] = "estate"
    establishment: PrisonCodes | None = None
    pathway: Annotated[int, Field(ge=1, le=4, strict=True)] | None = None
    from_: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    court_order: CourtOrder = None
    exceptions: Annotated[list[ExceptionBody], Field(max_length=MOST_CONTACTS, default_factory=list)]

    def restriction(self) -> Restriction:
        """What the registry takes, which checks its parts."""
        given = self.model_dump(by_alias=True, include=set(RestrictionBody.model_fields))
        for name in ("prisoner", "establishment"):
            if given[name] is not None and len(given[name]) == 1:
                given[name] = given[name][0]
        return msgspec.convert(given, Restriction)


class RequestBody(Strict):
    """Who asked for it."""

    id: Identifier
    agency: Short = model.UNKNOWN_AGENCY
    requester: Text = ""
    reference: Short = ""
    received: Day | None = None

    def request(self) -> model.Request:
        """What the registry takes."""
        return model.Request(**self.model_dump())


class Creation(RestrictionBody):
    """A new restriction: a line of an import, and beside it what the registry keeps more."""

    request: RequestBody | None = None
    justification: Text = ""
    """Required on pathway 4: why it is necessary and proportionate."""
    review: Day | None = None
    """Required on pathway 4: when that is looked at again."""
    notes: Text = ""
    reason: Text = ""


class NewVersion(Strict):
    """The next version. `version` is the one that you read."""

    version: VersionNumber
    reason: Reason
    restriction: RestrictionBody | None = None
    justification: Text | None = None
    review: Day | None = None
    notes: Text | None = None


class RequestAddition(Strict):
    """One more agency behind a restriction."""

    version: VersionNumber
    reason: Reason
    request: RequestBody


class RequestWithdrawal(Strict):
    """A request that is taken back."""

    version: VersionNumber
    request: Identifier
    reason: Reason


class Search(Strict):
    """A contact point or a name as somebody typed it."""

    contact: Value | None = None
    name: Name | None = None


class Reveal(Strict):
    """Why the details have to be seen; of which version, the latest where there is none."""

    why: Reason
    version: VersionNumber | None = None


class PageAnswer(Strict):
    """Some restrictions. `next` is `after` of the next page; null at the end."""

    items: list[RestrictionAnswer]
    next: str | None
    unread: list[str]
    """Ids of those among them that cannot be read: they hold as before, and whoever runs the service has to
    put them right."""

    @classmethod
    def of(cls, page: Page) -> Self:
        """From a page of versions."""
        items = [RestrictionAnswer.of(one) for one in page.items]
        return cls(items=items, next=page.next, unread=list(page.unread))


class HistoryAnswer(Strict):
    """Every version that can be read, the newest first."""

    items: list[RestrictionAnswer]
    unread: list[int]
    """Numbers of the others."""


class Revealed(Strict):
    """A whole version, details and all."""

    restriction: dict[str, Any]
    """As a line of an import."""
    requests: list[dict[str, Any]]
    justification: str
    review: str | None
    notes: str
    reason: str
    version: int


@router.get("", responses=problems(*READ))
def list_restrictions(
    request: Request,
    reader: Reader,
    prisoner: Annotated[str | None, Query(pattern=NUMBER)] = None,
    state: ListingState | None = None,
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 50,
) -> PageAnswer:
    """Restrictions that concern your prisons, in the order of their ids."""
    page = _versions(request).page(
        prisons=reader.prisons, prisoner_number=prisoner, state=state, after=after, limit=limit
    )
    return PageAnswer.of(page)


@router.post("", status_code=201, responses=problems(*WRITE))
def create_restriction(
    request: Request, response: Response, body: Creation, editor: Editor
) -> RestrictionAnswer:
    """A new restriction, in force within a second."""
    written = _restrictions(request).create(
        editor,
        body.restriction(),
        body.request.request() if body.request else None,
        justification=body.justification,
        review=body.review,
        notes=body.notes,
        reason=body.reason,
    )
    response.headers["location"] = f"/v1/restrictions/{quote(body.id)}"
    return _written(request, response, written)  # type: ignore[return-value]


@router.post(
    "/search", responses=problems(*READ, BadRequestError, TooLargeError, TooManyError, UnavailableError)
)
def search_restrictions(request: Request, body: Search, reader: Reader) -> PageAnswer:
    """Restrictions that hold, or once held, a contact point or a name: the first of them, and each that
    cannot be read any more. Who looked for what is recorded."""
    if body.contact is None and body.name is None:
        raise InvalidError("a contact or a name is needed", "contact")
    system = system_of(request)
    system.asking.search(reader)
    wanted = "\n".join(filter(None, (body.contact, body.name)))
    system.registry.journal.saw(reader.id, "search/restrictions", wanted)
    found = _versions(request).find(contact=body.contact, name=body.name, prisons=reader.prisons)
    return PageAnswer.of(Page(tuple(found.versions[:MOST_AT_ONCE]), None, tuple(found.unread)))


@router.get("/in-force", responses=problems(*READ))
def list_in_force(
    request: Request,
    reader: Reader,
    at: At,
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 50,
) -> PageAnswer:
    """What was in force at a moment."""
    return PageAnswer.of(_versions(request).in_force(at, prisons=reader.prisons, after=after, limit=limit))


@router.get("/{restriction_id:path}/history", responses=problems(*READ, NotFoundError))
def read_history(request: Request, restriction_id: IdInPath, reader: Reader) -> HistoryAnswer:
    """Every version, the newest first."""
    _readable(request, reader, restriction_id)
    history = _versions(request).history(restriction_id)
    items = [RestrictionAnswer.of(one) for one in history.versions]
    return HistoryAnswer(items=items, unread=[int(one) for one in history.unread])


@router.post(
    "/{restriction_id:path}/reveal", responses=problems(*READ, BadRequestError, NotFoundError, TooLargeError)
)
def reveal_restriction(
    request: Request, response: Response, restriction_id: IdInPath, body: Reveal, revealer: Revealer
) -> Revealed:
    """The details. That you saw them is in the ledger before they are shown."""
    shown = _readable(request, revealer, restriction_id)
    if body.version is not None:
        shown = _versions(request).version(restriction_id, body.version)
    _restrictions(request).view(revealer, shown, body.why)
    not_kept(response)
    document = shown.document
    return Revealed(
        restriction=msgspec.to_builtins(document.restriction),
        requests=[msgspec.to_builtins(one) for one in document.requests],
        justification=document.justification,
        review=document.review,
        notes=document.notes,
        reason=document.reason,
        version=shown.version,
    )


@router.post(
    "/{restriction_id:path}/requests/withdraw",
    response_model=RestrictionAnswer,
    responses=_WAITS | problems(*WRITE, NotFoundError),
)
def withdraw_request(
    request: Request, response: Response, restriction_id: IdInPath, body: RequestWithdrawal, editor: Editor
) -> Any:
    """Take a request back. The last one that stands waits for a second person."""
    _readable(request, editor, restriction_id)
    written = _restrictions(request).withdraw_request(
        editor, restriction_id, body.version, body.request, body.reason
    )
    return _written(request, response, written)


@router.post(
    "/{restriction_id:path}/requests",
    response_model=RestrictionAnswer,
    responses=_WAITS | problems(*WRITE, NotFoundError),
)
def add_request(
    request: Request, response: Response, restriction_id: IdInPath, body: RequestAddition, editor: Editor
) -> Any:
    """One more agency behind it."""
    _readable(request, editor, restriction_id)
    asked = body.request.request()
    written = _restrictions(request).add_request(editor, restriction_id, body.version, asked, body.reason)
    return _written(request, response, written)


@router.get("/{restriction_id:path}", responses=problems(*READ, NotFoundError))
def read_restriction(
    request: Request, restriction_id: IdInPath, reader: Reader, at: At | None = None
) -> RestrictionAnswer:
    """The latest version, or the one of a moment."""
    return RestrictionAnswer.of(_readable(request, reader, restriction_id, at))


@router.put(
    "/{restriction_id:path}",
    response_model=RestrictionAnswer,
    responses=_WAITS | problems(*WRITE, NotFoundError),
)
def change_restriction(
    request: Request, response: Response, restriction_id: IdInPath, body: NewVersion, editor: Editor
) -> Any:
    """The next version. What lets more through waits for a second person; all else is in force at once."""
    _readable(request, editor, restriction_id)
    with inside("restriction", "justification", "review"):
        written = _restrictions(request).change(
            editor,
            restriction_id,
            body.version,
            body.reason,
            restriction=body.restriction.restriction() if body.restriction else None,
            justification=body.justification,
            review=body.review,
            notes=body.notes,
        )
    return _written(request, response, written)


def _restrictions(request: Request) -> Restrictions:
    return system_of(request).registry.restrictions


def _versions(request: Request) -> Versions:
    return system_of(request).registry.versions


def _readable(
    request: Request, principal: Principal, id_: str, at: datetime | None = None
) -> RestrictionVersion:
    """A version that concerns the caller's prisons. Raises NotFoundError."""
    return _versions(request).get(id_, at, principal.prisons)


def _written(request: Request, response: Response, written: Written) -> RestrictionAnswer | Response:
    system_of(request).current.wake()
    warnings = tuple(map(str, written.warnings))
    if written.version is None:
        assert written.approval is not None  # noqa: S101 - one of the two is there
        waiting = ApprovalAnswer.of(written.approval, warnings).model_dump_json()
        return Response(waiting, 202, media_type="application/json")
    return RestrictionAnswer.of(written.version, warnings)
