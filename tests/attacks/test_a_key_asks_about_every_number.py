"""A switch's key asks about one number after another, with prisoner numbers that it makes up."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.check_client.client import Client
from service.access.model import Role
from tests.attacks.attacking import lines_about
from tests.attacks.learning import LEEDS, person, two_prisons

MANY = 150
UNKNOWN = 60
"""What the settings let through at once."""


def invented(n: int) -> str:
    return f"Z{n:04}ZZ"


def ask(key: httpx.Client, n: int, to: str, prisoner: str) -> httpx.Response:
    body = {"id": f"C{n}", "prisoner": prisoner, "establishment": "LEI", "to": to}
    return key.post("/v1/check/call", json=body)


def items(reviewer: httpx.Client) -> str:
    """The queue, once the item is there."""
    for _ in range(50):
        page = reviewer.get("/queue").text
        if "Probing" in page:
            return page
        time.sleep(0.1)
    return ""


def test_prisoners_whom_nobody_knows_are_together_one(tmp_path: Path) -> None:
    numbers = [f"07700 900{n:03}" for n in range(MANY)]
    random.Random(1).shuffle(numbers)
    with two_prisons(tmp_path) as service:
        key = service.key(Role.PHONE_SYSTEM)
        answers = [ask(key, n, to, invented(n)) for n, to in enumerate(numbers)]
        decided = [one for one in answers if one.status_code == 200]
        refused = [one for one in answers if one.status_code == 429]
        assert len(decided) <= UNKNOWN + 30
        assert len(decided) + len(refused) == MANY
        assert refused
        for one in refused:
            assert one.headers["content-type"] == "application/problem+json"
            assert int(one.headers["retry-after"]) >= 1
            assert "decision" not in one.json()
        time.sleep(1.1)  # the key's own rate is over
        assert ask(key, MANY, LEEDS.number, LEEDS.prisoner).json()["decision"] == "block"
        reviewer = person(service, "rita", Role.REVIEWER, "LEI")
        assert items(reviewer)
        assert {line["kind"] for line in lines_about(service, "probing")} == {"in_order", "rate"}
        metrics = service.key(Role.CASE_OFFICER).get("/metrics").text
        assert 'nocontact_probing_total{sign="in_order"} 1.0' in metrics
        assert 'nocontact_unknown_prisoners_total{channel="call"}' in metrics


def test_the_settings_may_refuse_every_prisoner_whom_nobody_knows(tmp_path: Path) -> None:
    with two_prisons(tmp_path, NOCONTACT_UNKNOWN_RATE="0") as service:
        key = service.key(Role.PHONE_SYSTEM)
        answer = ask(key, 1, "020 7946 0018", invented(1))
        assert (answer.status_code, answer.json()["field"]) == (403, "prisoner")
        assert ask(key, 2, "020 7946 0018", LEEDS.prisoner).json()["decision"] == "allow"


def test_one_prisoner_is_asked_about_as_often_as_one_dials(tmp_path: Path) -> None:
    with two_prisons(tmp_path) as service:
        key = service.key(Role.PHONE_SYSTEM)
        statuses = [ask(key, n, f"0113 496 0{n:03}", LEEDS.prisoner).status_code for n in range(MANY)]
        assert set(statuses) == {200, 429}
        assert statuses.count(200) <= 90


def test_an_estates_peak_goes_through(tmp_path: Path) -> None:
    with two_prisons(tmp_path, NOCONTACT_UNKNOWN_RATE="100000") as service:
        key = service.key(Role.PHONE_SYSTEM)
        began = time.monotonic()
        for n in range(MANY):
            assert ask(key, n, f"0{1130 + n * 7}96{n:05}", invented(n)).status_code == 200, n
            time.sleep(max(0.0, began + n / 50 - time.monotonic()))
        assert lines_about(service, "probing") == []


@pytest.mark.parametrize("channel", ["call", "message", "letter"])
def test_the_adapters_allow_nothing_where_they_are_refused(tmp_path: Path, channel: Any) -> None:
    import asyncio

    with two_prisons(tmp_path, NOCONTACT_UNKNOWN_RATE="0") as service:
        key = service.key(Role.CASE_OFFICER)
        secret = key.headers["authorization"].removeprefix("Bearer ")

        async def go() -> tuple[str, str]:
            async with Client([service.url], secret, timeout=5) as client:
                body = "hello" if channel == "message" else None
                answer = await client.check(
                    channel, id="A1", to="020 7946 0018", prisoner=invented(7), body=body
                )
                return answer.decision, answer.source

        decision, source = asyncio.run(go())
        assert source == "unreachable"
        assert decision in ("block", "flag")
