"""A FastAPI route that reads a body and does nothing: what the framework alone leaves to be had.

`--asgi`: the same on ASGI alone, without the framework.
"""

from __future__ import annotations

import json
import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.post("/v1/check/call")
async def check(attempt: dict[str, Any]) -> dict[str, Any]:
    """The same answer to everything."""
    return {"id": attempt["id"], "decision": "allow", "action": "connect", "confidential": False}


async def plain(scope: Any, receive: Any, send: Any) -> None:
    """The same without the framework."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    attempt = json.loads(body)
    answer = {"id": attempt["id"], "decision": "allow", "action": "connect", "confidential": False}
    said = json.dumps(answer).encode()
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(said))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": said})


def main() -> None:
    """Serve on a free port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        plain if "--asgi" in sys.argv else app,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        lifespan="off",
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
