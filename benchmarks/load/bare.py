"""A FastAPI route that reads a body and does nothing: what the framework alone leaves to be had."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.post("/v1/check/call")
async def check(attempt: dict[str, Any]) -> dict[str, Any]:
    """The same answer to everything."""
    return {"id": attempt["id"], "decision": "allow", "action": "connect", "confidential": False}


def main() -> None:
    """Serve on a free port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
