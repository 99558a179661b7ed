"""A client of the mailroom's half of the service: a picture there, an answer back, whatever its name."""

from __future__ import annotations

import os
import re
from types import TracebackType
from urllib.parse import quote

import httpx
import msgspec

from adapters.mailroom.scans import LONGEST_FILE
from engine.model import Verdict

TIMEOUT = 120.0
"""Seconds for an answer: the picture is read meanwhile, and others may be before it."""
LONGEST_NAME = 230
"""Bytes: file systems and the service take 255, and a name may get `.json` and what sets it apart."""
LONGEST_ENDING = 10
"""Characters, with its dot, of what may say what a file is."""
OF_ONE_PICTURE = frozenset({400, 409, 413, 415, 422})
"""Statuses that refuse one picture. Any other would come for the next one too."""

_PLAIN = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands beside a picture."""

    id: str
    tray: str
    file: str
    """The name that it came under, as `safe_name` gives it."""
    decision: Verdict
    action: str
    place: int = 0
    confidence: float = 0.0
    doubts: tuple[str, ...] = ()
    problem: str | None = None
    """Why the picture could not be read, or was not taken."""
    repeated: bool = False
    """Whether the same picture was let go before, as an older service says: a decision about that is none
    about this."""
    reviewed: bool = False
    """Whether `action` is what a reviewer decided since."""


class MailroomError(Exception):
    """No usable answer; the text says why and holds nothing of the picture."""


class RefusedError(MailroomError):
    """This one picture or tray is not taken, however often the service is asked."""


class _Answer(msgspec.Struct, frozen=True):
    id: str
    tray: str
    place: int
    decision: Verdict
    action: str
    confidence: float
    doubts: tuple[str, ...]
    problem: str | None
    repeated: bool = False


class _Entry(msgspec.Struct, frozen=True):
    id: str
    todo: str


_answers = msgspec.json.Decoder(_Answer)
_entries = msgspec.json.Decoder(list[_Entry])


class Mailroom:
    """The service's side: one tray of it. For one event loop."""

    def __init__(
        self, node: str, key: str, tray: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`tray` names the tray that pictures go into."""
        self.tray = tray
        self._http = httpx.AsyncClient(
            base_url=node.rstrip("/"),
            headers={"authorization": f"Bearer {key}"},
            timeout=TIMEOUT,
            follow_redirects=False,
            transport=transport,
        )

    async def begin(self, establishment: str | None = None, expected: int | None = None) -> None:
        """Begin the tray, or go on with it. Raises MailroomError."""
        asked = {"id": self.tray, "establishment": establishment, "expected": expected}
        try:
            answer = await self._http.post("/v1/mail/trays", json=asked)
        except httpx.HTTPError as error:
            raise MailroomError(f"the service cannot be reached: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise MailroomError(f"the tray was refused with status {answer.status_code}")

    async def take(self, name: str, data: bytes) -> Result:
        """What to do with one picture, whatever its name. Raises MailroomError, RefusedError."""
        if not data:
            raise RefusedError("empty")
        if len(data) > LONGEST_FILE:
            raise RefusedError(f"longer than {LONGEST_FILE // 1024 // 1024} MB")
        headers = {"x-file-name": shortened(safe_name(name))}
        try:
            answer = await self._http.post(f"/v1/mail/trays/{self.tray}/items", content=data, headers=headers)
        except httpx.HTTPError as error:
            raise MailroomError(f"the service cannot be reached: {type(error).__name__}") from None
        if answer.status_code != 200:
            kind = RefusedError if answer.status_code in OF_ONE_PICTURE else MailroomError
            raise kind(f"refused with status {answer.status_code} {answer.reason_phrase}".rstrip())
        try:
            read = _answers.decode(answer.content)
        except msgspec.DecodeError:
            raise MailroomError("not an answer of the service") from None
        if (read.decision == "allow") != (read.action == "post"):
            raise MailroomError("not an answer of the service")
        return Result(
            id=read.id,
            tray=read.tray,
            file=safe_name(name),
            decision=read.decision,
            action=read.action,
            place=read.place,
            confidence=round(read.confidence, 3),
            doubts=read.doubts,
            problem=read.problem,
            repeated=read.repeated,
        )

    async def manifest(self, tray: str) -> dict[str, str]:
        """What is to be done now with each item of a tray, by its id: post, keep or return.

        Raises MailroomError, RefusedError for a tray that there is not.
        """
        try:
            answer = await self._http.get(f"/v1/mail/trays/{quote(tray, safe='')}/items")
        except httpx.HTTPError as error:
            raise MailroomError(f"the service cannot be reached: {type(error).__name__}") from None
        if answer.status_code in (404, 422):
            raise RefusedError("there is no such tray")
        if answer.status_code != 200:
            raise MailroomError(f"the tray's letters were refused with status {answer.status_code}")
        try:
            return {entry.id: entry.todo for entry in _entries.decode(answer.content)}
        except msgspec.DecodeError:
            raise MailroomError("not an answer of the service") from None

    async def __aenter__(self) -> Mailroom:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()


def safe_name(name: str) -> str:
    """A file's name in printable ASCII: every other byte, `%`, and a space at either end stand as `%XX`."""
    return re.sub(r"\A | \Z", "%20", quote(os.fsencode(name), safe=_PLAIN))


def shortened(name: str) -> str:
    """As much of it as LONGEST_NAME allows, its ending kept, unless that is none."""
    stem, ending = os.path.splitext(name)
    if len(ending) > LONGEST_ENDING:
        stem, ending = name, ""
    while stem and len(os.fsencode(stem + ending)) > LONGEST_NAME:
        stem = stem[:-1]
    return stem + ending
