"""`/v1/mail/…`: pictures of envelopes in, answers out; trays, in which as many items come out as went in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Header, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from adapters.mailroom.scans import KINDS, LONGEST_FILE
from engine.model import Verdict
from matchers.prison import PRISON_CODE, PRISONER_NUMBER
from service.access.model import Principal, Right
from service.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    TooLargeError,
)
from service.mail.intake import MOST_ENCLOSED, Intake
from service.mail.items import MailItem
from service.mail.standing import Todo
from service.mail.trays import ManifestEntry, Tray
from service.review.model import Standing
from service.web.dependencies import needs, system_of
from service.web.problems import READ, WRITE, problems

router = APIRouter(prefix="/v1/mail", tags=["mail"])

Mailroom = Annotated[Principal, Depends(needs(Right.SCAN))]
MOST_UPLOADS = 8
"""Pictures in hand at a time, each of up to 40 MB; more wait unread, so that calls have their memory."""
TRAY = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
TrayName = Annotated[str, Path(pattern=TRAY)]


class NewTray(BaseModel):
    """A tray that is about to be scanned."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=TRAY)
    establishment: str | None = Field(default=None, pattern=f"^{PRISON_CODE}$")
    expected: int | None = Field(default=None, ge=0, le=100_000, strict=True)
    """How many letters somebody counted into it."""


class TrayAnswer(BaseModel):
    """What of a tray has come."""

    id: str
    establishment: str | None
    expected: int | None
    items: int
    allowed: int
    held: int
    """Wait for a reviewer."""
    released: int
    stopped: int
    open: int
    """Not yet looked at by an officer."""
    missing: int
    surplus: int
    made_at: datetime
    closed_at: datetime | None


class ManifestAnswer(BaseModel):
    """One letter of a tray and what became of it."""

    id: str
    place: int
    version: int
    """More than 1: an officer has typed what it says."""
    decision: Verdict
    action: Literal["post", "hold", "stop"]
    taken_at: datetime
    done_at: datetime | None
    """When an officer went on from it."""
    state: Standing
    """What became of it by now."""
    todo: Todo
    """What is to be done with it now."""
    settled_at: datetime | None
    """When a reviewer's decision took effect."""


class ItemAnswer(BaseModel):
    """What to do with one letter."""

    id: str
    tray: str
    place: int
    decision: Verdict
    action: Literal["post", "hold", "stop"]
    confidence: float
    """Of the worst line of the address, 0 to 1."""
    doubts: list[str]
    problem: str | None
    """Why the picture could not be read."""
    state: Standing
    """What became of it by now."""
    todo: Todo
    """What is to be done with it now."""


@router.post("/trays", responses=problems(*WRITE))
def open_tray(request: Request, asked: NewTray, mailroom: Mailroom) -> TrayAnswer:
    """Begin a tray, or say anew how many letters were counted into it."""
    if not mailroom.covers(asked.establishment):
        raise NotAllowedError("this concerns a prison that is not among yours", "establishment")
    return _tray(system_of(request).trays.begin(mailroom, asked.id, asked.establishment, asked.expected))


@router.get("/trays/{tray}", responses=problems(*READ, NotFoundError))
def read_tray(request: Request, tray: TrayName, mailroom: Mailroom) -> TrayAnswer:
    """How many came, are held, are missing."""
    return _tray(system_of(request).trays.get(mailroom, tray))


@router.post("/trays/{tray}/close", responses=problems(*READ, NotFoundError, ConflictError))
def close_tray(request: Request, tray: TrayName, mailroom: Mailroom) -> TrayAnswer:
    """All of it is done: nothing more comes in. 409 while a letter is held, or another number was counted."""
    return _tray(system_of(request).trays.close(mailroom, tray))


@router.get("/trays/{tray}/items", responses=problems(*READ, NotFoundError))
def read_manifest(request: Request, tray: TrayName, mailroom: Mailroom) -> list[ManifestAnswer]:
    """The tray's manifest: every letter that came, in its order, and what is to be done with it."""
    entries = system_of(request).trays.manifest(mailroom, tray)
    return [ManifestAnswer.model_validate(_told(entry)) for entry in entries]


@router.post(
    "/trays/{tray}/items",
    responses=problems(*WRITE, NotFoundError),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": f"A {KINDS}: the envelope's front, its back, the letter's pages.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def take_item(
    request: Request,
    tray: TrayName,
    mailroom: Mailroom,
    x_prisoner: Annotated[str | None, Header(pattern=f"^{PRISONER_NUMBER}$")] = None,
    x_file_name: Annotated[str, Header(max_length=255)] = "",
    x_privileged: Annotated[bool, Header()] = False,
    x_enclosed: Annotated[int, Header(ge=0, le=MOST_ENCLOSED)] = 0,
) -> ItemAnswer:
    """One file into a tray. The same file again: the same item, the same answer.

    What cannot be read is an item too: it is held, and `problem` says why. With `X-Enclosed` letters found
    inside, it is held until an officer has typed their addresses.
    """
    system = system_of(request)
    kept = await run_in_threadpool(system.trays.get, mailroom, tray)
    intake: Intake = request.app.state.intake
    async with request.app.state.uploads:
        data = await request.body()
        if not data:
            raise InvalidError("empty", "body")
        if len(data) > LONGEST_FILE:
            raise TooLargeError(f"at most {LONGEST_FILE:,} bytes")
        item = await intake.take(
            mailroom,
            data,
            tray=tray,
            name=x_file_name,
            now=system.clock(),
            prisoner=x_prisoner,
            establishment=kept.establishment,
            privileged=x_privileged,
            enclosed=x_enclosed,
        )
    return _answer(item)


def _tray(tray: Tray) -> TrayAnswer:
    return TrayAnswer(
        id=tray.id,
        establishment=tray.establishment,
        expected=tray.expected,
        items=tray.items,
        allowed=tray.allowed,
        held=tray.held,
        released=tray.released,
        stopped=tray.stopped,
        open=tray.open,
        missing=tray.missing,
        surplus=tray.surplus,
        made_at=tray.made_at,
        closed_at=tray.closed_at,
    )


def _told(entry: ManifestEntry) -> dict[str, Any]:
    return {**msgspec.structs.asdict(entry), "state": entry.standing, "todo": entry.todo}


def _answer(item: MailItem) -> ItemAnswer:
    reading = item.reading
    return ItemAnswer.model_validate(
        {
            "id": item.id,
            "tray": item.tray,
            "place": item.place,
            "decision": item.decision,
            "action": item.action,
            "confidence": item.confidence,
            "doubts": list(reading.doubts) if reading else [],
            "problem": reading.problem if reading else None,
            "state": item.standing,
            "todo": item.todo,
        }
    )
