"""What each threshold for doubtful addresses costs: letters to a listed door let through, and innocents held.

    python -m benchmarks.addresses.thresholds [streets] [set ...]

Needs the `bench` extra. Letters with council errors, and the same under scanner noise, on streets where a
quarter of the doors are listed. Own: each restriction by itself against a letter of the prisoner whom it
names, so that pairs are counted, as in `council`. Estate: the whole list against a letter of another
prisoner to another name; to a listed door, to a neighbour of one (its street and postcode, or its building)
or to any other. The packaged policy's own thresholds are marked.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict

from benchmarks.addresses.council import relation, sets
from benchmarks.addresses.restricted import Restricted
from benchmarks.addresses.streets import Row, estate
from engine.policy import read_policy

SEED = 12
SHARE = 0.25
THRESHOLDS = (0.0, 0.003, 0.005, 0.007, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4)
SURE = 2.0  # above every score: an equal address is no matter of a threshold
Found = dict[str, float]  # listed addresses that a letter's may be, with the score


def main() -> None:
    streets = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    wanted = sys.argv[2:] or ["pooled 1.0", "heavy noise"]
    rows = estate(streets, seed=SEED)
    listed = Restricted(rows, seed=6, share=SHARE)
    by_uprn = {row["uprn"]: row for row in rows}
    print(f"{len(rows)} addresses on {streets} streets, {len(listed.texts)} listed; per cent")
    for name, letters in sets(rows, wanted):
        print(f"\n{name}: {len(letters)} letters")
        found = [(uprn, scores(text, listed)) for uprn, text in letters]
        show(found, by_uprn, set(listed.texts))


def scores(text: str, listed: Restricted) -> Found:
    """Every listed address that a letter may be for, with how probable it is."""
    return {
        other: SURE if answer.level == "same" else answer.score
        for other, answer in listed.answers(text).items()
        if answer.level != "different"
    }


def show(found: list[tuple[str, Found]], rows: dict[str, Row], listed: set[str]) -> None:
    """Print both curves, a line a threshold."""
    near: dict[str, set[str]] = defaultdict(set)
    for uprn in listed:
        near[rows[uprn]["postcode"]].add(uprn)
    pairs: Counter[str] = Counter({"elsewhere": len(found)})
    letters: Counter[str] = Counter()
    kind_of: list[str] = []
    for uprn, _ in found:
        beside = [relation(rows[uprn], rows[other]) for other in near[rows[uprn]["postcode"]]]
        pairs.update(_owned(kind) for kind in beside if kind != "elsewhere")
        neighbour = {"flat", "next door"} & set(beside)
        kind_of.append("listed" if uprn in listed else "neighbours" if neighbour else "others")
        letters[kind_of[-1]] += 1
    policy = read_policy().address
    print("           own restriction                    estate's list, another prisoner, another name")
    print("threshold  missed  neighbours  elsewhere      missed  neighbours  others")
    for least in sorted({*THRESHOLDS, policy.flag, policy.others}):
        own: Counter[str] = Counter()
        held: Counter[str] = Counter()
        for (uprn, scored), kind in zip(found, kind_of, strict=True):
            stopped = [other for other, score in scored.items() if score >= least]
            kinds = [_owned(relation(rows[uprn], rows[other])) for other in stopped]
            own.update(one for one in kinds if one != "elsewhere")
            own["elsewhere"] += "elsewhere" in kinds
            held[kind] += bool(stopped)
        share = {one: 100 * own[one] / max(1, pairs[one]) for one in ("same", "neighbours", "elsewhere")}
        flagged = {one: 100 * held[one] / max(1, letters[one]) for one in ("listed", "neighbours", "others")}
        marks = (least == policy.flag) * " flag" + (least == policy.others) * " flag_others"
        print(
            f"{least:9.3f}{100 - share['same']:8.2f}{share['neighbours']:12.2f}{share['elsewhere']:11.3f}"
            f"{100 - flagged['listed']:12.2f}{flagged['neighbours']:12.2f}{flagged['others']:8.2f}{marks}"
        )


def _owned(kind: str) -> str:
    return "neighbours" if kind in ("next door", "flat") else kind


if __name__ == "__main__":
    main()
