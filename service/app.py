"""Everything under one address: checks on their own fast path, the API and the pages on FastAPI beside it.

The order of a request: a check is answered by `CheckAPI`, which shares nothing with the rest but the system.
Anything else gets its id, has its body's size looked at, and goes to FastAPI. Whatever goes wrong becomes a
problem document (RFC 9457), or under a page's path a page, that repeats nothing of what was sent.
"""

from __future__ import annotations

import asyncio
import itertools
import mimetypes
from functools import cache
from typing import Any

import msgspec
from fastapi import Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.routing import Match, Route

from service.api import (
    accounts,
    approvals,
    events,
    keys,
    ledger,
    mail,
    nodes,
    phone_lists,
    prisoners,
    register,
    restrictions,
    reviews,
    sessions,
    status,
)
from service.check import openapi as check_openapi
from service.check.api import PREFIX, CheckAPI
from service.check.deciding import Decider
from service.console.page import PageError, show_error, static_file
from service.console.pages import PAGES
from service.errors import (
    NotFoundError,
    ServiceError,
)
from service.feed.api_messages import LONGEST_PICTURE, PICTURES_PATH
from service.mail.intake import Intake
from service.system import System
from service.web.dependencies import caller
from service.web.documents import document_page
from service.web.guard import Guard, longest_picture_or
from service.web.http import Receive, Scope, Send
from service.web.operations import add_operations
from service.web.refusals import (
    ERRORS,
    MethodNotAllowedError,
    as_service_error,
    headers_of,
    problem_answer,
)

API = (
    sessions,
    accounts,
    keys,
    restrictions,
    register,
    prisoners,
    approvals,
    reviews,
    phone_lists,
    events,
    mail,
    ledger,
    nodes,
    status,
)
"""Modules of the API, in the order in which they are documented."""
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"session": []}]
MACHINE_PATHS = ("/v1/", "/health", "/metrics", "/openapi.json")
"""Where an error is a problem document; elsewhere a person looks, and it is a page."""

_CSP_OF_DOCUMENT = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"


class App:
    """The ASGI application of the whole service."""

    def __init__(self, system: System) -> None:
        """`system` is running."""
        self.checks = CheckAPI(system)
        self._rest = make_rest(system, self.checks.decider)
        settings = system.settings
        hsts = settings.hsts_days if settings.secure_cookies else 0
        self._guarded = Guard(self._rest, lambda path: _longest_body(system, path), hsts_days=hsts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self.checks(scope, receive, send)
        elif scope["type"] == "http":
            await self._guarded(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


def _longest_body(system: System, path: str) -> int:
    """Bytes that a body may have: a picture is as long as the mailroom reads them."""
    if path == PICTURES_PATH:
        return LONGEST_PICTURE
    return longest_picture_or(path, system.settings.longest_body)


def make_rest(system: System, decider: Decider) -> FastAPI:
    """The FastAPI application of everything but the checks, which has the checks' own `decider`."""
    app = FastAPI(title="nocontact", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.system = system
    app.state.decider = decider
    app.state.intake = Intake(system.mail, system.readers, decider)
    app.state.uploads = asyncio.Semaphore(mail.MOST_UPLOADS)
    for part in (*API, *PAGES):  # as they are: included, each would be worked out again for every application
        app.router.routes.extend(part.router.routes)
    app.add_exception_handler(PageError, _page_error)
    for kind in ERRORS:
        app.add_exception_handler(kind, _error)
    add_operations(app, system)
    _add_assets(app)

    @cache
    def document() -> bytes:  # made when it is first asked for: that takes as long as everything else here
        return msgspec.json.encode(document_of(app, system.settings.longest_batch))

    readers = [] if system.settings.open_pages else [Depends(caller)]

    @app.get("/openapi.json", include_in_schema=False, dependencies=readers)
    def openapi() -> Response:
        return Response(document(), media_type="application/json")

    @cache
    def page() -> str:
        return document_page(msgspec.json.decode(document()))

    @app.get("/docs", include_in_schema=False, dependencies=readers)
    def docs() -> Response:
        return Response(
            page(),
            media_type="text/html",
            headers={"content-security-policy": _CSP_OF_DOCUMENT},
        )

    return app


def _add_assets(app: FastAPI) -> None:
    @app.get("/assets/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        path = static_file(name)
        if path is None:
            raise NotFoundError("there is no such file")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return FileResponse(path, media_type=kind, headers={"cache-control": "max-age=3600"})


def document_of(app: FastAPI, longest_batch: int) -> dict[str, Any]:
    """The OpenAPI document: FastAPI's routes, and the checks, which are not FastAPI's."""
    document = get_openapi(
        title="nocontact",
        version="1",
        summary="Answers every outgoing call, message and letter: allow, block or flag.",
        routes=app.routes,
    )
    for path in document["paths"].values():
        for operation in path.values():
            operation.setdefault("security", SECURITY)
            operation["responses"].pop("422", None) if not _takes_input(operation) else None
    checks = check_openapi.fragment(longest_batch, SECURITY)
    document["paths"] |= checks["paths"]
    components = document.setdefault("components", {})
    components["schemas"] = components.get("schemas", {}) | checks["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or the issuer's token."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-nocontact",
            "description": "A person's.",
        },
    }
    return document


def _takes_input(operation: dict[str, Any]) -> bool:
    return "requestBody" in operation or bool(operation.get("parameters"))


async def _page_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, PageError):
        raise error
    return await run_in_threadpool(show_error, request, error.error)


async def _error(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        found: ServiceError = MethodNotAllowedError(_methods(request))
    else:
        found = as_service_error(error)
    if request.url.path.startswith(MACHINE_PATHS):
        return problem_answer(found)
    page = await run_in_threadpool(show_error, request, found)
    page.headers.update(headers_of(found))
    return page


def _methods(request: Request) -> set[str]:
    """What the path of a request has; of its routes the error knows only the first."""
    parts = (request.app.routes, *(part.router.routes for part in (*API, *PAGES)))
    return {
        method
        for route in itertools.chain.from_iterable(parts)
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
