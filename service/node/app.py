"""What a node answers: checks, events of calls, the mailroom's folder, what became of what it held, health
and metrics. Everything else is at the centre."""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import FastAPI, Request, Response

from service.api import events, mail, reviews, status
from service.check.api import PREFIX, CheckAPI
from service.mail.intake import Intake
from service.node import canaries
from service.node.held import ListHeld
from service.node.system import NodeSystem
from service.web.guard import Guard, longest_picture_or
from service.web.http import Header, Receive, Scope, Send
from service.web.operations import add_operations
from service.web.refusals import ERRORS, as_service_error, problem_answer

AGE = b"x-blocklist-age"
"""Header of each answer to a check: seconds since the list was known to be the newest."""


class NodeApp:
    """The ASGI application."""

    def __init__(self, system: NodeSystem) -> None:
        """`system` is running."""
        self.checks = CheckAPI(system, partial(age_header, system.current))
        self._rest = _make_rest(system, self.checks)
        hsts = system.settings.hsts_days if system.settings.secure_cookies else 0
        longest = system.settings.longest_body
        self._guarded = Guard(self._rest, lambda path: longest_picture_or(path, longest), hsts_days=hsts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self.checks(scope, receive, send)
        elif scope["type"] == "http":
            await self._guarded(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


def age_header(current: ListHeld) -> list[Header]:
    """What each answer to a check says of the list."""
    age = current.age
    return [] if age is None else [(AGE, b"%d" % age)]


def _make_rest(system: NodeSystem, checks: CheckAPI) -> FastAPI:
    app = FastAPI(title="nocontact node", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.system = system
    app.state.decider = checks.decider
    app.state.intake = Intake(system.mail, system.readers, checks.decider)
    app.state.uploads = asyncio.Semaphore(mail.MOST_UPLOADS)
    for part in (events, status, canaries, mail, reviews):
        app.router.routes.extend(part.router.routes)
    for kind in ERRORS:
        app.add_exception_handler(kind, _error)
    add_operations(app, system)
    return app


async def _error(request: Request, error: Exception) -> Response:
    return problem_answer(as_service_error(error))
