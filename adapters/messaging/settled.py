"""What became of messages that a gateway holds: asked of the service from a number on, told as actions.

The gateway keeps the number of the last answer, does what it says, and asks again from there. Nothing is kept
here: what the service has told once it tells again to whoever asks from an earlier number.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from adapters.check_client.client import Client
from adapters.messaging.replies import MOST_RECIPIENTS

_recipient = re.compile(r"(.+)#\d{1,2}", re.ASCII | re.DOTALL).fullmatch
"""The id of an attempt for one recipient of an e-mail, as `replies` makes it."""


class SettledMessage(msgspec.Struct, frozen=True):
    """One message that was held, under the gateway's own id."""

    id: str
    action: Literal["deliver", "stop"]


class SettledMessages(msgspec.Struct, frozen=True):
    """What was decided, in the order in which it took effect, and the number to ask from next."""

    settled: tuple[SettledMessage, ...]
    after: int
    more: bool


async def settled(client: Client, after: int) -> SettledMessages | None:
    """What was decided after this number; None where no node answers.

    An e-mail to several is told of by its own id once all of them are decided, with the most restrictive.
    """
    page = await client.settled("message", after)
    if page is None:
        return None
    found: dict[str, SettledMessage] = {}
    for one in page.settled:
        if one.state in ("released", "stopped"):
            found[one.id] = SettledMessage(one.id, "deliver" if one.state == "released" else "stop")
        recipient = _recipient(one.id)
        if recipient is not None and recipient[1] not in found:
            whole = await _whole(client, recipient[1])
            if whole is None:
                return None
            found |= {told.id: told for told in whole}
    return SettledMessages(tuple(found.values()), page.after, page.more)


async def _whole(client: Client, message: str) -> tuple[SettledMessage, ...] | None:
    """An e-mail of which one recipient was decided: itself where all are; None where no node answers."""
    states = []
    for number in range(1, MOST_RECIPIENTS + 1):
        state = await client.standing("message", f"{message}#{number}")
        if state is None:
            return None
        if state == "unknown":
            break
        states.append(state)
    if not states or "held" in states:
        return ()
    return (SettledMessage(message, "stop" if "stopped" in states else "deliver"),)
