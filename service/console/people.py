"""Accounts of people and API keys of machines: who is let in, with which roles, for which prisons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ValidationError

from service.access.accounts import ACTIVE, DISABLED, LocalAccount, NewPassword
from service.access.keys import MOST_DAYS
from service.access.model import DAYS, Principal, Right, Role
from service.api.accounts import AccountChange, AccountCreation, InPath
from service.api.keys import KEY_ID, KeyCreation
from service.console.page import OurForm, PageError, go, ids_of, number_in, page_needs, said_of, show, words
from service.errors import InvalidError, NotFoundError, ServiceError
from service.web.dependencies import system_of

router = APIRouter(prefix="/accounts", include_in_schema=False)

Admin = Annotated[Principal, Depends(page_needs(Right.MANAGE_ACCESS))]
KeyId = Annotated[str, Path(pattern=KEY_ID)]

SHOWN_AT_ONCE = 50
ROLES = {
    Role.PHONE_SYSTEM: "A switch: asks about calls, and is told the decision alone",
    Role.MAILROOM: "Asks about letters, and sees the reasons",
    Role.REVIEWER: "Decides what was flagged",
    Role.CASE_OFFICER: "Keeps the restrictions and the confidential register",
    Role.AUDITOR: "Reads the ledger, and changes nothing",
    Role.ADMIN: "People, keys and policy",
    Role.MONITOR: "Watches metrics and status, and sees nobody's details",
    Role.NODE: "A node in a prison: only the operator makes one",
}
KEY_ROLES = {role: text for role, text in ROLES.items() if role not in (Role.ADMIN, Role.NODE)}
"""No key may be an admin; a node's key is made with it."""
DONE = {
    "changed": "The account is changed. Its sessions ended.",
    "disabled": "The account is disabled. Its sessions ended.",
    "enabled": "The account can be used again.",
    "revoked": "The key is revoked.",
}
_SAID = {
    "name": "Name to sign in with: 2 to 40 small letters, digits, full stops, hyphens or underscores",
    "shown": "Name of the person: 1 to 100 characters",
    "id": "Id: 2 to 40 small letters, digits or hyphens",
    "label": "What it is for: at most 100 characters",
    "roles": "Choose at least one role",
    "prisons": "Prisons: codes of three letters or digits, as LEI, at most 200",
    "days": f"Days that it holds: a number from 1 to {MOST_DAYS}",
}
"""What is said of a field that cannot be used."""
_PLACES = {"roles": "role-1", "which": "which-every"}

M = TypeVar("M", bound=BaseModel)
Errors = list[dict[str, str]]


@router.get("")
def list_accounts(request: Request, admin: Admin) -> Response:
    """Every account, by name."""
    every = system_of(request).access.accounts.list()
    shown, pages = _page(request, every)
    not_read = ids_of("account", (one.name for one in shown if one.is_unread))
    return show(request, "accounts.html", admin, accounts=shown, not_read=not_read, **pages)


@router.get("/new")
def new_account_form(request: Request, admin: Admin) -> Response:
    """The form."""
    return show(request, "account_new.html", admin, given={}, roles=ROLES)


@router.post("/new")
def create_account(request: Request, form: OurForm, admin: Admin) -> Response:
    """A new account; its temporary password is shown this once."""
    given = {"name": form.get("name", "").strip().lower(), "shown": form.get("shown", "").strip()}
    errors: Errors = []
    wanted = _read(AccountCreation, errors, **given, **_granted(form, errors))
    status = 422
    if wanted is not None:
        try:
            accounts = system_of(request).access.accounts
            made = accounts.create(admin, wanted.name, wanted.shown, wanted.roles, wanted.prisons)
            return _show_password(request, admin, made, is_new=True)
        except ServiceError as error:
            errors, status = [_error(error, "name")], error.status
    return show(request, "account_new.html", admin, status=status, errors=errors, given=form, roles=ROLES)


@router.get("/view/{name}")
def read_account(request: Request, name: InPath, admin: Admin) -> Response:
    """One account, and what can be done with it."""
    return _show_account(request, admin, _account(request, name))


@router.post("/view/{name}/change")
def change_account(request: Request, name: InPath, form: OurForm, admin: Admin) -> Response:
    """Other roles, prisons or another name of the person; its sessions end."""
    account = _account(request, name)
    errors: Errors = []
    wanted = _read(AccountChange, errors, shown=form.get("shown", "").strip(), **_granted(form, errors))
    if wanted is None:
        return _show_account(request, admin, account, errors=errors, given=form)
    try:
        system_of(request).access.accounts.change(
            admin, name, roles=wanted.roles, prisons=wanted.prisons, shown=wanted.shown
        )
    except ServiceError as error:
        errors = [_error(error, "role-1")]
        return _show_account(request, admin, account, status=error.status, errors=errors, given=form)
    return go(f"/accounts/view/{name}?done=changed")


@router.post("/view/{name}/disable")
def disable_account(request: Request, name: InPath, form: OurForm, admin: Admin) -> Response:
    """Let nobody in with it any more."""
    return _set_state(request, admin, name, DISABLED, "disabled")


@router.post("/view/{name}/enable")
def enable_account(request: Request, name: InPath, form: OurForm, admin: Admin) -> Response:
    """Let it be used again."""
    return _set_state(request, admin, name, ACTIVE, "enabled")


@router.post("/view/{name}/reset")
def reset_password(request: Request, name: InPath, form: OurForm, admin: Admin) -> Response:
    """A temporary password, shown this once; the account is unlocked and its sessions end."""
    account = _account(request, name)
    try:
        made = system_of(request).access.accounts.reset_password(admin, name)
    except ServiceError as error:
        errors = [_error(error, "reset")]
        return _show_account(request, admin, account, status=error.status, errors=errors)
    return _show_password(request, admin, made, is_new=False)


@router.get("/keys")
def list_keys(request: Request, admin: Admin) -> Response:
    """Every key, by id; revoked and expired ones too."""
    every = system_of(request).access.keys.list()
    shown, pages = _page(request, every)
    not_read = ids_of("key", (one.id for one in shown if one.is_unread))
    return show(request, "keys.html", admin, keys=shown, said=_done(request), not_read=not_read, **pages)


@router.get("/keys/new")
def new_key_form(request: Request, admin: Admin) -> Response:
    """The form."""
    return show(request, "key_new.html", admin, given={"days": str(DAYS)}, roles=KEY_ROLES)


@router.post("/keys/new")
def create_key(request: Request, form: OurForm, admin: Admin) -> Response:
    """A new key; its secret is shown this once."""
    given = {name: form.get(name, "").strip() for name in ("id", "label", "days")}
    given["id"] = given["id"].lower()
    errors: Errors = []
    wanted = _read(KeyCreation, errors, **given, **_granted(form, errors))
    status = 422
    if wanted is not None:
        try:
            made = system_of(request).access.keys.create(
                admin, wanted.id, wanted.roles, wanted.prisons, label=wanted.label, days=wanted.days
            )
            return show(request, "key_secret.html", admin, made=made)
        except ServiceError as error:
            errors, status = [_error(error, "id")], error.status
    return show(request, "key_new.html", admin, status=status, errors=errors, given=form, roles=KEY_ROLES)


@router.get("/keys/revoke/{key_id}")
def revoke_key_form(request: Request, key_id: KeyId, admin: Admin) -> Response:
    """Ask whether that is meant: it cannot be taken back."""
    for key in system_of(request).access.keys.list():
        if key.id == key_id and key.revoked_at is None:
            return show(request, "key_revoke.html", admin, key=key)
    raise PageError(NotFoundError("there is no such key, or it is revoked"))


@router.post("/keys/revoke/{key_id}")
def revoke_key(request: Request, key_id: KeyId, form: OurForm, admin: Admin) -> Response:
    """End a key."""
    try:
        system_of(request).access.revoke_key(admin, key_id)
    except ServiceError as error:
        raise PageError(error) from None
    return go("/accounts/keys?done=revoked")


def _granted(form: dict[str, str], errors: Errors) -> dict[str, Any]:
    """Roles and prisons; the latter have to be chosen, so that nobody sees them all by oversight."""
    roles = [role for role in Role if f"role-{role.value}" in form]
    prisons = [part for part in re.split(r"[\s,;]+", form.get("prisons", "").upper()) if part]
    which = form.get("which")
    if which == "every":
        prisons = []
    elif which != "some":
        errors.append(_at("Choose every prison, or name some", "which"))
    elif not prisons:
        errors.append(_at("Enter the code of at least one prison", "prisons"))
    return {"roles": roles, "prisons": prisons}


def _read(model: type[M], errors: Errors, **values: Any) -> M | None:
    """The form as the API would take it; None where anything is wrong, which is added to the errors."""
    try:
        read = model(**values)
    except ValidationError as error:
        fields = dict.fromkeys(str(one["loc"][0]) for one in error.errors())
        errors[:0] = [_at(_SAID[field], field) for field in fields]
        return None
    return None if errors else read


def _at(text: str, field: str) -> dict[str, str]:
    return {"text": text, "href": f"#{_PLACES.get(field, field)}"}


def _error(error: ServiceError, place: str) -> dict[str, str]:
    return {"text": said_of(error), "href": f"#{place}"}


def _account(request: Request, name: str) -> LocalAccount:
    try:
        return system_of(request).access.accounts.get(name)
    except ServiceError as error:
        raise PageError(error) from None


def _set_state(request: Request, admin: Principal, name: str, state: str, done: str) -> Response:
    account = _account(request, name)
    try:
        system_of(request).access.accounts.change(admin, name, state=state)
    except ServiceError as error:
        errors = [_error(error, "state")]
        return _show_account(request, admin, account, status=error.status, errors=errors)
    return go(f"/accounts/view/{name}?done={done}")


def _show_account(
    request: Request,
    admin: Principal,
    account: LocalAccount,
    *,
    status: int = 200,
    errors: Errors | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    if given is None:
        given = {
            "shown": account.shown,
            "which": "some" if account.prisons else "every",
            "prisons": ", ".join(sorted(account.prisons)),
            **{f"role-{role.value}": "on" for role in account.roles},
        }
    return show(
        request,
        "account.html",
        admin,
        status=422 if errors and status == 200 else status,
        errors=errors,
        said=None if errors else _done(request),
        account=account,
        given=given,
        roles=ROLES,
        held=[words(role.value) for role in Role if role in account.roles],
        is_own=admin.id == f"user:{account.name}",
        not_read=ids_of("account", [account.name] if account.is_unread else []),
    )


def _show_password(request: Request, admin: Principal, made: NewPassword, *, is_new: bool) -> Response:
    return show(request, "account_password.html", admin, made=made, is_new=is_new)


def _done(request: Request) -> str | None:
    return DONE.get(request.query_params.get("done", ""))


def _page(request: Request, every: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """The rows of the page that is asked for, and the numbers of the pages beside it. Raises PageError."""
    number = number_in(request.query_params.get("page", "1"), digits=6)
    if number is None:
        raise PageError(InvalidError("the page is a number"))
    last = max(1, -(-len(every) // SHOWN_AT_ONCE))
    if not 1 <= number <= last:
        raise PageError(NotFoundError("there is no such page"))
    first = (number - 1) * SHOWN_AT_ONCE
    return every[first : first + SHOWN_AT_ONCE], {"number": number, "last": last, "count": len(every)}
