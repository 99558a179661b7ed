"""`/v1/status` and `/v1/policy`: what is in force. No personal data."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from service.access.model import Principal, Right
from service.errors import NotAllowedError, NotSignedInError, UnavailableError
from service.operations import health
from service.web.dependencies import needs, system_of
from service.web.problems import problems

router = APIRouter(prefix="/v1", tags=["status"])

Watcher = Annotated[Principal, Depends(needs(Right.SEE_STATUS))]

_ERRORS = problems(NotSignedInError, NotAllowedError, UnavailableError)


class Status(BaseModel):
    """What decides at the moment."""

    blocklist: str | None
    policy: str | None
    restrictions: int
    confidential: int
    """Entries of the confidential register."""
    usable: bool
    """Whether anything may be allowed on the list, but for its age."""
    age_seconds: float | None
    """Since the list was known to be current."""
    why_not: str | None
    """Why there is no list, or why it is not the newest."""
    ledger_records: int
    ledger_failure: str | None


class PolicyAnswer(BaseModel):
    """The policy in force."""

    version: str
    table: dict[str, Any]


@router.get("/status", responses=_ERRORS)
def read_status(request: Request, _: Watcher) -> Status:
    """What is in force."""
    now = health.state(system_of(request))
    return Status(
        blocklist=now.blocklist,
        policy=now.policy,
        restrictions=now.restrictions,
        confidential=now.register,
        usable=now.usable,
        age_seconds=now.confirmed_seconds,
        why_not=now.why_not,
        ledger_records=now.ledger_seq,
        ledger_failure=now.ledger_failure,
    )


@router.get("/policy", responses=_ERRORS)
def read_policy(request: Request, _: Watcher) -> PolicyAnswer:
    """The policy in force."""
    policy = system_of(request).current.policy
    return PolicyAnswer(version=policy.version, table=msgspec.to_builtins(policy, str_keys=True))
