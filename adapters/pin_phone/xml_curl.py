"""A server for FreeSWITCH's `mod_xml_curl`: asked for a dialplan, it answers one that connects or refuses.

    python -m adapters.pin_phone.xml_curl --node https://node:8085 --key-file key

Whatever goes wrong is answered with a document that refuses: without one FreeSWITCH would go on to its own
dialplan. What is bridged is the string that was asked about, and no other.
Source of the interface: developer.signalwire.com/freeswitch, "mod_xml_curl".
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs
from xml.sax.saxutils import quoteattr

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.check_client.client import Client
from adapters.check_client.serving import Word, ask, client_of, options

CARRIER = "sofia/gateway/carrier"
LONGEST_BODY = 256 * 1024
"""Bytes: FreeSWITCH sends every variable of the channel, some 20 kB."""

_DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<document type="freeswitch/xml"><section name="dialplan"><context name="wing">'
    '<extension name="nocontact"><condition>{}</condition></extension></context></section></document>\n'
)
_DIALLABLE = re.compile(r"[0-9+*#]{1,64}", re.ASCII).fullmatch


def application(client: Client) -> Starlette:
    """The server. `client` is closed at its end."""

    async def dialplan(request: Request) -> Response:
        try:
            dialled, word = await _asked(client, request)
        except Exception:  # nothing that happens here may leave the switch without a refusal
            dialled, word = "", "unavailable"
        return Response(_DOCUMENT.format("".join(actions(word, dialled))), media_type="text/xml")

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    return Starlette(routes=[Route("/dialplan", dialplan, methods=["POST"])], lifespan=life)


def actions(word: Word, dialled: str) -> list[str]:
    """What FreeSWITCH is to do."""
    if word == "unavailable":
        return [_action("respond", "503 Check Unavailable")]
    if word not in ("connect", "connect_and_alert") or not _DIALLABLE(dialled):
        return [_action("respond", "603 Decline")]
    alert = [_action("set", "nocontact_alert=true")] if word == "connect_and_alert" else []
    return [*alert, _action("bridge", f"{CARRIER}/{dialled}")]


async def _asked(client: Client, request: Request) -> tuple[str, Word]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return "", "refuse"
    fields = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    if fields.get("section") != "dialplan":
        return "", "refuse"
    dialled = fields.get("Hunt-Destination-Number") or fields.get("Caller-Destination-Number", "")
    call = fields.get("Unique-ID") or fields.get("Channel-Call-UUID", "")
    prisoner = fields.get("variable_nocontact_prisoner", "")
    establishment = fields.get("variable_nocontact_establishment", "")
    if not dialled or not prisoner or not call:
        return dialled, "refuse"
    return dialled, await ask(client, call, prisoner, establishment, dialled)


def _action(name: str, data: str) -> str:
    return f"<action application={quoteattr(name)} data={quoteattr(data)}/>"


def main() -> None:
    """Serve until it is stopped."""
    given = options(__doc__, 4580)
    config = uvicorn.Config(
        application(client_of(given)), host=given.host, port=given.port, access_log=False, log_level="warning"
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
