"""`/v1/keys`: API keys of machines. For admins."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

from fastapi import APIRouter, Path, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from service.access.keys import MOST_DAYS
from service.access.model import DAYS, Role
from service.api.accounts import Admin, Prisons, Roles
from service.errors import (
    BadRequestError,
    ConflictError,
    InvalidError,
    NotFoundError,
)
from service.web.dependencies import system_of
from service.web.problems import ALWAYS, problems

if TYPE_CHECKING:
    from service.access.keys import ApiKey

router = APIRouter(prefix="/v1/keys", tags=["keys"])

KEY_ID = r"^[a-z0-9][a-z0-9-]{1,39}$"


class KeyCreation(BaseModel):
    """A new key. `prisons` has to be given; an empty list is every prison. `id` names the machine."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=KEY_ID)]
    label: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    roles: Roles
    prisons: Prisons
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = DAYS


class KeyAnswer(BaseModel):
    """A key without its secret."""

    id: str
    label: str
    roles: list[Role]
    prisons: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    unread: bool
    """Whether it cannot be read: nobody is let in with it."""

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """From the key."""
        return cls.model_validate(
            {name: getattr(key, name, None) for name in cls.model_fields}
            | {"roles": sorted(key.roles), "prisons": sorted(key.prisons), "unread": key.is_unread}
        )


class NewKeyAnswer(BaseModel):
    """A key with its secret, which is shown this once: send it as `Authorization: Bearer`."""

    key: KeyAnswer
    secret: str


@router.get("", responses=problems(*ALWAYS))
def list_keys(request: Request, _: Admin) -> list[KeyAnswer]:
    """Every key, revoked and expired ones too."""
    return [KeyAnswer.of(key) for key in system_of(request).access.keys.list()]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*ALWAYS, BadRequestError, ConflictError, InvalidError),
)
def create_key(request: Request, response: Response, body: KeyCreation, admin: Admin) -> NewKeyAnswer:
    """A new key. No key may be an admin."""
    keys = system_of(request).access.keys
    made = keys.create(admin, body.id, body.roles, body.prisons, label=body.label, days=body.days)
    response.headers["cache-control"] = "no-store"
    return NewKeyAnswer(key=KeyAnswer.of(made.key), secret=made.secret)


@router.delete(
    "/{key_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*ALWAYS, NotFoundError, InvalidError),
)
def revoke_key(request: Request, key_id: Annotated[str, Path(pattern=KEY_ID)], admin: Admin) -> None:
    """End a key: here at once, in every other process within five seconds."""
    system_of(request).access.revoke_key(admin, key_id)
