"""`/v1/events/call`: what a switch tells of a call that is up. Tied to the decision that let it through."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from adapters.pin_phone.signals import LONGEST_NUMBER, EventError, read_event
from engine.model import Verdict
from service.access.model import Principal, Right
from service.check.deciding import Decider
from service.errors import (
    BadRequestError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    UnavailableError,
)
from service.web.dependencies import needs, system_of
from service.web.problems import problems

router = APIRouter(prefix="/v1/events", tags=["events"])

Switch = Annotated[Principal, Depends(needs(Right.CHECK_CALL))]


class Event(BaseModel):
    """What happened with a call. `to`: the number that it went to, or the digits keyed."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=200)
    check: str = Field(min_length=1, max_length=200)
    """The id under which the call was asked about, by the same caller."""
    kind: Literal["diverted", "conference", "three_way", "voice_mismatch", "keyed"]
    at: datetime
    to: str | None = Field(default=None, max_length=LONGEST_NUMBER)
    score: float | None = Field(default=None, ge=0, le=1)


class EventAnswer(BaseModel):
    """What to do with the call: `refuse` means to end it."""

    id: str
    decision: Verdict
    action: str
    confidential: bool


@router.post(
    "/call",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": Event.model_json_schema()}},
        }
    },
    responses=problems(
        NotSignedInError,
        NotAllowedError,
        NotFoundError,
        ConflictError,
        BadRequestError,
        InvalidError,
        UnavailableError,
    ),
)
async def call_event(request: Request, switch: Switch) -> EventAnswer:
    """Record an event. A number that the call moved to is checked as if it had been dialled.

    Again the same id: again the same answer.
    """
    try:
        event = read_event(await request.body())
    except EventError as error:
        if error.field is None and error.text == "not JSON":
            raise BadRequestError("not JSON") from None
        raise InvalidError(error.text, error.field) from None
    decider: Decider = request.app.state.decider
    call, confidential = await asyncio.to_thread(decider.call_of, switch, event.check)
    deciding = decider.event(switch, event, call, confidential, decider.screener())
    answer = await decider.recorded(deciding)
    system_of(request).metrics.event(event.kind.value)
    return EventAnswer(
        id=answer.id, decision=answer.decision, action=answer.action, confidential=answer.confidential
    )
