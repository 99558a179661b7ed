"""Prisoners' lists of numbers, read from the phone system.

The interface is the public one of England's PIN-phone (ministryofjustice/hmpps-pin-phone-api,
openapi-specs/bt-pin-phone-api.json): `POST /auth/token`, then `POST /pcs/ControlledNumbers`
for each prisoner.
It can read a list and not write one, and it does not say when a list changes.

Names and numbers are protected details: no error repeats them, and no entry shows them when it is printed.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import httpx
import msgspec

from engine.repeated_keys import RepeatedKeyError, refuse_repeated_keys
from matchers.prison import is_prisoner_number

TRIES = 3
"""Requests before a list counts as unreadable. One lost packet must not leave a list unread for a day."""
PAUSE = 0.2
"""Seconds before the second try; before the third it is twice that."""
LONGEST_ANSWER = 1 << 20
"""Bytes of a list. A prisoner has 35 numbers; a megabyte is not a list."""
PRIVILEGED = frozenset({26, 27, 28, 29, 33, 34})
"""Relationships that make calls confidential: counsellor, legal adviser, solicitor, probation, minister,
embassy. Entered by hand, so no proof."""

_YES = {"true": True, "y": True, "yes": True, "1": True, "false": False, "n": False, "no": False, "0": False}


class PhoneSystemError(Exception):
    """The phone system did not answer, or with what cannot be used. The text holds no detail of anybody's."""


class ListedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One number on a prisoner's list."""

    id: str
    name: str
    number: str
    """As the phone system has it; anything up to 40 characters."""
    callable: bool = True
    """Whether the switch lets it be dialled at present."""
    legal: bool = False
    """Flagged as legal there, by hand."""
    relationship: int | None = None

    @property
    def claims_confidence(self) -> bool:
        """Whether the phone system treats calls to it as confidential."""
        return self.legal or self.relationship in PRIVILEGED

    def __repr__(self) -> str:
        return f"ListedNumber(id={self.id!r}, callable={self.callable}, legal={self.legal})"


class PhoneSystem:
    """A connection to the phone system. Safe to share between threads."""

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        timeout: float = 10.0,
        connections: int = 16,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`url` is where the interface begins; `timeout` in seconds for one request."""
        self._credentials = {"clientId": client_id, "clientSecret": client_secret}
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._http = httpx.Client(base_url=url, timeout=timeout, limits=limits, follow_redirects=False)
        self._sleep = sleep
        self._signing_in = threading.Lock()
        self._token: str | None = None

    def read(self, prisoner: str) -> tuple[ListedNumber, ...]:
        """The list of one prisoner. Raises PhoneSystemError."""
        if not is_prisoner_number(prisoner):
            raise PhoneSystemError("not a prisoner number")
        asked = {"reference": secrets.token_hex(10), "prisonerId": prisoner}
        answer = self._post("/pcs/ControlledNumbers", asked)
        if not isinstance(answer, list):
            raise PhoneSystemError("the list is not a list")
        return tuple(_entry(index, row) for index, row in enumerate(answer))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> PhoneSystem:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _post(self, path: str, body: dict[str, str]) -> Any:
        problem = "no answer"
        renewed = False
        for number in range(TRIES):
            if number:
                self._sleep(PAUSE * number)
            try:
                token = self._signed_in()
                response = self._http.post(path, json=body, headers={"authorization": f"Bearer {token}"})
            except httpx.HTTPError as error:
                problem = type(error).__name__
                continue
            if response.status_code == 401 and not renewed:
                renewed = True
                self._forget(token)
                continue
            if response.status_code == 200:
                return _json(response)
            problem = f"status {response.status_code}"
            if response.status_code < 500 and response.status_code not in (401, 408, 429):
                break
        raise PhoneSystemError(f"the phone system cannot be read: {problem}")

    def _signed_in(self) -> str:
        with self._signing_in:
            if self._token is None:
                response = self._http.post("/auth/token", json=self._credentials)
                if response.status_code >= 500:
                    raise httpx.HTTPStatusError("no token", request=response.request, response=response)
                if response.status_code != 200:
                    raise PhoneSystemError(f"the phone system gives no token: status {response.status_code}")
                self._token = _token(_json(response))
            return self._token

    def _forget(self, token: str) -> None:
        with self._signing_in:
            if self._token == token:
                self._token = None


def _json(response: httpx.Response) -> Any:
    if len(response.content) > LONGEST_ANSWER:
        raise PhoneSystemError("the answer is too long")
    try:
        refuse_repeated_keys(response.content)
        return msgspec.json.decode(response.content)
    except RepeatedKeyError:
        raise PhoneSystemError("the answer says the same key twice") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise PhoneSystemError("the answer is not JSON") from None


def _token(answer: Any) -> str:
    found = answer
    if isinstance(answer, dict):
        found = next(
            (answer[name] for name in ("accessToken", "access_token", "token") if name in answer), None
        )
    if not isinstance(found, str) or not found or not found.isascii() or not found.isprintable():
        raise PhoneSystemError("the token is not a token")
    return found


def _entry(index: int, row: Any) -> ListedNumber:
    """One row of the list. Unknown fields are left alone; what is needed has to be what it says."""
    if not isinstance(row, dict):
        raise PhoneSystemError(f"entry {index}: not an object")

    def text(name: str, longest: int) -> str:
        value = row.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or len(value) > longest:
            raise PhoneSystemError(f"entry {index}: {name}: not a text of at most {longest} characters")
        return value

    def flag(name: str, missing: bool) -> bool:
        value = row.get(name)
        if value is None:
            return missing
        if isinstance(value, bool):
            return value
        read = _YES.get(str(value).strip().lower())
        if read is None:
            raise PhoneSystemError(f"entry {index}: {name}: neither yes nor no")
        return read

    relationship = row.get("relationshipId")
    if isinstance(relationship, str) and relationship.strip().isdecimal():
        relationship = int(relationship)
    if relationship is not None and (not isinstance(relationship, int) or isinstance(relationship, bool)):
        raise PhoneSystemError(f"entry {index}: relationshipId: not a whole number")
    number = text("phoneNumber", 100)
    if not number.strip():
        raise PhoneSystemError(f"entry {index}: phoneNumber: empty")
    return ListedNumber(
        id=text("id", 100),
        name=text("name", 500) if row.get("name") is not None else "",
        number=number,
        callable=flag("callAllowed", True),
        legal=flag("legal", False),
        relationship=relationship,
    )
