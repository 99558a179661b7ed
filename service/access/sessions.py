"""Sessions of people at a browser: a random token in a cookie, its SHA-256 in the database.

A session ends by itself after a while without a request, and after a shift in any case. A cookie is sent by
the browser on its own, so whatever changes something has to prove that our own page sent it: by the browser's
word (`Sec-Fetch-Site`, `Origin`) and by a token that only our page can read.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, select

from service.access.model import Principal, Role
from service.access.tables import account, session
from service.access.trail import Trail, packed, unpacked
from service.errors import NotAllowedError
from service.ledger import times
from service.ledger.record import Kind
from service.ledger.writer import Along, Numbered
from service.settings import Settings
from service.storage import rows
from service.storage.sealing import Vault

if TYPE_CHECKING:
    from service.access.accounts import LocalAccount

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
CSRF_HEADER = "x-csrf-token"
CLOCK_LEEWAY = timedelta(minutes=1)
"""A session from further in the future than this is ended: the clock was set back, and could be for ever."""
NOTED = 30
"""`last_seen` is written when a 30th of the idle time is over: not at each request, and late by little."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that has just begun. The token is for the cookie and is told once."""

    id: str
    token: str
    csrf: str
    principal: Principal
    ends: datetime
    """In any case; without a request earlier."""
    wrong: int = 0
    """Wrong passwords that were tried on the account since its owner last signed in."""
    same_site: str
    """`Strict`; `Lax` where the browser comes back from an issuer."""

    def __repr__(self) -> str:
        return f"Session({self.id})"


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session in force."""

    id: str
    csrf: str
    principal: Principal
    ends: datetime
    until: datetime
    """When it ends without another request."""

    def __repr__(self) -> str:
        return f"SignedIn({self.id})"


class Sessions:
    """Begins, finds and ends sessions. Safe to share between threads."""

    def __init__(self, trail: Trail, settings: Settings) -> None:
        """Times out by the trail's clock."""
        self._trail = trail
        self._idle = timedelta(minutes=settings.session_minutes)
        self._longest = timedelta(hours=settings.session_hours)
        self.secure = settings.secure_cookies
        self.cookie = cookie_name("nocontact", secure=self.secure)

    def begin_for_account(self, connection: Connection, owner: LocalAccount) -> Session:
        """A session of a local account."""
        who = account_principal(
            owner.name, owner.shown, owner.roles, owner.prisons, owner.must_change_password
        )
        return self._begin(connection, who, "Strict", account=owner.name)

    def begin_for_subject(self, connection: Connection, who: Principal, subject: str) -> Session:
        """A session of somebody whom the issuer vouches for; roles and prisons stay as they are now."""
        return self._begin(connection, who, "Lax", subject=subject)

    def find(self, token: str) -> SignedIn | None:
        """The session in force with this token, kept from falling asleep."""
        vault, now = self._trail.vault, self._trail.clock()
        if self._trail.clock.is_set_back():  # all of them end with the ledger's mark, in a second
            return None
        found = select(session).where(session.c.digest == _digest(token), session.c.ended.is_(None))
        with self._trail.database.read() as connection:
            row = connection.execute(found).one_or_none()
            if row is None or not rows.holds(vault, session, row) or not self._is_awake(row, now):
                return None
            owner = None
            if row.account is not None:
                owner = connection.execute(select(account).where(account.c.name == row.account)).one()
                if owner.state != "active" or not rows.holds(vault, account, owner):
                    return None
        last_seen = row.last_seen
        if now - last_seen >= self._idle / NOTED:
            self._note(row.id, now)
            last_seen = now
        ends = row.created + self._longest
        return SignedIn(
            id=row.id,
            csrf=self._csrf(token),
            principal=self._principal(row, owner),
            ends=ends,
            until=min(ends, last_seen + self._idle),
        )

    def end(self, connection: Connection, session_id: str) -> bool:
        """End one; whether it had not ended yet."""
        return self._end(connection, session.c.id == session_id)

    def end_of_account(self, connection: Connection, name: str) -> None:
        """End all of an account."""
        self._end(connection, session.c.account == name)

    def token_in(self, headers: Mapping[str, str]) -> str | None:
        """The token of the session cookie."""
        return cookie_in(headers, self.cookie)

    def set_cookie(self, begun: Session) -> str:
        """The value of `Set-Cookie` for a new session; it leaves with the browser."""
        return cookie_text(self.cookie, begun.token, same_site=begun.same_site, secure=self.secure)

    def clear_cookie(self) -> str:
        """The value of `Set-Cookie` that removes it."""
        return cookie_text(self.cookie, "", same_site="Strict", secure=self.secure, seconds=0)

    def _begin(self, connection: Connection, who: Principal, same_site: str, **owner: str) -> Session:
        token, session_id, now = secrets.token_urlsafe(32), secrets.token_hex(8), self._trail.clock()
        row = {
            "id": session_id,
            "digest": _digest(token),
            "roles": packed(frozenset(who.roles)),
            "prisons": packed(who.prisons),
            "shown": self._trail.vault.seal(who.name.encode(), f"session/{session_id}"),
            "created": now,
            "last_seen": now,
        }
        rows.insert(connection, self._trail.vault, session, [row | owner])
        return Session(
            id=session_id,
            token=token,
            csrf=self._csrf(token),
            principal=who,
            ends=now + self._longest,
            same_site=same_site,
        )

    def _end(self, connection: Connection, which: ColumnElement[bool]) -> bool:
        """End those that have not ended yet; whether there were any."""
        return _end_going(connection, self._trail.vault, self._trail.clock(), which) > 0

    def _is_awake(self, row: Row[Any], now: datetime) -> bool:
        awake: bool = (
            row.created - CLOCK_LEEWAY <= now < row.created + self._longest
            and row.last_seen - CLOCK_LEEWAY <= now < row.last_seen + self._idle
        )
        return awake

    def _note(self, session_id: str, now: datetime) -> None:
        with self._trail.database.write() as connection:
            later = (session.c.id == session_id, session.c.last_seen < now)
            rows.update(connection, self._trail.vault, session, later, {"last_seen": now})

    def _principal(self, row: Row[Any], owner: Row[Any] | None) -> Principal:
        """Who it is: `owner` is the account where there is one here."""
        vault = self._trail.vault
        if owner is None:
            return Principal(
                id=f"oidc:{row.subject}",
                roles=frozenset(Role(role) for role in unpacked(row.roles)),
                prisons=unpacked(row.prisons),
                name=vault.open(row.shown, f"session/{row.id}").decode(),
                person=True,
            )
        return account_principal(
            owner.name,
            vault.open(owner.shown, f"account/{owner.name}").decode(),
            frozenset(Role(role) for role in unpacked(owner.roles)),
            unpacked(owner.prisons),
            owner.must_change_password,
        )

    def _csrf(self, token: str) -> str:
        return self._trail.vault.digest("csrf", token).hex()


def end_at_marks(vault: Vault) -> Along:
    """Ends every session with the record that says that the clock was set back: one that was over by the
    clock of before would not be by the one of now. At a start too, where the clock was set back since the
    last one; in the transaction of the record."""

    def end(connection: Connection, numbered: Numbered) -> None:
        for seq, record in numbered:
            if record.kind is Kind.SYSTEM and (
                times.is_mark(record.kind, record.subject, record.outcome)
                or (record.subject == times.STARTED and times.was_set_back(connection, seq))
            ):
                _end_going(connection, vault, record.at)

    return end


def _end_going(connection: Connection, vault: Vault, at: datetime, *which: ColumnElement[bool]) -> int:
    """End those of these that have not ended yet, changed ones too; gives how many."""
    going = (*which, session.c.ended.is_(None))
    return rows.update(connection, vault, session, going, {"ended": at}, changed_too=True)


def account_principal(
    name: str, shown: str, roles: frozenset[Role], prisons: frozenset[str], must_change_password: bool
) -> Principal:
    """Who an account is. Before the temporary password is changed, somebody who may do nothing else."""
    return Principal(
        id=f"user:{name}",
        roles=frozenset() if must_change_password else roles,
        prisons=prisons,
        name=shown,
        person=True,
        must_change_password=must_change_password,
    )


def require_our_page(method: str, headers: Mapping[str, str]) -> None:
    """Raises NotAllowedError where a browser says that another site sent a request that changes something."""
    if method in SAFE:
        return
    sender = headers.get("sec-fetch-site")
    if sender is not None:
        if sender != "same-origin":
            raise NotAllowedError("sent by another site")
        return
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise NotAllowedError("sent by another site")


def require_token(method: str, expected: str, given: str | None) -> None:
    """Raises NotAllowedError where a request that changes something does not hold the session's token."""
    if method not in SAFE and not hmac.compare_digest(expected.encode(), (given or "").encode()):
        raise NotAllowedError("the header X-CSRF-Token is missing or is not this session's")


def cookie_name(name: str, *, secure: bool) -> str:
    """`__Host-` has the browser refuse one that another host, or a plain connection, tries to set."""
    return f"__Host-{name}" if secure else name


def cookie_text(name: str, value: str, *, same_site: str, secure: bool, seconds: int | None = None) -> str:
    """The value of a `Set-Cookie` header."""
    age = "" if seconds is None else f"; Max-Age={seconds}"
    return f"{name}={value}; Path=/; HttpOnly; SameSite={same_site}{age}" + ("; Secure" if secure else "")


def cookie_in(headers: Mapping[str, str], name: str) -> str | None:
    """The value of the first cookie of that name."""
    for part in headers.get("cookie", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name and value:
            return value
    return None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
