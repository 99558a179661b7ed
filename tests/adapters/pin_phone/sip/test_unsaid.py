"""What a phone may choose to say beside a call, and that none of it reaches the carrier."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.adapters.pin_phone.sip.exchange import FREE
from tests.adapters.pin_phone.sip.wing import Wing
from tests.adapters.pin_phone.sip.wire import SDP, Call, Message, Request

SAID = "RING-0770O9OO123"
"""What a phone writes wherever it can, to be found again."""
SOUND = (
    "v=0\r\n"
    f"o={SAID} 7700900123 7700900123 IN IP4 {SAID}\r\n"
    f"s={SAID}\r\ni={SAID}\r\nu=http://a.example/{SAID}\r\ne={SAID}\r\np={SAID}\r\n"
    "c=IN IP4 127.0.0.1\r\nb=AS:64\r\nt=7700900123 0\r\n"
    f"a=tool:{SAID}\r\nz=7700900123 0\r\nk=clear:{SAID}\r\n"
    "m=audio 6000 RTP/AVP 8 101 102\r\n"
    f"a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=rtpmap:102 {SAID}/8000\r\n"
    f"a=fmtp:101 0-16\r\na=fmtp:102 x={SAID}\r\na=ptime:20\r\na=sendrecv\r\na=sendrecv {SAID}\r\n"
    f"a=label:{SAID}\r\na={SAID}\r\na=ice-ufrag:{SAID}\r\n"
    f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{SAID}\r\n"
    f"a=candidate:1 1 UDP 1 192.0.2.1 9 typ host {SAID}\r\n"
    f"m=text 6002 RTP/AVP 98\r\na=rtpmap:98 t140/1000\r\na=mid:{SAID}\r\n"
)
WRITTEN = (
    "c=IN IP4 127.0.0.1\r\nb=AS:64\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8 101 102\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    "m=text 0 RTP/AVP 0\r\n"
)
TALKS = (
    f"Supported: timer, {SAID}",
    f"Allow: INVITE, {SAID}",
    f"Accept: text/{SAID}",
    f"Allow-Events: {SAID}",
    f'Reason: SIP;cause=200;text="{SAID}"',
    f"User-Agent: {SAID}",
    f"Content-Disposition: {SAID}",
    f"Session-Expires: 1800;refresher=uac;{SAID}",
    f"Min-SE: {SAID}",
    f"Record-Route: <sip:{SAID}@192.0.2.7;lr>",
    f"Via: SIP/2.0/UDP 192.0.2.9;branch={SAID};x={SAID}",
    f"Supported: {SAID.lower()}",
)


def test_a_phone_says_nothing_by_what_holds_a_call_together(wing: Wing) -> None:
    """Neither by names that it chooses (Call-ID, tag, branch) by words of a header, by its description."""
    before = len(wing.carrier.came)
    parts: dict[str, Any] = {"body": SOUND, "kind": f"application/sdp;x={SAID}", "headers": TALKS}
    invite = Request("INVITE", f"sip:{FREE}@wing.example", call=SAID, tag=f"t{SAID}", **parts)
    phone = wing.phone()
    answer = phone.ask(invite)
    assert answer.status == 200
    assert answer.one("call-id") == SAID
    assert answer.one("from").endswith(f";tag=t{SAID}")
    assert [SAID in route for route in answer.all("record-route")] == [False, True]
    call = Call(phone, invite, answer)
    phone.say(call.request("ACK", cseq=2, headers=TALKS))
    while wing.carrier.last("INVITE", "ACK").method != "ACK":
        time.sleep(0.01)
    assert call.ask("UPDATE", **parts) == 200
    assert call.ask("INFO", headers=TALKS, branch=f"z9hG4bK{SAID}") == 200
    assert call.ask("BYE", headers=TALKS) == 200
    came = wing.carrier.since(before)
    assert [one.method for one in came] == ["INVITE", "ACK", "UPDATE", "INFO", "BYE"]
    for one in came:
        assert "0770" not in repr(one), one
        assert "7700900123" not in repr(one), one
        assert "RING" not in repr(one.headers).upper(), one
    assert len({(one.one("call-id"), one.one("from")) for one in came}) == 1
    assert [one.body.partition("s=-\r\n")[2] for one in came if one.body] == [WRITTEN, WRITTEN]
    serial = [int(one.body.split()[3]) for one in came if one.body]
    assert serial[0] < serial[1]


@pytest.mark.parametrize(
    ("line", "status", "goes_out"),
    [
        ("c=IN IP4 077.009.001.23", 415, ""),
        ("c=IN IP4 127.0.0.999", 415, ""),
        ("m=audio 6000 RTP/AVP 077 009 001 23", 200, "m=audio 0 RTP/AVP 0"),
        ("m=audio 6000 RTP/AVP 8 770", 200, "m=audio 0 RTP/AVP 0"),
        ("m=audio 07700 RTP/AVP 8", 200, "m=audio 0 RTP/AVP 0"),
        ("b=AS:0770090", 200, ""),
        ("a=ptime:077", 200, ""),
        ("a=rtpmap:077 PCMA/8000", 200, ""),
        ("m=audio 6002 RTP/AVP 9 127", 200, "m=audio 6002 RTP/AVP 9 127"),
    ],
)
def test_numbers_of_a_description_are_such_as_there_are(
    wing: Wing, line: str, status: int, goes_out: str
) -> None:
    before = len(wing.carrier.came)
    body = f"{SDP}a=sendrecv\r\n{line}\r\n"
    invite = Request("INVITE", f"sip:{FREE}@wing.example", body=body, kind="application/sdp")
    assert wing.phone().ask(invite).status == status
    sent = [one.body.partition("a=sendrecv\r\n")[2].strip() for one in wing.carrier.since(before, "INVITE")]
    assert sent == ([goes_out] if status == 200 else [])


def test_what_stands_behind_many_lines_does_not_go_out(wing: Wing) -> None:
    before = len(wing.carrier.came)
    many = tuple("X: y" for _ in range(300))
    lines = SDP + "a=x\r\n" * 390
    for parts in ({"headers": (*many, f"X-Y: {SAID}"), "body": SDP}, {"body": lines + f"a={SAID}\r\n"}):
        invite = Request("INVITE", f"sip:{FREE}@wing.example", kind="application/sdp", **parts)
        assert wing.phone().ask(invite).status in (200, 400)
    assert not [one for one in wing.carrier.since(before) if "0770" in repr(one)]


def test_an_answer_of_a_phone_says_nothing_either(wing: Wing) -> None:
    call = wing.call()
    for status in ("200", "486"):
        before = len(wing.carrier.answers)
        update = wing.carrier.request("UPDATE", call)
        wing.carrier.say(update)
        came = call.phone.hear_request()
        assert came is not None
        assert came.one("call-id") == call.invite.call
        forged = Message(
            came.start,
            [
                (name, f"{value};x={SAID}" if name in ("via", "from", "to") else value)
                for name, value in came.headers
            ],
            "",
        )
        call.phone.answer(forged, f"{status} {SAID}", *TALKS, f'Warning: 399 a.example "{SAID}"')
        wing.carrier.since(0)
        (answer,) = wing.carrier.answers[before:]
        assert answer.status == int(status)
        assert "0770" not in repr(answer), answer
        assert answer.one("via").partition(";received=")[0] in update
        for name in ("From", "To", "Call-ID", "CSeq"):
            assert f"{name}: {answer.one(name.lower())}\r\n" in update
