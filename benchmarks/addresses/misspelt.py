"""What a slip in a town's name hides: `python -m benchmarks.addresses.misspelt`.

An invented door on a street of a name that most towns have is listed. Letters to it bear its town with one
slip in its first four letters, and no postcode; so do letters to the same street elsewhere, and next door.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator

from benchmarks.addresses.notes import Letter, verdicts

TOWNS = {
    "Leeds": "LS6 1AA",
    "Ipswich": "IP4 2BD",
    "Rugby": "CV21 3EF",
    "Derby": "DE22 1GH",
    "Manchester": "M14 5NP",
    "Cardiff": "CF24 2QR",
    "Truro": "TR1 3ST",
    "Birmingham": "B14 6AA",
    "Sheffield": "S7 1BD",
    "Bolton": "BL1 4LN",
    "Nottingham": "NG7 2AB",
    "Swansea": "SA1 4GH",
    "Milton Keynes": "MK9 3AB",
    "Stoke-on-Trent": "ST4 2EF",
}
STREETS = ("Church Road", "High Street", "Station Road", "Victoria Street", "Larkmead Road")
SLIPS = 12
"""Of each town."""


def slips(town: str, rng: random.Random) -> Iterator[str]:
    """The town with one letter of the first four changed, left out, doubled or exchanged with the next."""
    for _ in range(SLIPS):
        at = rng.randrange(4)
        head, one, rest = town[:at], town[at], town[at + 1 :]
        yield rng.choice(
            (
                f"{head}{rng.choice('abcdefghijklmnoprstuwy')}{rest}",
                f"{head}{rest}",
                f"{head}{one}{one}{rest}",
                f"{head}{rest[0]}{one}{rest[1:]}",
            )
        ).capitalize()


def letters(seed: int = 3) -> Iterator[Letter]:
    """Each door, and its letters."""
    rng = random.Random(seed)
    towns = list(TOWNS)
    for place, town in enumerate(towns):
        other = towns[(place + 5) % len(towns)]
        for street in STREETS:
            listed = f"14 {street}, {town}, {TOWNS[town]}"
            for whose, number, where in (
                ("the door", 14, town),
                ("next door", 16, town),
                ("another town", 14, other),
            ):
                for slip in slips(where, rng):
                    if slip.casefold() != where.casefold():
                        yield Letter(street, slip, "", False, whose, listed, f"{number} {street}\n{slip}")


def main() -> int:
    """Print how many to the door were let go, and how many to others were stopped, by street."""
    asked: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for one, verdict in verdicts(letters()):
        row = (one.whose, one.kind)
        asked[row] += 1
        wrong[row] += (verdict == "allow") == (one.whose == "the door")
    for row, total in sorted(asked.items()):
        print(f"{', '.join(row):40} {wrong[row]:5} of {total:5}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
