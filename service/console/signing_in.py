"""Signing in and out, changing one's password, and where somebody begins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from service.access.model import Principal
from service.console.page import Form, OurForm, go, home, show, viewer
from service.errors import NotSignedInError, ServiceError, TooManyError
from service.web.dependencies import address_of, system_of

router = APIRouter(include_in_schema=False)

Viewer = Annotated[Principal, Depends(viewer)]


@router.get("/")
def begin(principal: Viewer) -> Response:
    """On to the first page that somebody may see."""
    return go(home(principal))


@router.get("/nothing")
def nothing(request: Request, principal: Viewer) -> Response:
    """For somebody without a role that sees a page."""
    return show(request, "nothing.html", principal)


@router.get("/sign-in")
def sign_in_form(request: Request) -> Response:
    """The form."""
    return show(request, "sign_in.html", None, issuer=_issuer(request))


@router.post("/sign-in")
async def sign_in(request: Request, form: Form) -> Response:
    """Sign in with a local account's password. Who wrong passwords were tried on is told so first."""
    access = system_of(request).access
    name = form.get("name", "").strip()
    password = form.get("password", "")[:1000]
    try:
        begun, known = await access.sign_in_turn(name[:40], password, request.headers, address_of(request))
    except ServiceError as error:
        wrong = isinstance(error, NotSignedInError)
        text = "Wrong name or password, or the account is locked" if wrong else error.detail.capitalize()
        errors = [{"text": text, "href": "#name"}]
        answer = await run_in_threadpool(
            show,
            request,
            "sign_in.html",
            None,
            status=error.status,
            errors=errors,
            issuer=_issuer(request),
        )
        if isinstance(error, TooManyError) and error.wait is not None:
            answer.headers["retry-after"] = str(error.wait)
        return answer
    where = home(begun.principal)
    told: Response
    if begun.wrong:
        request.state.csrf = begun.csrf
        told = await run_in_threadpool(
            show, request, "wrong_passwords.html", begun.principal, wrong=begun.wrong, where=where
        )
    else:
        told = go(where)
    told.headers.append("set-cookie", access.sessions.set_cookie(begun))
    told.headers.append("set-cookie", known)
    return told


@router.post("/sign-out")
def sign_out(request: Request, form: OurForm) -> Response:
    """Sign out."""
    access = system_of(request).access
    access.sign_out(request.headers)
    answer = go("/sign-in")
    answer.headers.append("set-cookie", access.sessions.clear_cookie())
    return answer


@router.get("/password")
def password_form(request: Request, principal: Viewer) -> Response:
    """The form."""
    return show(request, "password.html", principal)


@router.post("/password")
def change_password(request: Request, form: OurForm, principal: Viewer) -> Response:
    """Change one's password; every other session of the account ends."""
    access = system_of(request).access
    try:
        begun = access.change_password(principal, form.get("old", "")[:1000], form.get("new", "")[:1000])
    except ServiceError as error:
        place = "#new" if error.field == "new" else "#old"
        detail = "that is not your password" if isinstance(error, NotSignedInError) else error.detail
        errors = [{"text": detail.capitalize(), "href": place}]
        return show(request, "password.html", principal, status=error.status, errors=errors)
    answer = go(home(begun.principal))
    answer.headers.append("set-cookie", access.sessions.set_cookie(begun))
    return answer


def _issuer(request: Request) -> bool:
    settings = system_of(request).settings
    return settings.oidc_issuer is not None and settings.oidc_client_id is not None
