"""A client that notes what it asks before it asks, and what it is told before it asks again.

    python -m benchmarks.load.client URL NOTES PHONE_KEY OFFICER_KEY

It runs until the service is gone. What it had asked and was not told, it asks again the next time, under the
same id. `NOTES` is one JSON array a line: ["asked", id, number], ["told", id, decision], ["changing", id,
number], ["changed", id].
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CHECKERS = 8
"""Connections that check; one more changes restrictions."""
CHANGES = "/v1/restrictions"
PAUSE = 0.02
"""Seconds between changes, so that they do not take the ledger from the checks."""


class Notes:
    """The file; a line is with the system when `add` returns, which outlives the service."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, *words: str) -> None:
        os.write(self.file, json.dumps(words).encode() + b"\n")


class Connection:
    """One HTTP/1.1 connection that is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def post(self, path: str, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body. Raises OSError or EOFError when the service is gone."""
        content = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: service\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self.writer.write(head.encode() + content)
        await self.writer.drain()
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next(int(line[15:]) for line in answer if line.startswith("content-length:"))
        return int(answer[0].split()[1]), json.loads(await self.reader.readexactly(length) or b"{}")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection, closed at the end."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


async def check(url: str, key: str, notes: Notes, attempts: list[tuple[str, str]], listed: list[str]) -> None:
    """Ask what was not answered last time, then one new attempt after another."""
    rng = random.Random()
    async with connected(url) as service:
        for number in itertools.count():
            if attempts:
                name, to = attempts.pop()
            else:
                name = f"{os.getpid()}-{id(service)}-{number}"
                to = rng.choice(listed) if rng.random() < 0.3 else f"020 7946 0{rng.randrange(1000):03}"
                notes.add("asked", name, to)
            body = {"id": name, "prisoner": "X1234BC", "establishment": "LEI", "to": to}
            status, answer = await service.post("/v1/check/call", key, body)
            if status == 200:
                notes.add("told", name, answer["decision"])
            elif status == 503:  # the blocklist is being built
                attempts.append((name, to))
                await asyncio.sleep(0.02)
            else:
                raise SystemExit(f"client: check: {status} {answer}")


async def change(url: str, key: str, notes: Notes) -> None:
    """One new restriction after another, each with a number of its own."""
    async with connected(url) as service:
        for number in itertools.count():
            name = f"K{os.getpid()}-{number}"
            to = f"07{random.randrange(4, 10)}{random.randrange(10**8):08}"
            notes.add("changing", name, to)
            restriction = {
                "id": name,
                "prisoner": "X1234BC",
                "protected": {"name": "Sarah Okafor"},
                "contacts": [{"kind": "phone", "value": to}],
            }
            status, answer = await service.post(CHANGES, key, restriction)
            if status in (200, 201):
                notes.add("changed", name)
                if number % 2:
                    await _ask_to_withdraw(service, key, name)
            elif status != 503:
                raise SystemExit(f"client: change: {status} {answer}")
            await asyncio.sleep(PAUSE)


async def _ask_to_withdraw(service: Connection, key: str, name: str) -> None:
    """What holds until a second person confirms it."""
    body = {"version": 1, "request": "1", "reason": "no longer wanted"}
    status, answer = await service.post(f"{CHANGES}/{name}/requests/withdraw", key, body)
    if status not in (200, 202, 503):
        raise SystemExit(f"client: withdraw: {status} {answer}")


def read(path: Path) -> list[list[str]]:
    """What the notes say so far; a last line that was cut off is nothing."""
    held = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in held[: held.rfind(b"\n") + 1].splitlines()]


async def run(url: str, path: Path, phone: str, officer: str, listed: list[str]) -> None:
    """Ask on every connection until the service is gone."""
    told = {words[1] for words in read(path) if words[0] == "told"}
    open_ = [(words[1], words[2]) for words in read(path) if words[0] == "asked" and words[1] not in told]
    notes = Notes(path)
    tasks = [check(url, phone, notes, open_[place::CHECKERS], listed) for place in range(CHECKERS)]
    with suppress(OSError, EOFError):
        await asyncio.gather(*tasks, change(url, officer, notes))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4], sys.stdin.read().split("\n")))
