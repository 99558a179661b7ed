"""`/v1/nodes`: what a node in a prison asks of the centre: its keys, to take what it decided and the pictures
of what it holds, and what reviewers decided of that."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.access.model import Principal, Right
from service.errors import BadRequestError, InvalidError, NotFoundError, TooLargeError, UnavailableError
from service.feed import ledger_places, settlements
from service.feed.api_messages import (
    ASKED,
    HASH,
    LedgerPlace,
    NodeRecords,
    RecordsTaken,
    seal_settlements,
)
from service.feed.nodes import EnrolledNode
from service.feed.pictures import PAGES
from service.ledger import search
from service.web.dependencies import needs, system_of
from service.web.problems import READ, problems

if TYPE_CHECKING:
    from service.system import System

router = APIRouter(prefix="/v1/nodes", tags=["nodes"])

Asker = Annotated[Principal, Depends(needs(Right.FOLLOW))]
_records = msgspec.json.Decoder(NodeRecords)
_log = structlog.get_logger(__name__)
_NO_STORE = {"cache-control": "no-store"}
BYTES = "application/octet-stream"
_KEYS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "feed_key": {"type": "string", "format": "byte"},
        "node_key": {"type": "string", "format": "byte"},
        "epoch": {"type": "integer"},
    },
}


@router.get(
    "/keys",
    responses=problems(*READ, NotFoundError)
    | {200: {"description": "The keys", "content": {"application/json": {"schema": _KEYS}}}},
    response_class=Response,
)
def read_keys(request: Request, asker: Asker) -> Response:
    """The keys that the feed is opened with, and the node's own. Not for a node that is withdrawn."""
    keys = system_of(request).nodes.keys(asker)
    return Response(msgspec.json.encode(keys), media_type="application/json", headers=_NO_STORE)


@router.post(
    "/records",
    responses=problems(*READ, NotFoundError, BadRequestError, InvalidError, TooLargeError, UnavailableError),
    response_class=Response,
)
async def take_records(request: Request, asker: Asker) -> Response:
    """Decisions of the node, into the ledger: each once, however often it is sent. The answer says whether
    this ledger still has what it had when the node last handed some in."""
    system = system_of(request)
    node = await run_in_threadpool(system.nodes.of, asker)
    try:
        given = _records.decode(await request.body())
    except (msgspec.DecodeError, ValueError):  # its text could hold what is in it
        raise BadRequestError("not the records of a node") from None
    taken = await system.records.take(node, given)
    taken = await run_in_threadpool(_placed, system, node, given, taken)
    return Response(msgspec.json.encode(taken), media_type="application/json")


@router.post(
    "/pictures",
    status_code=204,
    responses=problems(*READ, NotFoundError, InvalidError, TooLargeError, UnavailableError),
    response_class=Response,
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "One page as JPEG, sealed with the node's key.",
            "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def take_picture(
    request: Request,
    asker: Asker,
    subject: Annotated[str, Query(pattern="^attempt/[0-9a-f]{32}$")],
    at: datetime,
    page: Annotated[int, Query(ge=1, le=PAGES)],
) -> Response:
    """A page of a letter that the node holds, for whoever reviews it. Sent again it is there already; 404
    while the decision has not come in."""
    system = system_of(request)
    node = await run_in_threadpool(system.nodes.of, asker)
    sealed = await request.body()
    await run_in_threadpool(system.pictures.take, node, subject, at, page, sealed, system.clock())
    return Response(status_code=204)


@router.get(
    "/settled",
    responses=problems(*READ, NotFoundError, UnavailableError)
    | {200: {"description": "Sealed for the node", "content": {BYTES: {"schema": {"type": "string"}}}}},
    response_class=Response,
)
def read_settled(
    request: Request,
    asker: Asker,
    asked: Annotated[str, Query(pattern=f"^{ASKED}$")],
    after: Annotated[int, Query(ge=0, le=search.LAST_SEQ)] = 0,
    hash_: Annotated[str, Query(alias="hash", pattern=f"^({HASH})?$")] = "",
) -> Response:
    """What reviewers decided of the node's flags, in the order in which it took effect. `asked` is the node's
    own word for this question: the answer is to no other. `hash` is that of the record at `after`: where this
    ledger has another one there, or none, nothing is told but that, and the node asks from 0 on."""
    system = system_of(request)
    node = system.nodes.of(asker)
    place = LedgerPlace(after, hash_)
    with system.database.read() as connection:
        told = settlements.of_node(connection, system.vault, system.reviews, node.name, place)
    if not told.is_known:
        _tell_unknown(node, place)
    sealed = seal_settlements(system.vault.node_key(node.name), asked, after, told)
    return Response(sealed, media_type=BYTES, headers=_NO_STORE)


def _placed(system: System, node: EnrolledNode, given: NodeRecords, taken: RecordsTaken) -> RecordsTaken:
    """The same, with where the ledger ends, and whether it has the place that the node goes on from."""
    place = given.until or LedgerPlace()
    with system.database.read() as connection:
        is_known, ends = ledger_places.is_known(connection, place), ledger_places.last(connection)
    if not is_known:
        _tell_unknown(node, place)
    return msgspec.structs.replace(taken, until=ends, is_known=is_known)


def _tell_unknown(node: EnrolledNode, place: LedgerPlace) -> None:
    _log.warning("node_knows_another_ledger", node=node.name, seq=place.seq)
