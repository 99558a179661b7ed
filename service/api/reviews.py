"""`/v1/reviews`: what became of an attempt that was held, for whoever asked about it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel
from sqlalchemy import select

from engine.model import Channel
from service.access.model import Principal, Right
from service.api.shapes import LINE
from service.check.requests import request_key
from service.errors import InvalidError, NotAllowedError, NotFoundError, NotSignedInError, UnavailableError
from service.ledger import payloads, search
from service.ledger.tables import answered
from service.storage.sealing import SealError
from service.web.dependencies import caller, system_of
from service.web.problems import problems

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])

RIGHTS: dict[Channel, Right] = {
    "call": Right.CHECK_CALL,
    "message": Right.CHECK_MESSAGE,
    "letter": Right.CHECK_LETTER,
}


class Standing(BaseModel):
    """Where an attempt stands. `held` until somebody decided and thirty seconds have passed."""

    id: str
    state: Literal["allowed", "held", "released", "stopped"]


@router.get(
    "/{channel}/{attempt_id:path}",
    responses=problems(NotSignedInError, NotAllowedError, NotFoundError, InvalidError, UnavailableError),
)
def read_standing(
    request: Request,
    channel: Channel,
    attempt_id: Annotated[str, Path(min_length=1, max_length=200, pattern=LINE)],
    principal: Annotated[Principal, Depends(caller)],
) -> Standing:
    """What became of an attempt that you asked about, under your own id of it."""
    system = system_of(request)
    if not principal.may(RIGHTS[channel]):
        system.access.refused(principal, RIGHTS[channel], request.url.path)
    principal.require(RIGHTS[channel])
    key = request_key(system.vault, principal.id, channel, attempt_id)
    with system.database.read() as connection:
        seq = connection.execute(select(answered.c.seq).where(answered.c.key == key)).scalar_one_or_none()
        if seq is None:
            raise NotFoundError("you have not asked about this attempt")
        record = search.answered_record(connection, seq, key)
    try:  # what is sealed, which nobody makes without the key
        outcome = payloads.decision_of(system.vault, record.subject, record.sealed).decision
    except SealError:
        raise UnavailableError("the answer to this attempt cannot be read") from None
    if outcome == "flag":
        return Standing.model_validate({"id": attempt_id, "state": system.reviews.standing(seq)})
    return Standing(id=attempt_id, state="allowed" if outcome == "allow" else "stopped")
