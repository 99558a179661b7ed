"""A FastAGI server for Asterisk: refuses first, asks, then says what was answered.

    python -m adapters.pin_phone.fastagi --node https://node:8085 --key-file key

The dialplan (`dialplans/extensions.conf`) sets a refusal before it calls this, and so does this before it
asks. The dialled string is what the dialplan passes; it dials the same one.
Source of the protocol: docs.asterisk.org, "Asterisk Gateway Interface (AGI)".
"""

from __future__ import annotations

import asyncio

from adapters.check_client.client import Client
from adapters.check_client.serving import ask, client_of, options

LONGEST_LINE = 2048
MOST_LINES = 100
PATIENCE = 2.0
"""Seconds that Asterisk may take for its variables or for an answer to a command; it takes milliseconds."""


class ProtocolError(Exception):
    """Whoever connected does not speak AGI."""


async def answer(client: Client, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One call, from its variables to what is to be done. A phone that is put down is no error."""
    try:
        variables = await _variables(reader)
        await _set(reader, writer, "refuse")
        word = await ask(
            client,
            variables.get("agi_uniqueid", ""),
            variables.get("agi_arg_1", ""),
            variables.get("agi_arg_2", ""),
            variables.get("agi_arg_3", ""),
        )
        await _set(reader, writer, word)
    except (ProtocolError, OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return
    finally:
        writer.close()


async def _variables(reader: asyncio.StreamReader) -> dict[str, str]:
    found: dict[str, str] = {}
    async with asyncio.timeout(PATIENCE):
        for _ in range(MOST_LINES):
            line = (await reader.readuntil(b"\n")).decode("utf-8", "replace").rstrip("\r\n")
            if not line:
                return found
            name, colon, value = line.partition(":")
            if not colon or not name.startswith("agi_"):
                break
            found[name] = value.removeprefix(" ")
    raise ProtocolError


async def _set(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, word: str) -> None:
    """Set the dialplan's variable. Raises ProtocolError when Asterisk does not take it."""
    writer.write(f'SET VARIABLE NOCONTACT "{word}"\n'.encode())
    async with asyncio.timeout(PATIENCE):
        await writer.drain()
        said = await reader.readuntil(b"\n")
    if not said.startswith(b"200 "):
        raise ProtocolError


async def serve(client: Client, host: str, port: int) -> None:
    """Answer until it is cancelled; says where it listens."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(client, reader, writer)

    server = await asyncio.start_server(connected, host, port, limit=LONGEST_LINE)
    async with client, server:
        address = server.sockets[0].getsockname()
        print(f"listening on agi://{address[0]}:{address[1]}", flush=True)
        await server.serve_forever()


def main() -> None:
    """Serve until it is stopped."""
    given = options(__doc__, 4573)
    asyncio.run(serve(client_of(given), given.host, given.port))


if __name__ == "__main__":
    main()
