"""A platform submits over real TCP to a real gate; the carrier gets what was answered for, nothing else."""

from __future__ import annotations

import asyncio
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec

import pytest
import smpp34

from adapters.check_client.client import Client, LastKnown
from adapters.messaging import short_messages, smpp
from adapters.messaging.short_messages import PRISONER_TAG, Message, Place, attempt_id
from adapters.messaging.smpp import OK, QUEUE_FULL, SUBMIT_FAILED, SYSTEM_ERROR, Gate
from benchmarks.load import serving
from engine.blocklist import compile_blocklist
from engine.model import Contact, ProtectedPerson, Restriction
from engine.saved import save
from tests.adapters.pin_phone.sip.exchange import answer_of, stand_in

DOWN = "http://127.0.0.1:9"
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
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.01)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


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


FORMS = ("8 bit", "16 bit", "sar")


@played
async def test_what_may_go_goes_on_unchanged_but_for_the_prisoner_number(check: Check) -> None:
    fields: dict[str, Any] = {
        "source_addr": "Prison",
        "source_addr_ton": 5,
        "source_addr_npi": 0,
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "service_type": "CMT",
        "esm_class": 0x83,
        "registered_delivery": 17,
        "data_coding": 3,
    }
    more = (tlv(0x0204, b"\0\7"), tlv(0x0426, b"\1"), tlv(0x1500, b"of a vendor"))
    async with scene(check.client()) as here:
        assert await submit(await here.bind(), b"caf\xe9", tlvs=more, **fields) == (OK, "C1")
    (taken,) = here.carrier.taken
    assert {name: getattr(taken, name) for name in fields} == fields
    assert (taken.destination_addr, taken.short_message) == ("442079460018", b"caf\xe9")
    assert [(one.tag, one.value) for one in taken.tlvs] == [(one.tag, one.value) for one in more]
    (question,) = check.asked
    assert question.pop("id")
    assert question == {"prisoner": "X1234BC", "to": FREE, "body": "café"}


@played
async def test_the_carriers_refusal_is_passed_back(check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        for status in (0x0B, 0x58, SUBMIT_FAILED):
            here.carrier.status = status
            assert await submit(session) == (status, None)
        here.carrier.status = 0x0400  # of a vendor, which the library cannot say
        assert await submit(session) == (SYSTEM_ERROR, None)


@played
async def test_hold_and_stop_are_refused_as_a_carrier_refuses_and_nothing_goes_on(check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        assert await submit(session, b"hold this") == (SUBMIT_FAILED, None)
        assert await submit(session, b"stop this") == (SUBMIT_FAILED, None)
        assert await submit(session, to=RESTRICTED) == (SUBMIT_FAILED, None)
        assert [len(check.asked), here.carrier.taken] == [3, []]
        here.carrier.status = SUBMIT_FAILED
        assert await submit(session) == (SUBMIT_FAILED, None)
        assert len(here.carrier.taken) == 1


@played
async def test_a_real_list_decides(tmp_path: Path) -> None:
    contact = Contact(kind="phone", value="07700 900123")
    person = ProtectedPerson(name="Rhoswen Tallantyre")
    restriction = Restriction(id="R1", prisoner="X1234BC", pathway=1, protected=person, contacts=(contact,))
    (tmp_path / "saved").write_bytes(save(compile_blocklist([restriction])))
    async with scene(Client([DOWN], "a-key", last_known=LastKnown(tmp_path / "saved"))) as here:
        session = await here.bind()
        assert (await submit(session))[0] == OK
        assert (await submit(session, to=RESTRICTED))[0] == SUBMIT_FAILED
        assert (await submit(session, to="07700900123", dest_addr_ton=0))[0] == SUBMIT_FAILED
        assert (await submit(session, b"ring 07700 900123"))[0] == SUBMIT_FAILED
        halves = (b"ring 0770", b"0900123 tonight")
        for half in halves:
            assert (await submit(session, half, to=FREE_TOO))[0] == OK
        parts = (part("8 bit", 7, 2, n, half) for n, half in enumerate(halves, 1))
        assert await submit_all(*(submit(session, **one) for one in parts)) == [SUBMIT_FAILED] * 2
        assert here.carrier.texts == [PLAIN, *halves]


@played
async def test_what_no_node_answers_is_refused() -> None:
    async with scene(Client([DOWN], "a-key", timeout=1)) as here:
        assert await submit(await here.bind()) == (SUBMIT_FAILED, None)
        assert here.carrier.taken == []


@played
async def test_what_is_not_an_answer_is_refused(check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        for word in ("call", "unlike", "another", "error", "invalid"):
            assert await submit(session, word.encode()) == (SUBMIT_FAILED, None)
            assert check.bodies[-1] == word
        assert here.carrier.taken == []


@played
async def test_a_sender_that_is_the_prisoner_number_says_whose_it_is_and_does_not_go_on(check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        for prisoner in (None, PRISONER, PRISONER + b"\0"):
            said = await submit(session, prisoner=prisoner, source_addr="X1234BC", source_addr_ton=5)
            assert said[0] == OK
        assert (await submit(session, source_addr="x1234bc"))[0] == OK
        assert [one["prisoner"] for one in check.asked] == ["X1234BC"] * 4
        for taken in here.carrier.taken:
            assert (taken.source_addr, taken.source_addr_ton, taken.tlvs) == ("", 0, [])


@played
async def test_another_tag_may_say_whose_it_is(check: Check) -> None:
    async with scene(check.client(), prisoner_tag=0x1500) as here:
        session = await here.bind()
        assert (await submit(session))[0] == SUBMIT_FAILED
        assert (await submit(session, prisoner=None, tlvs=(tlv(0x1500, OTHER),)))[0] == OK
        assert [one["prisoner"] for one in check.asked] == ["X5678CD"]
        assert here.carrier.taken[0].tlvs == []


@played
async def test_each_coding_is_read_and_passed_on_as_it_came(check: Check) -> None:
    both = "Ok: €5 [a] {b} ~ | ^ \\ ¿Ñandù? £Δ_à\r\n@"
    septets = (
        b"Ok: \x1be5 \x1b<a\x1b> \x1b(b\x1b) \x1b= \x1b@ \x1b\x14 \x1b/"
        b" \x60\x5dand\x06? \x01\x10\x11\x7f\r\n\0"
    )
    given = (
        (0, septets, both),
        (1, b"plain", "plain"),
        (3, b"\xa35 caf\xe9", "£5 café"),
        (8, "Привет 🙂".encode("utf-16-be"), "Привет 🙂"),
    )
    async with scene(check.client()) as here:
        session = await here.bind()
        for coding, octets, text in given:
            assert (await submit(session, octets, data_coding=coding))[0] == OK
            assert check.bodies[-1] == text
            assert here.carrier.taken[-1].short_message == octets
            payload = (tlv(0x0424, octets),)
            assert (await submit(session, b"", tlvs=payload, data_coding=coding))[0] == OK
            assert check.bodies[-1] == text
            assert here.carrier.taken[-1].tlvs[0].value == octets


BEYOND = bytes(short_messages.LONGEST_TEXT + 1).replace(b"\0", b"a")
UNREADABLE: dict[str, dict[str, Any]] = {
    "no prisoner number": {"prisoner": None, "source_addr": "Prison"},
    "a prisoner number that is none": {"prisoner": b"1234567"},
    "one that is none beside one that is": {"prisoner": b"", "source_addr": "X1234BC"},
    "one in small letters": {"prisoner": b"x1234bc"},
    "two that differ": {"source_addr": "X5678CD"},
    "two parameters": {"tlvs": (tlv(PRISONER_TAG, OTHER),)},
    "the same twice": {"tlvs": (tlv(PRISONER_TAG, PRISONER),)},
    "nothing": {"text": b""},
    "binary": {"data_coding": 4},
    "binary of 8 bits": {"data_coding": 2},
    "a class of message": {"data_coding": 0xF1},
    "Japanese": {"data_coding": 5},
    "packed septets": {"text": b"\xe8\x32\x9b\xfd\x06"},
    "an escape to nothing": {"text": b"\x1ba"},
    "an escape at the end": {"text": b"a\x1b"},
    "not ASCII": {"text": b"caf\xe9", "data_coding": 1},
    "half a letter": {"text": b"\0a\0", "data_coding": 8},
    "half a pair": {"text": b"\xd8\x3d", "data_coding": 8},
    "two texts": {"tlvs": (tlv(0x0424, b"another"),)},
    "too long": {"text": b"", "tlvs": (tlv(0x0424, BEYOND),)},
    "a header that ends early": {"text": b"\x05\0\3\1", "esm_class": 0x40},
    "a header of nothing": {"text": b"\0hello", "esm_class": 0x40},
    "a header and no octet": {"text": b"", "esm_class": 0x40},
    "a header with a wrong size": {"text": b"\x05\0\4\1\1\1hello", "esm_class": 0x40},
    "a header for a program": {"text": b"\x06\x05\4\x0b\x84\0\0hello", "esm_class": 0x40},
    "another alphabet": {"text": b"\x03\x25\1\1hello", "esm_class": 0x40},
    "two headers": {"text": b"\x08\0\3\1\1\1\x25\1\1hello", "esm_class": 0x40},
    "part 0": part("8 bit", 1, 2, 0, PLAIN),
    "a part behind the last": part("16 bit", 1, 2, 3, PLAIN),
    "of no parts": part("sar", 1, 0, 0, PLAIN),
    "a part in two ways": part("8 bit", 1, 1, 1, PLAIN) | {"tlvs": part("sar", 1, 1, 1, b"")["tlvs"]},
    "a part without a total": {"tlvs": part("sar", 1, 1, 1, b"")["tlvs"][::2]},
    "a part with a reference of one octet": {
        "tlvs": (tlv(0x020C, b"\1"), *part("sar", 1, 1, 1, b"")["tlvs"][1:])
    },
    "no text but a receipt": {"esm_class": 0x04},
    "for the SIM": {"protocol_id": 0x7F},
    "for an e-mail gateway": {"protocol_id": 0x32},
    "for a program": {"tlvs": (tlv(0x020B, b"\x0b\x84"),)},
    "a number beside the text": {"tlvs": (tlv(0x0381, b"\0\1\x0107700900123"),)},
    "a sender in other letters": {"source_addr": "Príson"},
    "to a name": {"to": "Prison", "dest_addr_ton": 5},
    "to letters": {"to": "0770090O123", "dest_addr_ton": 0},
    "to a private number": {"dest_addr_npi": 9},
    "to the network's own": {"dest_addr_ton": 3},
    "to digits of any country": {"to": "33612345678", "dest_addr_ton": 0},
    "to a zero behind the plus": {"to": "07700900456", "dest_addr_ton": 1},
}


@played
async def test_what_cannot_be_read_is_refused_the_same_way_and_nobody_is_asked(check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        async with asyncio.timeout(60):
            said = {what: await submit(session, **fields) for what, fields in UNREADABLE.items()}
        assert said == dict.fromkeys(UNREADABLE, (SUBMIT_FAILED, None))
        assert [check.asked, here.carrier.taken] == [[], []]
        assert (await submit(session))[0] == OK


@played
async def test_a_number_is_asked_about_as_the_carrier_will_read_it(check: Check) -> None:
    given = {
        (1, "442079460018"): "+442079460018",
        (1, "+33612345678"): "+33612345678",
        (2, "2079460018"): "02079460018",
        (2, "02079460018"): "02079460018",
        (0, "02079460018"): "02079460018",
        (0, "00442079460018"): "00442079460018",
        (0, "442079460018"): "442079460018",
        (0, "+33612345678"): "+33612345678",
    }
    async with scene(check.client()) as here:
        session = await here.bind()
        for ton, to in given:
            said = await session.submit_sm(to, PLAIN, dest_addr_ton=ton, tlvs=[tlv(PRISONER_TAG, PRISONER)])
            assert said.is_success
        assert [one["to"] for one in check.asked] == list(given.values())
        assert [one.destination_addr for one in here.carrier.taken] == [to for _, to in given]


@pytest.mark.parametrize("form", FORMS)
@played
async def test_parts_in_any_order_are_one_body_and_none_goes_before_the_last(form: str, check: Check) -> None:
    texts = {3: b"on Sunday.", 1: b"deliver ", 2: b"See you "}
    async with scene(check.client()) as here:
        session = await here.bind()
        parts = {n: part(form, 200, 3, n, text) for n, text in texts.items()}
        early = [asyncio.create_task(submit(session, **parts[n])) for n in (3, 1)]
        await asyncio.sleep(0.2)
        assert [check.asked, here.carrier.taken, any(one.done() for one in early)] == [[], [], False]
        assert (await submit(session, **parts[2]))[0] == OK
        names = {await one for one in early}
        assert len(names) == 2
        assert {status for status, _ in names} == {OK}
        assert check.bodies == ["deliver See you on Sunday."]
        assert sorted(here.carrier.texts) == sorted(one["text"] for one in parts.values())
        again = [part(form, 200, 2, n, b"Again. ") for n in (1, 2)]  # the same reference for another text
        assert await submit_all(*(submit(session, **one) for one in again)) == [OK] * 2
        assert check.bodies[1:] == ["Again. Again. "]


@pytest.mark.parametrize("form", FORMS)
@played
async def test_a_number_that_is_split_over_two_parts_stops_both(form: str, check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        halves = (part(form, 9, 2, 2, b"0900123"), part(form, 9, 2, 1, b"stop 0770"))
        assert await submit_all(*(submit(session, **one) for one in halves)) == [SUBMIT_FAILED] * 2
        assert check.bodies == ["stop 07700900123"]
        assert here.carrier.taken == []


@played
async def test_a_letter_that_is_split_over_two_parts_is_read(check: Check) -> None:
    octets = "a🙂".encode("utf-16-be")
    async with scene(check.client()) as here:
        session = await here.bind()
        halves = (part("8 bit", 9, 2, 1, octets[:4]), part("8 bit", 9, 2, 2, octets[4:]))
        said = await submit_all(*(submit(session, data_coding=8, **one) for one in halves))
        assert [said, check.bodies[0]] == [[OK, OK], "a🙂"]


@played
async def test_parts_of_which_one_is_missing_are_refused_after_a_while(check: Check) -> None:
    async with scene(check.client(), patience=0.3) as here:
        session = await here.bind()
        first, last = (part("8 bit", 9, 3, n, PLAIN) for n in (1, 3))
        assert await submit_all(submit(session, **first), submit(session, **last)) == [SUBMIT_FAILED] * 2
        assert await submit(session, **part("8 bit", 9, 3, 2, PLAIN)) == (SUBMIT_FAILED, None)
        assert [check.asked, here.carrier.taken] == [[], []]


@played
async def test_a_part_that_comes_twice_must_say_the_same(check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        first, other, last = (
            part("sar", 9, 2, n, text) for n, text in ((1, b"One "), (1, b"Two "), (2, b"more."))
        )
        async with asyncio.timeout(20):  # at once, not after a while
            said = await submit_all(*(submit(session, **one) for one in (first, other)))
        assert [said, check.asked] == [[SUBMIT_FAILED] * 2, []]
        twice = [asyncio.create_task(submit(session, **first)) for _ in range(2)]
        await asyncio.sleep(0.2)
        said = [(await submit(session, **last))[0], *[status for status, _ in await asyncio.gather(*twice)]]
        assert [said, check.bodies] == [[OK] * 3, ["One more."]]


CONTRADICTIONS = {
    "the total": (part("8 bit", 9, 2, 1, PLAIN), part("8 bit", 9, 3, 2, PLAIN)),
    "the coding": (part("8 bit", 9, 2, 1, PLAIN), part("8 bit", 9, 2, 2, PLAIN) | {"data_coding": 3}),
    "half letters": tuple(
        part("8 bit", 9, 2, n, half) | {"data_coding": 8} for n, half in ((1, b"\0a\0"), (2, b"b\0c"))
    ),
    "nothing in it": (part("8 bit", 9, 2, 1, b""), part("8 bit", 9, 2, 2, b"")),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
@played
async def test_parts_that_contradict_each_other_are_refused(what: str, check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        said = await submit_all(*(submit(session, **one) for one in CONTRADICTIONS[what]))
        assert [said, check.asked, here.carrier.taken] == [[SUBMIT_FAILED] * 2, [], []]


@played
async def test_parts_of_different_texts_are_never_put_together(check: Check) -> None:
    async with scene(check.client(), patience=0.8) as here:
        one, other = await here.bind(), await here.bind()
        first, last = part("8 bit", 9, 2, 1, PLAIN), part("8 bit", 9, 2, 2, PLAIN)
        said = await submit_all(
            submit(one, **first),
            submit(other, **last),
            submit(one, to=FREE_TOO, **last),
            submit(one, prisoner=OTHER, **last),
            submit(one, **part("8 bit", 8, 2, 2, PLAIN)),
            submit(one, **part("16 bit", 9, 2, 2, PLAIN)),
            submit(one, **part("16 bit", 256 + 9, 2, 1, PLAIN)),
            submit(one, **part("sar", 9, 2, 2, PLAIN)),
        )
        assert [said, check.asked] == [[SUBMIT_FAILED] * 8, []]


@played
async def test_there_is_a_limit_to_parts_and_to_waiting_texts(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smpp, "MOST_WAITING", 1)
    async with scene(check.client()) as here:
        one, other = await here.bind(), await here.bind()
        assert (await submit(one, **part("8 bit", 1, short_messages.MOST_PARTS + 1, 1, PLAIN)))[
            0
        ] == SUBMIT_FAILED
        waiting = asyncio.create_task(submit(one, **part("8 bit", 1, 2, 1, PLAIN)))
        await asyncio.sleep(0.1)
        assert (await submit(other, **part("8 bit", 2, 2, 1, PLAIN)))[0] == SUBMIT_FAILED
        assert (await submit(other))[0] == OK
        await one.unbind()  # with the session go its parts
        await asyncio.gather(waiting, return_exceptions=True)
        await asyncio.sleep(0.1)
        halves = [part("8 bit", 2, 2, n, PLAIN) for n in (1, 2)]
        assert await submit_all(*(submit(other, **half) for half in halves)) == [OK, OK]


def message(**fields: Any) -> Message:
    plain: dict[str, Any] = {
        "prisoner": "X1234BC",
        "to": FREE,
        "coding": 0,
        "octets": PLAIN,
        "place": None,
        "reference": b"\0\7",
    }
    return Message(**plain | fields)


def test_a_repetition_has_the_same_id_for_a_while_and_another_message_never() -> None:
    now = 1_700_000_100.0
    made = attempt_id([message()], now)
    assert made == attempt_id([message()], now + 1)
    others = (
        attempt_id([message()], now + short_messages.SAME_FOR),
        attempt_id([message(octets=b"Another text.")], now),
        attempt_id([message(coding=3)], now),
        attempt_id([message(reference=b"\0\x08")], now),
        attempt_id([message(to=FREE_TOO)], now),
        attempt_id([message(prisoner="X5678CD")], now),
        attempt_id([message(), message(reference=b"")], now),
        attempt_id([message(reference=b"")], now),
        attempt_id([message(reference=b"")], now),
    )
    assert len({made, *others}) == 10


@played
async def test_the_id_is_made_of_the_platforms_reference(check: Check) -> None:
    async with scene(check.client(), clock=lambda: 1_700_000_100.0) as here:
        session = await here.bind()
        for reference in ((tlv(0x0204, b"\0\7"),), (tlv(0x0204, b"\0\7"),), (), ()):
            assert (await submit(session, tlvs=reference))[0] == OK
        first, again, fresh, other = (one["id"] for one in check.asked)
        assert first == again == attempt_id([message()], 1_700_000_100.0)
        assert len({first, fresh, other}) == 3


@played
async def test_without_the_carrier_nobody_is_asked_and_when_it_is_back_all_is_well(check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        await here.carrier.shut()
        await until(lambda: not here.gate.is_bound)
        for to in (FREE, RESTRICTED):
            assert await submit(session, to=to) == (SYSTEM_ERROR, None)
        assert check.asked == []
        await asyncio.sleep(0.2)  # at least one try in vain
        await here.carrier.open()
        await until(lambda: here.gate.is_bound)
        assert (await submit(session))[0] == OK


@played
async def test_a_carrier_that_goes_before_it_answers_is_a_system_error(check: Check) -> None:
    async with scene(check.client()) as here:
        here.carrier.status = None
        waiting = asyncio.create_task(submit(await here.bind()))
        await until(lambda: len(here.carrier.taken) == 1)
        await here.carrier.shut()
        assert await waiting == (SYSTEM_ERROR, None)
        await here.carrier.open()


@played
async def test_the_carrier_owes_no_more_answers_than_its_window_has(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smpp, "WINDOW", 2)
    async with scene(check.client()) as here:
        session = await here.bind()
        here.carrier.status = None
        waiting = [asyncio.create_task(submit(session, b"%d" % n)) for n in range(4)]
        await until(lambda: len(here.carrier.taken) == 2)
        await asyncio.sleep(0.3)
        assert len(here.carrier.taken) == 2
        here.carrier.status = OK
        for taken in here.carrier.taken:
            taken.accept("late")
        assert [status for status, _ in await asyncio.gather(*waiting)] == [OK] * 4


@played
async def test_a_receipt_is_passed_back_to_a_transceiver(check: Check) -> None:
    fields: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "service_type": "CMT"}
    async with scene(check.client()) as here:
        await here.bind("TX")
        session = await here.bind()
        receipt = (tlv(0x001E, b"C1\0"), tlv(0x0427, b"\2"))
        assert await here.carrier.deliver(b"id:C1 stat:DELIVRD", tlvs=[*receipt], **fields) == OK
        came = await session.next()
        assert isinstance(came, smpp34.DeliverSmEvent)
        assert {name: getattr(came, name) for name in fields} == fields
        assert (came.short_message, came.esm_class) == (b"id:C1 stat:DELIVRD", 4)
        assert (came.source_addr, came.destination_addr) == (FREE, "447700900999")
        assert [(one.tag, one.value) for one in came.tlvs] == [(one.tag, one.value) for one in receipt]
        assert check.asked == []


@played
async def test_receipts_wait_for_a_receiver_and_do_not_wait_for_each_other(check: Check) -> None:
    async with scene(check.client()) as here, asyncio.timeout(60):
        sender, gone = await here.bind("TX"), await here.bind("RX")
        await gone.unbind()
        await asyncio.sleep(0.1)
        for number in (b"1", b"2"):
            assert await here.carrier.deliver(number) == OK
        assert (await submit(sender))[0] == OK
        receiver = await here.bind("RX")
        came = [await receiver.next(), await receiver.next()]
        assert {one.short_message for one in came if isinstance(one, smpp34.DeliverSmEvent)} == {
            b"1",
            b"2",
        }


@played
async def test_of_too_many_receipts_the_last_are_kept(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp, "MOST_RECEIPTS", 2)
    async with scene(check.client()) as here, asyncio.timeout(60):
        for number in range(5):  # the first is taken from those that are kept, and waits for a receiver
            assert await here.carrier.deliver(b"%d" % number) == OK
            await asyncio.sleep(0.05)
        session = await here.bind()
        came = [await session.next() for _ in range(3)]
        texts = {one.short_message for one in came if isinstance(one, smpp34.DeliverSmEvent)}
        assert texts == {b"0", b"3", b"4"}


@played
async def test_a_receipt_goes_to_a_session_that_is_still_there(check: Check) -> None:
    async with scene(check.client()) as here:
        session, later = await here.bind(), await here.bind()
        await later.unbind()
        await asyncio.sleep(0.1)
        await here.carrier.deliver(b"1")
        came = await session.next()
        assert isinstance(came, smpp34.DeliverSmEvent)


@played
async def test_a_receipt_that_one_session_does_not_take_goes_to_another(check: Check) -> None:
    async with scene(check.client()) as here, asyncio.timeout(60):
        session = await here.bind()
        refusing, writer = await asyncio.open_connection("127.0.0.1", here.port)
        assert await said_to(refusing, writer, 0x09, BIND) == OK
        await asyncio.sleep(0.1)  # the library answers before it says who is bound
        leaving, closing = await asyncio.open_connection("127.0.0.1", here.port)
        assert await said_to(leaving, closing, 0x09, BIND) == OK
        await asyncio.sleep(0.1)
        assert await here.carrier.deliver(b"1") == OK
        assert (await request_on(leaving))[0] == 0x05
        closing.close()
        command, number = await request_on(refusing)
        assert command == 0x05
        writer.write(struct.pack(">IIII", 17, 0x80000005, 0x14, number) + b"\0")
        came = await session.next()
        assert isinstance(came, smpp34.DeliverSmEvent)
        assert (await submit(session))[0] == OK
        writer.close()


@played
async def test_two_sessions_at_once_each_have_their_own_answers(check: Check) -> None:
    async with scene(check.client()) as here:
        sessions = [await here.bind(), await here.bind()]
        tasks = [
            asyncio.create_task(submit(session, b"%s %d" % (word, n), to=f"+44207946{n:02}{number:02}"))
            for n in range(5)
            for number, (session, word) in enumerate(
                zip(sessions, (b"deliver slowly", b"hold slowly"), strict=True)
            )
        ]
        said = [status for status, _ in await asyncio.gather(*tasks)]
        assert said == [OK, SUBMIT_FAILED] * 5
        assert len({name for name in [task.result()[1] for task in tasks] if name}) == 5
        assert sorted(here.carrier.texts) == [b"deliver slowly %d" % n for n in range(5)]


@played
async def test_texts_of_one_prisoner_to_one_number_are_asked_about_one_after_another() -> None:
    inside: list[str] = []
    most: list[tuple[str, ...]] = []
    lock = threading.Lock()

    def answer(body: dict[str, str]) -> tuple[int, bytes]:
        with lock:
            inside.append(body["to"])
            most.append(tuple(inside))
        time.sleep(0.2)
        with lock:
            inside.remove(body["to"])
        return 200, answer_of(body, action="deliver")

    with stand_in(answer) as (url, asked):
        async with scene(Client([url], "a-key", timeout=5)) as here:
            session = await here.bind()
            texts = [(FREE, b"1"), (FREE, b"2"), (FREE_TOO, b"3"), (FREE, b"4")]
            said = await submit_all(*(submit(session, text, to=to) for to, text in texts))
            assert said == [OK] * 4
            assert [one["body"] for one in asked if one["to"] == FREE] == ["1", "2", "4"]
            assert max(together.count(FREE) for together in most) == 1
            assert max(len(together) for together in most) == 2


@played
async def test_more_than_can_be_in_hand_is_sent_back(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp, "MOST_IN_HAND", 1)
    async with scene(check.client()) as here:
        session = await here.bind()
        others = submit(session), submit(session, to=RESTRICTED)
        said = await submit_all(submit(session, b"deliver slowly"), *others)
        assert [said, len(check.asked)] == [[OK, QUEUE_FULL, QUEUE_FULL], 1]
        assert (await submit(session))[0] == OK


@played
async def test_what_fails_is_refused_ends_nothing_and_says_nothing(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    class Broken(Client):
        async def check(self, *args: Any, **options: Any) -> Any:
            raise RuntimeError(options)

    async with scene(Broken([DOWN], "a-key")) as here:
        session = await here.bind()
        for _ in range(2):
            assert await submit(session) == (SUBMIT_FAILED, None)
        halves = [part("8 bit", 1, 2, n, PLAIN) for n in (1, 2)]
        assert await submit_all(*(submit(session, **half) for half in halves)) == [SUBMIT_FAILED] * 2
        assert here.carrier.taken == []
    said = caplog.text + "".join(capfd.readouterr())
    assert said.splitlines() == [
        f"listening on smpp://127.0.0.1:{here.port}",
        "carrier: bound",
        "carrier: gone",
    ]


def test_what_is_read_shows_none_of_it() -> None:
    where = smpp.Carrier(host="smsc.example", port=2775, system_id="prison", password="secret")  # noqa: S106
    assert repr(where) == "Carrier(smsc.example:2775)"
    placed = message(place=Place("sar", 1, 2, 1))
    for hidden in ("X1234BC", FREE[1:], "Sunday"):
        assert hidden not in repr(placed)


def submit_sm(text: bytes, to: bytes = b"442079460018") -> bytes:
    """The octets of a submit_sm's body, which the library's client would not send like that."""
    return b"\0\5\0X1234BC\0\1\1" + to + bytes(10) + bytes([len(text)]) + text


BIND = b"platform\0\0\0\x34\0\0\0"


async def request_on(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Command and number of what is asked next."""
    length, command, _, number = struct.unpack(">IIII", await reader.readexactly(16))
    await reader.readexactly(length - 16)
    return command, number


async def said_to(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: int, body: bytes
) -> int:
    """The status with which a request is answered."""
    writer.write(struct.pack(">IIII", 16 + len(body), command, 0, 1) + body)
    length, answered, status, _ = struct.unpack(">IIII", await reader.readexactly(16))
    await reader.readexactly(length - 16)
    assert answered == command | 0x80000000
    return int(status)


REQUESTS = {
    "data_sm": (0x103, b"\0\1\1X1234BC\0\1\x01442079460018\0\0\0\0" + b"\x04\x24\0\5hello\x14\3\0\7X1234BC"),
    "submit_multi": (0x21, b"\0\1\1X1234BC\0\1\1\1\x01442079460018\0\0\0\0\0\0\0\0\0\5hello"),
    "replace_sm": (0x07, b"C1\0\1\1X1234BC\0\0\0\0\0\5hello"),
    "query_sm": (0x03, b"C1\0\1\1X1234BC\0"),
    "cancel_sm": (0x08, b"\0C1\0\1\1X1234BC\0\1\x01442079460018\0"),
    "a text that is too long": (0x04, submit_sm(b"a" * 255)),
    "a text that ends early": (0x04, submit_sm(b"a" * 9)[:-1]),
    "a number that is not ASCII": (0x04, submit_sm(PLAIN, to=b"4420794600\xb2\xb3")),
    "a parameter that ends early": (0x04, submit_sm(b"") + b"\x04\x24\0\x09hello"),
}


@pytest.mark.parametrize("name", REQUESTS)
@played
async def test_no_other_request_and_no_broken_one_gets_anything_through(name: str, check: Check) -> None:
    command, body = REQUESTS[name]
    async with scene(check.client()) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
        assert await said_to(reader, writer, 0x09, BIND) == OK
        assert await said_to(reader, writer, 0x04, submit_sm(PLAIN)) == OK
        assert await said_to(reader, writer, command, body) != OK
        writer.close()
        assert [check.bodies, here.carrier.texts] == [[PLAIN.decode()], [PLAIN]]


@played
async def test_a_port_that_is_open_no_more_ends_the_gate(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smpp, "LISTENING_EVERY", 0.05)
    async with scene(check.client()) as here:
        session = await here.bind()
        await asyncio.sleep(0.5)
        assert (await submit(session))[0] == OK
    with pytest.raises(ConnectionRefusedError):
        await smpp._keep_listening("127.0.0.1", here.port)


def arguments(folder: Path, node: str, carrier: int, *more: str) -> list[str]:
    for name in ("key", "password"):
        (folder / name).write_text("a-secret\n")
    options = ["--node", node, "--key-file", str(folder / "key"), "--carrier", f"127.0.0.1:{carrier}"]
    return [*options, "--carrier-id", "prison", "--carrier-password-file", str(folder / "password"), *more]


@played
async def test_the_command_as_an_operator_starts_it(tmp_path: Path, check: Check) -> None:
    carrier, port = Carrier(), free_port()
    await carrier.open()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "adapters.messaging.smpp",
        *arguments(tmp_path, check.url, carrier.port, "--port", str(port), "--prisoner-tag", "0x1500"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=serving.environment(tmp_path),
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(2)]
    session = await smpp34.Client("127.0.0.1", port, "platform", "").connect()
    assert (await submit(session, prisoner=None, tlvs=(tlv(0x1500, PRISONER),)))[0] == OK
    assert (await submit(session, b"hold", prisoner=None, tlvs=(tlv(0x1500, PRISONER),)))[0] != OK
    await session.unbind()
    process.send_signal(signal.SIGINT)
    rest = await process.stdout.read()
    assert [await process.wait(), len(check.asked), carrier.texts] == [0, 2, [PLAIN]]
    assert (b"".join(lines) + rest).decode().splitlines() == [
        f"listening on smpp://127.0.0.1:{port}",
        "carrier: bound",
        "carrier: gone",
    ]
    await carrier.shut()


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (("--host", "0.0.0.0"), "--behind-proxy"),  # noqa: S104
        (("--host", "::"), "--behind-proxy"),
        (("--host", "192.0.2.1"), "--behind-proxy"),
        (("--host", "localhost"), "no IP address"),
        (("--host", "localhost", "--behind-proxy"), "no IP address"),
        (("--carrier", "2775"), "--carrier"),
        (("--prisoner-tag", "0x0424"), "--prisoner-tag"),
    ],
)
def test_a_command_that_would_be_open_to_anybody_is_refused(
    more: tuple[str, ...],
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["smpp", *arguments(tmp_path, DOWN, 9), *more])
    with pytest.raises(SystemExit, match="2"):
        smpp.main()
    assert what in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "127.0.0.2", "::1"])  # noqa: S104
def test_behind_a_proxy_or_on_a_loopback_address_it_listens(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listened: list[tuple[str, int]] = []

    async def serve(self: Gate, host: str, port: int) -> None:
        listened.append((host, port))

    monkeypatch.setattr(Gate, "serve", serve)
    proxy = ["--behind-proxy"] if host == "0.0.0.0" else []  # noqa: S104
    monkeypatch.setattr(sys, "argv", ["smpp", *arguments(tmp_path, DOWN, 9), "--host", host, *proxy])
    smpp.main()
    assert listened == [(host, 2775)]
