"""`/v1/session`: signing in, with a password or through an issuer; who one is; signing out."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from service.access.model import Principal, Role
from service.access.passwords import LONGEST
from service.errors import (
    BadRequestError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    TooManyError,
    UnavailableError,
)
from service.web.dependencies import address_of, caller, system_of
from service.web.going_on import LONGEST_ADDRESS, ours
from service.web.problems import problems

if TYPE_CHECKING:
    from service.access.access import Access
    from service.access.sessions import Session

router = APIRouter(prefix="/v1/session", tags=["session"])

Secret = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]


class SignIn(BaseModel):
    """A local account's name and password."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=40)]
    password: Secret


class PasswordChange(BaseModel):
    """The password now, and the one from now on."""

    model_config = ConfigDict(extra="forbid")

    old: Secret
    new: Secret


class Who(BaseModel):
    """Who is asking. No prisons is every prison."""

    id: str
    name: str
    roles: list[Role]
    prisons: list[str]
    person: bool
    must_change_password: bool


class SessionAnswer(BaseModel):
    """Who is signed in. `csrf` has to be sent as `X-CSRF-Token` with whatever changes something."""

    who: Who
    csrf: str | None = None
    ends: datetime | None = None
    wrong_passwords: int = 0
    """Wrong passwords that were tried on the account since its owner last signed in."""


@router.post(
    "", responses=problems(BadRequestError, NotSignedInError, NotAllowedError, InvalidError, TooManyError)
)
async def sign_in(request: Request, response: Response, body: SignIn) -> SessionAnswer:
    """Sign in. The session's token is in the cookie alone."""
    password = body.password.get_secret_value()
    begun, known = await _access(request).sign_in_turn(
        body.name, password, request.headers, address_of(request)
    )
    answer = _answer_new(request, response, begun)
    response.headers.append("set-cookie", known)
    return answer


@router.get("", responses=problems(NotSignedInError, NotAllowedError, UnavailableError))
def who_am_i(request: Request, principal: Annotated[Principal, Depends(caller)]) -> SessionAnswer:
    """Who you are."""
    found = None if "authorization" in request.headers else _access(request).signed_in(request.headers)
    if found is None:
        return SessionAnswer(who=_who(principal))
    return SessionAnswer(who=_who(principal), csrf=found.csrf, ends=found.ends)


@router.delete(
    "",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotSignedInError, NotAllowedError, UnavailableError),
)
def sign_out(request: Request, response: Response, _: Annotated[Principal, Depends(caller)]) -> None:
    """Sign out, and forget the cookie."""
    access = _access(request)
    access.sign_out(request.headers)
    response.headers.append("set-cookie", access.sessions.clear_cookie())


@router.post(
    "/password",
    responses=problems(
        BadRequestError, NotSignedInError, NotAllowedError, InvalidError, TooManyError, UnavailableError
    ),
)
def change_password(
    request: Request, response: Response, body: PasswordChange, who: Annotated[Principal, Depends(caller)]
) -> SessionAnswer:
    """Change your password. Every other session of yours ends; this one goes on with a new cookie."""
    old, new = body.old.get_secret_value(), body.new.get_secret_value()
    return _answer_new(request, response, _access(request).change_password(who, old, new))


@router.get(
    "/oidc/start",
    status_code=status.HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
    responses=problems(NotFoundError, InvalidError, UnavailableError),
)
def start(
    request: Request, then: Annotated[str, Query(max_length=LONGEST_ADDRESS)] = "/"
) -> RedirectResponse:
    """Go to the issuer to sign in, and afterwards on to a page of this service."""
    departure, cookie = _access(request).depart(ours(then))
    answer = RedirectResponse(departure.url, status.HTTP_303_SEE_OTHER)
    answer.headers.append("set-cookie", cookie)
    return answer


@router.get(
    "/oidc/callback",
    response_class=HTMLResponse,
    responses=problems(NotSignedInError, NotAllowedError, NotFoundError, InvalidError, UnavailableError),
)
def callback(
    request: Request,
    code: Annotated[str, Query(min_length=1, max_length=4096)],
    state: Annotated[str, Query(min_length=1, max_length=200)],
) -> HTMLResponse:
    """Come back from the issuer, signed in, by a page that leads on: a redirect would still be the issuer's
    doing, and a browser sends no strict cookie with that."""
    access = _access(request)
    begun, cleared, then = access.arrive(code, state, request.headers)
    answer = HTMLResponse(_LEADS_ON.format(escape(ours(then))), headers=_PAGE)
    answer.headers.append("set-cookie", access.sessions.set_cookie(begun))
    answer.headers.append("set-cookie", cleared)
    return answer


_PAGE = {"content-security-policy": "default-src 'none'", "cache-control": "no-store"}
_LEADS_ON = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Signed in</title>'
    '<meta http-equiv="refresh" content="0; url={0}"></head>'
    '<body><p><a href="{0}">Go on</a></p></body></html>'
)


def _access(request: Request) -> Access:
    return system_of(request).access


def _answer_new(request: Request, response: Response, begun: Session) -> SessionAnswer:
    response.headers.append("set-cookie", _access(request).sessions.set_cookie(begun))
    response.headers["cache-control"] = "no-store"
    return SessionAnswer(
        who=_who(begun.principal), csrf=begun.csrf, ends=begun.ends, wrong_passwords=begun.wrong
    )


def _who(principal: Principal) -> Who:
    return Who(
        id=principal.id,
        name=principal.name,
        roles=sorted(principal.roles),
        prisons=sorted(principal.prisons),
        person=principal.person,
        must_change_password=principal.must_change_password,
    )
