"""A platform, a gate and a carrier, over real TCP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, NamedTuple, ParamSpec

import pytest
import smpp34

from adapters.check_client.client import Client
from adapters.messaging import smpp
from adapters.messaging.short_messages import PRISONER_TAG, Message
from adapters.messaging.smpp import OK, Gate
from benchmarks.free_port import free_port
from tests.adapters.pin_phone.sip.exchange import answer_of, stand_in

PRISONER, OTHER = b"X1234BC", b"X5678CD"
FREE, FREE_TOO, RESTRICTED = "+442079460018", "+442079460019", "+447700900123"
PLAIN = b"See you on Sunday."
P = ParamSpec("P")


def played(story: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test that is written as a coroutine."""

    @wraps(story)
    def test(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(asyncio.wait_for(story(*args, **kwargs), 300))

    return test


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("SETTLING", 0.02), ("BOUND_EVERY", 0.02), ("FIRST_PAUSE", 0.05)):
        monkeypatch.setattr(smpp, name, seconds)


class Check(NamedTuple):
    """The service: where it is, and what it was asked."""

    url: str
    asked: list[dict[str, str]]

    def client(self) -> Client:
        return Client([self.url], "a-key", timeout=5)

    @property
    def bodies(self) -> list[str]:
        return [one["body"] for one in self.asked]


def told(body: dict[str, str]) -> tuple[int, bytes]:
    """An answer as the first word of the body says: deliver where it says nothing."""
    if "slowly" in body["body"]:
        time.sleep(0.3)
    if body["to"] == RESTRICTED:
        return 200, answer_of(body, decision="block", action="stop")
    first, _, _ = body["body"].partition(" ")
    return ANSWERS.get(first, ANSWERS["deliver"])(body)


ANSWERS: dict[str, Callable[[dict[str, str]], tuple[int, bytes]]] = {
    "deliver": lambda body: (200, answer_of(body, action="deliver")),
    "hold": lambda body: (200, answer_of(body, decision="flag", action="hold")),
    "stop": lambda body: (200, answer_of(body, decision="block", action="stop")),
    "call": lambda body: (200, answer_of(body)),
    "unlike": lambda body: (200, answer_of(body, decision="flag", action="deliver")),
    "another": lambda body: (200, answer_of(body, id="another", action="deliver")),
    "error": lambda body: (500, answer_of(body, action="deliver")),
    "invalid": lambda body: (422, b'{"field": "body"}'),
}


@pytest.fixture(scope="module")
def _service() -> Iterator[Check]:
    with stand_in(told) as (url, asked):
        yield Check(url, asked)


@pytest.fixture
def check(_service: Check) -> Check:
    _service.asked.clear()
    return _service


class Carrier:
    """The library's own server: takes what comes, and says what it is told to."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[smpp34.SubmitSmEvent] = []
        self.status: int | None = OK
        """None: say nothing."""
        self._sessions: dict[str, smpp34.Esme] = {}

    async def open(self) -> None:
        self._server = smpp34.Server("127.0.0.1", self.port)
        await self._server.start()
        self._taking = asyncio.create_task(self._take())

    async def shut(self) -> None:
        for session in list(self._sessions.values()):
            await session.unbind()
        await self._server.stop()
        await ended(self._taking)

    async def deliver(self, text: bytes, **fields: Any) -> int:
        """What the gate says to a receipt."""
        (session,) = self._sessions.values()
        said = await session.deliver_sm("447700900999", text, source_addr=FREE, esm_class=4, **fields)
        return said.command_status

    @property
    def texts(self) -> list[bytes]:
        return [one.short_message for one in self.taken]

    async def _take(self) -> None:
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.Esme):
                self._sessions[event.session_id] = event
            elif isinstance(event, smpp34.Unbound):
                del self._sessions[event.session_id]
            else:
                self.taken.append(event)
                if self.status == OK:
                    event.accept(f"C{len(self.taken)}")
                elif self.status is not None:
                    event.reject(self.status)


class Scene:
    """A gate with a carrier behind it, and the platform's sessions before it."""

    def __init__(self, gate: Gate, carrier: Carrier) -> None:
        self.gate, self.carrier, self.port = gate, carrier, free_port()
        self.sessions: list[smpp34.Smsc] = []

    async def bind(self, kind: str = "TRX") -> smpp34.Smsc:
        client = smpp34.Client("127.0.0.1", self.port, "platform", "", bind_type=kind)
        session = await client.connect()
        self.sessions.append(session)
        return session


@asynccontextmanager
async def scene(client: Client, **options: Any) -> AsyncIterator[Scene]:
    carrier = Carrier()
    await carrier.open()
    where = smpp.Carrier(host="127.0.0.1", port=carrier.port, system_id="prison", password="secret")  # noqa: S106
    made = Scene(Gate(client, where, **options), carrier)
    running = asyncio.create_task(made.gate.serve("127.0.0.1", made.port))
    await until(lambda: made.gate.is_bound)
    try:
        yield made
    finally:
        for session in made.sessions:
            await session.unbind()
        assert not running.done()
        await ended(running)
        await carrier.shut()


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


def tlv(tag: int, value: bytes) -> smpp34.Tlv:
    return smpp34.Tlv(tag, value)


async def submit(
    session: smpp34.Smsc,
    text: bytes = PLAIN,
    *,
    to: str = FREE,
    prisoner: bytes | None = PRISONER,
    tlvs: tuple[smpp34.Tlv, ...] = (),
    **fields: Any,
) -> tuple[int, str | None]:
    """Status and name of one message."""
    whose = [] if prisoner is None else [tlv(PRISONER_TAG, prisoner)]
    said = await session.submit_sm(to.lstrip("+"), text, tlvs=[*whose, *tlvs], **fields)
    return said.command_status, said.message_id


async def submit_all(*submits: Coroutine[Any, Any, tuple[int, str | None]]) -> list[int]:
    """All of them without waiting for answers, in this order: the library sends what is held back together,
    and takes up together what came together, in any order.
    """
    tasks = []
    for one in submits:
        tasks.append(asyncio.create_task(one))
        await asyncio.sleep(0.06)
    return [status for status, _ in await asyncio.gather(*tasks)]


def part(form: str, reference: int, total: int, number: int, text: bytes) -> dict[str, Any]:
    """The fields of a part of a long text."""
    if form == "sar":
        values = (reference.to_bytes(2, "big"), bytes([total]), bytes([number]))
        return {"text": text, "tlvs": tuple(map(tlv, (0x020C, 0x020E, 0x020F), values))}
    if form == "8 bit":
        header = bytes([5, 0x00, 3, reference, total, number])
    else:
        header = bytes([6, 0x08, 4]) + reference.to_bytes(2, "big") + bytes([total, number])
    return {"text": header + text, "esm_class": 0x40}


def message(**fields: Any) -> Message:
    plain: dict[str, Any] = {
        "prisoner": "X1234BC",
        "beside": ("",),
        "to": FREE,
        "coding": 0,
        "octets": PLAIN,
        "place": None,
        "reference": b"\0\7",
    }
    return Message(**plain | fields)
