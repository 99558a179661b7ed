"""What every request to FastAPI passes first: it gets its id; too long, or a JSON key twice, is refused."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders

from adapters.mailroom.scans import LONGEST_FILE
from engine.repeated_keys import RepeatedKeyError, refuse_repeated_keys
from service.errors import InvalidError
from service.operations.logs import request_id
from service.web.http import Message, Receive, RequestHead, Scope, Send, too_large
from service.web.refusals import as_service_error, problem_answer

_is_letter = re.compile(r"/v1/mail/trays/[^/]{1,64}/items").fullmatch
_UNUSED = (
    *("accelerometer", "autoplay", "display-capture", "encrypted-media", "fullscreen", "geolocation"),
    *("gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get"),
    *("screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
PERMISSIONS = ", ".join(["camera=(self)", *(f"{name}=()" for name in _UNUSED)])
"""`Permissions-Policy`: of the browser's machine our pages use the scanning station's camera alone."""


class Guard:
    """Gives each request its id, refuses what is too long, and adds what every answer says to a browser."""

    def __init__(
        self,
        app: Callable[[Scope, Receive, Send], Awaitable[None]],
        longest_at: Callable[[str], int],
        *,
        hsts_days: int = 0,
    ) -> None:
        """`longest_at` tells of a path how many bytes a body may have there; for `hsts_days` browsers shall
        come over TLS alone."""
        self._hsts = f"max-age={hsts_days * 86_400}" if hsts_days else ""
        self._app = app
        self._longest_at = longest_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        head = RequestHead(scope["headers"])
        identifier = head.request.decode("ascii")
        request_id.set(identifier)
        is_begun = is_whole = False
        read = 0
        longest = self._longest_at(scope["path"])
        is_json = not head.type or b"json" in head.type.lower()
        said = bytearray()

        async def receive_within() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > longest:
                raise too_large(longest)
            if is_json and message["type"] == "http.request":
                said.extend(message.get("body", b""))
                if not message.get("more_body"):
                    _require_single_keys(bytes(said))
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal is_begun, is_whole
            is_whole = message["type"] == "http.response.body" and not message.get("more_body")
            if message["type"] == "http.response.start":
                is_begun = True
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = identifier
                headers.setdefault("cache-control", "no-store")
                headers.setdefault("x-content-type-options", "nosniff")
                headers["permissions-policy"] = PERMISSIONS
                if self._hsts:
                    headers["strict-transport-security"] = self._hsts
                headers.setdefault("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
            await send(message)

        try:
            if head.is_longer_than(longest):
                raise too_large(longest)
            await self._app(scope, receive_within, send_with_headers)
        except Exception as error:
            if is_whole:  # an error that nobody expected: told and logged by its handler, then raised
                return
            if is_begun:
                raise
            answer = problem_answer(as_service_error(error))
            await answer(scope, receive, send_with_headers)


def longest_picture_or(path: str, longest: int) -> int:
    """Bytes that a body may have: a letter's picture is as long as the mailroom reads them."""
    return LONGEST_FILE if _is_letter(path) else longest


def _require_single_keys(body: bytes) -> None:
    try:
        refuse_repeated_keys(body)
    except RepeatedKeyError as error:
        raise InvalidError(str(error), error.named or None) from None
