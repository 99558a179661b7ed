"""An OpenID Connect issuer: its tokens verified against its published keys, and people sent there to sign in.

Verification trusts nothing of a token before its signature holds: the algorithm is one of a short list, all
of them with a public key, so that neither `none` nor a public key used as an HMAC secret can pass; the key is
one that the issuer publishes. Keys are read again every few minutes, and at once for a key that is unknown,
but at most once a minute: made-up key ids must not make us hammer the issuer.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key, KeySet
from joserfc.jwt import JWTClaimsRegistry

from service.access.model import Principal, Role, require_apart
from service.errors import InvalidError, NotAllowedError, NotSignedInError, UnavailableError
from service.settings import Settings
from service.storage.sealing import SealError, Vault

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
LEEWAY = 30
"""Seconds by which the issuer's clock may differ from ours."""
REFRESH = 300.0
"""Seconds after which keys are read again: how long a key that the issuer withdrew is still taken."""
KEEP = 3600.0
"""Seconds that keys are used while the issuer cannot be reached. Then nobody is let in by it."""
AGAIN = 60.0
"""Seconds between two readings for unknown keys."""
RETRY = 10.0
"""Seconds between two tries when the issuer does not answer."""
TIMEOUT = 3.0
"""Seconds for one request to the issuer."""
LONGEST_TOKEN = 16_384
LONGEST_ANSWER = 1 << 20
STATE_TIME = timedelta(minutes=10)
"""From leaving for the issuer to coming back."""
ROLE_PREFIX = "ROLE_NOCONTACT_"
ALL_PRISONS = "ROLE_NOCONTACT_ALL_PRISONS"
"""Stands among the roles of who has every prison. A token with neither this nor prisons has none."""

_Answer = TypeVar("_Answer")
_SUBJECT = re.compile(r"[\x21-\x7e]{1,150}")
_PRISON = re.compile(r"[A-Z0-9]{3}")
_REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_REGISTRY.max_header_length = 4096
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)

_UNUSABLE = "the token cannot be used: "


class _Metadata(msgspec.Struct):
    issuer: str
    jwks_uri: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""


class _TokenHeader(msgspec.Struct):
    alg: str
    kid: str | None = None


class _Journey(msgspec.Struct):
    """What has to come back from the issuer; sealed in a cookie meanwhile."""

    state: str
    nonce: str
    verifier: str
    redirect: str
    at: datetime
    then: str = "/"


class Arrival(msgspec.Struct, frozen=True):
    """Who came back from the issuer."""

    who: Principal
    subject: str
    then: str
    """Where they were going when they were sent away."""


class Departure(msgspec.Struct, frozen=True):
    """Where a browser is sent, and what it keeps meanwhile."""

    url: str
    cookie: str
    holds: timedelta = STATE_TIME
    """Until then the journey has to have come to its end."""


class Issuer:
    """The issuer of the settings. Safe to share between threads; a call may wait for the issuer."""

    def __init__(
        self,
        settings: Settings,
        vault: Vault,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        """Reads nothing yet. Raises ValueError for an issuer in plain HTTP on another machine."""
        self.url = settings.oidc_issuer or ""
        _require_private(self.url)
        self._settings = settings
        self._vault = vault
        self._clock = clock
        self._monotonic = monotonic
        self._http = httpx.Client(timeout=TIMEOUT, follow_redirects=False)
        self._reading = threading.Lock()
        self._metadata: _Metadata | None = None
        self._keys: tuple[Key, ...] = ()
        self._read_at = float("-inf")
        self._not_before = float("-inf")

    def machine(self, token: str) -> tuple[Principal, datetime]:
        """Who a bearer token stands for, and until when.

        Raises NotSignedInError, UnavailableError while the issuer's keys cannot be had, NotAllowedError for a
        token without prisons.
        """
        claims = self._verify(token, self._settings.oidc_audience)
        if "nonce" in claims:
            raise NotSignedInError(_UNUSABLE + "it is a person's identity and not for calling with")
        who = self._principal(claims, f"client:{claims['sub']}", person=False)
        return who, datetime.fromtimestamp(claims["exp"], tz=self._clock().tzinfo)

    def depart(self, redirect: str, then: str = "/") -> Departure:
        """Begin a person's sign-in (authorization code with PKCE, RFC 7636); `then` is where they go on to.

        Raises UnavailableError.
        """
        journey = _Journey(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            redirect=redirect,
            at=self._clock(),
            then=then,
        )
        challenge = hashlib.sha256(journey.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id or "",
            "redirect_uri": redirect,
            "scope": "openid profile",
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        sealed = self._vault.seal(msgspec.json.encode(journey), "oidc journey")
        where = self._described().authorization_endpoint
        joint = "&" if urlsplit(where).query else "?"
        return Departure(
            where + joint + urlencode(query), base64.urlsafe_b64encode(sealed).decode().rstrip("=")
        )

    def arrive(self, code: str, state: str, cookie: str | None) -> Arrival:
        """Who came back. Raises NotSignedInError, NotAllowedError, UnavailableError."""
        journey = self._journey(cookie)
        if not secrets.compare_digest(journey.state.encode(), state.encode("utf-8", "replace")):
            raise NotSignedInError("this sign-in was not begun in this browser")
        client = self._settings.oidc_client_id or ""
        claims = self._verify(self._exchange(code, journey), client)
        if claims.get("nonce") != journey.nonce or claims.get("azp", client) != client:
            raise NotSignedInError(_UNUSABLE + "it belongs to another sign-in")
        who = self._principal(claims, f"oidc:{claims['sub']}", person=True)
        if not who.roles:
            raise NotAllowedError("the issuer gives you no role here")
        try:
            require_apart(who.roles)
        except InvalidError as error:
            raise NotAllowedError(f"the issuer gives you roles that may not meet: {error.detail}") from None
        return Arrival(who, claims["sub"], journey.then)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _principal(self, claims: Mapping[str, Any], principal_id: str, *, person: bool) -> Principal:
        granted = _strings(claims.get(self._settings.oidc_roles_claim))
        prisons = frozenset(
            filter(_PRISON.fullmatch, _strings(claims.get(self._settings.oidc_prisons_claim)))
        )
        if ALL_PRISONS in granted:
            prisons = frozenset()
        elif not prisons:
            raise NotAllowedError("the issuer gives no prison with this token")
        name = claims.get("name") or claims.get("preferred_username") or ""
        return Principal(
            id=principal_id,
            roles=frozenset(role for role in Role if ROLE_PREFIX + role.name in granted),
            prisons=prisons,
            name=str(name)[:200] if person else "",
            person=person,
        )

    def _verify(self, token: str, audience: str) -> dict[str, Any]:
        if len(token) > LONGEST_TOKEN:
            raise NotSignedInError(_UNUSABLE + "it is too long")
        header = _header(token)
        if header.alg not in ALGORITHMS:
            raise NotSignedInError(_UNUSABLE + "its algorithm is not allowed")
        key = self._key(header)
        expected = JWTClaimsRegistry(
            now=lambda: int(self._clock().timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.url},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            signed = jws.deserialize_compact(token, key, registry=_REGISTRY)
            claims = msgspec.json.decode(signed.payload, type=dict[str, Any])
            expected.validate(claims)
            datetime.fromtimestamp(claims["exp"], tz=self._clock().tzinfo)
        except (JoseError, ValueError, OverflowError, OSError, TypeError):
            raise NotSignedInError(_UNUSABLE + "wrong, too old, or for somebody else") from None
        if not isinstance(claims["sub"], str) or not _SUBJECT.fullmatch(claims["sub"]):
            raise NotSignedInError(_UNUSABLE + "its subject is not a plain name")
        return claims

    def _key(self, header: _TokenHeader) -> Key:
        self._refresh(unknown=False)
        key = self._published(header)
        if key is None:
            self._refresh(unknown=True)
            key = self._published(header)
        if key is None:
            raise NotSignedInError(_UNUSABLE + "the issuer does not publish its key")
        return key

    def _published(self, header: _TokenHeader) -> Key | None:
        keys = self._keys
        found = [key for key in keys if key.kid == header.kid] if header.kid else list(keys)
        fitting = [key for key in found if key.alg in (None, header.alg)]
        return fitting[0] if len(fitting) == 1 or (fitting and header.kid) else None

    def _refresh(self, *, unknown: bool) -> None:
        """Read the keys where that is due. Raises UnavailableError without usable ones."""
        keys_hold = not unknown and self._monotonic() - self._read_at < KEEP
        if not self._reading.acquire(blocking=not keys_hold):
            return  # somebody reads them now; a slow issuer must not hold up those whose keys are known
        try:
            now = self._monotonic()
            due = unknown or now - self._read_at >= REFRESH
            if due and now >= self._not_before:
                try:
                    self._read()
                    self._read_at, self._not_before = now, now + AGAIN
                except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError):
                    self._not_before = now + RETRY
            if now - self._read_at >= KEEP:
                self._keys = ()
                raise UnavailableError("the issuer of tokens cannot be reached")
        finally:
            self._reading.release()

    def _read(self) -> None:
        described = self._fetch(self.url.rstrip("/") + "/.well-known/openid-configuration", _Metadata)
        if described.issuer != self.url:
            raise ValueError("another issuer's description")
        for address in (described.jwks_uri, described.authorization_endpoint, described.token_endpoint):
            if address:
                _require_private(address)
        published = self._fetch(described.jwks_uri, dict[str, Any])
        keys = [key for key in KeySet.import_key_set({"keys": published["keys"]}) if key.key_type != "oct"]
        self._keys = tuple(key for key in keys if key.get("use") in (None, "sig"))
        self._metadata = described

    def _fetch(self, url: str, kind: type[_Answer]) -> _Answer:
        answer = self._http.get(url).raise_for_status()
        if len(answer.content) > LONGEST_ANSWER:
            raise ValueError("too long an answer")
        return msgspec.json.decode(answer.content, type=kind)

    def _described(self) -> _Metadata:
        self._refresh(unknown=False)
        if self._metadata is None or not self._metadata.authorization_endpoint:
            raise UnavailableError("the issuer does not sign people in")
        return self._metadata

    def _journey(self, cookie: str | None) -> _Journey:
        try:
            sealed = base64.urlsafe_b64decode((cookie or "") + "==")
            journey = msgspec.json.decode(self._vault.open(sealed, "oidc journey"), type=_Journey)
        except (SealError, ValueError):
            raise NotSignedInError("this sign-in was not begun in this browser") from None
        if self._clock() - journey.at > STATE_TIME:
            raise NotSignedInError("this sign-in took too long: begin again")
        return journey

    def _exchange(self, code: str, journey: _Journey) -> str:
        """The identity token for a code."""
        client, secret = self._settings.oidc_client_id or "", self._settings.oidc_client_secret
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": journey.redirect,
            "code_verifier": journey.verifier,
            "client_id": client,
        }
        auth = httpx.BasicAuth(client, secret.get_secret_value()) if secret else httpx.Auth()
        try:
            answer = self._http.post(self._described().token_endpoint, data=form, auth=auth)
        except httpx.HTTPError:
            raise UnavailableError("the issuer of tokens cannot be reached") from None
        if answer.status_code != 200:
            raise NotSignedInError("the issuer does not take this code")
        try:
            return str(msgspec.json.decode(answer.content, type=dict[str, Any])["id_token"])
        except (ValueError, KeyError):
            raise NotSignedInError("the issuer sent no identity") from None


def _header(token: str) -> _TokenHeader:
    try:
        encoded = token.split(".", 1)[0]
        return msgspec.json.decode(base64.urlsafe_b64decode(encoded + "=="), type=_TokenHeader)
    except ValueError:
        raise NotSignedInError(_UNUSABLE + "it is none") from None


def _strings(value: object) -> frozenset[str]:
    """A claim that lists words: an array, or one text with spaces between."""
    if isinstance(value, str):
        return frozenset(value.split())
    return (
        frozenset(item for item in value if isinstance(item, str)) if isinstance(value, list) else frozenset()
    )


def _require_private(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("an issuer has to be reached over https")
