"""What a wing phone and the carrier do, as SIPp scenarios.

Each writes lines to SIPp's log, with `|` between the fields:
    phone    NAME|STEP|STATUS|X-NoContact|Alert-Info     what the phone heard: of the call, step 0, and after
    carrier  RANG|REQUEST-URI|X-NoContact                the carrier's side rang
             CAME|METHOD|REFER-TO|BODY                   something came within a call
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

REALM = "wing.example"
CARRIER = "127.0.0.2"
"""The carrier has an address of its own: by it the switch tells it from a wing phone."""
_REFUSED = (400, 403, 404, 405, 407, 408, 414, 415, 480, 481, 484, 486, 487, 500, 503, 603)
_REFUSED_WITHIN = {
    "INFO": (415, 481, 503, 603),
    "REFER": (202, 400, 481, 503, 603),
    "INVITE": (481, 484, 503, 603),
}
"""What may come instead of 200. SIPp reads scenarios of at most 64 kB: not everything can stand here."""
_HEAD = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="{}">\n'


class Within(NamedTuple):
    """A request that the phone sends within its call."""

    method: str
    """INFO, REFER or INVITE."""
    what: str
    """The digit; the number to refer to; the number of the re-INVITE, empty for a hold."""


def phone(within: Sequence[Within] = (), *, talk: int = 100, before_each: int = 20) -> str:
    """A call, then each of `within` while it is up, then the end of it. Times in milliseconds.

    Fields of the injection file: the name of the row, the authentication, the user part that is dialled.
    """
    made = _Made("phone")
    made.dial()
    made.receive(100, optional=True)
    made.receive(180, optional=True)
    for status in _REFUSED:
        made.receive(status, optional=True, log=0, to="refused")
    made.receive(200, log=0, attributes='rrs="true"')
    made.send(_request("ACK", "[next_url]", 2, extra="[routes]"))
    for step, one in enumerate(within, 1):
        made.pause(before_each)
        _add(made, step, one, 2 + step)
    made.pause(talk)
    made.send(_request("BYE", "[next_url]", 90, extra=_PROVED), retrans=True)
    made.receive(481, optional=True, to="end")
    made.receive(200, to="end")
    made.label("refused")
    made.send(_ack(_DIALLED, 2, made.since_invite()))
    made.label("end")
    return made.text()


def _add(made: _Made, step: int, one: Within, cseq: int) -> None:
    to, extra, body = "[next_url]", _PROVED, ""
    if one.method == "INFO":
        body = f"Signal={one.what}\nDuration=160\n"
        extra += "\nContent-Type: application/dtmf-relay"
    elif one.method == "REFER":
        extra += f"\nRefer-To: <sip:{one.what}@[remote_ip]>"
    else:
        body = _SDP
        to = f"sip:{one.what}@[remote_ip]:[remote_port]" if one.what else to
    made.send(_request(one.method, to, cseq, extra=extra, body=body), retrans=True)
    made.receive(100, optional=True)
    over, refused = f"over{step}", f"refused{step}"
    is_invite = one.method == "INVITE"
    for status in _REFUSED_WITHIN[one.method]:
        made.receive(status, optional=True, log=step, to=refused if is_invite else over)
    made.receive(200, log=step, to=None if is_invite else over)
    if is_invite:
        made.send(_request("ACK", to, cseq, extra="[routes]"), to=over)
        made.label(refused)
        made.send(_ack(to, cseq, made.since_invite()))
    made.label(over)


def impatient() -> str:
    """Hangs up while the check is under way: what it hears of the call is step 0."""
    made = _Made("impatient")
    made.dial()
    made.receive(100)
    made.pause(100)
    made.send(_request("CANCEL", _DIALLED, 2, branch=f"[branch-{made.since_invite()}]"), retrans=True)
    made.receive(487, log=0)
    made.send(_ack(_DIALLED, 2, made.since_invite()))
    made.receive(200)  # of the CANCEL
    made.pause(1500)
    return made.text()


def patient() -> str:
    """Talks until the other side hangs up; that is its step 1."""
    made = _Made("patient")
    made.dial()
    made.receive(100, optional=True)
    made.receive(180, optional=True)
    made.receive(200, log=0, attributes='rrs="true"')
    made.send(_request("ACK", "[next_url]", 2, extra="[routes]"))
    made.lines.append('<recv request="BYE"><action><log message="[field0]|1|200||"/></action></recv>')
    made.send(_answer("200 OK", tag=False))
    return made.text()


def carrier(*, hangs_up: bool = False) -> str:
    """Answers every call, and whatever comes within it, until the end; or hangs up itself."""
    made = _Made("carrier")
    made.lines.append(
        '<recv request="INVITE" crlf="true" rrs="true"><action>'
        '<ereg regexp="^INVITE ([^ ]*)" search_in="msg" assign_to="line,uri"/>'
        '<ereg regexp=".*" search_in="hdr" header="X-NoContact:" assign_to="note"/>'
        '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>'
        '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>'
        '<log message="RANG|[$uri]|[$note]"/></action></recv>'
    )
    made.send(_answer("180 Ringing"))
    made.pause(50)  # sent at once, the two overtake each other in the switch, and the phone wonders
    made.send(_answer("200 OK", _SDP), retrans=True)
    made.receive_request("ACK")
    if hangs_up:
        made.pause(100)
        made.send(_BYE_OF_CARRIER, retrans=True)
        made.receive(200, to="end")
    made.label("up")
    for method in ("INFO", "REFER", "INVITE"):
        made.lines.append(
            f'<recv request="{method}" optional="true" next="{method}"><action>'
            '<ereg regexp=".*" search_in="hdr" header="Refer-To:" assign_to="refer"/>'
            f'<ereg regexp="Signal=(.)" search_in="msg" assign_to="signal,digit"/>'
            f'<log message="CAME|{method}|[$refer]|[$digit]"/></action></recv>'
        )
    made.receive_request("BYE")
    made.send(_answer("200 OK"), to="end")
    for method, status in (("INFO", "200 OK"), ("REFER", "202 Accepted")):
        made.label(method)
        made.send(_answer(status), to="up")
    made.label("INVITE")
    made.send(_answer("200 OK", _SDP), retrans=True)
    made.receive_request("ACK", to="up")
    made.label("end")
    made.lines.append('<Reference variables="line,signal,from,to"/>')
    return made.text()


_PROVED = "[routes]\n[field1]"
"""Within a call, with the password: of the challenge that the call began with, as phones do."""
_DIALLED = "sip:[field2]@[remote_ip]:[remote_port]"
_SDP = """v=0
o=phone 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 6000 RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
"""


_BYE_OF_CARRIER = """BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From:[$to];tag=[pid]carrier[call_number]
To:[$from]
Call-ID: [call_id]
CSeq: 1 BYE
[routes]
Content-Length: [len]

"""


class _Made:
    """A scenario in the making: SIPp counts its messages, and an ACK needs the count back to its INVITE."""

    def __init__(self, name: str) -> None:
        self.lines = [_HEAD.format(name)]
        self._count = 0
        self._invite = 0

    def send(self, text: str, *, retrans: bool = False, to: str | None = None, attributes: str = "") -> None:
        if text.lstrip().startswith("INVITE"):
            self._invite = self._count
        again = ' retrans="500"' if retrans else ""
        onward = f' next="{to}"' if to else ""
        self.lines.append(f"<send{again}{onward} {attributes}><![CDATA[\n{text}\n]]></send>")
        self._count += 1

    def receive(
        self,
        status: int,
        *,
        optional: bool = False,
        log: int | None = None,
        to: str | None = None,
        attributes: str = "",
    ) -> None:
        action = ""
        if log is not None:
            action = (
                '<action><ereg regexp=".*" search_in="hdr" header="X-NoContact:" assign_to="note"/>'
                '<ereg regexp=".*" search_in="hdr" header="Alert-Info:" assign_to="alert"/>'
                f'<log message="[field0]|{log}|{status}|[$note]|[$alert]"/></action>'
            )
        maybe = ' optional="true"' if optional else ""
        onward = f' next="{escape(to)}"' if to else ""
        self.lines.append(f'<recv response="{status}"{maybe}{onward} {attributes}>{action}</recv>')
        self._count += 1

    def dial(self) -> None:
        """The call up to the INVITE that has the password."""
        self.send(_request("INVITE", _DIALLED, 1, body=_SDP), retrans=True)
        self.receive(100, optional=True)
        self.receive(407, attributes='auth="true"')
        self.send(_ack(_DIALLED, 1, self.since_invite()))
        self.send(_request("INVITE", _DIALLED, 2, extra="[field1]", body=_SDP), retrans=True)

    def receive_request(self, method: str, to: str | None = None) -> None:
        onward = f' next="{to}"' if to else ""
        self.lines.append(f'<recv request="{method}"{onward}/>')
        self._count += 1

    def pause(self, milliseconds: int) -> None:
        self.lines.append(f'<pause milliseconds="{milliseconds}"/>')
        self._count += 1

    def label(self, name: str) -> None:
        self.lines.append(f'<label id="{name}"/>')

    def since_invite(self) -> int:
        return self._count - self._invite

    def text(self) -> str:
        return "\n".join([*self.lines, "</scenario>\n"])


def _request(method: str, to: str, cseq: int, *, extra: str = "", body: str = "", branch: str = "") -> str:
    kind = "Content-Type: application/sdp" if body == _SDP else ""
    lines = (
        f"{method} {to} SIP/2.0",
        f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch or '[branch]'}",
        "Max-Forwards: 70",
        f"From: <sip:phone@{REALM}>;tag=[pid]phone[call_number]",
        f"To: <sip:[field2]@{REALM}>" + ("[peer_tag_param]" if cseq > 2 or method in ("ACK", "BYE") else ""),
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {method}",
        "Contact: <sip:phone@[local_ip]:[local_port]>",
        extra,
        kind,
        "Content-Length: [len]",
    )
    return "\n".join(line for line in lines if line) + "\n\n" + body


def _ack(to: str, cseq: int, back: int) -> str:
    """The ACK of a refusal: of the INVITE's own transaction."""
    return _request("ACK", to, cseq, branch=f"[branch-{back}]")


def _answer(status: str, body: str = "", *, tag: bool = True) -> str:
    return (
        "\n".join(
            line
            for line in (
                f"SIP/2.0 {status}",
                "[last_Via:]",
                "[last_Record-Route:]",
                "[last_From:]",
                "[last_To:]" + (";tag=[pid]carrier[call_number]" if tag else ""),
                "[last_Call-ID:]",
                "[last_CSeq:]",
                "Contact: <sip:carrier@[local_ip]:[local_port]>",
                "Content-Type: application/sdp" if body else "",
                "Content-Length: [len]",
            )
            if line
        )
        + "\n\n"
        + body
    )
