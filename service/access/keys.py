"""API keys for machines: `nck_ID_SECRET`, shown once; kept as a hash, with an end, revocable."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, select

from service.access.model import DAYS, Principal, Right, Role
from service.access.tables import api_key
from service.access.trail import Trail, packed, unpacked
from service.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.ledger.record import Kind
from service.storage import rows
from service.storage.unread import reading

PREFIX = "nck_"
"""Found by scanners of source code, should a key ever stand in one."""
MOST_DAYS = 730


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret."""

    id: str
    label: str
    roles: frozenset[Role]
    prisons: frozenset[str]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    is_unread: bool = False
    """Whether it is not as the service wrote it: nobody is let in with it."""

    @property
    def principal(self) -> Principal:
        """Who calls with it."""
        return Principal(id=f"key:{self.id}", roles=self.roles, prisons=self.prisons, name=self.label)


class NewKey(msgspec.Struct, frozen=True):
    """A key with its secret, told this once."""

    key: ApiKey
    secret: str
    """The whole `nck_…`, to be sent as a bearer token."""

    def __repr__(self) -> str:
        return f"NewKey({self.key.id})"


class KeyTry(msgspec.Struct, frozen=True):
    """What a key that was sent comes to: the key, or why not."""

    key: ApiKey | None
    id: str | None = None
    """Which key it claims to be, where there is one of that name."""
    why: str = ""


class Keys:
    """Makes, finds and revokes keys. Safe to share between threads."""

    def __init__(self, trail: Trail) -> None:
        """A key ends by the trail's clock."""
        self._trail = trail

    def create(
        self,
        by: Principal,
        key_id: str,
        roles: Iterable[Role],
        prisons: Iterable[str],
        *,
        label: str = "",
        days: int = DAYS,
    ) -> NewKey:
        """A new key.

        Raises ConflictError where the id was ever used, InvalidError, NotAllowedError. No key may manage
        access: one that leaks could make others.
        """
        by.require(Right.MANAGE_ACCESS)
        granted = frozenset(roles)
        if Role.ADMIN in granted:
            raise NotAllowedError("a key cannot be an admin")
        if not 0 < days <= MOST_DAYS:
            raise InvalidError(f"between 1 and {MOST_DAYS} days", field="days")
        theirs = frozenset(prisons)
        by.require_prisons(theirs)
        secret, now = secrets.token_urlsafe(32), self._trail.clock()
        row = {
            "id": key_id,
            "label": self._trail.vault.seal(label.encode(), f"key/{key_id}"),
            "digest": _digest(secret),
            "roles": packed(frozenset(granted)),
            "prisons": packed(theirs),
            "created_by": by.id,
            "created_at": now,
            "expires_at": now + timedelta(days=days),
        }
        with self._trail.database.write() as connection:
            found = select(api_key).where(api_key.c.id == key_id)
            if connection.execute(found).one_or_none() is not None:
                raise ConflictError("there is, or was, a key of this id")
            rows.insert(connection, self._trail.vault, api_key, [row])
            made = self._key(connection.execute(found).one())
            plain = {name: row[name] for name in ("roles", "prisons", "expires_at")}
            self._trail.write(connection, Kind.CHANGE, by.id, f"key/{key_id}", "created", **plain)
        return NewKey(made, f"{PREFIX}{key_id}_{secret}")

    def revoke(self, by: Principal, key_id: str) -> None:
        """End it. Raises NotFoundError, NotAllowedError. Twice is once."""
        by.require(Right.MANAGE_ACCESS)
        with self._trail.database.write() as connection:
            row = connection.execute(select(api_key).where(api_key.c.id == key_id)).one_or_none()
            if row is None:
                raise NotFoundError("no such key")
            by.require_prisons(unpacked(row.prisons))
            if row.revoked_at is None:
                now = self._trail.clock()
                this = (api_key.c.id == key_id,)
                rows.update(connection, self._trail.vault, api_key, this, {"revoked_at": now})
                self._trail.write(connection, Kind.CHANGE, by.id, f"key/{key_id}", "revoked")

    def list(self) -> list[ApiKey]:
        """Every key, by id; revoked and expired ones too."""
        with self._trail.database.read() as connection:
            found = connection.execute(select(api_key).order_by(api_key.c.id)).all()
        return [self._listed(row) for row in found]

    def find(self, token: str) -> KeyTry:
        """The key in force that this token is, or why there is none."""
        key_id, _, secret = token.removeprefix(PREFIX).partition("_")
        if "\0" in key_id or len(key_id) > 40:
            return KeyTry(None, why="unknown")
        with self._trail.database.read() as connection:
            row = connection.execute(select(api_key).where(api_key.c.id == key_id)).one_or_none()
        if row is None:
            return KeyTry(None, why="unknown")
        if not rows.holds(self._trail.vault, api_key, row):
            return KeyTry(None, row.id, "changed")
        if not hmac.compare_digest(row.digest, _digest(secret)):
            return KeyTry(None, row.id, "wrong_secret")
        if row.revoked_at is not None:
            return KeyTry(None, row.id, "revoked")
        if self._trail.clock.latest() >= row.expires_at:
            return KeyTry(None, row.id, "expired")
        return KeyTry(self._key(row), row.id)

    def _listed(self, row: Row[Any]) -> ApiKey:
        """A key among others: one that cannot be read is listed as that, and hides no other."""
        vault = self._trail.vault
        with reading(vault, "key", row.id):
            rows.require(vault, api_key, row)
            return self._key(row)
        return self._with_label(row, "", is_unread=True)

    def _key(self, row: Row[Any]) -> ApiKey:
        return self._with_label(row, self._trail.vault.open(row.label, f"key/{row.id}").decode())

    def _with_label(self, row: Row[Any], label: str, *, is_unread: bool = False) -> ApiKey:
        return ApiKey(
            id=row.id,
            label=label,
            is_unread=is_unread,
            roles=frozenset(Role(role) for role in unpacked(row.roles) if role in [*Role]),
            prisons=unpacked(row.prisons),
            created_by=row.created_by,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
