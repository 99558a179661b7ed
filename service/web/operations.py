"""`/health`, `/health/ready` and `/metrics`: the same of the service and of a node."""

from __future__ import annotations

from typing import Protocol

import msgspec
from fastapi import Depends, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from service.operations import health
from service.operations.metrics import Metrics
from service.web.dependencies import Watching

_LOOK = ["GET", "HEAD"]


class Operated(health.Watched, Protocol):
    """The running system, as far as it is watched from outside."""

    @property
    def metrics(self) -> Metrics:
        """What is counted."""


def add_operations(app: FastAPI, system: Operated) -> None:
    """Add the three to an application whose state has the system."""

    @app.api_route("/health", methods=_LOOK, include_in_schema=False)
    async def live() -> Response:
        return Response(health.live(), media_type="application/json")

    @app.api_route("/health/ready", methods=_LOOK, include_in_schema=False)
    async def ready() -> Response:
        is_ready, found = await run_in_threadpool(health.ready, system)
        status = 200 if is_ready else 503
        return Response(msgspec.json.encode(found), status, media_type="application/json")

    watchers = [] if system.settings.open_pages else [Depends(Watching())]

    @app.get("/metrics", include_in_schema=False, dependencies=watchers)
    async def metrics(request: Request) -> Response:
        body, kind = system.metrics.exposition(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": kind})
