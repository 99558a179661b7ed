"""Broken and devious messages against the running switch: nothing rings unasked, and it stays up.

The tricks are those of RFC 4475 ("SIP Torture Test Messages"), by its names, in messages of our own: each on
a call that has its password and is otherwise good, to a free and to a restricted number. Then by chance.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import replace

from tests.adapters.pin_phone.sip.exchange import FREE, RESTRICTED
from tests.adapters.pin_phone.sip.wing import NEXT, Wing
from tests.adapters.pin_phone.sip.wire import SDP, Call, Phone, Request

BY_CHANCE = 400
"""Messages that are broken by chance; some 500 a second."""
Trick = Callable[[str, str], str]
"""A good message, and the same to the other number, to what is sent."""


def line(name: str, new: str) -> Trick:
    """A header (or, "", the start line) replaced; {} is what it held."""
    pattern = re.compile(rf"^({name}): ([^\r]*)\r\n" if name else r"\A()([^\r]*)\r\n", re.MULTILINE)
    return lambda message, _: pattern.sub(lambda m: new.replace("{}", m[2]) + "\r\n", message, count=1)


def swap(old: str, new: str, times: int = -1) -> Trick:
    return lambda message, _: message.replace(old, new, times)


def twice(name: str) -> Trick:
    """The other message's header before this one's, and behind it."""

    def both(message: str, other: str) -> str:
        found = re.search(rf"^{name}: [^\r]*\r\n", other, re.MULTILINE)
        assert found
        place = message.index(f"\r\n{name}: ") + 2
        return message[:place] + found[0] + message[place:].replace("\r\n", "\r\n" + found[0], 1)

    return both


TRICKS: dict[str, Trick] = {
    # 3.1.1 valid, and hard to read
    "wsinv": lambda m, o: line("CSeq", "cSeQ :\r\n  000{}")(
        line("To", "TO\t:\r\n {}")(line("Call-ID", "i: {}")(m, o), o), o
    ),
    "intmeth": swap("INVITE", "!interesting-Method0123456789*+`.%indeed'~"),
    "esc01": lambda m, _: re.sub(r"sip:0(\d)", r"sip:%30%3\1", m, count=1),
    "escnull": swap("@", "%00%00@", 1),
    "esc02": swap("INVITE", "IN%56ITE"),
    "lwsdisp": swap("From: <", "From: caller<"),
    "longreq": line(
        "Via",
        "Via: {}"
        + "".join(f"\r\nVia: SIP/2.0/UDP 192.0.2.{n};branch=z9hG4bK{'b' * n}" for n in range(1, 40)),
    ),
    "dblreq": lambda m, o: m + o,
    "semiuri": swap("@", ";par=u%40example.net;rn=@", 1),
    "transports": line(
        "Via", "Via: {}\r\nVia: SIP/2.0/SCTP 192.0.2.1;branch=a\r\nVia: SIP/2.0/UNKNOWN 192.0.2.2;branch=b"
    ),
    "mpart01": swap("application/sdp", "multipart/mixed;boundary=7a9cbec02ceef655"),
    "unreason": line("", "SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe"),
    "noreason": line("", "SIP/2.0 100 "),
    # 3.1.2 invalid
    "badinv01": line("Contact", "Contact: {} ;;,;,,;"),
    "clerr": line("Content-Length", "Content-Length: 9999"),
    "ncl": line("Content-Length", "Content-Length: -999"),
    "scalar02": lambda m, o: line("CSeq", "CSeq: 36893488147419103232 INVITE")(
        line("Max-Forwards", "Max-Forwards: 300")(m, o), o
    ),
    "scalarlg": line("", "SIP/2.0 503 Service Unavailable\r\nRetry-After: 949302838503028349304023988"),
    "quotbal": line("To", 'To: "Mr. J. User {}'),
    "ltgtruri": line("", "INVITE <sip:07700900123@a.example> SIP/2.0"),
    "lwsruri": swap("@wing.example SIP", "@wing.example; lr SIP"),
    "lwsstart": swap("INVITE sip", "INVITE  sip", 1),
    "trws": swap(" SIP/2.0\r\n", " SIP/2.0  \r\n", 1),
    "escruri": swap("wing.example SIP", "wing.example?Route=%3Csip:07700900123@a.example%3E SIP"),
    "baddate": line("Max-Forwards", "Max-Forwards: 9\r\nDate: Fri, 01 Jan 2010 16:00:00 EST"),
    "regbadct": line("Contact", "Contact: sip:07700900123@a.example?Route=%3Csip:a.example%3E"),
    "badaspec": lambda m, _: re.sub(r"To: <sip:(\S*)>", r'To: "Watson, T" < sip:\1 >', m),
    "baddn": swap("From: <", "From: Bell, Alexander <"),
    "badvers": swap(" SIP/2.0\r\n", " SIP/7.0\r\n", 1),
    "mismatch01": swap(" INVITE\r\n", " OPTIONS\r\n", 1),
    "mismatch02": swap("INVITE", "NEWMETHOD", 1),
    "bigcode": line("", "SIP/2.0 4294967301 better not break the receiver"),
    # 3.2 to 3.4
    "badbranch": lambda m, _: re.sub(r"branch=[^;\r]*", "branch=z9hG4bK", m, count=1),
    "insuf": line("Call-ID", "X: {}"),
    "no From": line("From", "X: {}"),
    "no To": line("To", "X: {}"),
    "no CSeq": line("CSeq", "X: {}"),
    "unkscm": swap("INVITE sip:", "INVITE nobodyKnowsThisScheme:", 1),
    "novelsc": swap("INVITE sip:", "INVITE soap.beep://", 1),
    "unksm2": line("To", "To: isbn:07700900123"),
    "bext01": line(
        "Contact", "Contact: {}\r\nRequire: nothingSupportsThis\r\nProxy-Require: norDoesAnythingSupportThis"
    ),
    "invut": swap("application/sdp", "application/unknownformat"),
    "regaut01": swap("Digest ", "NoOneKnowsThisScheme "),
    "multi01 To": twice("To"),
    "multi01 From": twice("From"),
    "multi01 Call-ID": twice("Call-ID"),
    "multi01 CSeq": twice("CSeq"),
    "multi01 Content-Type": twice("Content-Type"),
    "mcl01": line("Content-Length", "Content-Length: 5\r\nContent-Length: {}"),
    "bcast": lambda m, o: line(
        "Via", "Via: SIP/2.0/UDP 192.0.2.198;branch=z9\r\nVia: SIP/2.0/UDP 255.255.255.255;branch=1"
    )(line("", "SIP/2.0 200 OK")(m, o), o),
    "zeromf": line("Max-Forwards", "Max-Forwards: 0"),
    "sdp01": line("Contact", "Contact: {}\r\nAccept: text/nobodyKnowsThis"),
    "inv2543": lambda m, _: re.sub(r";branch=[^;\r]*|;tag=[^\r]*|Max-Forwards: 70\r\n", "", m),
    # our own
    "two start lines": lambda m, o: o[: o.index("\r\n") + 2] + m,
    "a start line in the headers": line(
        "Max-Forwards", "Max-Forwards: 9\r\nINVITE sip:07700900123@a.example SIP/2.0"
    ),
    "line feeds alone": swap("\r\n", "\n"),
    "a nought in the number": swap("@", "\0@", 1),
    "a nought in a header": swap("Max-Forwards: 70", "Max-Forwards: 70\0"),
    "nothing": lambda *_: "",
    "a sign of life": lambda *_: "\r\n\r\n",
    "noise": lambda *_: "\x00\xff" * 900,
    "the longest": line("Contact", "Contact: {}\r\nX: " + "x" * 60_000),
}


def proved(phone: Phone, call: Call, requests: list[Request]) -> list[str]:
    """Their texts, with a password that is good for each: one challenge, used as often."""
    asked = phone.ask(replace(requests[0], call="challenge"), proves=False)
    texts = []
    for times, one in enumerate(requests, 1):
        made = replace(one, headers=(*one.headers, phone.proof(one, asked, times)), cseq=one.cseq + 1)
        texts.append(made.text(phone.here, phone.protocol))
    return texts


def invite(number: str) -> Request:
    return Request("INVITE", f"sip:{number}@wing.example", body=SDP, kind="application/sdp")


def only_what_was_asked_about(wing: Wing, before: int, after: int) -> None:
    """Of what came to the carrier: each number in it was asked about; and the switch still carries a call."""
    asked = {
        body.get("to", "").partition(";")[0]
        for body in wing.asked
        if RESTRICTED[1:] not in re.sub(r"\D", "", body.get("to", ""))
    }
    may_ring = {wing.rings(number.replace("#", "%23")) for number in asked}
    came = wing.carrier.since(before)
    assert len(came) > after
    for one in came:
        in_call = one.method != "INVITE" or ";tag=" in one.one("to")
        assert one.uri in may_ring or (in_call and one.uri == target(wing)), one
        assert {value.strip("<>") for value in one.all("refer-to")} <= may_ring, one
        assert len(re.findall(r"\d", re.sub(r"Duration=160", "", one.body))) <= 1 or one.body.startswith(
            "v=0"
        ), one
        named = [
            value for name, value in one.headers if name not in ("from", "contact", "via", "call-id", "to")
        ]
        assert RESTRICTED[1:] not in repr(named), one
    assert wing.switch.process.poll() is None
    assert wing.call().ask("BYE") == 200


def target(wing: Wing) -> str:
    return f"sip:carrier@{wing.rings('').partition('@')[2]};x=y"


def test_torture(wing: Wing) -> None:
    phone, call, before = wing.phone(), wing.call(), len(wing.carrier.came)
    requests = [invite(number) for _ in TRICKS for number in (FREE, RESTRICTED)]
    texts = iter(proved(phone, call, requests))
    for trick in TRICKS.values():
        free, restricted = next(texts), next(texts)
        for text in (trick(free, restricted), trick(restricted, free)):
            phone.socket.send(text.encode("latin-1"))
            time.sleep(0.002)
    only_what_was_asked_about(wing, before, 10)


def test_messages_broken_by_chance(wing: Wing) -> None:
    chance, before = random.Random(4475), len(wing.carrier.came)
    phone, call = wing.phone(), wing.call()
    refer = (f"Refer-To: <sip:{NEXT}@wing.example;user=phone?Replaces=a>",)
    for _ in range(BY_CHANCE // 40):
        requests = [chance.choice(seeds(call, refer)) for _ in range(40)]
        for text in proved(phone, call, requests):
            phone.socket.send(broken(text, chance).encode("latin-1"))
            time.sleep(0.001)
    only_what_was_asked_about(wing, before, BY_CHANCE // 20)


def seeds(call: Call, refer: tuple[str, ...]) -> list[Request]:
    return [
        invite(FREE),
        invite(RESTRICTED),
        call.request("REFER", headers=refer),
        call.request("REFER", headers=(refer[0].replace(NEXT, RESTRICTED),)),
        call.request("INVITE", body=SDP, kind="application/sdp"),
        call.request("UPDATE", f"sip:{RESTRICTED}@wing.example"),
        call.request("INFO", body="Signal=5\r\nDuration=160\r\n", kind="application/dtmf-relay"),
    ]


def broken(text: str, chance: random.Random) -> str:
    """Up to three changes: characters gone or put in, lines doubled, gone, exchanged, another number."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        lines = text.split("\r\n")
        one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                text = text[:at] + text[at + chance.randint(1, 4) :]
            case 1 | 2:
                at = chance.choice([m.end() for m in re.finditer(r"sip:|@|\d|:", text)])
                text = text[:at] + chance.choice(';:,<>@"%?=&\0\r\n \t()[]{}\\#*+\x80\xff') + text[at:]
            case 3:
                text = "\r\n".join([*lines[:one], lines[two], *lines[one:]])
            case 4:
                text = "\r\n".join([*lines[:one], *lines[one + 1 :]])
            case 5:
                lines[one], lines[two] = lines[two], lines[one]
                text = "\r\n".join(lines)
            case 6:
                numbers = chance.choice(
                    [(FREE, RESTRICTED), (RESTRICTED, FREE), (FREE, f"{FREE};rn={RESTRICTED}")]
                )
                text = text.replace(*numbers, 1)
        text = text or "\r\n"
    return text
