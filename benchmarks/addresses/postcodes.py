"""What a missing or a false postcode hides: `python -m benchmarks.addresses.postcodes`.

The restricted addresses of the public case `letters-registers`, one in four, each as it is listed but for its
postcode; and next door to each, which has to go out whatever its postcode says. Real addresses: only shares
are printed.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator

from benchmarks.mail.decisions import CASE, decided, listed
from matchers.address.postcode import area

EVERY = 4
NOBODYS = "9ZZ"
"""The second half of every false postcode, so that it is no other restricted address's."""
PRISONER = "X9999XX"


def main() -> int:
    """Ask about each, and print how many were blocked, flagged and allowed; 1 without the case."""
    if not CASE.is_dir():
        print(f"{CASE.name} is absent: nothing measured", file=sys.stderr)
        return 1
    with (CASE / "restrictions.jsonl").open(encoding="utf-8") as lines:
        addresses = [json.loads(line)["contacts"][0]["value"] for line in lines]
    screener = listed()
    counts: dict[str, Counter[str]] = {}
    for kind, to in written(addresses):
        counts.setdefault(kind, Counter())[decided(screener, to, PRISONER).decision] += 1
    print(f"{'':52}  block   flag  allow  of")
    for kind, count in counts.items():
        total = sum(count.values())
        shares = " ".join(f"{count[one] / total:6.1%}" for one in ("block", "flag", "allow"))
        print(f"{kind:52} {shares}  {total}")
    return 0


def written(addresses: list[str]) -> Iterator[tuple[str, str]]:
    """Kinds of postcode, and addresses with one of the kind, a line for each part."""
    rng = random.Random(4)
    parts = [(before, code.split()) for before, _, code in (address.rpartition(",") for address in addresses)]
    districts = sorted({district for _, (district, *_) in parts})
    for before, (own, *rest) in parts[::EVERY]:
        others = [district for district in districts if district != own]
        near = [district for district in others if area(district) == area(own)]
        false = {"of another place of the country": others, "of another district of its area": near}
        codes = {kind: f"{rng.choice(pool)} {NOBODYS}" for kind, pool in false.items() if pool}
        for kind, code in {"none": "", "its own": " ".join((own, *rest)), **codes}.items():
            yield f"restricted, postcode: {kind}", _lines(before, code)
            door = re.match(r"(\d+)(?= +[A-Za-z]{2})", before)
            if door and kind != "its own":
                neighbour = f"{int(door[1]) + 2}{before[door.end() :]}"
                yield f"next door, postcode: {kind}", _lines(neighbour, code)


def _lines(before: str, code: str) -> str:
    return "\n".join(part.strip() for part in (*before.split(","), code) if part.strip())


if __name__ == "__main__":
    sys.exit(main())
