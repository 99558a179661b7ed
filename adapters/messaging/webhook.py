"""A server that an SMS gateway, or an e-mail reply service, asks before it sends.

    python -m adapters.messaging.webhook --node https://node:8085 --key-file key --secret-file secret

`POST /sms` takes a text as JSON, `POST /reply` a reply as JSON or as an e-mail file; `POST /settled` tells
what became of those that are held. Who asks proves it with a signature over the time and the body; the
answer is deliver, hold or stop, and never says why.
What the check did not answer is held. Nothing that was sent is logged.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import re
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.check_client.client import Client, RefusedRequestError
from adapters.check_client.serving import add_client_options, client_of
from adapters.messaging.replies import (
    LONGEST_REPLY,
    Reply,
    ReplyError,
    attempt,
    check_id,
    decode,
    read_email,
    read_json,
)
from adapters.messaging.settled import SettledMessages, by_now, settled
from engine.model import Attempt

TIMEOUT = 3.0
"""Seconds until a message has its answer; nobody listens to a silence as on a call."""
LONGEST_SMS = 64 * 1024
"""Bytes of a text with its fields."""
OLDEST_SIGNATURE = 300
"""Seconds that a signature holds, and that two clocks may differ."""
SHORTEST_SECRET = 32
"""Characters of a secret."""
SLOWEST_BODY = 10.0
"""Seconds from the head of a request to the end of its body."""

Action = Literal["deliver", "hold", "stop"]

_ORDER: tuple[Action, ...] = ("deliver", "hold", "stop")
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII).fullmatch
_JSON = re.compile(r"application/json\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?", re.I).fullmatch
_EMAIL = re.compile(r"message/rfc822\s*(;.*)?", re.I).fullmatch


class MessageAnswer(msgspec.Struct, frozen=True):
    """The answer: what is to be done with what has this id."""

    id: str
    action: Action


class ProblemError(Exception):
    """A request that is not answered; `field` names what is wrong with it."""

    def __init__(self, status: int, title: str, field: str | None = None, detail: str | None = None) -> None:
        super().__init__(title)
        self.status, self.title, self.field, self.detail = status, title, field, detail


class _Sms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    prisoner: str
    to: str
    body: str
    establishment: str | None = None


class _Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    after: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0


_asked = msgspec.json.Decoder(_Asked)
_sms = msgspec.json.Decoder(_Sms)


def read_secrets(path: Path) -> tuple[bytes, ...]:
    """The secrets of a file, one a line: while one takes the place of another, both hold.

    Raises OSError, and ValueError without one, or for one that is too short.
    """
    secrets = tuple(line.strip() for line in path.read_bytes().splitlines() if line.strip())
    if not secrets or any(len(one) < SHORTEST_SECRET for one in secrets):
        raise ValueError(f"the secret file needs a secret of {SHORTEST_SECRET} characters or more")
    return secrets


def signature(secret: bytes, at: str, body: bytes) -> str:
    """The header `X-Signature` of a body that is sent at this time, in Unix seconds."""
    made = hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"


def is_timely(given: str, now: float) -> bool:
    """Whether a header has the form of a signature, and is not old."""
    read = _SIGNATURE(given)
    return read is not None and abs(now - int(read[1])) <= OLDEST_SIGNATURE


def is_signed(given: str, body: bytes, secrets: Sequence[bytes]) -> bool:
    """Whether one of the secrets signed this body at the time that the header says."""
    read = _SIGNATURE(given)
    if read is None:
        return False
    made = [signature(secret, read[1], body) for secret in secrets]
    return any(hmac.compare_digest(one, given) for one in made)


def read_sms(said: bytes) -> Reply:
    """A text as JSON: `id`, `prisoner`, `to`, `body`, and `establishment`. Raises ReplyError."""
    read = decode(_sms, said)
    check_id(read.id)
    return Reply(
        id=read.id, attempts=(attempt(read.id, read.prisoner, read.establishment, read.to, read.body),)
    )


def application(
    client: Client, secrets: Sequence[bytes], clock: Callable[[], float] = time.time
) -> Starlette:
    """The server. `client` is closed at its end; `clock` gives Unix time."""

    async def sms(request: Request) -> MessageAnswer:
        said = await _signed_body(request, LONGEST_SMS, secrets, clock)
        if not _JSON(request.headers.get("content-type", "")):
            raise ProblemError(415, "Unsupported media type")
        return await _decide(client, read_sms(said))

    async def reply(request: Request) -> MessageAnswer:
        said = await _signed_body(request, LONGEST_REPLY, secrets, clock)
        content = request.headers.get("content-type", "")
        if _EMAIL(content):
            return await _decide(client, await asyncio.to_thread(read_email, said))
        if not _JSON(content):
            raise ProblemError(415, "Unsupported media type")
        return await _decide(client, read_json(said))

    async def decided(request: Request) -> SettledMessages:
        said = await _signed_body(request, LONGEST_SMS, secrets, clock)
        told = await settled(client, decode(_asked, said).after)
        if told is None:
            raise ProblemError(503, "No answer")
        return told

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    return Starlette(
        routes=[
            Route("/sms", _answering(sms), methods=["POST"]),
            Route("/reply", _answering(reply), methods=["POST"]),
            Route("/settled", _answering(decided), methods=["POST"]),
        ],
        lifespan=life,
    )


def _answering(
    decide: Callable[[Request], Awaitable[msgspec.Struct]],
) -> Callable[[Request], Awaitable[Response]]:
    """A route of a decision: whatever goes wrong is an error without a value in it, and nothing is logged."""

    async def answer(request: Request) -> Response:
        try:
            told = await decide(request)
        except ProblemError as error:
            return _problem(error)
        except ReplyError as error:
            return _problem(ProblemError(422, "Invalid", error.field, error.what))
        except RefusedRequestError as error:
            return _problem(ProblemError(422, "Invalid", error.field))
        except Exception:  # a traceback could hold what was sent
            return _problem(ProblemError(500, "Internal error"))
        return Response(
            msgspec.json.encode(told), media_type="application/json", headers={"cache-control": "no-store"}
        )

    return answer


def _problem(error: ProblemError) -> Response:
    fields = {"title": error.title, "status": error.status, "field": error.field, "detail": error.detail}
    said = {name: value for name, value in fields.items() if value is not None}
    # What is left of a body that was not read to its end is not read as a next request.
    headers = {"cache-control": "no-store", "connection": "close"}
    return Response(msgspec.json.encode(said), error.status, headers, "application/problem+json")


async def _signed_body(
    request: Request, longest: int, secrets: Sequence[bytes], clock: Callable[[], float]
) -> bytes:
    """The body of a request that is signed. Raises ProblemError."""
    given = request.headers.get("x-signature", "")
    if not is_timely(given, clock()):
        raise ProblemError(401, "Not signed")
    body = await _body(request, longest)
    if not is_signed(given, body, secrets):
        raise ProblemError(401, "Not signed")
    return body


async def _body(request: Request, longest: int) -> bytes:
    """The body; no more of it is read than may be there. Raises ProblemError."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or len(length) > 12 or int(length) > longest:
        raise ProblemError(413, "Too large")
    body = bytearray()
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            async for chunk in request.stream():
                body += chunk
                if len(body) > longest:
                    raise ProblemError(413, "Too large")
    except TimeoutError:
        raise ProblemError(408, "Too slow") from None
    except ClientDisconnect:
        raise ProblemError(400, "Unfinished") from None
    return bytes(body)


async def _decide(client: Client, reply: Reply) -> MessageAnswer:
    """The most restrictive action over all recipients. Raises RefusedRequestError.

    Of an e-mail to several that is asked about again, some may be decided by now: nobody decides them twice.
    """
    actions = list(await asyncio.gather(*(_action(client, one) for one in reply.attempts)))
    if len(actions) > 1 and "hold" in actions and "stop" not in actions:
        for place, one in enumerate(reply.attempts):
            if actions[place] == "hold":
                actions[place] = await by_now(client, one.id)
    return MessageAnswer(reply.id, max(actions, key=_ORDER.index))


async def _action(client: Client, one: Attempt) -> Action:
    """What to do for one recipient: what is neither deliver nor stop is held. Raises RefusedRequestError."""
    answer = await client.check(
        "message",
        id=one.id,
        prisoner=one.prisoner,
        establishment=one.establishment,
        to=one.to,
        body=one.body,
        doubts=one.doubts,
    )
    return "deliver" if answer.action == "deliver" else "stop" if answer.action == "stop" else "hold"


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=4590, help="0 takes a free one and prints it")
    add_client_options(parser, "message", TIMEOUT)
    parser.add_argument("--secret-file", type=Path, required=True, help="file of the gateway's secrets")
    given = parser.parse_args()
    app = application(client_of(given), read_secrets(given.secret_file))
    with socket.create_server((given.host, given.port)) as listening:
        host, port = listening.getsockname()[:2]
        print(f"listening on http://{host}:{port}", flush=True)
        config = uvicorn.Config(app, access_log=False, log_level="warning")
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
