"""Demonstration data, made by a seed: invented people, drama numbers, and places that do not exist.

    >>> made = make(seed=1, restrictions=200, attempts=1000)
    >>> write(made, Path("var/demonstration"))

The same seed gives the same bytes. Every attempt comes with the answer that is expected of it, written down
from the rules and not from the engine. `STALE_BLOCKLIST` and `MATCHER_FAILED` are not among the reasons: they
need an empty list and a part that fails.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.model import Attempt, ConfidentialEntry, ReasonCode, Restriction, Verdict
from service.demonstration.calls import CALLS, family_call
from service.demonstration.estate import Estate
from service.demonstration.example import Example, Maker
from service.demonstration.letters import LETTERS, family_letter
from service.demonstration.messages import MESSAGES, family_message

RESTRICTIONS, CONFIDENTIAL, ATTEMPTS, EXPECTED = (
    "restrictions.jsonl", "confidential.jsonl", "attempts.jsonl", "expected.jsonl",
)  # fmt: skip
"""The four files of a demonstration."""
TRICKS: tuple[Maker, ...] = (*CALLS, *MESSAGES, *LETTERS)
FEWEST_ATTEMPTS = 2 * len(TRICKS)
"""Room for every trick, and for one that takes two messages."""

_ORDINARY: tuple[Maker, ...] = (family_call, family_message, family_letter)
_SHARE_ORDINARY = 0.6
"""Most of what goes out is nobody's concern."""


class Expected(msgspec.Struct, frozen=True):
    """What an attempt shows and the answer to it; `reason` is None where nothing is to be found."""

    id: str
    decision: Verdict
    reason: ReasonCode | None
    shows: str


class Demonstration(NamedTuple):
    """Restrictions, register and attempts, and what is expected of each attempt, in the same order."""

    restrictions: list[Restriction]
    confidential: list[ConfidentialEntry]
    attempts: list[Attempt]
    expected: list[Expected]


def make(seed: int = 1, restrictions: int = 200, attempts: int = 1_000) -> Demonstration:
    """Make a demonstration. Raises ValueError when it is too small to show everything, or too large."""
    if attempts < FEWEST_ATTEMPTS:
        raise ValueError(f"attempts: at least {FEWEST_ATTEMPTS}")
    estate = Estate(seed, restrictions)
    groups = [make_one(estate) for make_one in TRICKS]
    room = attempts - sum(map(len, groups))
    while room > 0:
        makers = _ORDINARY if estate.chance.random() < _SHARE_ORDINARY else TRICKS
        group = estate.chance.choice(makers)(estate)
        if len(group) <= room:
            groups.append(group)
            room -= len(group)
    estate.chance.shuffle(groups)
    examples = [example for group in groups for example in group]
    numbered = list(enumerate(examples, 1))
    return Demonstration(
        [barred.restriction for barred in estate.barred],
        estate.register_lines,
        [_attempt(estate, n, example) for n, example in numbered],
        [Expected(_id(n, e), e.decision, e.reason, e.shows) for n, e in numbered],
    )


def write(made: Demonstration, folder: Path) -> None:
    """Write the four files into `folder`, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / RESTRICTIONS, made.restrictions)
    _write_lines(folder / CONFIDENTIAL, made.confidential)
    _write_lines(folder / ATTEMPTS, made.attempts)
    _write_lines(folder / EXPECTED, made.expected)


def _write_lines(path: Path, rows: Iterable[msgspec.Struct]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))


def _id(n: int, example: Example) -> str:
    return f"{example.channel[0].upper()}{n:05}"


def _attempt(estate: Estate, n: int, example: Example) -> Attempt:
    draw = estate.chance.randrange
    prisoner = example.prisoner
    return Attempt(
        id=_id(n, example),
        channel=example.channel,
        prisoner=prisoner.number if prisoner else None,
        establishment=prisoner.prison if prisoner else None,
        to=example.to,
        body=example.body,
        at=f"2026-0{draw(3, 7)}-{draw(1, 29):02}T{draw(8, 20):02}:{draw(60):02}:00Z",
    )
