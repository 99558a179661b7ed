"""A sample tray of `make run`: letters of the demonstration as drawn envelopes, three held and one stopped.

They are not read off their pictures, which takes a second each, but known as they are drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from adapters.mailroom.envelope import Envelope
from engine.model import Attempt
from service.access.model import Principal
from service.check.deciding import Decider
from service.demonstration import Demonstration
from service.mail.intake import Intake
from service.mail.reading import Read
from service.system import System

TRAY = "SAMPLE-1"
LETTERS = {"allow": 16, "flag": 3, "block": 1}
"""How many of each decision."""
SIZE = 1100, 650
"""Pixels of an envelope."""


async def fill(system: System, decider: Decider, by: Principal, made: Demonstration) -> None:
    """Put the letters into a tray that waits for somebody to look at it."""
    letters = list(chosen(made))
    system.trays.begin(by, TRAY, None, len(letters))
    drawn = _Drawn()
    intake = Intake(system.mail, drawn, decider)
    for number, letter in enumerate(letters, 1):
        data = drawn.draw(letter)
        await intake.take(by, data, tray=TRAY, name=f"scan-{number:02}.jpg", now=system.clock())


def chosen(made: Demonstration) -> Iterator[Attempt]:
    """The first letters of each decision, in their order."""
    left = Counter(LETTERS)
    for attempt, expected in zip(made.attempts, made.expected, strict=True):
        if attempt.channel == "letter" and left[expected.decision] > 0:
            left[expected.decision] -= 1
            yield attempt


class _Drawn:
    """Draws envelopes, and reads those alone."""

    def __init__(self) -> None:
        self._read: dict[bytes, Read] = {}

    def draw(self, letter: Attempt) -> bytes:
        """A JPEG."""
        picture = Image.new("RGB", SIZE, "#f3ead8")
        pen = ImageDraw.Draw(picture)
        sender = f"From {letter.prisoner}" if letter.prisoner else ""
        pen.text((50, 40), sender, fill="#333", font=ImageFont.load_default(24))
        pen.multiline_text((380, 240), letter.to, fill="#1a237e", font=ImageFont.load_default(40), spacing=12)
        pen.rectangle((950, 40, 1050, 160), outline="#8b0000", width=6)
        out = BytesIO()
        picture.save(out, "JPEG", quality=80)
        envelope = Envelope(to=letter.to, sender=sender, prisoner=letter.prisoner, confidence=0.98, doubts=())
        self._read[out.getvalue()] = Read(envelope=envelope, body="", pictures=(out.getvalue(),))
        return out.getvalue()

    async def read(self, data: bytes, *, privileged: bool = False) -> Read:
        """What was drawn on it."""
        return self._read[data]
