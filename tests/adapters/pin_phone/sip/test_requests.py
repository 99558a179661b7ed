"""What a phone may write into a request, and what of it reaches the carrier: what was asked about."""

from __future__ import annotations

import re
from typing import Any

import pytest

from benchmarks.phone.scenarios import CARRIER
from tests.adapters.pin_phone.sip.exchange import (
    FREE,
    NAMED,
    OTHER,
    RESTRICTED,
)
from tests.adapters.pin_phone.sip.wing import NEXT, Wing
from tests.adapters.pin_phone.sip.wire import (
    RINGS_ON,
    SDP,
    Call,
    Request,
)


@pytest.mark.parametrize(
    "uri",
    [
        "sip:{}@evil.example;rn=+447700900123",
        "sip:{};isub=07700900123@wing.example",
        "sip:{};ext=07700900123@wing.example",
        "sip:{}@wing.example;user=phone;x=%30%37%37%30%30900123",
        "sip:{}@wing.example?To=sip:07700900123@a.example",
        "sip:{}:07700900123@wing.example",
        "tel:{};phone-context=+447700900123",
        "tel:{};rn=+44-7700-900123",
        "sip:{}%3Brn=%2B447700900123@wing.example",
        "sip:{}%2307700900123@wing.example",
    ],
)
def test_a_restricted_number_beside_another_is_refused(wing: Wing, uri: str) -> None:
    before = len(wing.carrier.came)
    invite = Request("INVITE", uri.format(FREE), body=SDP, kind="application/sdp")
    assert wing.phone().ask(invite).status in (603, 400, 484)
    assert wing.carrier.since(before) == []


@pytest.mark.parametrize(
    "uri",
    [
        "sip:{}@evil.example;user=phone;transport=udp",
        "sip:{}@evil.example;maddr=192.0.2.1;method=REFER?Subject=a",
        "sip:{};ext=12@wing.example;rn=+442079460100",
        "sip:{}@[2001:db8::1]:5999",
        "tel:{}",
        "sips:{}@wing.example",
    ],
)
def test_what_rings_is_the_number_and_nothing_beside_it(wing: Wing, uri: str) -> None:
    before = len(wing.carrier.came)
    call = wing.call(uri=uri.format(FREE))
    assert call.ask("BYE") == 200
    assert [one.uri for one in wing.carrier.since(before, "INVITE")] == [wing.rings(FREE)]


def test_a_number_is_written_as_digits(wing: Wing) -> None:
    for dialled, rings in (
        ("+44%20(20)-7946.0018", "+442079460018"),
        ("0207946%30018%23%35", "02079460018%235"),
        ("*31*02079460018", "*31*02079460018"),
    ):
        wing.call(uri=f"sip:{dialled}@wing.example")
        assert wing.carrier.last("INVITE").uri == wing.rings(rings)


@pytest.mark.parametrize(
    "dialled", ["0207946001%D9%A8", "0800call", "02079460018,,1", "+", "02079460018p1", "a.b"]
)
def test_what_is_no_number_does_not_ring_even_if_the_check_lets_it(wing: Wing, dialled: str) -> None:
    before = len(wing.carrier.came)
    invite = Request("INVITE", f"sip:{dialled}@wing.example", body=SDP, kind="application/sdp")
    assert wing.phone().ask(invite).status in (603, 484, 400)
    assert wing.carrier.since(before) == []


def test_another_number_in_the_to_header_is_asked_about(wing: Wing) -> None:
    before = len(wing.carrier.came)
    invite = Request("INVITE", f"sip:{FREE}@wing.example", body=SDP, kind="application/sdp")
    for to in (f"<sip:{RESTRICTED}@wing.example>", f"<sip:{FREE}@wing.example;rn={RESTRICTED}>"):
        assert wing.phone().ask(Request(**{**vars(invite), "to": to, "call": to[5:]})).status == 603
    assert wing.carrier.since(before) == []


KEPT = {
    *("via", "from", "to", "call-id", "cseq", "contact", "max-forwards", "record-route", "route"),
    *("content-type", "content-length", "supported", "session-expires", "allow", "refer-to"),
}
FORGED = (
    "P-Asserted-Identity: <tel:+447700900123>",
    "P-Preferred-Identity: <tel:+447700900123>",
    "Remote-Party-ID: <sip:07700900123@a.example>;party=called",
    "Diversion: <tel:07700900123>",
    "History-Info: <tel:07700900123>;index=1",
    "X-NoContact: alert",
    "X-Dialled: 07700900123",
    "P-Called-Party-ID: <tel:07700900123>",
    "P-Something-New: 07700900123",
    "Destination: 07700900123",
    "Referred-By: <sip:07700900123@a.example>",
    "b: <sip:07700900123@a.example>",
    "Refer-To: <sip:07700900123@a.example>",
    "Replaces: 07700900123;to-tag=1;from-tag=2",
    "Join: 07700900123;to-tag=1;from-tag=2",
    "Target-Dialog: 07700900123;local-tag=1;remote-tag=2",
    "Alert-Info: <sip:07700900123@a.example>",
    "Accept-Contact: *;uri-user=07700900123",
    "Identity: 07700900123",
    "Subject: 07700900123",
    "s: 07700900123",
    "Route: <sip:07700900123@a.example;lr>",
)


def test_headers_of_a_phone_that_a_call_does_not_need_do_not_go_out(wing: Wing) -> None:
    headers = (*FORGED, "Supported: timer", "k: replaces", "x: 1800", "Allow: INVITE, ACK, BYE")
    before = len(wing.carrier.came)
    call = wing.call(headers=headers)
    assert call.ask("INVITE", body=SDP, kind="application/sdp", headers=headers) == 200
    assert call.ask("REFER", headers=(f"Refer-To: <sip:{NEXT}@wing.example>", *FORGED[:12])) == 202
    assert call.ask("BYE", headers=headers, body=RESTRICTED, kind="text/plain") == 200
    came = wing.carrier.since(before)
    assert [one.method for one in came] == ["INVITE", "ACK", "INVITE", "ACK", "REFER", "BYE"]
    for one in came:
        assert {name for name, _ in one.headers} <= KEPT | {"k", "x"}, one
        assert RESTRICTED[1:] not in repr(one)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RESTRICTED, "text/plain"),
        (
            f"--a\r\nContent-Type: application/isup\r\n\r\n{RESTRICTED}\r\n--a--\r\n",
            "multipart/mixed;boundary=a",
        ),
        (SDP.replace("c=IN IP4 127.0.0.1", "c=PSTN E164 +447700900123"), "application/sdp"),
        (SDP + "c=TN RFC2543 +447700900123\r\n", "application/sdp"),
        (SDP + "\0c=TN RFC2543 +447700900123\r\n", "application/sdp"),
        ("<resource-lists/>", "application/resource-lists+xml"),
    ],
)
def test_a_call_has_a_description_of_its_sound_or_no_body(wing: Wing, body: str, kind: str) -> None:
    before = len(wing.carrier.came)
    assert wing.phone().ask(Request("INVITE", f"sip:{FREE}@wing.example", body=body, kind=kind)).status == 415
    call = wing.call()
    assert call.ask("INVITE", body=body, kind=kind) == 415
    assert call.ask("UPDATE", body=body, kind=kind) == 415
    assert call.ask("BYE") == 200
    assert [one.method for one in wing.carrier.since(before)] == ["INVITE", "ACK", "BYE"]


REFERRED = {
    f"<sip:{NEXT}@evil.example;user=phone?Replaces=a>": 202,
    f"{NEXT} <sip:{NEXT}@evil.example;method=INVITE>;x=1": 202,
    f"sip:{NEXT}@evil.example": 202,
    f"<tel:{NEXT}>": 202,
    f"<sip:{FREE}@evil.example;rn=+447700900123?Replaces=a>": 603,
    f"<sip:{FREE}@evil.example?Route=sip:{RESTRICTED}@a.example>": 603,
    f"<sip:{RESTRICTED}@evil.example>": 603,
    "<cid:list@wing.example>": 400,
    f"<sip:{NEXT}@a.example>, <sip:{RESTRICTED}@a.example>": 400,
    "nonsense": 400,
    "": 400,
}


@pytest.mark.parametrize(("to", "status"), REFERRED.items())
def test_a_transfer_goes_to_the_number_that_was_asked_about(wing: Wing, to: str, status: int) -> None:
    call = wing.call()
    before = len(wing.carrier.came)
    heard = call.ask("REFER", headers=(f"Refer-To: {to}",))
    assert heard == status or (status == 400 and heard in (484, 603)), heard
    came = wing.carrier.since(before, "REFER")
    assert [one.all("refer-to") for one in came] == ([[f"<{wing.rings(NEXT)}>"]] if status == 202 else [])


def test_a_transfer_with_two_numbers_is_refused(wing: Wing) -> None:
    call = wing.call()
    before = len(wing.carrier.came)
    for second in ("Refer-To", "r", "REFER-TO "):
        for one, two in ((NEXT, RESTRICTED), (RESTRICTED, NEXT)):
            headers = (f"Refer-To: <sip:{one}@a.example>", f"{second}: <sip:{two}@a.example>")
            assert call.ask("REFER", headers=headers) in (400, 603)
    assert call.ask("REFER") == 400
    assert wing.carrier.since(before) == []


def test_within_a_call_a_request_goes_where_the_carrier_wants_it(wing: Wing) -> None:
    call = wing.call()
    before = len(wing.carrier.came)
    for uri in (call.target, "sip:carrier@victim.example", "sip:carrier@victim.example;rn=1?Subject=a"):
        assert call.ask("INVITE", uri, body=SDP, kind="application/sdp") == 200
        assert call.ask("INFO", uri) == 200
    assert call.ask("INVITE", f"sip:{RESTRICTED}@victim.example") == 603
    assert call.ask("UPDATE", f"sip:carrier@victim.example;rn={RESTRICTED}") in (200, 603)
    assert (
        call.ask("INVITE", f"sip:{NEXT}@victim.example;user=phone", body=SDP, kind="application/sdp") == 200
    )
    assert call.ask("BYE", f"sip:{RESTRICTED}@victim.example") == 200
    uris = {one.uri for one in wing.carrier.since(before)}
    assert uris == {call.target, wing.rings(NEXT)}


DIGITS = {
    "Signal=5\r\nDuration=160\r\n": ("application/dtmf-relay", 200),
    "Signal= *\r\nDuration= 250": ("application/dtmf-relay", 200),
    "Signal=5\n": ("application/dtmf-relay; charset=utf-8", 200),
    "7": ("application/dtmf", 200),
    "#\r\n": ("application/dtmf", 200),
    "Signal=5\r\nSignal=6\r\n": ("application/dtmf-relay", 415),
    "Signal=5\rSignal=6\r": ("application/dtmf-relay", 415),
    "Signal=5\r\nDuration=160\r\nSignal=6\r\nDuration=160\r\n": ("application/dtmf-relay", 415),
    "Signal=56": ("application/dtmf-relay", 415),
    "Signal=5,6": ("application/dtmf-relay", 415),
    "Duration=160\r\n\r\n5": ("application/dtmf-relay", 415),
    "07700900123": ("application/dtmf", 415),
    "5\r\n6": ("application/dtmf", 415),
    "7 ": ("application/dtmf-something", 415),
    "Signal=6": ("application/vnd.nortelnetworks.digits", 415),
    "--a\r\nContent-Type: application/dtmf\r\n\r\n5\r\n--a--\r\n": ("multipart/mixed;boundary=a", 415),
    "8": ("", 415),
}


@pytest.mark.parametrize(("body", "said"), DIGITS.items())
def test_one_digit_at_a_time(wing: Wing, body: str, said: tuple[str, int]) -> None:
    kind, status = said
    call = wing.call()
    before = len(wing.carrier.came)
    assert call.ask("INFO", body=body, kind=kind) == status
    came = wing.carrier.since(before, "INFO")
    assert len(came) == (status == 200)
    for one in came:
        digits = re.sub(r"Signal=|Duration=\d+|\s", "", one.body)
        assert digits == re.sub(r"Signal=|Duration= ?\d+|\s", "", body)


def test_bytes_behind_a_digit_do_not_go_out(wing: Wing) -> None:
    call = wing.call()
    before = len(wing.carrier.came)
    call.ask("INFO", body="5\0" + RESTRICTED, kind="application/dtmf")
    call.ask("INFO", body="Signal=5\r\n\0Signal=" + RESTRICTED, kind="application/dtmf-relay")
    call.ask("INFO", body="5", kind="application/dtmf", headers=("Content-Type: text/plain",))
    assert all(len(re.sub(r"Duration=\d+|\D", "", one.body)) <= 1 for one in wing.carrier.since(before))


def test_options_are_answered(wing: Wing) -> None:
    before = len(wing.carrier.came)
    answer = wing.phone().ask(Request("OPTIONS", f"sip:127.0.0.1:{wing.switch.port}"), proves=False)
    assert answer.status == 200
    assert "INVITE" in answer.one("allow")
    assert wing.phone().ask(Request("REGISTER", "sip:wing.example"), proves=False).status == 405
    assert wing.carrier.since(before) == []


WITHIN: dict[str, dict[str, Any]] = {
    "BYE": {},
    "REFER": {"headers": (f"Refer-To: <sip:{NEXT}@wing.example>",)},
    "INVITE": {"body": SDP, "kind": "application/sdp"},
    "UPDATE": {"body": SDP, "kind": "application/sdp"},
    "INFO": {"body": "5", "kind": "application/dtmf"},
    "OPTIONS": {},
}


@pytest.fixture(scope="module")
def up(wing: Wing) -> Call:
    """A call that stays up."""
    return wing.call()


@pytest.mark.parametrize("method", WITHIN)
def test_nobody_else_reaches_into_a_call(wing: Wing, up: Call, method: str) -> None:
    """Another's phone behind the same address, one without a password, one that makes the tags up."""
    before = len(wing.carrier.came)
    parts = WITHIN[method]
    assert up.ask(method, by=wing.phone(OTHER), **parts) in (403, 481)
    stranger = wing.phone()
    assert stranger.ask(up.request(method, **parts), proves=False).status == 407
    assert up.ask(method, tag="invented", **parts) == 481
    assert up.ask(method, to=f"<sip:{FREE}@wing.example>;tag=invented", **parts) == 481
    assert up.ask(method, call="invented", **parts) == 481
    assert wing.carrier.since(before) == []


def test_an_acknowledgement_of_nothing_goes_nowhere(wing: Wing, up: Call) -> None:
    before = len(wing.carrier.came)
    for parts in (
        {"tag": "invented"},
        {"to": f"<sip:{FREE}@wing.example>;tag=invented"},
        {"call": "invented"},
    ):
        up.phone.say(up.request("ACK", **parts))
    assert wing.carrier.since(before) == []


def test_a_call_id_used_again_is_another_call(wing: Wing, up: Call) -> None:
    """Each call is asked about as its own phone's, and neither can do anything in the other."""
    theirs = wing.call(OTHER, call=up.invite.call)
    asked = len(wing.asked)
    refer: dict[str, Any] = {"headers": (f"Refer-To: <sip:{NEXT}@wing.example>",)}
    assert up.ask("REFER", **refer) == 202
    assert theirs.ask("REFER", **refer) == 202
    assert [one["prisoner"] for one in wing.asked[asked:]] == [NAMED.prisoner, OTHER.prisoner]
    assert up.ask("BYE", by=theirs.phone) == 481
    assert theirs.ask("BYE") == 200
    assert up.ask("INFO") == 200


def test_who_does_not_call_cannot_cancel(wing: Wing) -> None:
    phone, before = wing.phone(), len(wing.carrier.came)
    invite = Request("INVITE", f"sip:{RINGS_ON}@wing.example", body=SDP, kind="application/sdp")
    phone.say(invite)
    challenge = phone.final(1)
    proved = Request(
        **{**vars(invite), "cseq": 2, "headers": (phone.proof(invite, challenge),), "branch": "z9hG4bKmine"}
    )
    phone.say(proved)
    while (heard := phone.hear()) and heard.status != 180:
        pass
    reason = (f'Reason: SIP;cause=200;text="{RESTRICTED}"',)
    cancel = Request(**{**vars(proved), "method": "CANCEL", "body": "", "kind": "", "headers": reason})
    stranger = wing.phone(OTHER)
    stranger.here = phone.here
    stranger.say(cancel)
    assert wing.carrier.since(before, "CANCEL") == []
    phone.say(cancel)
    assert {phone.final(2).status, phone.final(2).status} == {200, 487}
    (came,) = wing.carrier.since(before, "CANCEL")
    assert RESTRICTED[1:] not in repr(came)


def test_the_carrier_reaches_the_phone_of_the_call_and_no_other(wing: Wing) -> None:
    elsewhere = f"<sip:{RESTRICTED}@{CARRIER}:{wing.carrier.port};lr>"
    call = wing.call(headers=(f"Record-Route: {elsewhere}",))
    phone = call.phone
    new = f"sip:new@{CARRIER}:{wing.carrier.port}"

    def update() -> str:
        return wing.carrier.request("UPDATE", call)

    theirs = wing.carrier.invite(call)
    wing.carrier.say(update().replace(theirs.one("from").rpartition("=")[2], "invented"))
    wing.carrier.say(update().replace(f"Call-ID: {theirs.one('call-id')}", "Call-ID: invented"))
    assert phone.hear_request(0.3) is None
    # The carrier wants to be reached elsewhere. A phone that answers with another number moves nothing; one
    # that agrees speaks with the new place from then on.
    forged = (f"Contact: <sip:{RESTRICTED}@a.example>", f"P-Asserted-Identity: <tel:{RESTRICTED}>")
    for status, heard, place in (("302 Moved", 480, call.target), ("200 OK", 200, new)):
        before = len(wing.carrier.answers)
        wing.carrier.say(update())
        came = phone.hear_request()
        assert came is not None
        phone.answer(came, status, *forged)
        wing.carrier.since(0)
        (answer,) = wing.carrier.answers[before:]
        assert answer.status == heard
        assert answer.one("p-asserted-identity") == ""
        assert call.ask("INFO", new) == 200
        assert wing.carrier.last("INFO").uri == place


def test_the_carrier_can_ask_whether_the_switch_is_there(wing: Wing) -> None:
    call = wing.call()
    before = len(wing.carrier.answers)
    ping = re.sub(
        r";tag=[^\r]*|Route: [^\r]*\r\n",
        "",
        wing.carrier.request("OPTIONS", call),
    )
    wing.carrier.say(ping)
    wing.carrier.say(ping.replace("OPTIONS", "INVITE"))
    wing.carrier.since(0)
    assert sorted(one.status for one in wing.carrier.answers[before:]) == [200, 403]
