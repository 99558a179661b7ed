"""The longest body allowed, of the shapes that cost most: milliseconds for each part that looks at it.

    python -m benchmarks.worst_texts [--fuzz N] [--seed N] [--times N]

A body of 200,000 characters is to be answered in under 100 ms on a quiet core, whatever is in it. The shapes
are those that once cost more, repeated to that length, and random ones put together from their pieces.
Each is timed several times, in turns, and the least counts: other work on the machine only adds.
Invented people, numbers of Ofcom's drama ranges.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from engine.blocklist import compile_blocklist
from engine.jsonl import LONGEST_BODY
from engine.model import Attempt, Contact, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.read_attempt import ReadAttempt
from engine.screener import CONTENT, Screener

HIS: Final = "A1234BC"
NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUDGET: Final = 100
"""Milliseconds for a body of the longest allowed length."""

RESTRICTION: Final = Restriction(
    id="R1",
    prisoner=HIS,
    protected=ProtectedPerson(name="Sarah Jane Jones", aliases=("Sally Jones",)),
    contacts=(
        Contact(kind="phone", value="07700 900123"),
        Contact(kind="email", value="sal.jones@example.org"),
        Contact(kind="handle", value="@sally_jones92"),
        Contact(kind="address", value="Flat 2, 10 Larkmead Street, Leeds LS98 4AB"),
    ),
)

REPEATED: Final = {
    "a postcode": "LS98 4AB ",
    "other postcodes": "LS98 4AD LS97 4AB ",
    "its number and postcode": "12 LS98 4AB ",
    "single digits": "0 ",
    "digits alone": "07",
    "digits and letters": "0a",
    "years": "2024 1999 ",
    "half a number": "07700 900 ",
    "a number one digit away": "07700 900124, ",
    "foreign numbers": "+353 87 012 3456 ",
    "number words": "oh double seven ",
    "sound-alikes": "won too free ate ",
    "letters spaced out": "s e v e n ",
    "look-alike letters": "O77OO 9OOl24 ",
    "her first name": "sarah ",
    "her first name, to be told": "tell sarah ",
    "names nearly hers": "sarha sarahh sahra ",
    "her initials": "S. J. ",
    "her family name": "jones ",
    "a threat": "she better ",
    "at signs": "@",
    "e-mail addresses": "a@b.c ",
    "dots": "a.b.",
    "spelled-out addresses": "a dot b at c dot d ",
    "platforms": "snap x_1 ",
    "account names": "sally_j92x ",
    "account names cut": "sally jones 9 ",
    "her street": "larkmead street ",
    "her street and other numbers": "12 larkmead street ",
    "streets nearly hers": "10 larkmaed ",
    "Cyrillic": "Сара ",
    "Chinese": "李娜",
    "Arabic digits": "٠٧ ",
    "combining marks": "e\u0301\u0302\u0303",
    "invisible": "0\u200b",
    "escapes": "&#48;",
    "percent signs": "%2530",
    "brackets": "()",
    "keyboard signs": ")&&)) ",
    "one word": "a",
    "spaces": " ",
    "signs": "-.",
}
"""Pieces that are repeated to the longest length, by name."""


SCRIPTS: Final = {
    "accents": (0xE0, 0x17F, 8),
    "Cyrillic": (0x430, 0x44F, 8),
    "Arabic": (0x620, 0x64A, 8),
    "Chinese": (0x4E00, 0x9FFF, 16),
    "marks": (0x2F0, 0x370, 16),
    "faces": (0x1F300, 0x1F6FF, 8),
}
"""Letters of a script, first and last, and how many stand in its longest words, by name."""


def shapes(fuzz: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """(name, body): every piece repeated, its words at random with others, and `fuzz` mixtures."""
    for name, piece in REPEATED.items():
        yield name, (piece * (LONGEST_BODY // len(piece) + 1))[:LONGEST_BODY]
    letters = "abcdefghijklmnopqrstuvwxyz"
    yield "random words", " ".join("".join(chance.choices(letters, k=6)) for _ in range(LONGEST_BODY // 7))
    yield "random near names", " ".join(_slip("sarah", chance) for _ in range(LONGEST_BODY // 7))
    yield "random digits", "".join(chance.choices("0123456789 ", k=LONGEST_BODY))
    yield "random postcodes", " ".join(_postcode(chance) for _ in range(LONGEST_BODY // 9))
    for name, (first, last, longest) in SCRIPTS.items():
        yield f"random {name}", "".join(_words(first, last, longest, chance))[:LONGEST_BODY]
    yield "random Unicode", "".join(chr(chance.randrange(0x20, 0xD7FF)) for _ in range(LONGEST_BODY))
    yield "random planes", "".join(chr(chance.randrange(0xE000, 0x20000)) for _ in range(LONGEST_BODY))
    pieces = list(REPEATED.values())
    for n in range(fuzz):
        some = chance.sample(pieces, chance.randrange(2, 6))
        body = "".join(chance.choices(some, k=LONGEST_BODY // min(map(len, some))))
        yield f"mixture {n}: {' | '.join(some)}"[:60], body[:LONGEST_BODY]


def _words(first: int, last: int, longest: int, chance: random.Random) -> Iterator[str]:
    """Words of random letters, as many as are sure to fill a body."""
    for _ in range(LONGEST_BODY // 2):
        yield "".join(chr(chance.randint(first, last)) for _ in range(chance.randint(1, longest))) + " "


def _slip(name: str, chance: random.Random) -> str:
    at = chance.randrange(len(name))
    return name[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + name[at:]


def _postcode(chance: random.Random) -> str:
    return f"LS{chance.randrange(1, 99)} {chance.randrange(10)}{''.join(chance.choices('ABDEFGHJ', k=2))}"


def main() -> None:
    """Print a line for each shape: milliseconds of each finder, and of the whole answer."""
    asked = argparse.ArgumentParser(description="the slowest bodies of the longest length")
    asked.add_argument("--fuzz", type=int, default=10, help="random mixtures (10)")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="", help="shapes whose name holds this")
    asked.add_argument("--times", type=int, default=5, help="rounds over all shapes; the least counts (5)")
    given = asked.parse_args()
    screener = Screener(compile_blocklist([RESTRICTION]), read_policy())
    names = [finder.__name__.removeprefix("find_") for finder in CONTENT]
    bodies = {
        shape: body for shape, body in shapes(given.fuzz, random.Random(given.seed)) if given.only in shape
    }
    took: dict[str, list[float]] = {}
    for _ in range(given.times):
        for shape, body in bodies.items():
            now = seconds(screener, body)
            took[shape] = list(map(min, took.get(shape, now), now))
    print(f"{'ms a body':60}" + "".join(f"{name:>11}" for name in names) + f"{'answer':>11}")
    for shape, each in took.items():
        print(f"{shape!a:60.60}" + "".join(f"{1000 * part:11.1f}" for part in each))
    slow = sum(each[-1] * 1000 > BUDGET for each in took.values())
    print(f"{slow} of {len(took)} over {BUDGET} ms")


def seconds(screener: Screener, body: str) -> list[float]:
    """Processor time that each finder takes for a body, and behind them that of the whole answer."""
    attempt = Attempt(id="M1", channel="message", prisoner=HIS, to="07700 900999", body=body)
    lists = screener.blocklist
    took = []
    for finder in CONTENT:
        read = ReadAttempt(attempt, lists.restricted, lists.confidential, screener.policy)
        began = time.process_time()
        for _ in finder(read):
            pass
        took.append(time.process_time() - began)
    began = time.process_time()
    screener.check(attempt, NOW)
    return [*took, time.process_time() - began]


if __name__ == "__main__":
    main()
