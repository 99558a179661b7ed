"""A canary and what is asked about it: each question is another disguise, drawn anew every time."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from adapters.canaries.disguises import (
    Disguise,
    forms_of_address,
    read_address,
    ways_of_addressing,
    ways_of_dialling,
    ways_of_writing,
)
from engine.model import Channel
from matchers import phone

Outcome = Literal["stopped", "let_through", "unanswered"]
"""What became of a question: refused as it should be, let through, or nothing that is an answer."""
Entrance = Literal["check call", "check message", "check letter", "switch", "gate", "folder"]
"""Where a question is asked: the node, the telephone switch, the gate of texts, the mailroom's folder."""
LONGEST_TEXT: Final = 100
"""Characters of a text: a gate takes it in one part, however it is encoded."""


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """Contact points of the service itself in one prison's list: nothing real is at any of them."""

    prison: str
    prisoner: str
    """The imaginary one: a Z, four digits, QQ."""
    name: str
    """The imaginary person who is protected."""
    number: str
    """Restricted."""
    beside: str
    """A number of the service that is not restricted: texts that hold the other one go there."""
    address: str
    """Restricted: number and street, town, postcode."""


class CanaryQuestion(NamedTuple):
    """What is asked, and how the trace names it."""

    channel: Channel
    form: str
    """The template: with the canary it tells exactly what was asked, and holds no number."""
    to: str
    body: str | None = None


class CanaryTrace(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its answer: the trace."""

    entrance: Entrance
    at: datetime
    outcome: Outcome
    form: str
    answer: str
    """In the words of the entrance: `603 Decline`."""


Suits = Callable[[str], bool]
"""Whether an entrance takes such a text at all."""
Ask = Callable[[], CanaryQuestion]


class Draw:
    """Draws questions about a canary."""

    def __init__(self, canary: Canary, chance: random.Random) -> None:
        """Raises ValueError where a number or the address is none that a canary can have."""
        self.canary, self._chance = canary, chance
        self.last: CanaryQuestion | None = None
        """The last that was drawn."""
        self._number, self._beside = national(canary.number), national(canary.beside)
        self._address = forms_of_address(read_address(canary.address))

    def call(self, suits: Suits = lambda text: True) -> CanaryQuestion:
        """A number to be dialled, in a way that `suits` an entrance."""
        way, to = self._drawn(ways_of_dialling(), suits)
        return self._asked(CanaryQuestion("call", way.template, to))

    def text_to(self, suits: Suits = lambda text: True) -> CanaryQuestion:
        """An ordinary text to the restricted number."""
        way, to = self._drawn(ways_of_dialling(), suits)
        return self._asked(CanaryQuestion("message", way.template, to, "See you on Sunday."))

    def text_about(self, suits: Suits = lambda text: True) -> CanaryQuestion:
        """A text that holds the restricted number, to the other one."""
        ways = tuple(way for way in ways_of_writing() if not way.earlier)
        way, body = self._drawn(ways, lambda text: len(text) <= LONGEST_TEXT and suits(text))
        return self._asked(CanaryQuestion("message", way.template, self._beside, body))

    def letter(self) -> CanaryQuestion:
        """An envelope's address, the name above it."""
        way = self._chance.choice(ways_of_addressing())
        to = f"{self.canary.name}\n{way.template.format(**self._address)}"
        return self._asked(CanaryQuestion("letter", way.template, to))

    def either(self, one: Ask, other: Ask) -> CanaryQuestion:
        """One of two kinds of question."""
        return self._chance.choice((one, other))()

    def _asked(self, question: CanaryQuestion) -> CanaryQuestion:
        self.last = question
        return question

    def _drawn(self, ways: tuple[Disguise, ...], suits: Suits) -> tuple[Disguise, str]:
        told = ((way, way.apply(self._number)[0]) for way in ways)
        return self._chance.choice([(way, text) for way, text in told if suits(text)])


def national(number: str) -> str:
    """A UK number as it is dialled: "07700900901". Raises ValueError, whose text holds no number."""
    read = phone.read(number)
    if not read.e164.startswith("+44") or len(read.e164) != 13:
        raise ValueError("a canary's number is one of the UK with ten digits behind its 0")
    return "0" + read.e164[3:]
