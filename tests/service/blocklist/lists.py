"""What the tests of a list dial, write with, and ask of it."""

from __future__ import annotations

from collections.abc import Callable

from engine.model import Attempt
from service.blocklist.current import Current
from service.ledger import chain
from service.ledger.record import Record
from service.registry.registry import Registry
from tests.service.registry.listings import Clock

OTHER_NUMBER = "07700 900456"
NOBODYS = "07700 900789"


def writer_of(registry: Registry) -> Callable[[Record], None]:
    """What writes a list's records, as the ledger's writer does."""

    def write(record: Record) -> None:
        with registry.journal.write() as connection:
            chain.append(connection, registry.journal.vault, [record])

    return write


def decision(current: Current, clock: Clock, to: str, prisoner: str, at: str = "LEI") -> str:
    """What a call is answered now."""
    assert current.screener is not None
    attempt = Attempt(id="C1", channel="call", prisoner=prisoner, establishment=at, to=to)
    return str(current.screener.check(attempt, clock()).decision)


def version(current: Current) -> str:
    """Of the list in force."""
    assert current.screener is not None
    return current.screener.blocklist.version
