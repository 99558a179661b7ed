"""What the servers for Asterisk and FreeSWITCH share: their options, and one question about one call."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Literal

from adapters.check_client.client import TIMEOUT, Client, LastKnown, RefusedRequestError
from engine.policy import read_policy

Word = Literal["connect", "connect_and_alert", "refuse", "unavailable"]
"""What a dialplan is told."""


def options(description: str | None, port: int) -> argparse.Namespace:
    """The command line's options: where to listen, whom to ask, with which key."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; the switch's machine")
    parser.add_argument("--port", type=int, default=port, help="0 takes a free one and prints it")
    parser.add_argument("--node", action="append", required=True, help="the service; again for the next one")
    parser.add_argument("--key-file", type=Path, required=True, help="file of the API key, role phone_system")
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds that a call waits")
    parser.add_argument("--last-known", type=Path, help="a saved blocklist for when no node answers")
    parser.add_argument("--policy", type=Path, help="a policy that holds beside the one saved with that list")
    return parser.parse_args()


def client_of(given: argparse.Namespace) -> Client:
    """The client of these options. Raises OSError without the key's or the policy's file, PolicyError."""
    policy = read_policy(given.policy.read_bytes()) if given.policy else None
    known = LastKnown(given.last_known, policy=policy) if given.last_known else None
    return Client(given.node, given.key_file.read_text().strip(), timeout=given.timeout, last_known=known)


async def ask(client: Client, call: str, prisoner: str, establishment: str, dialled: str) -> Word:
    """What to do with a call. `call` is the switch's own name of it; the check's id is made of it."""
    made = hashlib.sha256(f"{call}|{prisoner}|{dialled}".encode()).hexdigest()
    try:
        answer = await client.check(
            "call", id=made, prisoner=prisoner, establishment=establishment or None, to=dialled
        )
    except RefusedRequestError:
        return "refuse"
    if answer.source == "unreachable":
        return "connect_and_alert" if answer.action == "connect_and_alert" else "unavailable"
    if answer.action == "connect":
        return "connect"
    return "connect_and_alert" if answer.action == "connect_and_alert" else "refuse"
