"""`/v1/accounts`: who may sign in here. For admins; nobody changes their own."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from fastapi import APIRouter, Depends, Path, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from service.access.model import Principal, Right, Role
from service.errors import (
    BadRequestError,
    ConflictError,
    InvalidError,
    NotFoundError,
    TooManyError,
)
from service.web.dependencies import needs, system_of
from service.web.problems import ALWAYS, problems

if TYPE_CHECKING:
    from service.access.accounts import Accounts, LocalAccount, NewPassword

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])

Admin = Annotated[Principal, Depends(needs(Right.MANAGE_ACCESS))]
LOGIN = r"^[a-z0-9][a-z0-9._-]{1,39}$"
Login = Annotated[str, Field(pattern=LOGIN)]
Prison = Annotated[str, Field(pattern=r"^[A-Z0-9]{3}$")]
Prisons = Annotated[list[Prison], Field(max_length=200)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]
Shown = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
InPath = Annotated[str, Path(pattern=LOGIN)]


class AccountCreation(BaseModel):
    """A new account. `prisons` has to be given; an empty list is every prison."""

    model_config = ConfigDict(extra="forbid")

    name: Login
    shown: Shown
    roles: Roles
    prisons: Prisons


class AccountChange(BaseModel):
    """What to change; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    shown: Shown | None = None
    roles: Roles | None = None
    prisons: Prisons | None = None
    state: Literal["active", "disabled"] | None = None


class AccountAnswer(BaseModel):
    """An account."""

    name: str
    shown: str
    roles: list[Role]
    prisons: list[str]
    state: Literal["active", "disabled"]
    locked_until: datetime | None
    must_change_password: bool
    created_by: str
    created_at: datetime
    password_at: datetime
    signed_in_at: datetime | None
    unread: bool
    """Whether it cannot be read: nobody is let in with it."""

    @classmethod
    def of(cls, account: LocalAccount) -> Self:
        """From the account."""
        return cls.model_validate(
            {name: getattr(account, name, None) for name in cls.model_fields}
            | {"roles": sorted(account.roles), "prisons": sorted(account.prisons)}
            | {"unread": account.is_unread}
        )


class PasswordAnswer(BaseModel):
    """An account with its temporary password, which is shown this once."""

    account: AccountAnswer
    password: str


@router.get("", responses=problems(*ALWAYS))
def list_accounts(request: Request, _: Admin) -> list[AccountAnswer]:
    """Every account."""
    return [AccountAnswer.of(account) for account in _accounts(request).list()]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*ALWAYS, BadRequestError, ConflictError, InvalidError, TooManyError),
)
def create_account(
    request: Request, response: Response, body: AccountCreation, admin: Admin
) -> PasswordAnswer:
    """A new account. Its temporary password has to be changed at the first sign-in."""
    made = _accounts(request).create(admin, body.name, body.shown, body.roles, body.prisons)
    return _once(response, made)


@router.get("/{name}", responses=problems(*ALWAYS, NotFoundError, InvalidError))
def get_account(request: Request, name: InPath, _: Admin) -> AccountAnswer:
    """One account."""
    return AccountAnswer.of(_accounts(request).get(name))


@router.patch(
    "/{name}", responses=problems(*ALWAYS, BadRequestError, NotFoundError, ConflictError, InvalidError)
)
def change_account(request: Request, name: InPath, body: AccountChange, admin: Admin) -> AccountAnswer:
    """Change roles, prisons, name or state; the account's sessions end. Not one's own, not the last admin."""
    given = body.model_dump(exclude_none=True)
    return AccountAnswer.of(_accounts(request).change(admin, name, **given))


@router.post("/{name}/reset", responses=problems(*ALWAYS, NotFoundError, InvalidError, TooManyError))
def reset_password(request: Request, response: Response, name: InPath, admin: Admin) -> PasswordAnswer:
    """A temporary password; the account is unlocked and its sessions end."""
    return _once(response, _accounts(request).reset_password(admin, name))


def _accounts(request: Request) -> Accounts:
    return system_of(request).access.accounts


def _once(response: Response, made: NewPassword) -> PasswordAnswer:
    response.headers["cache-control"] = "no-store"
    return PasswordAnswer(account=AccountAnswer.of(made.account), password=made.password)
