"""Memory and time of letters against 100,000 and 1,000,000 restricted addresses, through the whole engine.

    python -m benchmarks.addresses.scale [addresses ...]

A size that would take longer than four minutes to build, by the one before it, is made as large as fits,
and the size that was run is printed. Half of the letters go to restricted addresses.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import estate
from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener

SIZES = (100_000, 1_000_000)
LETTERS = 4_000
LONGEST = 240.0  # seconds a size may take to build
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    each = 0.0  # seconds to build one address, as the size before took
    for wanted in [int(size) for size in sys.argv[1:]] or SIZES:
        size = wanted if wanted * each <= LONGEST else int(LONGEST / each)
        each = measure(size, wanted)


def measure(size: int, wanted: int) -> float:
    """Print one size; return the seconds that one address took to build."""
    gc.collect()
    before = resident()
    start = time.perf_counter()
    blocklist = compile_blocklist(restrictions(size))
    built = time.perf_counter() - start
    gc.collect()
    grown = resident() - before
    reduced = "" if size == wanted else f" (reduced from {wanted:,})"
    print(f"{size:,} restricted addresses{reduced}: built in {built:.1f} s, {grown / 1e6:.0f} MB", flush=True)
    screener = Screener(blocklist, read_policy())
    spent: list[int] = []
    stopped = 0
    for attempt in letters(size):
        begin = time.perf_counter_ns()
        decision = screener.check(attempt, at=NOW)
        spent.append(time.perf_counter_ns() - begin)
        stopped += decision.decision != "allow"
    spent.sort()
    middle, late = spent[len(spent) // 2] / 1e3, spent[len(spent) * 99 // 100] / 1e3
    print(
        f"  a letter: median {middle:.0f} us, 99 of 100 under {late:.0f} us, most {spent[-1] / 1e3:.0f} us; "
        f"{100 * stopped / len(spent):.1f} % stopped",
        flush=True,
    )
    return built / size


def restrictions(count: int) -> Iterator[Restriction]:
    """Restrictions with one address each."""
    rng = random.Random(1)
    for n in range(count):
        yield Restriction(
            id=f"R{n}",
            prisoner=estate.prisoner(rng.randrange(estate.PRISONERS)),
            protected=ProtectedPerson(name="Marigold Fenwick"),
            contacts=(Contact(kind="address", value=estate.address(rng)),),
        )


def letters(size: int) -> Iterator[Attempt]:
    """Envelopes in lines, every second one to a restricted address."""
    rng = random.Random(2)
    wanted = set(random.Random(3).sample(range(size), min(size, LETTERS // 2)))
    there = [r.contacts[0].value for n, r in enumerate(restrictions(size)) if n in wanted]
    elsewhere = [estate.address(rng) for _ in there]
    for n, value in enumerate(value for pair in zip(there, elsewhere, strict=True) for value in pair):
        to = "Rowan Ashdown\n" + value.replace(", ", "\n")
        prisoner = estate.prisoner(rng.randrange(estate.PRISONERS))
        yield Attempt(id=f"L{n}", channel="letter", prisoner=prisoner, to=to)


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


if __name__ == "__main__":
    main()
