"""Every page of the console, an address of each, and who may see it. Written by hand."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.routing import APIRoute

from service.access.model import Role
from service.console.pages import PAGES

PHONES, MAIL, REVIEWER, OFFICER, AUDITOR, ADMIN, MONITOR, NODE = Role
ANYBODY = "signed in or not"
EVERYBODY = frozenset(Role)
READERS = frozenset({REVIEWER, OFFICER, AUDITOR})
SECONDS = frozenset({REVIEWER, OFFICER, ADMIN})
WATCHERS = EVERYBODY - {PHONES, NODE}
MAILROOM = frozenset({MAIL, OFFICER})
SEARCHERS = READERS | MAILROOM | {ADMIN}
REVEALERS = frozenset({REVIEWER, OFFICER})

MAY: dict[str, object] = {
    "GET /": EVERYBODY,
    "GET /nothing": EVERYBODY,
    "GET /session": EVERYBODY,
    "GET /help": EVERYBODY,
    "GET /help/signed-in": EVERYBODY,
    "POST /help/keys": EVERYBODY,
    "GET /search": SEARCHERS,
    "POST /search": SEARCHERS,
    "GET /sign-in": ANYBODY,
    "POST /sign-in": ANYBODY,
    "POST /sign-out": EVERYBODY,
    "GET /password": EVERYBODY,
    "POST /password": EVERYBODY,
    "GET /queue": {REVIEWER},
    "GET /queue/counts": {REVIEWER},
    "POST /queue/next": {REVIEWER},
    "GET /queue/{seq}": {REVIEWER},
    "POST /queue/{seq}/show": {REVIEWER},
    "POST /queue/{seq}/claim": {REVIEWER},
    "POST /queue/{seq}/skip": {REVIEWER},
    "POST /queue/{seq}/decide": {REVIEWER},
    "POST /queue/{seq}/undo": {REVIEWER},
    "GET /cases": {OFFICER},
    "GET /cases/figures": {OFFICER},
    "GET /cases/figures/{name}.csv": {OFFICER},
    "GET /cases/find": {OFFICER},
    "GET /cases/new": {OFFICER},
    "POST /cases/new": {OFFICER},
    "GET /cases/notices": {OFFICER},
    "GET /cases/messages": {OFFICER},
    "GET /cases/{case_id}": {OFFICER},
    "GET /cases/{case_id}/notice": {OFFICER},
    "POST /cases/{case_id}/notice": {OFFICER},
    "GET /cases/{case_id}/bundle": {OFFICER},
    "POST /cases/{case_id}/bundle": {OFFICER},
    "GET /cases/{case_id}/destroy": {OFFICER},
    "POST /cases/{case_id}/destroy": {OFFICER},
    "GET /cases/{case_id}/evidence/{number}": {OFFICER},
    "POST /cases/{case_id}/look-back": {OFFICER},
    "POST /cases/{case_id}/open": {OFFICER},
    "GET /cases/{case_id}/monitoring": {OFFICER},
    "POST /cases/{case_id}/monitoring/{act}": {OFFICER},
    "POST /cases/{case_id}/{act}": {OFFICER},
    "GET /cases/reminders": {OFFICER},
    "GET /cases/reminders/view/{restriction_id:path}": {OFFICER},
    "POST /cases/reminders/review/{restriction_id:path}": {OFFICER},
    "POST /cases/reminders/end/{restriction_id:path}": {OFFICER},
    "POST /cases/reminders/close/{case_id}": {OFFICER},
    "POST /cases/new/email": {OFFICER},
    "GET /restrictions": READERS,
    "POST /restrictions/search": READERS,
    "GET /restrictions/in-force": READERS,
    "GET /restrictions/ending": READERS,
    "GET /restrictions/new": {OFFICER},
    "POST /restrictions/new": {OFFICER},
    "GET /restrictions/view/{restriction_id:path}": READERS,
    "POST /restrictions/show/{restriction_id:path}": REVEALERS,
    "POST /restrictions/requests/{restriction_id:path}": {OFFICER},
    "POST /restrictions/withdraw/{restriction_id:path}": {OFFICER},
    "GET /restrictions/edit/{restriction_id:path}": {OFFICER},
    "POST /restrictions/edit/{restriction_id:path}": {OFFICER},
    "GET /prisoners": READERS,
    "POST /prisoners/move": {OFFICER},
    "POST /prisoners/merge": {OFFICER},
    "GET /prisoners/{number}": READERS,
    "GET /prisons": READERS,
    "GET /prisons/{code}": READERS,
    "GET /people": READERS,
    "POST /people": READERS,
    "GET /people/of/{restriction_id:path}": REVEALERS,
    "POST /people/of/{restriction_id:path}": REVEALERS,
    "GET /contacts": REVEALERS,
    "POST /contacts": REVEALERS,
    "GET /register": REVEALERS,
    "POST /register/search": REVEALERS,
    "GET /register/new": {OFFICER},
    "POST /register/new": {OFFICER},
    "GET /register/view/{entry_id:path}": REVEALERS,
    "POST /register/remove/{entry_id:path}": {OFFICER},
    "GET /phone-lists": READERS,
    "GET /phone-lists/{place}": READERS,
    "POST /phone-lists/{place}/show": REVEALERS,
    "GET /mail": MAILROOM,
    "POST /mail": MAILROOM,
    "GET /mail/{tray}": MAILROOM,
    "GET /mail/{tray}/list": MAILROOM,
    "POST /mail/{tray}/close": MAILROOM,
    "GET /mail/{tray}/{item}": MAILROOM,
    "POST /mail/{tray}/{item}/correct": MAILROOM,
    "POST /mail/{tray}/{item}/done": MAILROOM,
    "GET /mail/{tray}/{item}/label": MAILROOM,
    "GET /approvals": SECONDS,
    "GET /approvals/{approval_id}": SECONDS,
    "POST /approvals/{approval_id}/show": SECONDS,
    "POST /approvals/{approval_id}/decide": SECONDS,
    "GET /ledger": {AUDITOR, ADMIN},
    "GET /ledger/{seq}": {AUDITOR, ADMIN},
    "POST /ledger/verify": {AUDITOR, ADMIN},
    "GET /accounts": {ADMIN},
    "GET /accounts/new": {ADMIN},
    "POST /accounts/new": {ADMIN},
    "GET /accounts/view/{name}": {ADMIN},
    "POST /accounts/view/{name}/change": {ADMIN},
    "POST /accounts/view/{name}/disable": {ADMIN},
    "POST /accounts/view/{name}/enable": {ADMIN},
    "POST /accounts/view/{name}/reset": {ADMIN},
    "GET /accounts/keys": {ADMIN},
    "GET /accounts/keys/new": {ADMIN},
    "POST /accounts/keys/new": {ADMIN},
    "GET /accounts/keys/revoke/{key_id}": {ADMIN},
    "POST /accounts/keys/revoke/{key_id}": {ADMIN},
    "GET /policy": WATCHERS,
    "GET /try": {MAIL, REVIEWER, OFFICER},
    "POST /try": {MAIL, REVIEWER, OFFICER},
    "GET /nodes": WATCHERS,
    "GET /pictures": WATCHERS,
    "GET /pictures/{name}.csv": WATCHERS,
    "GET /learning": {ADMIN},
    "POST /learning/try": {ADMIN},
    "POST /learning/ask": {ADMIN},
}
"""Roles by method and pattern."""

NOT_A_PAGE = (
    "GET /session",
    "GET /queue/counts",
    "GET /pictures/{name}.csv",
    "GET /mail/{tray}/{item}/label",
    "GET /cases/{case_id}/notice",
    "GET /cases/figures/{name}.csv",
    "GET /cases/{case_id}/evidence/{number}",
    "GET /cases/find",
)
"""What answers with no document, or with one of which the scene has none."""


def routes() -> Iterator[str]:
    """Every route of the console."""
    for module in PAGES:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods or ():
                yield f"{method} {route.path}"


def filled(pattern: str, values: dict[str, str]) -> str:
    """An address of a pattern."""
    for name, value in values.items():
        pattern = pattern.replace("{" + name + ":path}", value).replace("{" + name + "}", value)
    assert "{" not in pattern, pattern
    return pattern
