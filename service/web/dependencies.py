"""What every route asks first: the system behind it, and who is calling."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

from service.access.model import Principal, Right

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
