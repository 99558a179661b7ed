"""What became of messages that a gateway holds: asked of the service from a number on, told as actions.

The gateway keeps the number of the last answer, does what it says, and asks again from there. Nothing is kept
here: what the service has told once it tells again to whoever asks from an earlier number.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from adapters.check_client.client import Client
from adapters.messaging.replies import MOST_RECIPIENTS, recipient_id, recipient_of


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

    An e-mail is told of by its own id once all of its recipients are decided, with the most restrictive.
    """
    page = await client.settled("message", after)
    if page is None:
        return None
    found: dict[str, SettledMessage] = {}
    for one in page.settled:
        if one.state in ("released", "stopped"):
            found[one.id] = SettledMessage(one.id, "deliver" if one.state == "released" else "stop")
        recipient = recipient_of(one.id)
        if recipient is not None and recipient[0] not in found:
            whole = await _whole(client, *recipient)
            if whole is None:
                return None
            found |= {told.id: told for told in whole}
    return SettledMessages(tuple(found.values()), page.after, page.more)


async def by_now(client: Client, attempt: str) -> Literal["deliver", "hold", "stop"]:
    """What to do for an attempt that was answered hold: somebody may have decided since."""
    state = await client.standing("message", attempt)
    return "deliver" if state == "released" else "stop" if state == "stopped" else "hold"


async def _whole(client: Client, message: str, recipients: int) -> tuple[SettledMessage, ...] | None:
    """An e-mail of which one recipient was decided: itself where all are; None where no node answers.

    A recipient of whom nobody was asked, since no node answered in time, holds it: it is asked again.
    """
    states = []
    for number in range(1, min(recipients, MOST_RECIPIENTS) + 1):
        state = await client.standing("message", recipient_id(message, number, recipients))
        if state is None:
            return None
        states.append(state)
    if not set(states) <= {"allowed", "released", "stopped"}:
        return ()
    return (SettledMessage(message, "stop" if "stopped" in states else "deliver"),)
