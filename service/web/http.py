"""HTTP as far as checks need it: a JSON body in, JSON or a problem document out; on bare ASGI, or without."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from service.errors import (
    PROBLEM_JSON,
    BadRequestError,
    ServiceError,
    TooLargeError,
    TooManyError,
    UnsupportedError,
    problem,
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

SLOWEST_BODY = 10.0
"""Seconds from the head of a request to the end of its body. Without it, clients that send a byte a minute
hold memory and connections for ever; much shorter, and a prison's slow line cannot send a long letter."""

CLOSE: Header = (b"connection", b"close")
"""After the answer nothing more is read."""
_JSON: Header = (b"content-type", b"application/json")
_PROBLEM: Header = (b"content-type", PROBLEM_JSON.encode())
_NOT_KEPT: Header = (b"cache-control", b"no-store")
_NOT_GUESSED: Header = (b"x-content-type-options", b"nosniff")
_POST_ONLY: Header = (b"allow", b"POST, OPTIONS")

_sane_id = re.compile(rb"[A-Za-z0-9._-]{1,100}").fullmatch
_utf8 = re.compile(rb'application/json[ \t]*(;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?', re.I).fullmatch
_numbers = itertools.count()
_start = secrets.token_hex(6).encode()


class MethodError(ServiceError):
    """A method that no check has."""

    status = 405
    title = "Method not allowed"


class UnfinishedError(BadRequestError):
    """A body that did not come within the time."""


class ClientGoneError(Exception):
    """The client hung up before its request was whole: nobody is there to be answered."""


class Answered(NamedTuple):
    """What is answered."""

    status: int
    headers: list[Header]
    body: bytes


class RequestHead:
    """What the head of a request says, read in one pass."""

    __slots__ = ("authorization", "encoding", "headers", "length", "request", "type")

    def __init__(self, headers: list[Header]) -> None:
        """`headers` are ASGI's, with lower-case names."""
        self.headers = headers
        self.authorization: bytes | None = None
        self.encoding = b""
        self.length = b""
        self.type = b""
        request = b""
        for name, value in headers:
            if name == b"authorization":
                self.authorization = value
            elif name == b"content-type":
                self.type = value
            elif name == b"content-length":
                self.length = value
            elif name == b"x-request-id":
                request = value
            elif name == b"content-encoding":
                self.encoding = value
        self.request = request if _sane_id(request) else b"%s-%x-%x" % (_start, os.getpid(), next(_numbers))
        """The request's id: the client's own, or a new one."""

    def is_longer_than(self, longest: int) -> bool:
        """Whether the body is too long by what its head says, or says nothing that can be believed."""
        length = self.length
        return bool(length) and (not length.isdigit() or len(length) > 18 or int(length) > longest)

    def require_json(self) -> None:
        """Raises UnsupportedError for anything but plain JSON in UTF-8."""
        if self.type != b"application/json" and not _utf8(self.type):
            raise UnsupportedError("send application/json, in UTF-8")
        if self.encoding and self.encoding.lower() != b"identity":
            raise UnsupportedError("send it without a content encoding")


async def read_body(head: RequestHead, receive: Receive, longest: int) -> bytes:
    """The body, at most `longest` bytes of it read.

    Raises TooLargeError, UnfinishedError, ClientGoneError.
    """
    if head.is_longer_than(longest):
        raise too_large(longest)
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            message = await receive()
            if not message.get("more_body") and message["type"] == "http.request":
                body: bytes = message.get("body", b"")
                if len(body) > longest:
                    raise too_large(longest)
                return body
            return await _read_rest(message, receive, longest)
    except TimeoutError:
        raise UnfinishedError(f"the body did not come within {SLOWEST_BODY:.0f} s") from None


async def _read_rest(message: Message, receive: Receive, longest: int) -> bytes:
    chunks = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunks += message.get("body", b"")
        if len(chunks) > longest:
            raise too_large(longest)
        if not message.get("more_body"):
            return bytes(chunks)
        message = await receive()


def json_answer(head: RequestHead, body: bytes) -> Answered:
    """An answer of 200."""
    return _answer(head, 200, [_JSON], body)


def error_answer(head: RequestHead, error: ServiceError) -> Answered:
    """An answer with an error."""
    headers = [_PROBLEM]
    if isinstance(error, MethodError):
        headers.append(_POST_ONLY)
    elif isinstance(error, TooManyError) and error.wait is not None:
        headers.append((b"retry-after", b"%d" % error.wait))
    elif isinstance(error, TooLargeError | UnfinishedError):
        headers.append(CLOSE)  # what is still on its way is not read
    elif error.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return _answer(head, error.status, headers, problem(error, head.request.decode("ascii")))


def options_answer(head: RequestHead) -> Answered:
    """An answer that says what can be done here."""
    return Answered(204, [_POST_ONLY, _NOT_KEPT, (b"x-request-id", head.request)], b"")


async def send_answer(send: Send, answered: Answered) -> None:
    """Send it the way of ASGI."""
    await send({"type": "http.response.start", "status": answered.status, "headers": answered.headers})
    await send({"type": "http.response.body", "body": answered.body})


def _answer(head: RequestHead, status: int, headers: list[Header], body: bytes) -> Answered:
    headers += (
        _NOT_KEPT,
        _NOT_GUESSED,
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", head.request),
    )
    return Answered(status, headers, body)


def too_large(longest: int) -> TooLargeError:
    """Of a body with more than `longest` bytes."""
    return TooLargeError(f"at most {longest:,} bytes")
