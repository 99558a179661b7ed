"""The other way for a switch to ask: a process on Kamailio's event socket (`evapi`), for the comparison.

    python -m benchmarks.phone.gateway PORT URL SECONDS < KEY

Questions come as netstrings `INDEX|LABEL|BODY`, answers go as `INDEX|LABEL|ACTION`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import msgspec


@contextmanager
def running(port: int, url: str, key: str, timeout: float) -> Iterator[None]:
    """The process, ended at the end of the block; a call waits `timeout` seconds for its answer."""
    command = [sys.executable, "-m", "benchmarks.phone.gateway", str(port), url, str(timeout)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(key.encode())
    process.stdin.close()
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def serve(port: int, url: str, key: str, timeout: float) -> None:
    """Answer until the socket closes."""
    reader, writer = await _connected(port)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    tasks: set[asyncio.Task[None]] = set()
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout) as client:

        async def answer(question: bytes) -> None:
            index, label, body = question.split(b"|", 2)
            said = b"%s|%s|%s" % (index, label, await _ask(client, body, timeout))
            writer.write(b"%d:%s," % (len(said), said))

        while head := await reader.readuntil(b":"):
            question = (await reader.readexactly(int(head[:-1]) + 1))[:-1]
            task = asyncio.create_task(answer(question))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The socket, once the switch has opened it."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)


async def _ask(client: httpx.AsyncClient, body: bytes, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            response = await client.post("/v1/check/call", content=body)
        said = msgspec.json.decode(response.content)
        if response.status_code == 200 and said["id"] == msgspec.json.decode(body)["id"]:
            return str(said["action"]).encode()
    except (httpx.HTTPError, TimeoutError, msgspec.DecodeError, KeyError, TypeError):
        return b"unavailable"
    return b"unavailable"


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], sys.stdin.read(), float(sys.argv[3])))
