from __future__ import annotations

import asyncio
import threading
import time

import pytest

from service.access import turns
from service.access.tries import SlowDownError
from service.access.turns import Turns


def test_a_line_with_one_is_not_behind_anothers_many() -> None:
    done: list[str] = []
    most, under_way = [0], [0]
    counting = threading.Lock()

    def work(name: str) -> None:
        with counting:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.02)
        with counting:
            under_way[0] -= 1
            done.append(name)

    async def run() -> None:
        taken = Turns()
        many = [asyncio.create_task(taken.take("a", lambda: work("a"))) for _ in range(12)]
        await asyncio.sleep(0)
        one = asyncio.create_task(taken.take("b", lambda: work("b")))
        await asyncio.gather(*many, one)
        assert (taken._lanes, taken._waiting, taken._free) == (({}, {}), 0, turns.AT_ONCE)
        taken.close()

    asyncio.run(run())
    assert done.index("b") < 6
    assert most == [turns.AT_ONCE]


def test_who_is_first_waits_for_nobody_who_is_not() -> None:
    done: list[str] = []

    async def run() -> None:
        taken = Turns()
        others = [
            asyncio.create_task(taken.take(f"a{number}", lambda: time.sleep(0.02))) for number in range(30)
        ]
        await asyncio.sleep(0)
        for one in others:
            one.add_done_callback(lambda _: done.append("other"))
        await taken.take("b", lambda: done.append("first"), is_first=True)
        await asyncio.gather(*others)
        taken.close()

    asyncio.run(run())
    assert done.index("first") <= turns.AT_ONCE + 1


def test_too_many_are_told_to_come_again_and_who_gives_up_holds_nobody_up() -> None:
    async def run() -> None:
        taken = Turns()
        over = threading.Event()
        many = [asyncio.create_task(taken.take("a", over.wait)) for _ in range(turns.AT_ONCE + turns.OF_LINE)]
        await asyncio.sleep(0)
        with pytest.raises(SlowDownError):
            await taken.take("a", over.wait)
        for waiting in many[turns.AT_ONCE :]:
            waiting.cancel()
        await asyncio.sleep(0)
        over.set()
        assert await taken.take("b", lambda: 7) == 7
        await asyncio.gather(*many, return_exceptions=True)
        with pytest.raises(LookupError):
            await taken.take("b", raises)
        assert taken._free == turns.AT_ONCE
        taken.close()

    def raises() -> None:
        raise LookupError

    asyncio.run(run())
