"""A phone system with the public interface's shapes, as a process: stands in for the real one in tests.

    python -m benchmarks.phone.phone_system FILE     prints "listening on http://127.0.0.1:PORT"

FILE is JSON, read again whenever it changes: {"lists": {prisoner: [entries]}, "broken": [prisoners with 500],
"revoked": [tokens it no longer takes]}.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "nocontact", "between us"


def application(path: Path) -> Starlette:
    """The server of one file."""
    tokens: list[str] = []
    kept: dict[str, Any] = {"at": None, "state": {}}

    def state() -> dict[str, Any]:
        at = path.stat().st_mtime_ns
        if kept["at"] != at:
            kept.update(at=at, state=json.loads(path.read_text()))
        found: dict[str, Any] = kept["state"]
        return found

    async def token(request: Request) -> Response:
        if await request.json() != {"clientId": CLIENT, "clientSecret": SECRET}:
            return JSONResponse({"error": "invalid client"}, 401)
        tokens.append(f"token-{len(tokens)}")
        return JSONResponse({"accessToken": tokens[-1], "expiresIn": 3600})

    async def numbers(request: Request) -> Response:
        now = state()
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given not in tokens or given in now.get("revoked", ()):
            return JSONResponse({"error": "unauthorised"}, 401)
        body = await request.json()
        if len(body["reference"]) > 20:
            return JSONResponse({"error": "reference"}, 400)
        if body["prisonerId"] in now.get("broken", ()):
            return JSONResponse({"error": "internal"}, 500)
        return JSONResponse(now["lists"].get(body["prisonerId"], []))

    return Starlette(
        routes=[
            Route("/auth/token", token, methods=["POST"]),
            Route("/pcs/ControlledNumbers", numbers, methods=["POST"]),
        ]
    )


def entry(number: str, name: str = "A friend", **fields: Any) -> dict[str, Any]:
    """A row of a list, as the interface shows it."""
    row = {
        "id": fields.pop("id", f"n{abs(hash((number, name))) % 10**8}"),
        "name": name,
        "phoneNumber": number,
        "controlStatus": "Approved",
        "callAllowed": True,
        "legal": False,
        "allowMonitor": True,
        "alert": False,
        "override": False,
        "relationshipId": 25,
    }
    return row | fields


class Standing:
    """The running stand-in, and its file."""

    def __init__(self, url: str, path: Path) -> None:
        self.url, self._path = url, path

    def put(self, lists: dict[str, list[dict[str, Any]]], **more: Any) -> None:
        """What it answers from now on."""
        write(self._path, lists, **more)


def write(path: Path, lists: dict[str, list[dict[str, Any]]], **more: Any) -> None:
    """Replace the file in one step."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"lists": lists, **more}))
    new.replace(path)


@contextmanager
def standing(folder: Path, lists: dict[str, list[dict[str, Any]]]) -> Iterator[Standing]:
    """The process, ended by its id."""
    path = folder / "phone-system.json"
    write(path, lists)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.phone.phone_system", str(path)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline().decode().split()
        yield Standing(said[-1], path)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def main() -> None:
    """Serve until it is ended."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)  # before it is told: who reads the line may call at once
        print(f"listening on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        config = uvicorn.Config(application(Path(sys.argv[1])), log_level="critical", lifespan="off")
        uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
