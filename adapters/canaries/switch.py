"""The telephone switch, asked as a phone asks it: SIP over UDP, a digest's password, and nothing more of SIP.

It expects to be refused. Whatever else comes, the call is ended at once: no canary is left ringing.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import socket
import time
from typing import Final, NamedTuple
from urllib.parse import quote

from adapters.canaries.canary import Draw, Entrance, Outcome
from adapters.canaries.probes import ANSWERED_WITHIN, CanaryAnswer

DECLINED: Final = 603
"""What our Kamailio says to whatever is refused. An outage sounds different."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 4.0
"""Seconds until a request that nobody answered is sent again (RFC 3261, T1 and T2)."""
ENDED_WITHIN: Final = 4.0
"""Seconds for the end of a call that rang."""
RINGS: Final = range(180, 300)
_is_dialled = re.compile(r"[0-9+*#() .-]+").fullmatch


class Phone(NamedTuple):
    """An extension of the switch's own for the canary."""

    host: str
    port: int
    realm: str
    extension: str
    password: str


class _Heard(NamedTuple):
    status: int
    words: str
    headers: dict[str, str]
    """The last of each, names in small letters."""


class SwitchProbe:
    """The switch of the wing's telephones."""

    entrance: Entrance = "switch"

    def __init__(self, phone: Phone, declined: int = DECLINED) -> None:
        """`declined` is the status with which this switch refuses."""
        self._phone, self._declined = phone, declined

    async def ask(self, draw: Draw) -> CanaryAnswer:
        """Dial the number."""
        question = draw.call(lambda text: _is_dialled(text) is not None)
        heard = await asyncio.to_thread(dialled, self._phone, question.to)
        outcome: Outcome = "let_through" if heard.status in RINGS else "unanswered"
        if heard.status == self._declined:
            outcome = "stopped"
        return CanaryAnswer(question, outcome, f"{heard.status} {heard.words}"[:80])


def dialled(phone: Phone, number: str, seconds: float = ANSWERED_WITHIN) -> _Heard:
    """What a phone hears that dials: the refusal, or the first sign that it rings. Raises TimeoutError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect((phone.host, phone.port))
        call = _Call(line, phone, number)
        heard = call.invite(seconds)
        if heard.status in (401, 407):
            heard = call.invite(seconds, call.proof(heard, "INVITE", call.uri))
        return heard


class _Call:
    """One call on a socket of its own."""

    def __init__(self, line: socket.socket, phone: Phone, number: str) -> None:
        self._line, self._phone = line, phone
        host, port = line.getsockname()
        self._here = f"{host}:{port}"
        self.uri = f"sip:{quote(number, safe='+*().-')}@{phone.realm}"
        self._id, self._tag, self._sequence = secrets.token_hex(8), secrets.token_hex(4), 0

    def invite(self, seconds: float, *more: str) -> _Heard:
        """Ask for the call, and end it whatever is said. Raises TimeoutError."""
        self._sequence += 1
        branch = _branch()
        sound = (
            f"v=0\r\no=- 1 1 IN IP4 {self._here.partition(':')[0]}\r\ns=-\r\n"
            f"c=IN IP4 {self._here.partition(':')[0]}\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n"
        )
        asked = self._text("INVITE", branch, self.uri, *more, "Content-Type: application/sdp", body=sound)
        heard = self._heard(asked, seconds)
        if 180 <= heard.status < 200:  # it rings: hang up, and hear how that ends
            ended = self._ended(self._text("CANCEL", branch, self.uri))
            if ended is not None:
                self._acknowledge(ended, branch)
        else:
            self._acknowledge(heard, branch)
        return heard

    def proof(self, challenge: _Heard, method: str, uri: str) -> str:
        """The header that proves the password (RFC 2617)."""
        name = "Proxy-Authorization" if challenge.status == 407 else "Authorization"
        told = challenge.headers.get("proxy-authenticate") or challenge.headers.get("www-authenticate", "")
        asked, phone = dict(re.findall(r'(\w+)="?([^",]+)"?', told)), self._phone
        realm, nonce, mine = asked.get("realm", ""), asked.get("nonce", ""), secrets.token_hex(8)
        secret = _md5(f"{phone.extension}:{realm}:{phone.password}")
        digest = _md5(f"{secret}:{nonce}:00000001:{mine}:auth:{_md5(f'{method}:{uri}')}")
        return (
            f'{name}: Digest username="{phone.extension}",realm="{realm}",nonce="{nonce}",uri="{uri}",'
            f'qop=auth,nc=00000001,cnonce="{mine}",response="{digest}",algorithm=MD5'
        )

    def _acknowledge(self, heard: _Heard, branch: str) -> None:
        """Of a refusal its ACK; a call that was taken is ended."""
        to = heard.headers.get("to", f"<{self.uri}>")
        if heard.status >= 300:
            self._line.send(self._text("ACK", branch, self.uri, to=to))
            return
        contact = re.search(r"<([^>]*)>", heard.headers.get("contact", ""))
        target, route = contact[1] if contact else self.uri, heard.headers.get("record-route")
        within = (f"Route: {route}",) if route else ()
        self._line.send(self._text("ACK", _branch(), target, *within, to=to))
        self._sequence += 1
        ended = self._ended(self._text("BYE", _branch(), target, *within, to=to), "BYE")
        if ended is not None and ended.status in (401, 407):
            self._sequence += 1
            proof = self.proof(ended, "BYE", target)
            self._ended(self._text("BYE", _branch(), target, *within, proof, to=to), "BYE")

    def _ended(self, request: bytes, method: str = "INVITE") -> _Heard | None:
        """What is said at last to `method` once `request` has ended it; None where nothing is."""
        try:
            return self._heard(request, ENDED_WITHIN, method, is_final=True)
        except (TimeoutError, OSError):
            return None

    def _heard(
        self, request: bytes, seconds: float, method: str = "INVITE", *, is_final: bool = False
    ) -> _Heard:
        """The answer to this call's `method` that says how it goes; the request is sent until one comes."""
        end, wait, is_answered = time.monotonic() + seconds, FIRST_WAIT, False
        while time.monotonic() < end:
            if not is_answered:
                self._line.send(request)
            self._line.settimeout(min(wait, max(0.01, end - time.monotonic())))
            try:
                heard = _read(self._line.recv(65535))
            except TimeoutError:
                wait = min(2 * wait, LONGEST_WAIT)
                continue
            if heard.headers.get("call-id") != self._id:
                continue
            is_answered = True
            if heard.headers.get("cseq") != f"{self._sequence} {method}":
                continue
            if heard.status >= (200 if is_final else 180):
                return heard
        raise TimeoutError("no answer")

    def _text(self, method: str, branch: str, uri: str, *more: str, to: str = "", body: str = "") -> bytes:
        lines = (
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self._phone.extension}@{self._phone.realm}>;tag={self._tag}",
            f"To: {to or f'<{self.uri}>'}",
            f"Call-ID: {self._id}",
            f"CSeq: {self._sequence} {method}",
            f"Contact: <sip:{self._phone.extension}@{self._here}>",
            *more,
            f"Content-Length: {len(body)}",
        )
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _read(data: bytes) -> _Heard:
    """An answer; of status 0 what is none."""
    head = data.decode("utf-8", "replace").partition("\r\n\r\n")[0]
    first, *lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    found = re.fullmatch(r"SIP/2\.0 ([1-6][0-9]{2}) ?(.*)", first)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return _Heard(int(found[1]) if found else 0, found[2] if found else "", headers)


def _branch() -> str:
    return f"z9hG4bK{secrets.token_hex(8)}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - SIP has no other
