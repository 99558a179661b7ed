"""The entrances at which a canary is asked about: each a small class with one method.

A probe stands where the prisoner's own call, text or letter comes in: behind it is all that a broken
dialplan, gate or folder could get wrong. It says what the entrance answered, and what that means.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import httpx
import msgspec
import smpp34
from PIL import Image, ImageDraw, ImageFont

from adapters.canaries.canary import Canary, CanaryQuestion, Draw, Entrance, Outcome
from adapters.mailroom.client import Result
from adapters.messaging.short_messages import PRISONER_TAG
from adapters.messaging.smpp import OK, SUBMIT_FAILED
from engine.model import Channel

ANSWERED_WITHIN: Final = 10.0
"""Seconds: nobody waits at the other end, and the gate takes 3 where its nodes are away."""
READ_WITHIN: Final = 300.0
"""Seconds for an envelope: others may lie before it."""
LOOK_EVERY: Final = 0.5
LATIN_1, UCS_2 = 3, 8
"""Data codings of SMPP."""
LONGEST_SHORT_MESSAGE: Final = 254
STOPPED: Final = frozenset({"refuse", "hold", "stop"})
ENDS: Final = ("allow", "block", "flag")


class CanaryAnswer(NamedTuple):
    """What an entrance said to a question."""

    question: CanaryQuestion
    outcome: Outcome
    words: str


class Probe(Protocol):
    """One entrance."""

    entrance: Entrance

    async def ask(self, draw: Draw) -> CanaryAnswer:
        """Ask once, in a new disguise. Whatever it raises is no answer."""


class CheckProbe:
    """The node's check itself, for one channel."""

    def __init__(self, node: str, key: str, channel: Channel) -> None:
        """`key` has the rights to ask about it."""
        self.entrance: Entrance = CHECKS[channel]
        self._channel, self._url = channel, f"{node.rstrip('/')}/v1/check/{channel}"
        self._headers = {"authorization": f"Bearer {key}"}

    async def ask(self, draw: Draw) -> CanaryAnswer:
        """Ask the node."""
        drawn = {"call": draw.call, "message": draw.text_about, "letter": draw.letter}
        question, canary = drawn[self._channel](), draw.canary
        asked = {
            "id": _name(),
            "prisoner": canary.prisoner,
            "establishment": canary.prison,
            "to": question.to,
        }
        if question.body is not None:
            asked["body"] = question.body
        async with httpx.AsyncClient(timeout=ANSWERED_WITHIN) as client:
            said = await client.post(self._url, json=asked, headers=self._headers)
        if said.status_code != 200:
            return CanaryAnswer(question, "unanswered", f"HTTP {said.status_code}")
        answer = said.json()
        words, is_stopped = f"{answer['decision']}, {answer['action']}", answer["action"] in STOPPED
        return CanaryAnswer(question, "stopped" if is_stopped else "let_through", words)


CHECKS: Final[dict[Channel, Entrance]] = {
    "call": "check call",
    "message": "check message",
    "letter": "check letter",
}


class GateProbe:
    """The gate of texts: a `submit_sm`, as the platform sends one."""

    entrance: Entrance = "gate"

    def __init__(self, host: str, port: int, prisoner_tag: int = PRISONER_TAG) -> None:
        """As the platform reaches it."""
        self._host, self._port, self._tag = host, port, prisoner_tag

    async def ask(self, draw: Draw) -> CanaryAnswer:
        """Send a text that has to be refused: to the number, or with it in the text."""
        question = draw.either(lambda: draw.text_to(_is_number), lambda: draw.text_about(_is_text))
        coding, octets = _encoded(question.body or "")
        link = smpp34.Client(self._host, self._port, "canary", "")
        session = await link.connect()
        try:
            said = await asyncio.wait_for(
                session.submit_sm(
                    question.to,
                    octets,
                    dest_addr_ton=0,
                    dest_addr_npi=1,
                    data_coding=coding,
                    tlvs=[smpp34.Tlv(self._tag, draw.canary.prisoner.encode())],
                ),
                ANSWERED_WITHIN,
            )
        finally:
            with suppress(Exception):  # it may be gone
                await asyncio.wait_for(session.unbind(), ANSWERED_WITHIN)
        outcomes: dict[int, Outcome] = {OK: "let_through", SUBMIT_FAILED: "stopped"}
        status = said.command_status
        return CanaryAnswer(question, outcomes.get(status, "unanswered"), f"status 0x{status:02x}")


class FolderProbe:
    """The mailroom's hot folder: a picture of an envelope, as the scanner drops it."""

    entrance: Entrance = "folder"

    def __init__(self, folder: Path, patience: float = READ_WITHIN) -> None:
        """`folder` is the scanner's; `patience` in seconds."""
        self._folder, self._patience = folder, patience

    async def ask(self, draw: Draw) -> CanaryAnswer:
        """Drop an envelope, and take it away with its answer: there is no letter."""
        question = draw.letter()
        name = f"canary-{_name()}.png"
        hidden = self._folder / f".{name}"
        drawn(draw.canary, question).save(hidden, "PNG")
        os.replace(hidden, self._folder / name)
        try:
            async with asyncio.timeout(self._patience):
                while (end := self._end(name)) is None:
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            (self._folder / name).unlink(missing_ok=True)
            return CanaryAnswer(question, "unanswered", "it lies in the folder")
        told = self._folder / end / f"{name}.json"
        result = msgspec.json.decode(told.read_bytes(), type=Result)
        for file in (self._folder / end / name, told):
            file.unlink(missing_ok=True)
        if not result.id:
            return CanaryAnswer(question, "unanswered", "not taken by the service")
        outcome: Outcome = "let_through" if "allow" in (end, result.decision) else "stopped"
        return CanaryAnswer(question, outcome, f"{result.decision}, {result.action}")

    def _end(self, name: str) -> str | None:
        return next((end for end in ENDS if (self._folder / end / name).exists()), None)


def drawn(canary: Canary, question: CanaryQuestion) -> Image.Image:
    """A picture of an envelope, the sender's number in its corner."""
    picture = Image.new("RGB", (1500, 850), "#f4efe2")
    draw, large, small = ImageDraw.Draw(picture), ImageFont.load_default(46), ImageFont.load_default(32)
    draw.multiline_text((570, 340), question.to, font=large, fill="#202020", spacing=20)
    draw.multiline_text((50, 40), f"From: {canary.prisoner}\nHMP {canary.prison}", font=small, fill="#202020")
    return picture


def _name() -> str:
    return secrets.token_hex(8)


def _encoded(text: str) -> tuple[int, bytes]:
    """The data coding that holds a text, and its octets."""
    try:
        return LATIN_1, text.encode("latin-1")
    except UnicodeEncodeError:
        return UCS_2, text.encode("utf-16-be")


def _is_number(text: str) -> bool:
    """Whether it goes as a number without a type."""
    return re.fullmatch(r"(\+44|0|44)[0-9]{9,14}", text) is not None


def _is_text(text: str) -> bool:
    """Whether a gate takes it in one part."""
    is_ucs_2 = all(ord(sign) < 0x10000 for sign in text)
    return is_ucs_2 and len(_encoded(text)[1]) <= LONGEST_SHORT_MESSAGE
