"""`/v1/register`: the confidential register. An addition takes two people, a removal one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from engine.listing import MOST_CONTACTS
from engine.model import ConfidentialEntry, Contact
from service.access.model import Principal, Right
from service.api.restrictions import ContactPointBody
from service.api.shapes import (
    After,
    ApprovalAnswer,
    Identifier,
    IdInPath,
    Name,
    Reason,
    Strict,
    Text,
    VersionNumber,
    inside,
)
from service.errors import (
    NotFoundError,
)
from service.registry.model import EntryVersion, ListingState
from service.registry.register import Register
from service.web.dependencies import needs, system_of
from service.web.problems import READ, WRITE, problems

router = APIRouter(prefix="/v1/register", tags=["register"])

Reader = Annotated[Principal, Depends(needs(Right.REVEAL))]
Editor = Annotated[Principal, Depends(needs(Right.EDIT_REGISTER))]

MOST_AT_ONCE = 200

_WAITS: dict[int | str, dict[str, Any]] = {
    202: {"model": ApprovalAnswer, "description": "A second person has to confirm it."}
}


class EntryBody(Strict):
    """An entry, as a line of an import has it; with an id."""

    id: Identifier
    name: Name
    kind: Annotated[Name, Field(max_length=100)]
    contacts: Annotated[list[ContactPointBody], Field(min_length=1, max_length=MOST_CONTACTS)]

    def entry(self) -> ConfidentialEntry:
        """What the engine takes."""
        contacts = tuple(Contact(kind=one.kind, value=one.value) for one in self.contacts)
        return ConfidentialEntry(id=self.id, name=self.name, kind=self.kind, contacts=contacts)


class EntryCreation(Strict):
    """A new entry, and how it was verified."""

    entry: EntryBody
    verified: Reason
    reason: Text = ""


class EntryChange(Strict):
    """The next version. `version` is the one that you read."""

    version: VersionNumber
    entry: EntryBody
    verified: Reason
    reason: Reason


class EntryRemoval(Strict):
    """An entry that goes."""

    version: VersionNumber
    reason: Reason


class EntryAnswer(BaseModel):
    """One version of an entry."""

    id: str
    version: int
    at: datetime
    author: str
    confirmed_by: str | None
    state: ListingState
    name: str
    kind: str
    contacts: list[ContactPointBody]
    verified: str

    @classmethod
    def of(cls, version: EntryVersion) -> Self:
        """From a version."""
        entry = version.document.entry
        return cls(
            id=version.id,
            version=version.version,
            at=version.at,
            author=version.author,
            confirmed_by=version.confirmed_by,
            state=version.state,
            name=entry.name,
            kind=entry.kind,
            contacts=[
                ContactPointBody.model_construct(kind=one.kind, value=one.value) for one in entry.contacts
            ],
            verified=version.document.verified,
        )


class EntriesAnswer(BaseModel):
    """Some entries. `next` is `after` of the next page; null at the end."""

    items: list[EntryAnswer]
    next: str | None
    unread: list[str]
    """Ids of those among them that cannot be read: what they hold is checked like anybody else's."""


class EntryHistoryAnswer(BaseModel):
    """Every version that can be read, the newest first."""

    items: list[EntryAnswer]
    unread: list[int]
    """Numbers of the others."""


@router.get("", responses=problems(*READ))
def list_entries(
    request: Request,
    _: Reader,
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 50,
) -> EntriesAnswer:
    """Entries in force, in the order of their ids."""
    found = _register(request).list(after=after, limit=limit)
    items = [EntryAnswer.of(one) for one in found.entries]
    return EntriesAnswer(items=items, next=found.next, unread=list(found.unread))


@router.post("", status_code=202, responses=problems(*WRITE))
def add_entry(request: Request, body: EntryCreation, editor: Editor) -> ApprovalAnswer:
    """Ask for a new entry: a second person confirms it."""
    with inside("entry"):
        written = _register(request).add(editor, body.entry.entry(), body.verified, body.reason)
    assert written.approval is not None  # noqa: S101 - an addition always waits
    return ApprovalAnswer.of(written.approval)


@router.get("/{entry_id:path}/history", responses=problems(*READ, NotFoundError))
def read_history(request: Request, entry_id: IdInPath, _: Reader) -> EntryHistoryAnswer:
    """Every version, the newest first."""
    history = _register(request).history(entry_id)
    items = [EntryAnswer.of(one) for one in history.versions]
    return EntryHistoryAnswer(items=items, unread=[int(one) for one in history.unread])


@router.post("/{entry_id:path}/remove", responses=problems(*WRITE, NotFoundError))
def remove_entry(request: Request, entry_id: IdInPath, body: EntryRemoval, editor: Editor) -> EntryAnswer:
    """Take an entry off, at once: what it covered is checked again."""
    removed = _register(request).remove(editor, entry_id, body.version, body.reason)
    system_of(request).current.wake()
    return EntryAnswer.of(removed)


@router.get("/{entry_id:path}", responses=problems(*READ, NotFoundError))
def read_entry(request: Request, entry_id: IdInPath, _: Reader) -> EntryAnswer:
    """One entry."""
    return EntryAnswer.of(_register(request).get(entry_id))


@router.put(
    "/{entry_id:path}",
    response_model=EntryAnswer,
    responses=_WAITS | problems(*WRITE, NotFoundError),
)
def change_entry(request: Request, entry_id: IdInPath, body: EntryChange, editor: Editor) -> Any:
    """The next version; what puts more beyond the checks waits for a second person."""
    with inside("entry"):
        written = _register(request).change(
            editor, entry_id, body.version, body.entry.entry(), body.verified, body.reason
        )
    if written.approval is not None:
        waiting = ApprovalAnswer.of(written.approval).model_dump_json()
        return Response(waiting, 202, media_type="application/json")
    assert written.version is not None  # noqa: S101 - one of the two is there
    system_of(request).current.wake()
    return EntryAnswer.of(written.version)


def _register(request: Request) -> Register:
    return system_of(request).registry.register
