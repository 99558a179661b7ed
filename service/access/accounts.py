"""Local accounts: for a service without an issuer of its own, and for the day on which the issuer is away."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from service.access import passwords
from service.access.model import Principal, Right, Role, require_apart
from service.access.passwords import Passwords
from service.access.sessions import Session, Sessions
from service.access.tables import account
from service.access.trail import Trail, packed, unpacked
from service.access.tries import FromWhere, TriedFrom, Tries
from service.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, NotSignedInError
from service.ledger.record import Kind
from service.settings import Settings
from service.storage import rows
from service.storage.database import Database
from service.storage.sealing import Vault
from service.storage.unread import reading

HERE = FromWhere()
ACTIVE, DISABLED = "active", "disabled"
FIRST_ADMIN = "admin"

_WRONG = "wrong name or password, or the account is locked"
"""One text for all, so that a stranger learns neither which accounts exist nor which are locked."""


class LocalAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account, as an admin may see it."""

    name: str
    shown: str
    roles: frozenset[Role]
    prisons: frozenset[str]
    state: str
    locked_until: datetime | None
    must_change_password: bool
    created_by: str
    created_at: datetime
    password_at: datetime
    signed_in_at: datetime | None
    is_unread: bool = False
    """Whether it is not as the service wrote it: nobody is let in with it."""


class NewPassword(msgspec.Struct, frozen=True):
    """An account with a password that is shown this once."""

    account: LocalAccount
    password: str

    def __repr__(self) -> str:
        return f"NewPassword({self.account.name})"


class Accounts:
    """Keeps the accounts and checks their passwords. Safe to share between threads."""

    def __init__(
        self,
        trail: Trail,
        settings: Settings,
        sessions: Sessions,
        hashes: Passwords,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`sessions` are ended where an account changes."""
        self.tries = Tries(settings.sign_in_tries, settings.lock_minutes * 60, monotonic)
        self._trail = trail
        self._settings = settings
        self._sessions = sessions
        self._hashes = hashes

    def sign_in(self, name: str, password: str, origin: FromWhere = HERE) -> Session:
        """A new session. Raises NotSignedInError, which does not say what was wrong; TooManyError."""
        name = name.lower()
        checked, wrong = self._check(name, password, self._place(name, origin))
        with self._trail.database.write() as connection:
            row = _still_good(connection, name, checked)
            session = self._sessions.begin_for_account(connection, self._account(row))
            self._update(connection, name, {"signed_in_at": self._trail.clock()})
            self._trail.write(
                connection,
                Kind.SIGN_IN,
                f"user:{name}",
                f"account/{name}",
                "signed_in",
                session=session.id,
                wrong=wrong,
            )
        return msgspec.structs.replace(session, wrong=wrong)

    def line(self, name: str, origin: FromWhere) -> tuple[str, bool]:
        """In which line somebody waits for a turn, and whether it goes before the others.

        From where nothing wrong came of late, one waits behind others of the same account alone: that
        somebody's is attacked from a thousand addresses holds up nobody else. A browser in which its owner
        signed in before has a line to itself. Raises as `sign_in`, without the work.
        """
        place = self._place(name.lower(), origin)
        if not self.tries.ask(place):
            raise NotSignedInError(_WRONG)
        is_first = self.tries.is_spotless(place)
        alone = place.key[1] if place.is_known else f"account {place.key[0]}"
        return (alone if is_first else f"address {place.address}"), is_first

    def device(self, name: str) -> str:
        """What a browser keeps in which somebody signed in to an account: it names nobody."""
        nonce = secrets.token_hex(8)
        return f"{nonce}.{self._device_mark(name, nonce)}"

    def change_password(self, name: str, old: str, new: str) -> Session:
        """Ends every session of the account; gives a new one.

        Raises InvalidError for a password that is not good enough, NotSignedInError where the old one is
        wrong: that counts as a failed sign-in.
        """
        passwords.require_good(new, name)
        if new == old:
            raise InvalidError("that is the password you have", field="new")
        checked, _ = self._check(name, old, TriedFrom((name, "session"), "", is_known=True))
        hashed = self._hashes.hash(new)
        with self._trail.database.write() as connection:
            _still_good(connection, name, checked)
            self._store_password(connection, name, hashed, must_change=False)
            self._sessions.end_of_account(connection, name)
            session = self._sessions.begin_for_account(connection, self._of(connection, name))
            self._trail.write(
                connection,
                Kind.CHANGE,
                f"user:{name}",
                f"account/{name}",
                "password_changed",
                session=session.id,
            )
        return session

    def create(
        self, by: Principal, name: str, shown: str, roles: Iterable[Role], prisons: Iterable[str]
    ) -> NewPassword:
        """A new account with a temporary password. Raises ConflictError where the name was ever used,
        InvalidError for roles that may not meet, NotAllowedError beyond one's own prisons."""
        by.require(Right.MANAGE_ACCESS)
        granted = frozenset(roles)
        require_apart(granted)
        theirs = frozenset(prisons)
        by.require_prisons(theirs)
        return self._create(by.id, name, shown, granted, theirs)

    def make_first_admin(self) -> str:
        """The password of the first admin. Raises ConflictError where there is one already."""
        with self._trail.database.read() as connection:
            if _admins(connection, self._trail.vault):
                raise ConflictError("there is an admin already")
        admin = frozenset({Role.ADMIN})
        return self._create("system", FIRST_ADMIN, "First administrator", admin, frozenset()).password

    def change(
        self,
        by: Principal,
        name: str,
        *,
        roles: Iterable[Role] | None = None,
        prisons: Iterable[str] | None = None,
        state: str | None = None,
        shown: str | None = None,
    ) -> LocalAccount:
        """Change what is given, and end the account's sessions.

        Raises NotFoundError; NotAllowedError for one's own account and beyond one's own prisons,
        ConflictError for the last admin, InvalidError for roles that may not meet.
        """
        by.require(Right.MANAGE_ACCESS)
        _require_another(by, name)
        values: dict[str, Any] = {}
        if roles is not None:
            granted = frozenset(roles)
            require_apart(granted)
            values["roles"] = packed(granted)
        if prisons is not None:
            theirs = frozenset(prisons)
            by.require_prisons(theirs)
            values["prisons"] = packed(theirs)
        if state is not None:
            values["state"] = state
        plain = dict(values)
        if shown is not None:
            values["shown"] = self._seal(name, shown)
        with self._trail.database.write() as connection:
            admins = _admins(connection, self._trail.vault)
            before = _require_row(connection, name)
            by.require_prisons(unpacked(before.prisons))
            if not values:
                return self._account(before)
            self._update(connection, name, values)
            if admins and not _admins(connection, self._trail.vault):
                raise ConflictError("this is the last admin")
            self._sessions.end_of_account(connection, name)
            what = "disabled" if state == DISABLED else "changed"
            was = {key: getattr(before, key) for key in plain}
            self._trail.write(
                connection,
                Kind.CHANGE,
                by.id,
                f"account/{name}",
                what,
                to=plain,
                was=was,
                shown=shown is not None,
            )
            return self._of(connection, name)

    def disable(self, by: Principal, name: str) -> LocalAccount:
        """Let nobody in with it any more. Raises as `change`."""
        return self.change(by, name, state=DISABLED)

    def reset_password(self, by: Principal, name: str) -> NewPassword:
        """A temporary password; unlocks the account and ends its sessions. Raises as `change`."""
        by.require(Right.MANAGE_ACCESS)
        _require_another(by, name)
        password = passwords.temporary()
        hashed = self._hashes.hash(password)
        with self._trail.database.write() as connection:
            by.require_prisons(unpacked(_require_row(connection, name).prisons))
            self._store_password(connection, name, hashed, must_change=True)
            self._sessions.end_of_account(connection, name)
            self._trail.write(connection, Kind.CHANGE, by.id, f"account/{name}", "password_reset")
            self.tries.forget(name)
            return NewPassword(self._of(connection, name), password)

    def get(self, name: str) -> LocalAccount:
        """Raises NotFoundError."""
        with self._trail.database.read() as connection:
            row = connection.execute(select(account).where(account.c.name == name)).one_or_none()
        if row is None:
            raise NotFoundError("no such account")
        return self._listed(row)

    def list(self) -> list[LocalAccount]:
        """Every account, by name."""
        with self._trail.database.read() as connection:
            found = connection.execute(select(account).order_by(account.c.name)).all()
        return [self._listed(row) for row in found]

    def _place(self, name: str, origin: FromWhere) -> TriedFrom:
        nonce, _, mark = (origin.device or "").partition(".")
        if mark and hmac.compare_digest(mark.encode(), self._device_mark(name, nonce).encode()):
            return TriedFrom((name, f"device {nonce}"), origin.address, is_known=True)
        return TriedFrom((name, f"address {origin.address}"), origin.address, is_known=False)

    def _device_mark(self, name: str, nonce: str) -> str:
        return self._trail.vault.digest("known device", f"{nonce}/{name}").hex()

    def _check(self, name: str, password: str, place: TriedFrom) -> tuple[str, int]:
        """The kept hash that the password met, and how many did not since the last that did.

        Raises NotSignedInError, SlowDownError; counts the failure, and locks.
        """
        if not self.tries.ask(place):
            raise NotSignedInError(_WRONG)
        kept = self._kept(self._trail.database, name)
        good = self._hashes.check(kept, password)
        again = self._hashes.hash(password) if good and kept and self._hashes.is_outdated(kept) else None
        with self._trail.database.write() as connection:
            outcome, wrong = self._settle(connection, name, kept, good, again, place)
            if outcome != "signed_in":
                # A name that is no account's may be a password in the wrong field.
                subject = f"account/{name}" if outcome != "unknown_name" else "account/unknown"
                self._trail.write(connection, Kind.REFUSED, "nobody", subject, outcome)
        if outcome != "signed_in" or kept is None:
            raise NotSignedInError(_WRONG)
        self.tries.right(place)
        return again or kept, wrong

    @staticmethod
    def _kept(database: Database, name: str) -> str | None:
        with database.read() as connection:
            found = select(account.c.password).where(account.c.name == name, account.c.state == ACTIVE)
            return connection.execute(found).scalar_one_or_none()

    def _settle(
        self,
        connection: Connection,
        name: str,
        kept: str | None,
        good: bool,
        again: str | None,
        place: TriedFrom,
    ) -> tuple[str, int]:
        """What the try comes to, and how many were wrong before it. Under the row's lock: tries side by side
        cannot pass the limit."""
        row = _locked_row(connection, name)
        now = self._trail.clock()
        is_locked = row is not None and row.locked_until is not None and now < row.locked_until
        outcome = (
            "unknown_name"
            if row is None
            else "changed"
            if not rows.holds(self._trail.vault, account, row)
            else "disabled"
            if row.state != ACTIVE
            else "locked"
            if is_locked and not place.is_known
            else "signed_in"
        )
        if row is None or outcome != "signed_in":
            self.tries.wrong(place)
            return outcome, 0
        good = good and row.password == kept
        values: dict[str, Any] = {"failed": 0, "locked_until": None}
        if not good:
            failed = row.failed + 1
            outcome = "place_now_locked" if self.tries.wrong(place) else "wrong_password"
            values = {"failed": failed}
            if not place.is_known and failed % self._settings.account_tries == 0:
                outcome = "now_locked"
                values["locked_until"] = now + timedelta(minutes=self._settings.lock_minutes)
        elif again is not None:
            values["password"] = again
        self._update(connection, name, values)
        return outcome, row.failed

    def _create(
        self, by: str, name: str, shown: str, roles: frozenset[Role], prisons: frozenset[str]
    ) -> NewPassword:
        password = passwords.temporary()
        now = self._trail.clock()
        row = {
            "name": name,
            "shown": self._seal(name, shown),
            "roles": packed(frozenset(roles)),
            "prisons": packed(prisons),
            "password": self._hashes.hash(password),
            "state": ACTIVE,
            "failed": 0,
            "must_change_password": True,
            "created_by": by,
            "created_at": now,
            "password_at": now,
        }
        with self._trail.database.write() as connection:
            if _locked_row(connection, name) is not None:
                raise ConflictError("there is, or was, an account of this name")
            rows.insert(connection, self._trail.vault, account, [row])
            self._trail.write(
                connection,
                Kind.CHANGE,
                by,
                f"account/{name}",
                "created",
                roles=row["roles"],
                prisons=row["prisons"],
            )
            return NewPassword(self._of(connection, name), password)

    def _store_password(self, connection: Connection, name: str, hashed: str, *, must_change: bool) -> None:
        values = {
            "password": hashed,
            "must_change_password": must_change,
            "password_at": self._trail.clock(),
            "failed": 0,
            "locked_until": None,
        }
        self._update(connection, name, values)

    def _update(self, connection: Connection, name: str, values: dict[str, Any]) -> None:
        rows.update(connection, self._trail.vault, account, (account.c.name == name,), values)

    def _of(self, connection: Connection, name: str) -> LocalAccount:
        row = connection.execute(select(account).where(account.c.name == name)).one_or_none()
        if row is None:
            raise NotFoundError("no such account")
        return self._account(row)

    def _listed(self, row: Row[Any]) -> LocalAccount:
        """An account among others: one that cannot be read is listed as that, and hides no other."""
        vault = self._trail.vault
        with reading(vault, "account", row.name):
            rows.require(vault, account, row)
            return self._account(row)
        return self._with_name(row, "", is_unread=True)

    def _account(self, row: Row[Any]) -> LocalAccount:
        return self._with_name(row, self._trail.vault.open(row.shown, f"account/{row.name}").decode())

    def _with_name(self, row: Row[Any], shown: str, *, is_unread: bool = False) -> LocalAccount:
        return LocalAccount(
            name=row.name,
            shown=shown,
            is_unread=is_unread,
            roles=frozenset(Role(role) for role in unpacked(row.roles) if role in [*Role]),
            prisons=unpacked(row.prisons),
            state=ACTIVE if row.state == ACTIVE else DISABLED,
            locked_until=row.locked_until,
            must_change_password=row.must_change_password,
            created_by=row.created_by,
            created_at=row.created_at,
            password_at=row.password_at,
            signed_in_at=row.signed_in_at,
        )

    def _seal(self, name: str, shown: str) -> bytes:
        return self._trail.vault.seal(shown.encode(), f"account/{name}")


def _require_another(by: Principal, name: str) -> None:
    if by.id == f"user:{name}":
        raise NotAllowedError("nobody changes their own account: ask another admin")


def _require_row(connection: Connection, name: str) -> Row[Any]:
    row = _locked_row(connection, name)
    if row is None:
        raise NotFoundError("no such account")
    return row


def _still_good(connection: Connection, name: str, checked: str) -> Row[Any]:
    """The account, unless it was disabled or got another password since that was checked.

    Raises NotSignedInError.
    """
    row = _locked_row(connection, name)
    if row is None or row.state != ACTIVE or row.password != checked:
        raise NotSignedInError(_WRONG)
    return row


def _locked_row(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(account).where(account.c.name == name).with_for_update()).one_or_none()


def _admins(connection: Connection, vault: Vault) -> list[str]:
    """Who can let people in. Locked, where the database locks rows: two admins cannot shut out each other."""
    found = (
        select(account)
        .where(account.c.state == ACTIVE, account.c.roles.contains(Role.ADMIN.value))
        .order_by(account.c.name)
        .with_for_update()
    )
    return [row.name for row in connection.execute(found) if rows.holds(vault, account, row)]
