"""Everything under one address: checks on their own fast path, the API and the pages on FastAPI beside it.

The order of a request: a check is answered by `CheckAPI`, which shares nothing with the rest but the system.
Anything else gets its id, has its body's size looked at, and goes to FastAPI. Whatever goes wrong becomes a
problem document (RFC 9457), or under a page's path a page, that repeats nothing of what was sent.
"""

from __future__ import annotations

import asyncio
import itertools
import mimetypes
import re
import secrets
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.routing import Match, Route

from adapters.mailroom.scans import LONGEST_FILE
from service.api import (
    accounts,
    approvals,
    events,
    keys,
    ledger,
    mail,
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
    PROBLEM_JSON,
    BadRequestError,
    InvalidError,
    NotFoundError,
    ServiceError,
    TooLargeError,
    UnavailableError,
    problem,
)
from service.mail.intake import Intake
from service.operations import health
from service.operations.logs import request_id
from service.storage.sealing import SealError
from service.system import System
from service.web.documents import document_page
from service.web.http import Message, Receive, Scope, Send
from service.web.limits import TooFastError

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
    status,
)
"""Modules of the API, in the order in which they are documented."""
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"session": []}]
MACHINE_PATHS = ("/v1/", "/health", "/metrics", "/openapi.json")
"""Where an error is a problem document; elsewhere a person looks, and it is a page."""

_LOOK = ["GET", "HEAD"]
_CSP_OF_DOCUMENT = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
_log = structlog.get_logger(__name__)
_sane_id = re.compile(rb"[A-Za-z0-9._-]{1,100}").fullmatch
_sane_name = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}").fullmatch
_is_picture = re.compile(r"/v1/mail/trays/[^/]{1,64}/items").fullmatch
_numbers = itertools.count()
_process = secrets.token_hex(6)


class MethodNotAllowedError(ServiceError):
    """A method that this path does not have."""

    status = 405
    title = "Method not allowed"

    def __init__(self, allowed: Iterable[str]) -> None:
        """`allowed` are the methods that it has."""
        super().__init__("not with this method")
        self.allowed = ", ".join(sorted(allowed))


class App:
    """The ASGI application of the whole service."""

    def __init__(self, system: System) -> None:
        """`system` is running."""
        self.checks = CheckAPI(system)
        self._rest = make_rest(system, self.checks.decider)
        self._longest = system.settings.longest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self.checks(scope, receive, send)
        elif scope["type"] == "http":
            await self._guarded(scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """FastAPI, with the request's id, the limit on the body, and what every answer says to a browser."""
        identifier = _identifier(scope["headers"])
        request_id.set(identifier)
        is_begun = is_whole = False
        read = 0
        longest = LONGEST_FILE if _is_picture(scope["path"]) else self._longest

        async def receive_within() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > longest:
                raise TooLargeError(f"at most {longest:,} bytes")
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal is_begun, is_whole
            is_whole = message["type"] == "http.response.body" and not message.get("more_body")
            if message["type"] == "http.response.start":
                is_begun = True
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = identifier
                headers.setdefault("cache-control", "no-store")
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
            await send(message)

        try:
            length = dict(scope["headers"]).get(b"content-length", b"0")
            if not length.isdigit() or len(length) > 18 or int(length) > longest:
                raise TooLargeError(f"at most {longest:,} bytes")
            await self._rest(scope, receive_within, send_with_headers)
        except Exception as error:
            if is_whole:  # an error that nobody expected: told and logged by `_error`, then raised again
                return
            if is_begun:
                raise
            answer = _problem(_as_service_error(error))
            await answer(scope, receive, send_with_headers)


def make_rest(system: System, decider: Decider) -> FastAPI:
    """The FastAPI application of everything but the checks, which has the checks' own `decider`."""
    app = FastAPI(title="nocontact", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.system = system
    app.state.decider = decider
    app.state.intake = Intake(system.mail, system.readers, decider)
    app.state.uploads = asyncio.Semaphore(mail.MOST_UPLOADS)
    for module in API:
        app.include_router(module.router)
    for part in PAGES:
        app.include_router(part.router)
    app.add_exception_handler(PageError, _page_error)
    for kind in (
        ServiceError,
        RequestValidationError,
        HTTPException,
        SQLAlchemyError,
        SealError,
        Exception,
    ):
        app.add_exception_handler(kind, _error)
    _add_operations(app, system)

    @cache
    def document() -> bytes:  # made when it is first asked for: that takes as long as everything else here
        return msgspec.json.encode(document_of(app, system.settings.longest_batch))

    @app.get("/openapi.json", include_in_schema=False)
    def openapi() -> Response:
        return Response(document(), media_type="application/json")

    @cache
    def page() -> str:
        return document_page(msgspec.json.decode(document()))

    @app.get("/docs", include_in_schema=False)
    def docs() -> Response:
        return Response(
            page(),
            media_type="text/html",
            headers={"content-security-policy": _CSP_OF_DOCUMENT},
        )

    return app


def _add_operations(app: FastAPI, system: System) -> None:
    @app.api_route("/health", methods=_LOOK, include_in_schema=False)
    async def live() -> Response:
        return Response(health.live(), media_type="application/json")

    @app.api_route("/health/ready", methods=_LOOK, include_in_schema=False)
    async def ready() -> Response:
        is_ready, found = await run_in_threadpool(health.ready, system)
        status = 200 if is_ready else 503
        return Response(msgspec.json.encode(found), status, media_type="application/json")

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        body, kind = system.metrics.exposition(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": kind})

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
        found = _as_service_error(error)
    if request.url.path.startswith(MACHINE_PATHS):
        return _problem(found)
    page = await run_in_threadpool(show_error, request, found)
    page.headers.update(_headers_of(found))
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


def _as_service_error(error: Exception) -> ServiceError:
    """What the asker is told of an error; of one that nobody expected, nothing."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, PageError):
        return error.error
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, RecursionError):
        return BadRequestError("nested too deeply")
    if isinstance(error, HTTPException):
        cause = error.__cause__  # of a body that could not be read: FastAPI makes 400 of everything
        if isinstance(cause, ServiceError | RecursionError):
            return _as_service_error(cause)
        return _of_status(error.status_code)
    if isinstance(error, DBAPIError | SQLAlchemyError | SealError):
        kind = type(getattr(error, "orig", None) or error).__name__
        _log.error("database_failed", error=kind)
        return UnavailableError("the database cannot be used")
    _log.error("unexpected", error=type(error).__name__, exc_info=error)
    return ServiceError()


def _of_status(status: int) -> ServiceError:
    if status == 404:
        return NotFoundError("there is no such address")
    if status == 400:
        return BadRequestError("not a request that can be read")
    found = ServiceError()
    found.status, found.title = status, "Refused"
    return found


def _invalid(errors: Sequence[Any]) -> ServiceError:
    """The first of pydantic's errors, without whatever the request said."""
    first = errors[0]
    if first["type"] == "json_invalid":
        return BadRequestError("not JSON")
    field = ""
    for part in first["loc"]:
        if part in _PLACES and not field:
            continue
        if isinstance(part, int):
            field += f"[{part}]"
        elif _sane_name(str(part)):
            field += f".{part}" if field else str(part)
    text = {"missing": "required", "extra_forbidden": "unknown field"}.get(first["type"])
    return InvalidError(text or _WORDS.get(first["type"], "cannot be used"), field or None)


_WORDS = {
    "string_too_long": "too long",
    "string_too_short": "too short",
    "string_pattern_mismatch": "not in the right form",
    "string_type": "not a text",
    "string_unicode": "not a text",
    "int_type": "not a whole number",
    "int_parsing": "not a whole number",
    "greater_than_equal": "too small",
    "less_than_equal": "too large",
    "too_long": "too many",
    "too_short": "too few",
    "list_type": "not a list",
    "bool_type": "not true or false",
    "enum": "not one of the values allowed",
    "literal_error": "not one of the values allowed",
    "datetime_parsing": "not an ISO 8601 time",
    "datetime_from_date_parsing": "not an ISO 8601 time",
    "timezone_aware": "a time without a zone",
    "model_attributes_type": "not an object",
    "dict_type": "not an object",
}


def _problem(error: ServiceError) -> Response:
    return Response(problem(error, request_id.get()), error.status, _headers_of(error), PROBLEM_JSON)


def _headers_of(error: ServiceError) -> dict[str, str]:
    """What an answer says of an error beside its body."""
    if error.status == 401:
        return {"www-authenticate": "Bearer"}
    if isinstance(error, MethodNotAllowedError):
        return {"allow": error.allowed}
    if isinstance(error, TooFastError):
        return {"retry-after": str(error.wait)}
    if isinstance(error, TooLargeError):
        return {"connection": "close"}  # what is still on its way is not read
    return {}


def _identifier(headers: Sequence[tuple[bytes, bytes]]) -> str:
    given = next((value for name, value in headers if name == b"x-request-id"), b"")
    return given.decode("ascii") if _sane_id(given) else f"{_process}-{next(_numbers):x}"
