"""The door: who a request comes from, and a record of whoever was not let in.

Checks come thousands a second, so a key or token that held is remembered for a moment; `known` answers from
that memory alone and never waits.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from service.access.accounts import HERE, Accounts
from service.access.keys import PREFIX, Keys
from service.access.model import Principal, Right
from service.access.passwords import Passwords
from service.access.sessions import (
    CSRF_HEADER,
    Session,
    Sessions,
    SignedIn,
    cookie_in,
    cookie_name,
    cookie_text,
    require_our_page,
    require_token,
)
from service.access.trail import Trail
from service.access.tries import FromWhere, SlowDownError
from service.access.turns import Turns
from service.errors import NotAllowedError, NotFoundError, NotSignedInError
from service.ledger.record import Kind, Record
from service.operations.clock import Clock
from service.operations.sparing import OnceASecond
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault

if TYPE_CHECKING:
    from service.access.oidc import Departure, Issuer

REMEMBERED = 4.0
"""Seconds that a key or token is taken without asking again: how late a revocation bites elsewhere."""
MOST_REMEMBERED = 4096
"""Keys and tokens. Beyond it the oldest goes."""
KNOWN_FOR = timedelta(days=365)
"""How long a browser is known in which somebody signed in."""
CALLBACK = "/v1/session/oidc/callback"
"""Where the issuer sends people back to."""

_WORD = re.compile(r"[a-z][a-z_]{0,30}|v\d")


class _Remembered(msgspec.Struct, frozen=True, gc=False):
    principal: Principal
    until: float


class Access:
    """Everything about who may come in. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        settings: Settings,
        clock: Callable[[], datetime],
        write_record: Callable[[Record], None],
        *,
        hashes: Passwords | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        count: Callable[[str, str], None] = lambda way, outcome: None,
    ) -> None:
        """`write_record` puts a record on the disk; it is never called within a transaction.

        `count` counts sign-ins: the way (`password`, `oidc`, `token`, `key`), and `accepted` or `refused`.

        Raises ValueError for an issuer that cannot be trusted.
        """
        held = Clock.of(clock)
        self._trail = Trail(database, vault, held)
        self._write_record = write_record
        self._monotonic = monotonic
        self._count = count
        self._remembered: dict[bytes, _Remembered] = {}
        self._generation = 0
        self._lock = threading.Lock()
        self._refusals = OnceASecond[tuple[str, ...]](monotonic)
        self.sessions = Sessions(self._trail, settings)
        self.accounts = Accounts(self._trail, settings, self.sessions, hashes or Passwords(), monotonic)
        self.turns = Turns()
        self._device_cookie = cookie_name("nocontact-known", secure=settings.secure_cookies)
        self.keys = Keys(self._trail)
        self.issuer: Issuer | None = None
        if settings.oidc_issuer:
            from service.access.oidc import Issuer  # what speaks to it is loaded where there is one

            self.issuer = Issuer(settings, vault, held.latest, monotonic)
        self._signs_in_people = settings.oidc_client_id is not None
        if self._signs_in_people and not settings.public_url:
            raise ValueError("NOCONTACT_PUBLIC_URL is needed where people sign in through an issuer")
        self._callback = f"{(settings.public_url or '').rstrip('/')}{CALLBACK}"
        self._accepted: dict[bytes, datetime] = {}
        self._journey_cookie = cookie_name("nocontact-oidc", secure=settings.secure_cookies)

    def known(self, authorization: str) -> Principal | None:
        """Who sends this `Authorization`, where that was asked a moment ago. Never waits."""
        found = self._remembered.get(hashlib.sha256(authorization.encode("utf-8", "surrogatepass")).digest())
        return found.principal if found is not None and self._monotonic() < found.until else None

    def authenticate(
        self, method: str, headers: Mapping[str, str], form_token: str | None = None
    ) -> Principal:
        """Who is asking. `headers` has lower-case names; `form_token` is a form's in place of the header's.

        Raises NotSignedInError; NotAllowedError where a session's request is not from our own page;
        UnavailableError while the issuer of a token cannot be reached.
        """
        authorization = headers.get("authorization")
        if authorization is not None:
            return self.known(authorization) or self._ask(authorization)
        found = self.signed_in(headers)
        if found is None:
            raise NotSignedInError("sign in first")
        require_our_page(method, headers)
        require_token(method, found.csrf, form_token or headers.get(CSRF_HEADER))
        return found.principal

    def signed_in(self, headers: Mapping[str, str]) -> SignedIn | None:
        """The session of the cookie, if one is in force."""
        token = self.sessions.token_in(headers)
        return self.sessions.find(token) if token else None

    async def sign_in_turn(
        self, name: str, password: str, headers: Mapping[str, str], address: str
    ) -> tuple[Session, str]:
        """`sign_in`, when it is the address's turn; and the `Set-Cookie` by which this browser is known.

        Raises as `sign_in`.
        """
        origin = FromWhere(address, cookie_in(headers, self._device_cookie))
        try:
            line, is_first = self.accounts.line(name, origin)
        except (NotSignedInError, SlowDownError):
            self._count("password", "refused")
            raise
        begun = await self.turns.take(
            line, lambda: self.sign_in(name, password, headers, origin), is_first=is_first
        )
        kept = self.accounts.device(name.lower())
        secure, seconds = self.sessions.secure, int(KNOWN_FOR.total_seconds())
        return begun, cookie_text(
            self._device_cookie, kept, same_site="Strict", secure=secure, seconds=seconds
        )

    def sign_in(
        self, name: str, password: str, headers: Mapping[str, str] | None = None, origin: FromWhere = HERE
    ) -> Session:
        """A new session of a local account; the one that `headers` held ends. Raises NotSignedInError,
        TooManyError, and NotAllowedError where another site sent the form."""
        if headers is not None:
            require_our_page("POST", headers)
        try:
            begun = self.accounts.sign_in(name, password, origin)
        except (NotSignedInError, SlowDownError):
            self._count("password", "refused")
            raise
        self._count("password", "accepted")
        if headers is not None:
            self.sign_out(headers)
        return begun

    def sign_out(self, headers: Mapping[str, str]) -> None:
        """End the session of the cookie, if any."""
        found = self.signed_in(headers)
        if found is None:
            return
        with self._trail.database.write() as connection:
            if self.sessions.end(connection, found.id):
                who = found.principal.id
                self._trail.write(connection, Kind.SIGN_OUT, who, "session/" + found.id, "signed_out")

    def change_password(self, principal: Principal, old: str, new: str) -> Session:
        """A new session; all others end. Raises as Accounts.change_password; NotAllowedError for others."""
        kind, _, name = principal.id.partition(":")
        if kind != "user":
            raise NotAllowedError("only a local account has a password here")
        return self.accounts.change_password(name, old, new)

    def make_first_admin(self) -> str:
        """The password of the account `admin`, to be shown once. Raises ConflictError if there is one."""
        return self.accounts.make_first_admin()

    def revoke_key(self, by: Principal, key_id: str) -> None:
        """End a key, here at once. Raises NotFoundError."""
        try:
            self.keys.revoke(by, key_id)
        finally:
            with self._lock:
                self._generation += 1
                self._remembered.clear()

    def depart(self, then: str = "/") -> tuple[Departure, str]:
        """Send a person to the issuer, with a `Set-Cookie`; `then` is the page of ours to go on to.

        Raises NotFoundError where there is no issuer.
        """
        departure = self._people_issuer().depart(self._callback, then)
        seconds = int(departure.holds.total_seconds())
        return departure, self._keep_journey(departure.cookie, seconds)

    def arrive(self, code: str, state: str, headers: Mapping[str, str]) -> tuple[Session, str, str]:
        """A session for who came back from the issuer, the `Set-Cookie` that clears the journey, and the page
        to go on to.

        Raises NotSignedInError, NotAllowedError, UnavailableError.
        """
        issuer = self._people_issuer()
        try:
            came = issuer.arrive(code, state, cookie_in(headers, self._journey_cookie))
        except (NotSignedInError, NotAllowedError):
            self._record_refusal("nobody", "session/oidc", "refused")
            self._count("oidc", "refused")
            raise
        with self._trail.database.write() as connection:
            begun = self.sessions.begin_for_subject(connection, came.who, came.subject)
            self._trail.write(connection, Kind.SIGN_IN, came.who.id, "session/" + begun.id, "signed_in")
        self._count("oidc", "accepted")
        return begun, self._keep_journey("", 0), came.then

    def refused(self, principal: Principal, right: Right, path: str) -> None:
        """Record that somebody tried what they may not do. Of the path only what names no thing is kept."""
        known = [part if _WORD.fullmatch(part) else "*" for part in path.strip("/").split("/")[:2]]
        self._record_refusal(principal.id, "/".join(known), "not_allowed", right=right.value)

    def close(self) -> None:
        """Record refusals that are still only counted; give connections back."""
        for (actor, subject, outcome, *_), count in self._refusals.rest():
            self._write_record(self._trail.record(Kind.REFUSED, actor, subject, outcome, more=count))
        self.turns.close()
        if self.issuer is not None:
            self.issuer.close()

    def _ask(self, authorization: str) -> Principal:
        generation = self._generation
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedInError("send a bearer token")
        token = token.strip()
        principal, until = self._by_key(token) if token.startswith(PREFIX) else self._by_token(token)
        seconds = min(REMEMBERED, (until - self._trail.clock.latest()).total_seconds())
        digest = hashlib.sha256(authorization.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if generation == self._generation:  # else a key was revoked meanwhile, perhaps this one
                self._remembered.pop(digest, None)
                if len(self._remembered) >= MOST_REMEMBERED:
                    self._remembered.pop(next(iter(self._remembered)))
                self._remembered[digest] = _Remembered(principal, self._monotonic() + seconds)
        return principal

    def _by_key(self, token: str) -> tuple[Principal, datetime]:
        tried = self.keys.find(token)
        if tried.key is None:
            self._record_refusal("nobody", f"key/{tried.id}" if tried.id else "key/unknown", tried.why)
            self._count("key", "refused")
            raise NotSignedInError("this key does not hold: unknown, expired or revoked")
        return tried.key.principal, tried.key.expires_at

    def _by_token(self, token: str) -> tuple[Principal, datetime]:
        if self.issuer is None:
            raise NotSignedInError("this is no API key, and there is no issuer of tokens")
        try:
            principal, until = self.issuer.machine(token)
        except (NotSignedInError, NotAllowedError) as error:
            self._record_refusal("nobody", "token", "refused", why=error.detail)
            self._count("token", "refused")
            raise
        self._record_acceptance(
            hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest(), principal, until
        )
        return principal, until

    def _record_acceptance(self, digest: bytes, principal: Principal, until: datetime) -> None:
        """A token's first use is a sign-in; what it is used for is recorded by whoever does that."""
        with self._lock:
            if digest in self._accepted:
                return
            if len(self._accepted) >= MOST_REMEMBERED:
                now = self._trail.clock.latest()
                self._accepted = {known: end for known, end in self._accepted.items() if end > now}
                if len(self._accepted) >= MOST_REMEMBERED:
                    self._accepted.clear()
            self._accepted[digest] = until
        self._count("token", "accepted")
        roles = ",".join(sorted(principal.roles))
        self._write_record(
            self._trail.record(Kind.SIGN_IN, principal.id, "token", "accepted", roles=roles, until=until)
        )

    def _record_refusal(self, actor: str, subject: str, outcome: str, **detail: str) -> None:
        before = self._refusals.count((actor, subject, outcome, *detail.values()))
        if before is not None:
            record = self._trail.record(Kind.REFUSED, actor, subject, outcome, **detail, before=before)
            self._write_record(record)

    def _people_issuer(self) -> Issuer:
        if self.issuer is None or not self._signs_in_people:
            raise NotFoundError("nobody signs in through an issuer here")
        return self.issuer

    def _keep_journey(self, value: str, seconds: int) -> str:
        secure = self.sessions.secure
        return cookie_text(self._journey_cookie, value, same_site="Lax", secure=secure, seconds=seconds)
