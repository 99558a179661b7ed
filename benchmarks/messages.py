"""What a message of 500 characters costs by its kind and by part, beside its peer: microseconds.

    python -m benchmarks.messages [--restrictions N] [--times N]

Every message is answered several times, in turns with the peer, and the least counts, since other work on the
machine only adds; the table has the medians over the messages. `make bench` has the like in one run each, of
all messages together: with 100,000 restrictions two of three senders have restrictions of their own.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Final

import phonenumbers

from benchmarks import estate
from engine.blocklist import compile_blocklist
from engine.model import Attempt
from engine.policy import read_policy
from engine.read_attempt import ReadAttempt
from engine.screener import CONTENT, RECIPIENT, Screener

NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
EACH: Final = 100
"""Messages of each kind."""
WHOLE, PEER = "in all", "PhoneNumberMatcher"
_Took = dict[str, dict[int, int]]


def main() -> None:
    """Print a line for each kind of message, and one for the messages of `make bench` together."""
    asked = argparse.ArgumentParser(description="what a message costs")
    asked.add_argument("--restrictions", type=int, default=10_000)
    asked.add_argument(
        "--times", type=int, default=25, help="rounds over all messages; the least counts (25)"
    )
    given = asked.parse_args()
    screener = Screener(compile_blocklist(estate.full_restrictions(given.restrictions)), read_policy())
    kinds = _kinds(screener, estate.messages(4_000))
    took: dict[str, _Took] = {kind: defaultdict(dict) for kind in kinds}
    for _ in range(given.times):
        for kind, messages in kinds.items():
            for number, message in enumerate(messages):
                _measure(took[kind], number, screener, message)
    parts = list(next(iter(took.values())))
    print(f"{'':44}" + "".join(f"{part[:10]:>11}" for part in parts) + "   beside its peer")
    for kind, each in took.items():
        middle = {part: median(each[part].values()) / 1000 for part in parts}
        ratio = middle[WHOLE] / middle[PEER]
        print(f"{kind:44}" + "".join(f"{middle[part]:11.1f}" for part in parts) + f"{ratio:10.2f}")


def _kinds(screener: Screener, messages: list[Attempt]) -> dict[str, list[Attempt]]:
    rows_of = screener.blocklist.restricted.rows_of
    kinds: dict[str, list[Attempt]] = {"as they come": messages[:EACH]}
    for number, message in enumerate(messages):
        whose = "restrictions of his own" if len(rows_of(message.prisoner or "")) else "no restrictions"
        kinds.setdefault(f"{whose}, {'a number in it' if number % 2 else 'no digit in it'}", []).append(
            message
        )
    return {kind: some[:EACH] for kind, some in kinds.items()}


def _measure(took: _Took, number: int, screener: Screener, message: Attempt) -> None:
    def keep(part: str, step: Callable[[], object]) -> None:
        began = time.perf_counter_ns()
        step()
        spent = time.perf_counter_ns() - began
        took[part][number] = min(spent, took[part].get(number, spent))

    lists = screener.blocklist
    read = ReadAttempt(message, lists.restricted, lists.confidential, screener.policy)
    keep("recipient", lambda: [list(finder(read)) for finder in RECIPIENT["message"]])
    keep("look", lambda: read.look)
    for finder in CONTENT:
        keep(finder.__name__.removeprefix("find_"), lambda finder=finder: list(finder(read)))  # type: ignore[misc]
    keep(WHOLE, lambda: screener.check(message, NOW))
    keep(PEER, lambda: list(phonenumbers.PhoneNumberMatcher(message.body, "GB")))


if __name__ == "__main__":
    main()
