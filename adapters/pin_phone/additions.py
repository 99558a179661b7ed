"""A number that a prisoner asks to have on his list: asked about, held, added once a reviewer released it.

The phone system's interface cannot write a list. Whoever does (a program of its own, or that by which staff
see to applications) asks here first, keeps what is held, and asks from time to time what was decided:

    answer = await client.contact(id="K1", prisoner="A1234BC", name="A friend", numbers=["07700 900123"])
    told = await settled(client, after)

Where no node answers a number is held, and asked about again under the same id.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from adapters.check_client.client import Client


class SettledAddition(msgspec.Struct, frozen=True):
    """One addition that was held, under the asker's own id."""

    id: str
    action: Literal["add", "refuse"]


class SettledAdditions(msgspec.Struct, frozen=True):
    """What was decided, in the order in which it took effect, and the number to ask from next."""

    settled: tuple[SettledAddition, ...]
    after: int
    more: bool


async def settled(client: Client, after: int) -> SettledAdditions | None:
    """What was decided after this number; None where no node answers, and nothing is added."""
    page = await client.settled("contact", after)
    if page is None:
        return None
    found = [
        SettledAddition(one.id, "add" if one.state == "released" else "refuse")
        for one in page.settled
        if one.state in ("released", "stopped")
    ]
    return SettledAdditions(tuple(found), page.after, page.more)


async def by_now(client: Client, addition: str) -> Literal["add", "hold", "refuse"]:
    """What to do with an addition that was held. What nobody can tell, or was never asked about, is held."""
    state = await client.standing("contact", addition)
    return "add" if state in ("allowed", "released") else "refuse" if state == "stopped" else "hold"
