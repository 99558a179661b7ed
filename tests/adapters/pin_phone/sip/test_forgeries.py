"""A phone that forges answers, races its own digits, and writes numbers where nobody asks about them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.phone.scenarios import CARRIER
from tests.adapters.pin_phone.sip.exchange import FREE, OTHER, RESTRICTED
from tests.adapters.pin_phone.sip.wing import NEXT, Wing
from tests.adapters.pin_phone.sip.wire import RINGS_ON, SDP, Call, Message, Phone, Request

SOUND: dict[str, Any] = {"body": SDP, "kind": "application/sdp"}


def ringing(wing: Wing, **parts: Any) -> tuple[Phone, Request, Message]:
    """A call at which the carrier rings: the phone, its INVITE as it proved it, and what it heard."""
    phone = wing.phone()
    invite = Request("INVITE", f"sip:{RINGS_ON}@wing.example", **SOUND, **parts)
    phone.say(invite)
    challenge = phone.final(1)
    proof = phone.proof(invite, challenge)
    invite = replace(invite, cseq=2, headers=(proof,), branch=f"z9hG4bK-{invite.call}")
    phone.say(invite)
    while (heard := phone.hear()) and heard.status != 180:
        pass
    assert heard is not None
    return phone, invite, heard


def cancelled(phone: Phone, invite: Request) -> None:
    phone.say(replace(invite, method="CANCEL", body="", kind="", headers=()))
    assert {phone.final(2).status, phone.final(2).status} == {200, 487}


def test_an_answer_counts_if_it_comes_from_the_carrier(wing: Wing) -> None:
    """Where the carrier is to be reached, and that it answered at all, is not for a phone to say."""
    phone, invite, heard = ringing(wing)
    sent, before = wing.carrier.last("INVITE"), len(wing.carrier.came)
    forged = replace_to(sent, heard.one("to"))
    for status in ("183 Forged", "200 Forged"):
        phone.answer(forged, status, f"Contact: <sip:{RESTRICTED}@{CARRIER}:{wing.carrier.port}>")
    assert phone.hear(0.3) is None
    early = Call(phone, invite, heard)
    for method in ("UPDATE", "INVITE"):
        assert early.ask(method, f"sip:{RESTRICTED}@{CARRIER}", **SOUND) == 603
    assert wing.carrier.since(before) == []
    cancelled(phone, invite)


def replace_to(message: Message, to: str) -> Message:
    headers = [(name, to if name == "to" else value) for name, value in message.headers]
    return message._replace(headers=headers)


def test_a_phones_answer_counts_if_it_comes_from_the_phone_of_the_call(wing: Wing) -> None:
    call = wing.call()
    before = len(wing.carrier.answers)
    update = wing.carrier.request("UPDATE", call)
    wing.carrier.say(update)
    came = call.phone.hear_request()
    assert came is not None
    another = wing.phone(OTHER)
    another.answer(came, "200 Forged")
    another.answer(came._replace(headers=[("via", came.all("via")[1]), *came.headers[2:]]), "200 Stray")
    wing.carrier.since(0)
    assert wing.carrier.answers[before:] == []
    names = {"to": f'"{RESTRICTED}" {came.one("to")}', "from": f'"{RESTRICTED}" {came.one("from")}'}
    written = came._replace(headers=[(name, names.get(name, value)) for name, value in came.headers])
    call.phone.answer(written, "200 OK", f"Contact: <sip:{RESTRICTED}@a.example>")
    wing.carrier.since(0)
    (answer,) = wing.carrier.answers[before:]
    assert answer.status == 200
    assert f"To: {answer.one('to')}\r\n" in update
    assert RESTRICTED[1:] not in repr(answer)


def test_a_number_by_which_the_carrier_calls_itself_is_asked_about(wing: Wing) -> None:
    call = wing.call()
    for number, status in ((RESTRICTED, 603), (NEXT, 200), (FREE, 200)):
        update = wing.carrier.request("UPDATE", call)
        place = f"sip:{number}@{CARRIER}"
        wing.carrier.say(update.replace("sip:new@" + CARRIER, place))
        came = call.phone.hear_request()
        assert came is not None
        call.phone.answer(came, "200 OK")
        wing.carrier.since(0)
        asked = len(wing.asked)
        assert call.ask("INVITE", f"{place}:{wing.carrier.port}", **SOUND) == status
        assert [one["to"] for one in wing.asked[asked:]] == ([] if number == FREE else [number])


def test_the_same_request_another_time_is_another_question(wing: Wing) -> None:
    phone, before = wing.phone(), len(wing.asked)
    invite = Request("INVITE", f"sip:{RESTRICTED}@wing.example", cseq=2, **SOUND)
    challenge = phone.ask(replace(invite, cseq=1), proves=False)
    for times in (1, 2):
        again = replace(invite, headers=(phone.proof(invite, challenge, times),))
        assert phone.ask(again, proves=False).status == 603
    asked = wing.asked[before:]
    assert len({one["id"] for one in asked}) == len(asked) == 2


def test_a_proof_is_for_one_number(wing: Wing) -> None:
    phone, before = wing.phone(), len(wing.asked)
    invite = Request("INVITE", f"sip:{FREE}@wing.example", cseq=2, **SOUND)
    proof = phone.proof(invite, phone.ask(replace(invite, cseq=1), proves=False))
    other = replace(invite, uri=f"sip:{NEXT}@wing.example", headers=(proof,))
    assert phone.ask(other, proves=False).status == 400
    assert wing.asked[before:] == []


def keyed(call: Call, digits: str) -> list[int]:
    return [call.ask("INFO", body=digit, kind="application/dtmf") for digit in digits]


def reached(came: Sequence[Message]) -> str:
    return "".join(one.body.strip() for one in came)


def test_a_digit_waits_for_the_one_before(wing: Wing) -> None:
    """Two that race reach the carrier in another order than they are counted in."""
    call = wing.call()
    digit = call.request("INFO", body="7", kind="application/dtmf")
    proof = call.phone.proof(digit, call.phone.ask(digit, proves=False))
    wing.carrier.says["INFO"] = ""
    before = len(wing.carrier.came)
    call.phone.say(replace(digit, cseq=digit.cseq + 1, headers=(*digit.headers, proof)))
    while not wing.carrier.since(before):
        pass
    wing.carrier.says.clear()
    assert keyed(call, "8") == [491]
    assert call.phone.final(digit.cseq + 1).status == 200
    assert keyed(call, "9") == [200]
    assert set(reached(wing.carrier.since(before))) == {"7", "9"}


def test_after_a_digit_that_the_carrier_did_not_take_no_other_goes_out(wing: Wing) -> None:
    """The switch thinks that it has it; the number that is complete without it would not be asked about."""
    call = wing.call()
    wing.carrier.says["INFO"] = "500 Not Now"
    assert keyed(call, "4") == [500]
    wing.carrier.says.clear()
    before = len(wing.carrier.came)
    assert keyed(call, "5") == [603]
    assert wing.carrier.since(before) == []


@pytest.mark.parametrize(
    ("digits", "asked"),
    [
        ("0163296001", {"0163296001"}),
        ("44163296001", {"+44163296001"}),
        ("80800496001", {"0800496001"}),
        ("0010033123456789", {"+33123456789"}),
        ("4441632960012", {"+441632960012"}),
    ],
)
def test_every_number_that_keyed_digits_can_end_with_is_asked_about(
    wing: Wing, digits: str, asked: set[str]
) -> None:
    call, before = wing.call(), len(wing.asked)
    assert set(keyed(call, digits)) == {200}
    assert asked <= {number for one in wing.asked[before:] for number in one["to"].split(";")}


@pytest.mark.parametrize("end", ["\r", "\n", "\0", "\r\r\n", "\n\r"])
def test_a_line_that_ends_otherwise_is_refused(wing: Wing, end: str) -> None:
    before = len(wing.carrier.came)
    headers = (f"Supported: a{end}Diversion: <sip:{RESTRICTED}@a.example>",)
    answer = wing.phone().ask(Request("INVITE", f"sip:{FREE}@wing.example", headers=headers, **SOUND))
    assert answer.status == 400
    assert wing.carrier.since(before) == []


@pytest.mark.parametrize(
    "to",
    [
        "<sip:{}@wing.example>;x=" + RESTRICTED,
        f'"{RESTRICTED}" <sip:{{}}@wing.example>',
        f"<sip:{{}}@{RESTRICTED}>",
        f"<sip:{{}}@wing.example>;x={RESTRICTED};tag=",
    ],
)
def test_who_calls_whom_is_written_anew(wing: Wing, to: str) -> None:
    before = len(wing.carrier.came)
    if "tag" not in to:
        phone, invite, _ = ringing(wing, to=to.format(RINGS_ON))
        cancelled(phone, invite)
    call = wing.call(to="" if "tag" in to else to.format(FREE))
    tag = call.answer.one("to").rpartition("tag=")[2]
    within = to.format(FREE).removesuffix(";tag=") + f";tag={tag}"
    assert call.ask("INVITE", to=within, **SOUND) == 200
    assert call.ask("INFO", to=within, body="5", kind="application/dtmf") == 200
    assert call.ask("BYE", to=within) == 200
    came = wing.carrier.since(before)
    assert {one.method for one in came} >= {"INVITE", "ACK", "INFO", "BYE"}
    for one in came:
        assert RESTRICTED[1:] not in repr(one), one
        if one.method in ("INVITE", "ACK", "INFO", "BYE"):
            assert re.match(r"<sip:0\d+@127\.0\.0\.2:\d+>(;tag=\S+)?$", one.one("to")), one


@pytest.mark.parametrize(
    "body",
    [
        SDP.replace("c=IN IP4 127.0.0.1", f"c=IN E164 {RESTRICTED}"),
        SDP.replace("c=IN IP4 127.0.0.1", f"c=IN IP4 {RESTRICTED}"),
        SDP.replace("o=p 1 1 IN IP4 127.0.0.1", f"o=p 1 1 PSTN E164 {RESTRICTED}"),
        SDP + f"p={RESTRICTED}\r\n",
        SDP + f"call {RESTRICTED}\r\n",
        SDP + f"\r\n\r\n{RESTRICTED}",
        SDP.replace("\r\n", "\r"),
    ],
)
def test_a_description_of_sound_has_its_lines_and_addresses_alone(wing: Wing, body: str) -> None:
    before = len(wing.carrier.came)
    invite = Request("INVITE", f"sip:{FREE}@wing.example", body=body, kind="application/sdp")
    assert wing.phone().ask(invite).status in (200, 415)
    for one in wing.carrier.since(before):
        assert RESTRICTED[1:] not in repr(one)
        assert "m=audio 6000 RTP/AVP 8" in one.body or one.method == "ACK"


@pytest.mark.parametrize(
    "body",
    [
        SDP.replace("\r\n", "\n"),
        SDP.replace("IP4 127.0.0.1", "IP6 2001:db8::1"),
        SDP + "a=rtpmap:8 PCMA/8000\r\na=sendrecv\r\nm=video 0 RTP/AVP 31\r\nb=AS:64\r\n\r\n",
        SDP.removesuffix("\r\n"),
    ],
)
def test_descriptions_of_sound_as_phones_write_them_go_through(wing: Wing, body: str) -> None:
    invite = Request("INVITE", f"sip:{FREE}@wing.example", body=body, kind="application/sdp")
    assert wing.phone().ask(invite).status == 200
