"""Asterisk's side of the conversation, spoken over TCP; and the dialplan refuses before it asks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adapters.check_client.client import Client
from adapters.pin_phone import fastagi
from service.access.model import Role
from tests.adapters.pin_phone.sip.exchange import answer_of, stand_in
from tests.service.running import service_in

DOWN = "http://127.0.0.1:9"
DIALPLANS = Path(fastagi.__file__).parent / "dialplans"
RESTRICTED, FREE = "07700900123", "02079460018"


async def asterisk(
    port: int, to: str, *, prisoner: str = "X1234BC", call: str = "1.1", first: bytes = b""
) -> list[str]:
    """What a call is told, in order."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    variables = {
        "agi_request": "agi://x/check",
        "agi_uniqueid": call,
        "agi_arg_1": prisoner,
        "agi_arg_2": "LEI",
    }
    lines = [f"{name}: {value}\n" for name, value in {**variables, "agi_arg_3": to}.items()]
    writer.write(first or ("".join(lines) + "\n").encode())
    told = []
    while line := await reader.readline():
        told.append(line.decode().strip())
        writer.write(b"200 result=1\n")
    writer.close()
    return [re.sub(r'^SET VARIABLE NOCONTACT "(.*)"$', r"\1", line) for line in told]


def talk(client: Client, conversation: Callable[[int], Awaitable[None]]) -> None:
    async def run() -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await fastagi.answer(client, reader, writer)

        async with client, await asyncio.start_server(connected, "127.0.0.1", 0) as server:
            await conversation(server.sockets[0].getsockname()[1])

    asyncio.run(run())


def test_a_call_is_refused_first_and_then_answered(tmp_path: Path) -> None:
    with service_in(tmp_path) as service, service.key(Role.PHONE_SYSTEM) as machine:
        key = machine.headers["authorization"].split()[1]

        async def conversation(port: int) -> None:
            assert await asterisk(port, FREE, call="1.1") == ["refuse", "connect"]
            assert await asterisk(port, "141" + RESTRICTED, call="1.2") == ["refuse", "refuse"]
            assert await asterisk(port, "07700900124", call="1.3") == ["refuse", "connect_and_alert"]
            assert await asterisk(port, "", call="1.4") == ["refuse", "refuse"]
            assert await asterisk(port, FREE, prisoner="", call="1.5") == ["refuse", "refuse"]

        talk(Client([service.url], key, timeout=5), conversation)


def test_nobody_answers(tmp_path: Path) -> None:
    async def conversation(port: int) -> None:
        assert await asterisk(port, FREE) == ["refuse", "unavailable"]

    talk(Client([DOWN], "a-key"), conversation)


def test_a_service_that_answers_nonsense() -> None:
    async def conversation(port: int) -> None:
        assert await asterisk(port, FREE) == ["refuse", "unavailable"]

    with stand_in(lambda body: (200, answer_of(body, decision="block"))) as (url, _):
        talk(Client([url], "a-key", timeout=2), conversation)


@pytest.mark.parametrize(
    "first", [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 300 + b"\n", b"agi_x: y\n" * 200, b"a" * 5000 + b"\n"]
)
def test_who_speaks_something_else_is_told_nothing(first: bytes) -> None:
    async def conversation(port: int) -> None:
        assert await asterisk(port, FREE, first=first) == []

    talk(Client([DOWN], "a-key"), conversation)


def test_a_phone_that_is_put_down_disturbs_no_other() -> None:
    async def conversation(port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"agi_uniqueid: 1\n")
        writer.close()
        assert await asterisk(port, FREE) == ["refuse", "connect"]

    with stand_in(lambda body: (200, answer_of(body))) as (url, _):
        talk(Client([url], "a-key", timeout=2), conversation)


def test_the_dialplan_refuses_before_it_asks_and_dials_what_it_asked_about() -> None:
    text = (DIALPLANS / "extensions.conf").read_text()
    lines = [line.partition(";")[0].strip() for line in text.splitlines()]
    steps = [line.partition(",")[2] for line in lines if line.startswith("same")]
    asking = next(number for number, step in enumerate(steps) if step.startswith("AGI("))
    assert steps.index("Set(NOCONTACT=refuse)") < asking
    assert "Set(NC_TO=${FILTER(0-9+*#,${EXTEN})})" in steps[:asking]
    (asked,) = re.findall(r"AGI\(agi://[^,]*,[^,]*,[^,]*,([^)]*)\)", "\n".join(steps))
    (dialled,) = re.findall(r"Dial\(PJSIP/(\$\{[A-Z_]*\})@", "\n".join(steps))
    assert asked == dialled == "${NC_TO}"
    assert all(step.startswith("GotoIf($[") for step in steps[asking + 1 : asking + 4])
    assert not any("Dial(" in line for line in lines if "(connect)" not in line)
