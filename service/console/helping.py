"""Help: the field's words, each in a sentence; which keys do what, and how they are turned off."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from service.access.model import Principal
from service.access.sessions import cookie_name, cookie_text
from service.console.page import KEYS_COOKIE, OurForm, go, show, viewer
from service.web.dependencies import system_of

router = APIRouter(prefix="/help", include_in_schema=False)

Viewer = Annotated[Principal, Depends(viewer)]

REMEMBERED = 365 * 86_400
"""Seconds that a browser remembers whether single keys are on."""


SAID = {
    "on": "Single keys do something again in this browser.",
    "off": "Single keys do nothing any more in this browser.",
}
"""What is said after a change."""


@router.get("")
def read_help(request: Request, principal: Viewer) -> Response:
    """The page."""
    said = SAID.get(request.query_params.get("keys", ""))
    return show(request, "help.html", principal, glossary=rows("glossary"), keys=keys(), said=said)


@router.post("/keys")
def set_keys(request: Request, form: OurForm, principal: Viewer) -> Response:
    """Turn single keys on or off in this browser."""
    chosen = "off" if form.get("keys") == "off" else "on"
    answer = go(f"/help?keys={chosen}")
    secure = system_of(request).settings.secure_cookies
    name = cookie_name(KEYS_COOKIE, secure=secure)
    cookie = cookie_text(name, chosen, same_site="Strict", secure=secure, seconds=REMEMBERED)
    answer.headers.append("set-cookie", cookie)
    return answer


@router.get("/signed-in")
def signed_in(request: Request, principal: Viewer) -> Response:
    """Where somebody comes who signs in again in a new tab."""
    return show(request, "signed_in.html", principal)


def keys() -> dict[str, list[tuple[str, str]]]:
    """By page, each single key and what it does there."""
    found: dict[str, list[tuple[str, str]]] = {}
    for page, key, does in rows("keys"):
        found.setdefault(page, []).append((key, does))
    return found


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a table of this folder, without its first line, which is its source."""
    lines = files("service.console").joinpath(f"{name}.tsv").read_text("utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines[1:])
