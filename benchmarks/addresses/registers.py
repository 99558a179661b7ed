"""Real letters with known answers, from the folders of public cases.

    python -m benchmarks.addresses.registers [folder of cases]

Each attempt is held against its own prisoner's restriction, and against every other restriction of the
file that it shares a key with (an estate-wide stop). Prints one line a kind; says so where a folder is
absent.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from matchers.address import compare, listing_keys, probe_keys, read

CASES = ("letters-registers", "letters-hard", "us-guides")
LEVELS = ("same", "probable", "incomplete", "different")


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[3] / "shared" / "data" / "cases")
    for name in CASES:
        folder = root / name
        if folder.is_dir():
            measure(folder)
        else:
            print(f"{folder} is absent: not measured")


def measure(folder: Path) -> None:
    """Print the share of each level by what was expected and the kind of letter."""
    truth = {line["id"]: line for line in lines(folder / "truth.jsonl")}
    listed = {
        line["prisoner"]: read(line["contacts"][0]["value"]) for line in lines(folder / "restrictions.jsonl")
    }
    index: dict[str, set[str]] = defaultdict(set)
    for prisoner, address in listed.items():
        for key in listing_keys(address):
            index[key].add(prisoner)
    count: Counter[tuple[str, str, str]] = Counter()
    others: Counter[str] = Counter()
    for attempt in lines(folder / "attempts.jsonl"):
        given, own = read(attempt["to"]), attempt["prisoner"]
        found = {prisoner for key in probe_keys(given) for prisoner in index.get(key, ())}
        level = compare(given, listed[own]).level if own in found else "different"
        expected = truth[attempt["id"]]
        count[expected["expect"], expected["kind"], level] += 1
        others.update(compare(given, listed[prisoner]).level for prisoner in found - {own})
    print(folder.name)
    for expect, kind in sorted({(expect, kind) for expect, kind, _ in count}):
        total = sum(count[expect, kind, level] for level in LEVELS)
        shares = "  ".join(f"{level} {100 * count[expect, kind, level] / total:6.2f}%" for level in LEVELS)
        print(f"  {expect:5} {kind:44} {total:6}  {shares}")
    print(f"  estate-wide, other restrictions: {dict(others)}")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
