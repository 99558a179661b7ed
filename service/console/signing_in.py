"""Signing in and out, staying signed in, and changing one's password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from service.access.model import Principal
from service.console.page import HEADERS, Form, OurForm, go, home, show, viewer
from service.errors import NotSignedInError, ServiceError, TooManyError
from service.web.dependencies import address_of, system_of
from service.web.going_on import ours

router = APIRouter(include_in_schema=False)

ENDED = {
    "page": "You were signed out, because nothing was asked for a while or because a new day began.",
    "form": "You were signed out before you sent the form, and nothing of it was kept. Go back in your "
    "browser to see what you typed, or sign in and fill it in again.",
}
"""What is said at the sign-in to somebody whose session ended, by what he asked for."""
NEEDED = {"old": "Enter the password you have now", "new": "Enter a new password"}
"""What a change of password needs."""

Viewer = Annotated[Principal, Depends(viewer)]


@router.get("/nothing")
def nothing(request: Request, principal: Viewer) -> Response:
    """For somebody without a role that sees a page."""
    return show(request, "nothing.html", principal)


@router.get("/sign-in")
def sign_in_form(request: Request) -> Response:
    """The form, and why somebody is here who was signed in before."""
    ended = ENDED.get(request.query_params.get("ended", ""))
    then = ours(request.query_params.get("then", ""))
    return show(request, "sign_in.html", None, issuer=_issuer(request), ended=ended, then=then)


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
            then=ours(form.get("then", "")),
        )
        if isinstance(error, TooManyError) and error.wait is not None:
            answer.headers["retry-after"] = str(error.wait)
        return answer
    where = home(begun.principal)
    where = ours(form.get("then", "")) if where == "/" else where
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


@router.get("/session")
def stay(request: Request, principal: Viewer) -> Response:
    """Keep the session awake: for how long it is, and its token for the forms of a page that is open."""
    left = request.state.until - system_of(request).clock()
    found = {"seconds": int(left.total_seconds()), "csrf": request.state.csrf}
    return JSONResponse(found, headers=HEADERS)


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
    return show(request, "password.html", principal, wrong={})


@router.post("/password")
def change_password(request: Request, form: OurForm, principal: Viewer) -> Response:
    """Change one's password; every other session of the account ends."""
    access = system_of(request).access
    wrong = {name: said for name, said in NEEDED.items() if not form.get(name)}
    if wrong:
        return _password_again(request, principal, wrong, 422)
    try:
        begun = access.change_password(principal, form.get("old", "")[:1000], form.get("new", "")[:1000])
    except ServiceError as error:
        detail = "that is not your password" if isinstance(error, NotSignedInError) else error.detail
        name = "new" if error.field == "new" else "old"
        return _password_again(request, principal, {name: detail.capitalize()}, error.status)
    answer = go(home(begun.principal))
    answer.headers.append("set-cookie", access.sessions.set_cookie(begun))
    return answer


def _password_again(request: Request, principal: Principal, wrong: dict[str, str], status: int) -> Response:
    errors = [{"text": text, "href": f"#{name}"} for name, text in wrong.items()]
    return show(request, "password.html", principal, status=status, errors=errors, wrong=wrong)


def _issuer(request: Request) -> bool:
    settings = system_of(request).settings
    return settings.oidc_issuer is not None and settings.oidc_client_id is not None
