"""Letters with council recording errors and scanner noise, against the addresses they are and are not for.

    python -m benchmarks.addresses.council [streets] [set ...]

Needs `address-errors` and `ukaddresskit` (the `bench` extra). A third of the addresses are restricted.
For each set it prints, for the same door, next door (same street and postcode), another flat or the
building itself, and elsewhere (same number and street in another town, the next street, any other),
which share is blocked and which flagged, where a prisoner writes whom the restriction names.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from address_errors import Controls, Corruptor, Noise, Profile, load_components

from benchmarks.addresses.restricted import Restricted
from benchmarks.addresses.streets import Row, estate
from engine.policy import read_policy

SEED = 11
SHARED = Path(__file__).parents[3] / "shared" / "data"
CONFUSIONS = SHARED / "tables" / "ocr_confusions.json"
Letter = tuple[str, str]  # the row's identifier, what stands on the envelope


def main() -> None:
    streets = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    wanted = sys.argv[2:]
    rows = estate(streets, seed=SEED)
    listed = Restricted(rows, seed=5)
    print(f"{len(rows)} addresses on {streets} streets, {len(listed.texts)} restricted")
    for name, letters in sets(rows, wanted):
        measure(name, letters, rows, listed)


def sets(rows: list[Row], wanted: list[str]) -> Iterator[tuple[str, list[Letter]]]:
    """The clean styles at three intensities, then heavy noise."""
    profile = Profile.load()
    records = components(rows)
    for style in (None, *profile.styles()):
        for intensity in (0.35, 1.0, 1.44):
            name = f"{style or 'pooled'} {intensity}"
            if not wanted or name in wanted:
                yield name, corrupted(profile, records, rows, style, Controls(intensity=intensity))
    if wanted and "heavy noise" not in wanted:
        return
    heavy = Controls(prevalence=3, noise=Noise(rate=0.3))
    noisy = corrupted(profile, records, rows, None, heavy)
    rng = random.Random(9)
    misread = confusions()
    yield "heavy noise", [(uprn, scanned(text, misread, rng)) for uprn, text in noisy]


def components(rows: list[Row]) -> list[Any]:
    """The rows as `address-errors` loads them."""
    import csv

    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", delete=False) as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    loaded: list[Any] = load_components(file.name)
    Path(file.name).unlink()
    return loaded


def corrupted(
    profile: Any, records: list[Any], rows: list[Row], style: str | None, controls: Any
) -> list[Letter]:
    """One letter to each address, its postcode added where the style leaves it out."""
    generator = (
        Corruptor(profile, style=style, seed=3, controls=controls)
        if style
        else Corruptor(profile, rates="pooled", seed=3, controls=controls)
    )
    generator.index(records)
    codes = {row["uprn"]: row["postcode"] for row in rows}
    return [
        (
            made["source_uprn"],
            f"{made['recorded_address']}, {made['recorded_postcode'] or codes[made['source_uprn']]}",
        )
        for made in generator.generate([row["uprn"] for row in rows])
    ]


def confusions() -> dict[str, list[tuple[str, int]]]:
    """What each character was taken for, with counts, over all readers measured."""
    if not CONFUSIONS.exists():
        raise SystemExit(f"{CONFUSIONS.name} is absent: scanner noise cannot be measured without it")
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for pairs in json.loads(CONFUSIONS.read_text(encoding="utf-8")).values():
        for true, read_as, count in pairs:
            found[true][read_as] += count
    return {true: list(counts.items()) for true, counts in found.items()}


def scanned(
    text: str, misread: dict[str, list[tuple[str, int]]], rng: random.Random, rate: float = 0.03
) -> str:
    """The text with a share of its characters taken for others, as readers of worn envelopes do."""
    out = []
    for char in text:
        options = misread.get(char)
        if options and rng.random() < rate:
            out.append(rng.choices([option for option, _ in options], [count for _, count in options])[0])
        else:
            out.append(char)
    return "".join(out)


def relation(row: Row, other: Row) -> str:
    """What the door a letter goes to is to the restricted one."""
    if row["uprn"] == other["uprn"]:
        return "same"
    family = {row["uprn"], row["parentuprn"]} - {""}
    if family & ({other["uprn"], other["parentuprn"]} - {""}):
        return "flat"
    if row["postcode"] == other["postcode"] and row["usrn"] == other["usrn"]:
        return "next door"
    return "elsewhere"


def measure(
    name: str, letters: list[Letter], rows: list[Row], listed: Restricted
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Print one line a relation; return the examples by relation and level."""
    by_uprn = {row["uprn"]: row for row in rows}
    near: dict[str, list[str]] = defaultdict(list)
    for uprn in listed.texts:
        near[by_uprn[uprn]["postcode"]].append(uprn)
    count: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    total: Counter[str] = Counter()
    spent, candidates = 0.0, 0
    flag = read_policy().address.flag
    for uprn, text in letters:
        start = time.perf_counter()
        levels = {other: answer.level for other, answer in listed.answers(text, flag).items()}
        spent += time.perf_counter() - start
        candidates += len(levels)
        row = by_uprn[uprn]
        pairs = {other: relation(row, by_uprn[other]) for other in {*levels, *near[row["postcode"]]}}
        if uprn in listed.texts:
            pairs[uprn] = "same"
        total["elsewhere"] += 1
        worst = "different"
        for other, kind in pairs.items():
            level = levels.get(other, "no key")
            if kind == "elsewhere":
                if level in ("same", "probable", "incomplete"):
                    worst = level
                    examples[kind, level].append((text, listed.texts[other]))
                continue
            total[kind] += 1
            count[kind, level] += 1
            examples[kind, level].append((text, listed.texts[other]))
        count["elsewhere", worst] += 1
    print(f"{name}: {1e6 * spent / len(letters):.0f} us a letter, {candidates / len(letters):.1f} candidates")
    for kind in ("same", "next door", "flat", "elsewhere"):
        shares = {
            level: 100 * count[kind, level] / max(1, total[kind])
            for level in ("same", "probable", "incomplete")
        }
        print(
            f"  {kind:10} {total[kind]:7}  stopped {sum(shares.values()):7.3f}%  "
            f"blocked {shares['same']:7.3f}%  probable {shares['probable']:7.3f}%  "
            f"incomplete {shares['incomplete']:7.3f}%"
        )
    return examples


if __name__ == "__main__":
    main()
