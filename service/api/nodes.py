"""`/v1/nodes`: what a node in a prison asks of the centre: its keys, and to take what it decided."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from service.access.model import Principal, Right
from service.errors import BadRequestError, InvalidError, NotFoundError, TooLargeError, UnavailableError
from service.feed.api_messages import NodeRecords
from service.web.dependencies import needs, system_of
from service.web.problems import READ, problems

router = APIRouter(prefix="/v1/nodes", tags=["nodes"])

Asker = Annotated[Principal, Depends(needs(Right.FOLLOW))]
_records = msgspec.json.Decoder(NodeRecords)
_NO_STORE = {"cache-control": "no-store"}
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
    """Decisions of the node, into the ledger: each once, however often it is sent."""
    system = system_of(request)
    node = await run_in_threadpool(system.nodes.of, asker)
    try:
        given = _records.decode(await request.body())
    except (msgspec.DecodeError, ValueError):  # its text could hold what is in it
        raise BadRequestError("not the records of a node") from None
    taken = await system.records.take(node, given)
    return Response(msgspec.json.encode(taken), media_type="application/json")
