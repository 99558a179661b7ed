"""The client gets an answer in time or makes the safe one itself; nobody is allowed whom nobody allowed."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from adapters.check_client.client import CheckAnswer, Client, LastKnown, RefusedRequestError
from engine.blocklist import compile_blocklist
from engine.model import Contact, ProtectedPerson, Restriction
from engine.policy import Policy, read_policy
from engine.saved import save
from service.access.model import Role
from tests.adapters.pin_phone.sip.exchange import answer_of, stand_in
from tests.service.running import RESTRICTION, command, service_in

T = TypeVar("T")
DOWN = "http://127.0.0.1:9"
RESTRICTED, FREE = "07700 900123", "020 7946 0018"
LISTED = Restriction(
    id="R1",
    prisoner="X1234BC",
    protected=ProtectedPerson(name="Rhoswen Tallantyre"),
    contacts=(Contact(kind="phone", value=RESTRICTED),),
)
GARBAGE: dict[str, Any] = {
    "an error": lambda body: (500, answer_of(body)),
    "a redirect": lambda body: (307, answer_of(body)),
    "no right": lambda body: (403, answer_of(body)),
    "a page": lambda body: (200, b"<html>allow</html>"),
    "half of it": lambda body: (200, answer_of(body)[:-5]),
    "another's": lambda body: (200, answer_of(body, id="C2")),
    "an action that is not its decision's": lambda body: (200, answer_of(body, decision="block")),
    "a message's action": lambda body: (200, answer_of(body, action="deliver")),
    "a decision that there is not": lambda body: (200, answer_of(body, decision="ok")),
    "confidential as a text": lambda body: (200, answer_of(body, confidential="false")),
    "a list": lambda body: (200, b"[" + answer_of(body) + b"]"),
    "far too much": lambda body: (200, answer_of(body)[:-1] + b" " * 100_000 + b"}"),
}


def run(one: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(one)


async def ask(nodes: list[str], to: str = FREE, key: str = "a-key", **options: Any) -> CheckAnswer:
    async with Client(nodes, key, **options) as client:
        return await client.check("call", id="C1", prisoner="X1234BC", to=to)


def test_a_real_service_is_asked(tmp_path: Path) -> None:
    with service_in(tmp_path) as service, service.key(Role.PHONE_SYSTEM) as machine:
        key = machine.headers["authorization"].split()[1]

        async def both() -> tuple[CheckAnswer, CheckAnswer, CheckAnswer]:
            async with Client([DOWN, service.url], key, timeout=5) as client:
                one = await client.check("call", id="C1", prisoner="X1234BC", to="141 " + RESTRICTED)
                two = await client.check("call", id="C2", prisoner="X1234BC", establishment="LEI", to=FREE)
                with pytest.raises(RefusedRequestError, match="prisoner"):
                    await client.check("call", id="C3", prisoner="nobody", to=FREE)
                three = await client.check("message", id="M1", prisoner="X1234BC", to=FREE, body="hello")
                return one, two, three

        blocked, allowed, message = run(both())
    assert (blocked.decision, blocked.action, blocked.source) == ("block", "refuse", "service")
    assert (allowed.decision, allowed.action, allowed.source) == ("allow", "connect", "service")
    assert (message.action, message.source) == ("deliver", "service")


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_not_an_answer_is_none(answer: Any) -> None:
    with stand_in(answer) as (url, asked):
        got = run(ask([url], timeout=2))
        assert (got.decision, got.action, got.source) == ("block", "refuse", "unreachable")
        assert len(asked) == 1


def test_a_node_that_is_slow_has_the_next_one_asked_with_the_same_id() -> None:
    with (
        stand_in(lambda body: (200, answer_of(body)), seconds=1.5) as (slow, first),
        stand_in(lambda body: (200, answer_of(body))) as (quick, second),
    ):
        got = run(ask([slow, quick], timeout=1.2, hedge_after=0.05))
        assert (got.action, got.source) == ("connect", "service")
        assert [body["id"] for body in first + second] == ["C1", "C1"]


def test_a_quick_node_is_the_only_one_asked() -> None:
    with (
        stand_in(lambda body: (200, answer_of(body))) as (quick, _),
        stand_in(lambda body: (200, answer_of(body))) as (other, asked),
    ):
        assert run(ask([quick, other], timeout=5, hedge_after=4)).source == "service"
        assert asked == []


def test_nobody_waits_longer_than_the_timeout() -> None:
    with stand_in(lambda body: (200, answer_of(body)), seconds=3) as (slow, _):
        began = time.monotonic()
        got = run(ask([slow, slow], timeout=0.3, hedge_after=0.1))
        assert time.monotonic() - began < 2.5
        assert (got.action, got.source) == ("refuse", "unreachable")


def test_a_node_that_could_not_be_reached_is_asked_last_for_a_while() -> None:
    async def twice(url: str) -> list[str]:
        async with Client([DOWN, url], "a-key", timeout=5) as client:
            await client.check("call", id="C1", prisoner="X1234BC", to=FREE)
            return client._in_order()

    with stand_in(lambda body: (200, answer_of(body))) as (url, _):
        assert run(twice(url)) == [url, DOWN]


def test_the_operator_chooses_for_each_channel_and_cannot_choose_allow() -> None:
    async def letter() -> CheckAnswer:
        async with Client([DOWN], "a-key", on_unreachable={"letter": "block"}) as client:
            return await client.check("letter", id="L1", to="A Smith\n1 High Street")

    assert run(letter()).action == "stop"
    assert run(ask([DOWN], on_unreachable={"call": "flag"})).action == "connect_and_alert"
    with pytest.raises(ValueError, match="on_unreachable"):
        Client([DOWN], "a-key", on_unreachable={"call": "allow"})
    with pytest.raises(ValueError, match="node"):
        Client([], "a-key")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "blocklist"
    path.write_bytes(save(compile_blocklist([LISTED]), read_policy()))
    return path


def test_the_last_known_list_answers_when_nobody_does(saved: Path) -> None:
    known = LastKnown(saved)
    blocked = run(ask([DOWN], to="+44 7700 900123", last_known=known))
    assert (blocked.action, blocked.source) == ("refuse", "last_known")
    assert run(ask([DOWN], last_known=known)).action == "connect"


def test_the_list_in_force_is_saved_for_it_by_a_command(tmp_path: Path) -> None:
    data, lines, file = tmp_path / "data", tmp_path / "lines.jsonl", tmp_path / "blocklist"
    assert command(data, "init").returncode == 0
    lines.write_text(RESTRICTION)
    assert command(data, "import", str(lines)).returncode == 0
    for _ in range(2):
        said = command(data, "save-blocklist", str(file))
        assert said.returncode == 0, said.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(tmp_path.iterdir()) == [file, data, lines]
    known = LastKnown(file)
    assert run(ask([DOWN], to=RESTRICTED, last_known=known)).action == "refuse"
    assert run(ask([DOWN], last_known=known)).action == "connect"


def test_a_last_known_list_that_is_old_allows_nothing(saved: Path) -> None:
    old = time.time() - timedelta(days=3).total_seconds()
    os.utime(saved, (old, old))
    got = run(ask([DOWN], last_known=LastKnown(saved)))
    assert (got.decision, got.source) == ("flag", "last_known")


def test_a_last_known_list_that_is_damaged_or_gone_is_none(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-1])
    assert run(ask([DOWN], last_known=LastKnown(saved))).source == "unreachable"
    saved.unlink()
    assert run(ask([DOWN], last_known=LastKnown(saved))).action == "refuse"


PACKAGED = files("engine").joinpath("policy.toml").read_text()
NEAR = "07700 900124"


def policy(near: str) -> Policy:
    """One that says something else of a number that is one digit away."""
    return read_policy(PACKAGED.replace('NEAR_NUMBER = "flag"', f'NEAR_NUMBER = "{near}"').encode())


@pytest.mark.parametrize(
    ("kept", "given", "decision"),
    [
        ("block", None, "block"),
        ("allow", None, "allow"),
        (None, None, "flag"),
        (None, "block", "block"),
        (None, "allow", "flag"),
        ("allow", "block", "block"),
        ("block", "allow", "block"),
    ],
)
def test_a_last_known_list_decides_by_the_policy_saved_with_it_or_the_stricter_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kept: str | None, given: str | None, decision: str
) -> None:
    file = tmp_path / "saved"
    file.write_bytes(save(compile_blocklist([LISTED]), policy(kept) if kept else None))
    known = LastKnown(file, policy=policy(given) if given else None)
    got = run(ask([DOWN], to=NEAR, last_known=known))
    assert (got.decision, got.source) == (decision, "last_known")
    assert ("holds no policy" in caplog.text) == (kept is None)


def test_a_saved_policy_under_the_floor_of_every_policy_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "saved"
    lax = policy("flag")
    lax.reasons["RESTRICTED_NUMBER"] = "allow"  # as somebody who writes the file could
    file.write_bytes(save(compile_blocklist([LISTED]), lax))
    assert run(ask([DOWN], to=RESTRICTED, last_known=LastKnown(file))).source == "unreachable"


def test_where_an_attempt_stands_the_node_says_that_was_asked_about_it() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "held":
            return httpx.Response(200, json={"id": "M1", "state": "released"})
        return httpx.Response(404 if request.url.host == "other" else 503)

    async def standing(*nodes: str) -> str | None:
        transport = httpx.MockTransport(answer)
        async with Client([f"http://{node}" for node in nodes], "a-key", transport=transport) as client:
            return await client.standing("message", "M1")

    assert run(standing("other", "failing", "held")) == "released"
    assert run(standing("other", "failing")) == "unknown"
    assert run(standing("failing")) is None
