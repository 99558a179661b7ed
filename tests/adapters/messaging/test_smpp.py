"""A platform submits over real TCP to a real gate; the carrier gets what was answered for, nothing else."""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import smpp34

from adapters.check_client.client import Client, LastKnown
from adapters.messaging import smpp
from adapters.messaging.smpp import OK, QUEUE_FULL, SUBMIT_FAILED, SYSTEM_ERROR
from engine.blocklist import compile_blocklist
from engine.model import Contact, ProtectedPerson, Restriction
from engine.saved import save
from tests.adapters.messaging.conftest import (
    FREE,
    FREE_TOO,
    PLAIN,
    RESTRICTED,
    Check,
    part,
    played,
    scene,
    submit,
    submit_all,
    tlv,
    until,
)
from tests.adapters.pin_phone.sip.exchange import answer_of, stand_in

DOWN = "http://127.0.0.1:9"


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
    assert question == {"prisoner": "X1234BC", "to": FREE, "body": "Prison\nof a vendor\ncafé"}


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
async def test_a_held_text_goes_on_once_when_it_is_sent_again_after_its_release(check: Check) -> None:
    client, stands = check.client(), {"is": "held"}

    async def standing(channel: str, identifier: str) -> str:
        assert (channel, identifier) == ("message", check.asked[0]["id"])
        return stands["is"]

    client.standing = standing  # type: ignore[method-assign,assignment]
    async with scene(client) as here:
        session = await here.bind()
        for _ in range(2):
            assert (await submit(session, b"hold this"))[0] == SUBMIT_FAILED
        assert len(check.asked) == 1
        stands["is"] = "released"
        assert (await submit(session, b"hold that"))[0] == SUBMIT_FAILED
        assert (await submit(session, b"hold this", to=FREE_TOO))[0] == SUBMIT_FAILED
        assert here.carrier.texts == []
        assert (await submit(session, b"hold this"))[0] == OK
        assert (await submit(session, b"hold this"))[0] == SUBMIT_FAILED
        assert here.carrier.texts == [b"hold this"]


@played
@pytest.mark.parametrize("parts", [[b"hold this"], [b"hold ", b"this"]])
async def test_a_release_is_not_used_up_by_a_carrier_that_does_not_take_the_text(
    check: Check, parts: list[bytes]
) -> None:
    client, stands = check.client(), {"is": "held"}

    async def standing(channel: str, identifier: str) -> str:
        return stands["is"]

    client.standing = standing  # type: ignore[method-assign,assignment]
    async with scene(client) as here:
        session = await here.bind()

        async def sent() -> set[int]:
            if len(parts) == 1:
                return {(await submit(session, parts[0]))[0]}
            headed = [bytes([5, 0, 3, 7, 2, n]) + part for n, part in enumerate(parts, 1)]
            told = await asyncio.gather(*(submit(session, one, esm_class=0x40) for one in headed))
            return {status for status, _ in told}

        assert await sent() == {SUBMIT_FAILED}
        stands["is"] = "released"
        here.carrier.status = 0x58
        assert await sent() == {0x58}
        here.carrier.status = OK
        assert await sent() == {OK}
        assert await sent() == {SUBMIT_FAILED}
        assert len(check.asked) == 2


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
