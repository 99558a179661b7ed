"""The policy in force, in tables, and which policies were in force before."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection, func, select

from service.access.model import Principal, Right
from service.blocklist.changed import SUBJECT
from service.console.page import PageError, moment, number_in, page_needs, show
from service.errors import InvalidError
from service.ledger.record import ledger, of_no_attempt
from service.ledger.search import LAST_SEQ
from service.web.dependencies import system_of

router = APIRouter(prefix="/policy", include_in_schema=False)

Watcher = Annotated[Principal, Depends(page_needs(Right.SEE_STATUS))]

SHOWN_AT_ONCE = 50


class PutInForce(NamedTuple):
    """A policy that came into force in place of another, with the number of its first record."""

    seq: int
    at: datetime
    version: str


@router.get("")
def read_policy(request: Request, watcher: Watcher) -> Response:
    """What decides, and since when."""
    system = system_of(request)
    policy = system.current.policy
    with system.database.read() as connection:
        history = policies_in_force(connection, _before(request), SHOWN_AT_ONCE + 1)
    newest = history[0] if history and "before" not in request.query_params else None
    more = history[SHOWN_AT_ONCE - 1].seq if len(history) > SHOWN_AT_ONCE else None
    return show(
        request,
        "policy.html",
        watcher,
        policy=policy,
        version=policy.version,
        since=newest.at if newest is not None and newest.version == policy.version else None,
        history=[_event(one, watcher) for one in history[:SHOWN_AT_ONCE]],
        next=more,
    )


def policies_in_force(connection: Connection, before: int, limit: int) -> list[PutInForce]:
    """Each time that another policy came into force, the newest first, of records before `before`.

    From the ledger's records of the lists in force, which name their policy.
    """
    previous = func.lag(ledger.c.policy).over(order_by=ledger.c.seq)
    records = (
        select(ledger.c.seq, ledger.c.at, ledger.c.policy, previous.label("previous"))
        .where(ledger.c.subject == SUBJECT, of_no_attempt, ledger.c.policy.is_not(None))
        .subquery()
    )
    changed = (
        select(records.c.seq, records.c.at, records.c.policy)
        .where(records.c.seq < before, records.c.policy.is_distinct_from(records.c.previous))
        .order_by(records.c.seq.desc())
        .limit(limit)
    )
    return [PutInForce(*row) for row in connection.execute(changed)]


def _event(one: PutInForce, watcher: Principal) -> dict[str, Any]:
    """For the list; the record is linked for those who may read it."""
    may = watcher.may(Right.SEE_LEDGER) and watcher.covers(None)
    return {"seq": one.seq if may else None, "at": moment(one.at), "version": one.version}


def _before(request: Request) -> int:
    seq = number_in(request.query_params.get("before", str(LAST_SEQ)), digits=19)
    if seq is None:
        raise PageError(InvalidError("there is no such page"))
    return min(seq, LAST_SEQ)
