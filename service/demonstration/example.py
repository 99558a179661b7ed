"""One attempt with the answer that is expected of it."""

from collections.abc import Callable
from typing import NamedTuple

from engine.model import Channel, ReasonCode, Verdict
from service.demonstration.estate import Estate, InventedPrisoner


class Example(NamedTuple):
    """An attempt, and what it shows; `reason` is None where nothing is expected to be found."""

    channel: Channel
    shows: str
    decision: Verdict
    reason: ReasonCode | None
    prisoner: InventedPrisoner | None
    to: str
    body: str | None = None


Maker = Callable[[Estate], list[Example]]
"""Makes the attempts of one trick; more than one where they only mean something together."""
