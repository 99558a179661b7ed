"""`/v1/reviews`: what became of an attempt that was held, for whoever asked about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from service.access.model import Principal, Right
from service.api.shapes import LINE
from service.check.requests import request_key
from service.errors import InvalidError, NotAllowedError, NotFoundError, NotSignedInError, UnavailableError
from service.ledger import payloads, search
from service.mail import items
from service.mail.items import MailItem
from service.review import settled
from service.review.model import ANSWERED, Standing
from service.storage.sealing import SealError
from service.web.dependencies import caller, system_of
from service.web.problems import problems

if TYPE_CHECKING:
    from service.system import System

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])

Asked = Literal["call", "message", "letter", "contact"]
RIGHTS: dict[Asked, Right] = {
    "call": Right.CHECK_CALL,
    "message": Right.CHECK_MESSAGE,
    "letter": Right.CHECK_LETTER,
    "contact": Right.CHECK_CONTACT,
}


class StandingAnswer(BaseModel):
    """Where an attempt stands. `held` until somebody decided and thirty seconds have passed."""

    id: str
    state: Standing


class SettledAnswer(BaseModel):
    """What took effect after a number: `released` or `stopped` for each. Ask again from `after` on."""

    settled: list[StandingAnswer]
    after: int
    more: bool
    """Whether there may be more at once."""


@router.get(
    "/{channel}",
    responses=problems(NotSignedInError, NotAllowedError, InvalidError, UnavailableError),
)
def read_settled(
    request: Request,
    channel: Asked,
    principal: Annotated[Principal, Depends(caller)],
    after: Annotated[int, Query(ge=0, le=search.LAST_SEQ)] = 0,
) -> SettledAnswer:
    """What reviewers decided about attempts that you asked about, in the order in which it took effect.

    Keep `after` once you have done what it says, and ask from there: nothing is missed, and what was done
    when a power cut came is told again. From 0 on it is everything that there ever was. A service that was
    restored, and has no record with your number, tells nothing, and 0 as `after`: ask again from there.
    """
    system = system_of(request)
    _require(system, principal, channel, request.url.path)
    with system.database.read() as connection:
        found = settled.after(connection, system.vault, system.reviews, principal.id, channel, after)
    told = [StandingAnswer(id=one.id, state=one.standing) for one in found.found]
    return SettledAnswer(settled=told, after=found.after, more=found.more)


@router.get(
    "/{channel}/{attempt_id:path}",
    responses=problems(NotSignedInError, NotAllowedError, NotFoundError, InvalidError, UnavailableError),
)
def read_standing(
    request: Request,
    channel: Asked,
    attempt_id: Annotated[str, Path(min_length=1, max_length=200, pattern=LINE)],
    principal: Annotated[Principal, Depends(caller)],
) -> StandingAnswer:
    """What became of an attempt that you asked about, under your own id; of a picture, under its item's."""
    system = system_of(request)
    _require(system, principal, channel, request.url.path)
    if channel == "letter" and (item := _item(system, principal, attempt_id)):
        return StandingAnswer(id=attempt_id, state=item.standing)
    key = request_key(system.vault, principal.id, channel, attempt_id)
    with system.database.read() as connection:
        seq = search.answered_seq(connection, key)
        if seq is None:
            raise NotFoundError("you have not asked about this attempt")
        record = search.answered_record(connection, seq, key)
        decided = system.reviews.stood(connection, [seq])
    try:  # what is sealed, which nobody makes without the key
        outcome = payloads.decision_of(system.vault, record.subject, record.sealed).decision
    except SealError:
        raise UnavailableError("the answer to this attempt cannot be read") from None
    state = ANSWERED[outcome]
    if outcome == "flag" and seq in decided:
        state = decided[seq].standing
    return StandingAnswer(id=attempt_id, state=state)


def _require(system: System, principal: Principal, channel: Asked, path: str) -> None:
    if not principal.may(RIGHTS[channel]):
        system.access.refused(principal, RIGHTS[channel], path)
    principal.require(RIGHTS[channel])


def _item(system: System, principal: Principal, identifier: str) -> MailItem | None:
    """The letter that was sent as a picture: for its prison's mailroom, whoever of it sent the picture."""
    named = items.named(identifier)
    item = None if named is None or not principal.may(Right.SCAN) else system.mail.find(named)
    return item if item is not None and principal.covers(item.establishment) else None
