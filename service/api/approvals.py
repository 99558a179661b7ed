"""`/v1/approvals`: what waits for a second person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from service.access.model import Principal, Right
from service.access.problems import problems
from service.api.dependencies import needs, system_of
from service.api.shapes import ApprovalAnswer, Strict, Text
from service.errors import (
    BadRequestError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    TooLargeError,
    UnavailableError,
)
from service.registry.approvals import Answer, Approvals

router = APIRouter(prefix="/v1/approvals", tags=["approvals"])

Second = Annotated[Principal, Depends(needs(Right.CONFIRM))]
Id = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]

_READ = (NotSignedInError, NotAllowedError, InvalidError, UnavailableError)
_WRITE = (*_READ, BadRequestError, ConflictError, NotFoundError, TooLargeError)


class Note(Strict):
    """What is to be said about it."""

    note: Text = ""


@router.get("", responses=problems(*_READ))
def list_approvals(
    request: Request,
    second: Second,
    state: Annotated[Answer, Query()] = Answer.PENDING,
) -> list[ApprovalAnswer]:
    """What waits, the oldest first."""
    found = _approvals(request).list(state=state, prisons=second.prisons)
    return [ApprovalAnswer.of(one) for one in found]


@router.get("/{approval_id}", responses=problems(*_READ, NotFoundError))
def read_approval(request: Request, approval_id: Id, second: Second) -> ApprovalAnswer:
    """One of them."""
    found = _approvals(request).get(approval_id)
    if found.establishment is not None and not second.covers(found.establishment):
        raise NotFoundError("there is no such approval")
    return ApprovalAnswer.of(found)


@router.post("/{approval_id}/confirm", responses=problems(*_WRITE))
def confirm(request: Request, approval_id: Id, body: Note, second: Second) -> ApprovalAnswer:
    """Put it in force. Not who asked, and no machine."""
    confirmed = _approvals(request).confirm(second, approval_id, body.note)
    system_of(request).current.wake()
    return ApprovalAnswer.of(confirmed)


@router.post("/{approval_id}/refuse", responses=problems(*_WRITE))
def refuse(request: Request, approval_id: Id, body: Note, second: Second) -> ApprovalAnswer:
    """Leave it as it is."""
    return ApprovalAnswer.of(_approvals(request).refuse(second, approval_id, body.note))


def _approvals(request: Request) -> Approvals:
    return system_of(request).registry.approvals
