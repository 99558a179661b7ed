"""A refuge, a hall or a surgery found by its name and town: `python -m benchmarks.addresses.named`.

Invented houses are listed with their street and number, or without; letters to them have the name and the
town alone. So have letters to a house of another name in the town, and to one of that name in another town.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

from benchmarks.addresses.notes import TOWNS, Letter, verdicts

NAMES = (
    "Hospice",
    "Refuge",
    "Hostel",
    "Womens Centre",
    "Community Centre",
    "Hall",
    "Halls of Residence",
    "Care Home",
    "Nursing Home",
    "House",
    "College",
    "Surgery",
    "Trust",
    "Hospital",
    "Family Centre",
    "Shelter",
)
LISTED = (
    "{0}, 31 Larkmead Road, {1}, {2}",
    "{0}, Larkmead Road, {1}, {2}",
    "{0}, {1}, {2}",
    "{0}, {1}",
)
WRITTEN = ("{0}\n{1}", "{0}, {1}", "Bernard Oakshott\n{0}\n{1}", "Bernard Oakshott\nRoom 4\n{0}\n{1}")


def letters() -> Iterator[Letter]:
    """Each house and its letters."""
    for place, town in enumerate(TOWNS):
        other = TOWNS[(place + 3) % len(TOWNS)]
        for name in NAMES:
            own, another = f"Tarnside {name}", f"Quarrydene {name}"
            for form in LISTED:
                listed = form.format(own, *town)
                for written in WRITTEN:
                    for whose, to in (
                        ("the door", written.format(own, town.name)),
                        ("another name", written.format(another, town.name)),
                        ("another town", written.format(own, other.name)),
                    ):
                        yield Letter(name, form, "", False, whose, listed, to)


def main() -> int:
    """Print how many to the door were let go, and how many to others were stopped."""
    asked: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for one, verdict in verdicts(letters()):
        row = (one.whose, one.note)
        asked[row] += 1
        wrong[row] += (verdict == "allow") == (one.whose == "the door")
    for row, total in sorted(asked.items()):
        print(f"{', '.join(row):56} {wrong[row]:5} of {total:5}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
