"""Whatever is asked, what is in force by either of two clocks holds."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from engine.blocklist import compile_blocklist
from engine.policy import read_policy
from engine.screener import Screener
from service.operations.clock import Clock
from tests.service.check.running import NOW, NUMBER, PRISONER, RESTRICTION, Running, ask, call

BEHIND = timedelta(days=-3)


@pytest.mark.parametrize("heard", [True, False])
def test_a_restriction_from_today_is_found_though_the_machines_clock_is_behind(
    system: Running, heard: bool
) -> None:
    today = msgspec.structs.replace(RESTRICTION, from_=NOW.date().isoformat())
    system.current.screener = Screener(compile_blocklist([today]), read_policy())
    system.clock = Clock(lambda: NOW + BEHIND)
    if heard:
        system.clock.elsewhere.hear(NOW.timestamp())
    api = system.api()
    asked = {"id": "K1", "prisoner": PRISONER, "name": "Ann Lee", "numbers": [NUMBER]}
    for channel, body in (("call", call("C1", NUMBER)), ("contact", asked)):
        answer = asyncio.run(ask(api, channel, body))
        assert answer.status == 200
        assert (b'"allow"' in answer.body) is not heard
