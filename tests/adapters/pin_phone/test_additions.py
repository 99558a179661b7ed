"""A number that was held when a prisoner asked for it: its asker adds it or not, as a reviewer decided."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.check_client.client import Client
from adapters.pin_phone.additions import SettledAddition, by_now, settled
from service.review.model import UNDO, Outcome
from service.storage import sealing
from tests.service.console.conftest import NUMBER, PRISONER, SWITCH, Console, console_on
from tests.service.databases import MASTER, sqlite_in
from tests.service.review.queue_of_one import ANN, WHY, opened

NEAR, FREE = "07700 900124", "020 7946 0018"


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    database = sqlite_in(tmp_path)
    with console_on(database, sealing.open_vault(database, MASTER), tmp_path) as made:
        made.system.settler.stop()
        made.restrict()
        yield made
    database.close()


def decide(console: Console, outcome: Outcome) -> None:
    """The newest flag; in effect when this returns."""
    reviews, seq = console.system.reviews, console.system.ledger.last_seq
    reviews.decide(ANN, seq, opened(reviews, ANN, seq), outcome, WHY[outcome])
    console.clock.ahead += UNDO
    console.system.settler.settle()


def test_what_a_reviewer_decides_reaches_who_adds_numbers(console: Console) -> None:
    secret = console.key_of(SWITCH)["authorization"].split()[1]

    async def ask() -> None:
        served = httpx.ASGITransport(app=console.app)
        async with Client(["http://localhost"], secret, timeout=20, transport=served) as client:

            async def add(name: str, *numbers: str) -> str:
                asked = await client.contact(id=name, prisoner=PRISONER, name="A friend", numbers=numbers)
                assert asked.source == "service"
                return asked.action

            assert (await add("K0", FREE), await add("K1", NUMBER)) == ("add", "refuse")
            for name, outcome, action in (("K2", Outcome.RELEASE, "add"), ("K3", Outcome.UPHOLD, "refuse")):
                assert await add(name, NEAR) == "hold"
                assert await by_now(client, name) == "hold"
                await asyncio.to_thread(decide, console, outcome)
                assert await by_now(client, name) == action
            told = await settled(client, 0)
            assert told is not None
            assert told.settled == (SettledAddition("K2", "add"), SettledAddition("K3", "refuse"))
            again = await settled(client, told.after)
            assert again is not None
            assert again.settled == ()
            assert await by_now(client, "never asked") == "hold"

    asyncio.run(ask())


def test_where_nobody_answers_nothing_is_added() -> None:
    async def ask() -> None:
        async with Client(["http://127.0.0.1:9"], "a-key") as client:
            asked = await client.contact(id="K1", prisoner=PRISONER, name="A friend", numbers=[FREE])
            assert (asked.action, asked.source) == ("hold", "unreachable")
            assert await by_now(client, "K1") == "hold"
            assert await settled(client, 0) is None

    asyncio.run(ask())
