"""`/v1/approvals`: what waits for a second person."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel

from engine.policy import differences
from service.access.model import Principal, Right
from service.api.shapes import ApprovalAnswer, Reason, Strict, Text, not_kept
from service.errors import (
    BadRequestError,
    NotFoundError,
    TooLargeError,
)
from service.registry import register, restrictions
from service.registry.approvals import Approval, Approvals, ApprovalState
from service.registry.elsewhere import public_bodies
from service.registry.journal import POLICY
from service.registry.policies import Mode, proposed
from service.registry.register import ENTRY
from service.registry.restrictions import AFTER_DEATH, CHANGED, REMOVED, WITHDRAWN
from service.system import System
from service.web.dependencies import needs, system_of
from service.web.problems import READ, WRITE, problems

router = APIRouter(prefix="/v1/approvals", tags=["approvals"])

Second = Annotated[Principal, Depends(needs(Right.CONFIRM))]
Id = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]

_WRITE = (*WRITE, NotFoundError)


class Note(Strict):
    """What is to be said about it."""

    note: Text = ""


class RevealProposal(Strict):
    """Why the details have to be seen."""

    why: Reason


class PolicyProposal(BaseModel):
    """A policy, and each word and number in which it differs from the one in force: key, now, then."""

    mode: Mode
    text: str
    changes: list[tuple[str, str, str]]


class Proposal(BaseModel):
    """What would be in force: the next version of a restriction or of an entry, or which restrictions go."""

    restriction: dict[str, Any] | None = None
    entry: dict[str, Any] | None = None
    removed: list[str] = []
    policy: PolicyProposal | None = None
    reason: str = ""
    note: str = ""
    """Of who decided it."""
    public_bodies: list[str] = []
    """Which of the restriction's contact points are a public body's: "contacts[1]: HMP Leeds"."""


@router.get("", responses=problems(*READ))
def list_approvals(
    request: Request,
    second: Second,
    state: Annotated[ApprovalState, Query()] = ApprovalState.PENDING,
) -> list[ApprovalAnswer]:
    """What waits, the oldest first; at most 200."""
    found = _approvals(request).list(state=state, by=second)
    return [ApprovalAnswer.of(one) for one in found]


@router.get("/{approval_id}", responses=problems(*READ, NotFoundError))
def read_approval(request: Request, approval_id: Id, second: Second) -> ApprovalAnswer:
    """One of them."""
    return ApprovalAnswer.of(_readable(request, second, approval_id))


@router.post(
    "/{approval_id}/reveal", responses=problems(*READ, BadRequestError, NotFoundError, TooLargeError)
)
def reveal_approval(
    request: Request, response: Response, approval_id: Id, body: RevealProposal, second: Second
) -> Proposal:
    """What is asked for, details and all; needs the right `reveal` but for a policy and a smaller list.

    That you saw it is in the ledger before it is shown. Nobody confirms what he has not seen.
    """
    approval = _readable(request, second, approval_id)
    opened = _approvals(request).view(second, approval_id, body.why)
    not_kept(response)
    shown = _proposal(system_of(request), approval, opened.payload)
    return shown.model_copy(update={"note": opened.note})


@router.post("/{approval_id}/confirm", responses=problems(*_WRITE))
def confirm(request: Request, approval_id: Id, body: Note, second: Second) -> ApprovalAnswer:
    """Put it in force. Not who asked, no machine, and nobody who has not opened it (`reveal`)."""
    confirmed = _approvals(request).confirm(second, approval_id, body.note)
    system_of(request).current.wake()
    return ApprovalAnswer.of(confirmed)


@router.post("/{approval_id}/refuse", responses=problems(*_WRITE))
def refuse(request: Request, approval_id: Id, body: Note, second: Second) -> ApprovalAnswer:
    """Leave it as it is."""
    return ApprovalAnswer.of(_approvals(request).refuse(second, approval_id, body.note))


def _proposal(system: System, approval: Approval, payload: bytes) -> Proposal:
    """What an approval of its kind holds; nothing for one without details."""
    if approval.kind in (CHANGED, WITHDRAWN, AFTER_DEATH):
        document = restrictions.proposed(payload)
        if approval.state is ApprovalState.PENDING:  # as it would be now
            document = system.registry.restrictions.waiting(approval, payload)[1] or document
        bodies = list(public_bodies(document.restriction))
        return Proposal(restriction=msgspec.to_builtins(document), public_bodies=bodies)
    if approval.kind == REMOVED:
        ids, reason = restrictions.removal(payload)
        return Proposal(removed=ids, reason=reason)
    if approval.kind == ENTRY:
        return Proposal(entry=msgspec.to_builtins(register.proposed(payload)))
    if approval.kind == POLICY:
        asked = proposed(payload)
        policy = asked.policy()
        changes = differences(system.current.policy, policy) if policy else []
        shown = PolicyProposal(mode=asked.mode, text=asked.text, changes=changes)
        return Proposal(policy=shown, reason=asked.reason)
    return Proposal()


def _readable(request: Request, principal: Principal, approval_id: str) -> Approval:
    """An approval that is the caller's business. Raises NotFoundError."""
    approvals = _approvals(request)
    found = approvals.get(approval_id)
    if not approvals.concerns(principal, found):
        raise NotFoundError("there is no such approval")
    return found


def _approvals(request: Request) -> Approvals:
    return system_of(request).registry.approvals
