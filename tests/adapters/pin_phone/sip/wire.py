"""SIP written and read byte by byte: a wing phone and a carrier that say what no well-behaved one would."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, NamedTuple

from benchmarks.phone.scenarios import CARRIER, REALM
from benchmarks.phone.switch import Extension

SDP = "v=0\r\no=p 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n"
PATIENCE = 5.0
"""Seconds that an answer may take on a busy machine."""
RINGS_ON = "02079460077"
"""A number at which the carrier rings and nobody answers."""
fresh = count(1)
_full = {
    "i": "call-id",
    "f": "from",
    "t": "to",
    "v": "via",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
}


class Message(NamedTuple):
    """One message as it came."""

    start: str
    headers: list[tuple[str, str]]
    """Names in small letters."""
    body: str

    @property
    def status(self) -> int:
        """Of an answer; 0 of a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        return self.start.split()[0]

    @property
    def uri(self) -> str:
        return self.start.split()[1]

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    def one(self, name: str) -> str:
        return (self.all(name) or [""])[0]


def read(data: bytes) -> Message:
    head, _, body = data.decode("utf-8", "surrogateescape").lstrip("\r\n").partition("\r\n\r\n")
    start, *lines = re.split(r"\r?\n", re.sub(r"\r?\n[ \t]+", " ", head))
    pairs = [line.partition(":")[::2] for line in lines]
    headers = [(_full.get(n.strip().lower(), n.strip().lower()), v.strip()) for n, v in pairs]
    return Message(start, headers, body)


@dataclass(frozen=True)
class Request:
    """A request of a phone's; whatever is left alone is as it should be."""

    method: str
    uri: str
    to: str = ""
    """The header, where it is not the URI."""
    call: str = field(default_factory=lambda: f"call-{next(fresh)}")
    tag: str = field(default_factory=lambda: f"phone-{next(fresh)}")
    cseq: int = 1
    headers: tuple[str, ...] = ()
    body: str = ""
    kind: str = ""
    branch: str = ""

    def text(self, here: str, protocol: str) -> str:
        lines = (
            f"{self.method} {self.uri} SIP/2.0",
            f"Via: SIP/2.0/{protocol} {here};branch={self.branch or f'z9hG4bK{next(fresh)}'};rport",
            "Max-Forwards: 70",
            f"From: <sip:phone@{REALM}>;tag={self.tag}",
            f"To: {self.to or f'<{self.uri}>'}",
            f"Call-ID: {self.call}",
            f"CSeq: {self.cseq} {self.method}",
            f"Contact: <sip:phone@{here};transport={protocol.lower()}>",
            *self.headers,
            *([f"Content-Type: {self.kind}"] if self.kind else ()),
            f"Content-Length: {len(self.body.encode())}",
        )
        return "\r\n".join(lines) + "\r\n\r\n" + self.body


class Phone:
    """A wing phone on a socket of its own."""

    def __init__(
        self, to: tuple[str, int], extension: Extension, stream: socket.socket | None = None
    ) -> None:
        self.extension, self.protocol = extension, "TCP" if stream else "UDP"
        self._unread = b""
        self.socket = stream or socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if not stream:
            self.socket.bind(("127.0.0.1", 0))
            self.socket.connect(to)
        host, port = self.socket.getsockname()
        self.here = f"{host}:{port}"

    def say(self, request: Request) -> None:
        self.socket.sendall(request.text(self.here, self.protocol).encode("utf-8", "surrogateescape"))

    def hear(self, seconds: float = PATIENCE) -> Message | None:
        """The next message, if one comes in that time."""
        self.socket.settimeout(max(seconds, 0.01))
        try:
            return read(self._stream() if self.protocol == "TCP" else self.socket.recv(65535))
        except (TimeoutError, ConnectionRefusedError):
            return None

    def _stream(self) -> bytes:
        """One message out of a stream of them."""
        while (end := self._unread.find(b"\r\n\r\n")) < 0:
            self._unread += self.socket.recv(65535)
        length = end + 4 + int(read(self._unread[: end + 4]).one("content-length"))
        while len(self._unread) < length:
            self._unread += self.socket.recv(65535)
        message, self._unread = self._unread[:length], self._unread[length:]
        return message

    def hear_request(self, seconds: float = PATIENCE) -> Message | None:
        """The next request; answers that are still coming are passed over."""
        while message := self.hear(seconds):
            if not message.status:
                return message
        return None

    def ask(self, request: Request, *, proves: bool = True, seconds: float = PATIENCE) -> Message:
        """Send it, with the password where that is asked for; its final answer. Refusals are acknowledged."""
        branch = f"z9hG4bK{next(fresh)}"
        self.say(replace(request, branch=branch))
        answer = self.final(request.cseq, seconds)
        if request.method == "INVITE" and answer.status >= 300:
            ack = replace(
                request, method="ACK", to=answer.one("to"), branch=branch, body="", kind="", headers=()
            )
            self.say(ack)
        if answer.status not in (401, 407) or not proves:
            return answer
        proof = self.proof(request, answer)
        again = replace(request, cseq=request.cseq + 1, headers=(*request.headers, proof))
        return self.ask(again, proves=False, seconds=seconds)

    def answer(self, request: Message, status: str, *headers: str) -> None:
        """Answer a request of the carrier's."""
        copied = [f"{n}: {v}" for n, v in request.headers if n in ("via", "from", "to", "call-id", "cseq")]
        lines = [f"SIP/2.0 {status}", *copied, *headers, "Content-Length: 0"]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def final(self, cseq: int, seconds: float = PATIENCE) -> Message:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            message = self.hear(left)
            if message and message.status >= 200 and message.one("cseq").startswith(f"{cseq} "):
                return message
        raise TimeoutError(f"no answer to {cseq}")

    def proof(self, request: Request, challenge: Message, times: int = 1) -> str:
        """The header that proves the password, for the so many-eth use of the challenge."""
        kind = "proxy-authenticate" if challenge.status == 407 else "www-authenticate"
        name = "Proxy-Authorization" if challenge.status == 407 else "Authorization"
        asked = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.one(kind)))
        one = self.extension
        first = _md5(f"{one.name}:{asked['realm']}:{one.password}")
        second = _md5(f"{request.method}:{request.uri}")
        digest = _md5(f"{first}:{asked['nonce']}:{times:08x}:cafe:auth:{second}")
        return (
            f'{name}: Digest username="{one.name}",realm="{asked["realm"]}",'
            f'nonce="{asked["nonce"]}",'
            f'uri="{request.uri}",qop=auth,nc={times:08x},cnonce="cafe",response="{digest}",algorithm=MD5'
        )

    def dial(self, uri: str, **parts: Any) -> Call:
        """A call that is answered."""
        invite = Request("INVITE", uri, body=SDP, kind="application/sdp", **parts)
        answer = self.ask(invite)
        assert answer.status == 200, answer
        call = Call(self, invite, answer)
        self.say(call.request("ACK", cseq=invite.cseq + 1))
        return call


class Call(NamedTuple):
    """A call that is up."""

    phone: Phone
    invite: Request
    answer: Message

    @property
    def target(self) -> str:
        found = re.search(r"<([^>]*)>", self.answer.one("contact"))
        assert found
        return found[1]

    def request(self, method: str, uri: str = "", **parts: Any) -> Request:
        """A request within it, as the phone that made it sends one."""
        routes = tuple(f"Route: {one}" for one in reversed(self.answer.all("record-route")))
        made = Request(
            method,
            uri or self.target,
            to=self.answer.one("to"),
            call=self.invite.call,
            tag=self.invite.tag,
            cseq=next(fresh) * 10,
            headers=routes,
        )
        more = parts.pop("headers", ())
        return replace(made, headers=routes + tuple(more), **parts)

    def ask(self, method: str, uri: str = "", *, by: Phone | None = None, **parts: Any) -> int:
        """The status that a request within it gets, an answered INVITE acknowledged."""
        phone = by or self.phone
        request = self.request(method, uri, **parts)
        answer = phone.ask(request)
        if method == "INVITE" and answer.status == 200:
            ack = self.request("ACK", uri, cseq=int(answer.one("cseq").split()[0]))
            phone.say(ack)
        return answer.status


class Carrier:
    """The called side: answers everything and keeps it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((CARRIER, 0))
        self.port: int = self.socket.getsockname()[1]
        self.came: list[Message] = []
        self.answers: list[Message] = []
        self._from: tuple[str, int] = ("", 0)
        self.says: dict[str, str] = {}
        """What it answers to a method instead; "": nothing."""

    def serve(self) -> None:
        while True:
            data, self._from = self.socket.recvfrom(65535)
            if data == b"end":
                return
            message = read(data)
            if message.status:
                self.answers.append(message)
                continue
            self.came.append(message)
            if message.method == "INVITE":
                self.answer(message, "180 Ringing")
                if RINGS_ON in message.uri:
                    continue
            if message.method == "CANCEL":
                self.answer(replace_method(self.last("INVITE"), message), "487 Request Terminated")
            if message.method in self.says:
                if self.says[message.method]:
                    self.answer(message, self.says[message.method])
            elif message.method != "ACK":
                self.answer(message, "202 Accepted" if message.method == "REFER" else "200 OK")

    def answer(self, message: Message, status: str) -> None:
        has_tag = ";tag=" in message.one("to")
        copied = [f"{name}: {value}" for name in _COPIED for value in message.all(name)]
        tag = message.one("from").rpartition(";tag=")[2] + message.one("cseq").partition(" ")[0]
        to = message.one("to") + ("" if has_tag else f";tag=carrier-{tag}")
        is_call = message.method == "INVITE"
        extra = [f"Contact: <sip:carrier@{CARRIER}:{self.port};x=y>"] if is_call else []
        body = SDP if is_call and status.startswith("200") else ""
        kind = ["Content-Type: application/sdp"] if body else []
        lines = [f"SIP/2.0 {status}", *copied, f"To: {to}", *extra, *kind, f"Content-Length: {len(body)}"]
        self.socket.sendto(
            ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape"), self._from
        )

    def say(self, text: str) -> None:
        """A request of its own, to where the last one came from."""
        self.socket.sendto(text.encode(), self._from)

    def invite(self, call: Call) -> Message:
        """The call as it came here, where it has other names."""
        own = call.answer.one("to")
        invites = (m for m in self.came if m.method == "INVITE")
        return next(m for m in invites if m.one("from").rpartition("tag=")[2] in own)

    def request(self, method: str, call: Call) -> str:
        """A request of its own within a call that came."""
        came, own = self.invite(call), call.answer.one("to")
        lines = (
            f"{method} {came.one('contact').strip('<>')} SIP/2.0",
            f"Via: SIP/2.0/UDP {CARRIER}:{self.port};branch=z9hG4bK{next(fresh)}",
            "Max-Forwards: 70",
            f"To: {came.one('from')}",
            f"From: {own}",
            f"Call-ID: {came.one('call-id')}",
            f"CSeq: 7 {method}",
            f"Contact: <sip:new@{CARRIER}:{self.port}>",
            *(f"Route: {one}" for one in came.all("record-route")),
            "Content-Length: 0",
        )
        return "\r\n".join(lines) + "\r\n\r\n"

    def last(self, *methods: str) -> Message:
        return next(one for one in reversed(self.came) if one.method in methods)

    def since(self, before: int, *methods: str) -> list[Message]:
        """What came since then, of these methods or of all; gives what is under way the time to come."""
        time.sleep(0.1)
        return [one for one in self.came[before:] if not methods or one.method in methods]


_COPIED = ("via", "record-route", "from", "call-id", "cseq")


def replace_method(invite: Message, cancel: Message) -> Message:
    """The INVITE that a CANCEL is about."""
    assert invite.one("call-id") == cancel.one("call-id")
    return invite


@contextmanager
def carrier_by_hand() -> Iterator[Carrier]:
    """A carrier, served until the end of the block."""
    carrier = Carrier()
    thread = threading.Thread(target=carrier.serve, daemon=True)
    thread.start()
    try:
        yield carrier
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", (CARRIER, carrier.port))
        thread.join()
        carrier.socket.close()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogateescape")).hexdigest()  # noqa: S324 - SIP has no other
