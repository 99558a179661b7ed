"""Short messages: each coding is read, parts are one text, and a repetition has its own id."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.messaging import short_messages, smpp
from adapters.messaging.short_messages import PRISONER_TAG, TextPart, attempt_id
from adapters.messaging.smpp import OK, SUBMIT_FAILED
from tests.adapters.messaging.conftest import (
    FREE,
    FREE_TOO,
    OTHER,
    PLAIN,
    PRISONER,
    Check,
    message,
    part,
    played,
    scene,
    submit,
    submit_all,
    tlv,
)

FORMS = ("8 bit", "16 bit", "sar")


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


@pytest.mark.parametrize(
    ("coding", "octets", "readings"),
    [
        (8, "Ring 07700 900123 é".encode("utf-16-le"), ("Ring 07700 900123 é",)),
        (8, "\ufeffRing 07700 900123".encode("utf-16-le"), ("\ufeffRing 07700 900123",)),
        (8, "Ring 07700 900123".encode("utf-16-be"), ()),
        (8, "下午六点".encode("utf-16-be"), ()),
        (8, b"Ring 07700 900123.", ("Ring 07700 900123.",)),
        (3, "Ring ٠٧٧٠٠ ٩٠٠١٢٣".encode(), ("Ring ٠٧٧٠٠ ٩٠٠١٢٣",)),
        (3, "Ring ０７７００".encode(), ("Ring ０７７００",)),
        (3, "café £5".encode("latin-1"), ()),
        (3, b"Ring 07700 900123", ()),
        (0, b"rhoswen_t@mail.example", ("rhoswen_t@mail.example",)),
        (0, b"rhoswen\x11t\0mail.example", ()),
        (0, b"\x1be5", ()),
    ],
)
def test_a_text_that_may_be_meant_otherwise_is_read_that_way_too(
    coding: int, octets: bytes, readings: tuple[str, ...]
) -> None:
    first, *others = short_messages.decode(coding, octets)
    assert tuple(others) == readings
    assert first not in others


@played
async def test_who_it_is_from_and_what_a_vendor_adds_is_asked_about_with_the_text(check: Check) -> None:
    async with scene(check.client()) as here:
        session = await here.bind()
        fields: dict[str, Any] = {
            "source_addr": "07700900123",
            "tlvs": (tlv(0x1500, b"or call 07700 900456\0"),),
        }
        assert (await submit(session, **fields))[0] == OK
        assert check.bodies == ["07700900123\nor call 07700 900456\nSee you on Sunday."]
        halves = [part("8 bit", 7, 2, n, text) for n, text in ((1, b"See "), (2, b"you."))]
        assert await submit_all(*(submit(session, source_addr="Prison", **one) for one in halves)) == [OK, OK]
        assert check.bodies[1:] == ["Prison\nSee you."]


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
    "a subaddress": {"tlvs": (tlv(0x0203, b"\xa007700900123"),)},
    "a sender's subaddress": {"tlvs": (tlv(0x0202, b"\xa007700900123"),)},
    **{
        f"words in {tag:#06x}, which holds none": {"tlvs": (tlv(tag, b"07700900123"),)}
        for tag in short_messages._NO_WORDS
    },
    "a parameter that nobody can read": {"tlvs": (tlv(0x1500, b"\x70\x07\x90\x10\x32"),)},
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
        async with asyncio.timeout(10):
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
        async with asyncio.timeout(5):  # at once, not after a while
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


def test_what_is_read_shows_none_of_it() -> None:
    where = smpp.Carrier(host="smsc.example", port=2775, system_id="prison", password="secret")  # noqa: S106
    assert repr(where) == "Carrier(smsc.example:2775)"
    placed = message(place=TextPart("sar", 1, 2, 1))
    for hidden in ("X1234BC", FREE[1:], "Sunday"):
        assert hidden not in repr(placed)
