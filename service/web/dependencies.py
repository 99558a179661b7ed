"""What every route asks first: the system behind it, and who is calling."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.exc import SQLAlchemyError

from service.access.model import Principal, Right
from service.errors import ServiceError

if TYPE_CHECKING:
    from service.system import System


def system_of(request: Request) -> System:
    """The running system."""
    return cast("System", request.app.state.system)


def address_of(request: Request) -> str:
    """Where the request comes from: of one through our own proxy what that says (`NOCONTACT_PROXIES`)."""
    return request.client.host if request.client is not None else ""


def caller(request: Request) -> Principal:
    """Who is calling. Raises NotSignedInError; for a session without its token NotAllowedError."""
    return system_of(request).access.authenticate(request.method, request.headers)


def needs(right: Right) -> Callable[..., Principal]:
    """A dependency that gives the caller, who has the right. A refusal is recorded."""

    def check(request: Request, principal: Annotated[Principal, Depends(caller)]) -> Principal:
        if not principal.may(right):
            system_of(request).access.refused(principal, right, request.url.path)
        principal.require(right)
        return principal

    return check


MOST_WATCHERS = 100
WATCHED_FOR = 24 * 3600.0
"""Seconds for which who was let in to the metrics is let in without the database, of which they tell."""


class Watching:
    """A dependency of the metrics: whoever may see the status."""

    def __init__(self) -> None:
        """Nobody was let in yet."""
        self._let_in: dict[bytes, float] = {}
        self._ask = needs(Right.SEE_STATUS)

    def __call__(self, request: Request) -> None:
        """Raises NotSignedInError, NotAllowedError; the database's error for who was not let in before."""
        given = request.headers.get("authorization") or request.headers.get("cookie") or ""
        digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest()
        try:
            self._ask(request, caller(request))
        except SQLAlchemyError:
            if time.monotonic() - self._let_in.get(digest, float("-inf")) > WATCHED_FOR:
                raise
            return
        except ServiceError:
            self._let_in.pop(digest, None)
            raise
        if len(self._let_in) >= MOST_WATCHERS:
            self._let_in.clear()
        self._let_in[digest] = time.monotonic()
