"""Fit the weights that turn a comparison's fields into a probability, and print how well it is calibrated.

    python -m benchmarks.addresses.fit > matchers/address/tables/weights.tsv

Needs the `bench` extra. Pairs are letters with council errors (pooled rates at intensity 1.44)
and the same with heavy scanner noise, each against every listed address it shares a key with. Half of
the streets fit, the other half give the reliability curve on standard error.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter

from address_errors import Controls, Noise, Profile

from benchmarks.addresses.council import components, confusions, corrupted, scanned
from benchmarks.addresses.restricted import Restricted
from benchmarks.addresses.streets import Row, estate
from matchers.address.compare import Evidence, evidence

Pair = tuple[Evidence, bool]
State = tuple[str, str]
FIELDS = ("number", "postcode", "street", "building", "place")


def main() -> None:
    train, test = pairs(estate(500, seed=101)), pairs(estate(500, seed=202))
    states = sorted({state for found, _ in train for state in features(found)})
    weights = fit(train, states)
    print(
        "# Log odds that two addresses are one door, by field and what it says: field, state, weight. "
        "Source: benchmarks/addresses/fit.py."
    )
    print(f"bias\t\t{weights[-1]:.2f}")
    for (field, state), weight in zip(states, weights, strict=False):
        print(f"{field}\t{state}\t{weight:.2f}")
    reliability(test, states, weights)


def pairs(rows: list[Row]) -> list[Pair]:
    """Every letter and each listed address that it shares a key with, and whether they are one door."""
    listed = Restricted(rows, seed=5)
    profile, records = Profile.load(), components(rows)
    letters = corrupted(profile, records, rows, None, Controls(intensity=1.44))
    noisy = corrupted(profile, records, rows, None, Controls(prevalence=3, noise=Noise(rate=0.3)))
    rng, misread = random.Random(4), confusions()
    letters += [(uprn, scanned(text, misread, rng)) for uprn, text in noisy]
    found: list[Pair] = []
    for uprn, text in letters:
        for other, given, address in listed.pairs(text):
            said = evidence(given, address)
            if said.door != "different" and not given.less_likely:
                found.append((said, uprn == other))
    return found


def features(found: Evidence) -> list[State]:
    """The states that carry a weight, one a field."""
    return list(
        zip(FIELDS, (found.number, found.code, found.street, found.building, found.place), strict=True)
    )


def fit(found: list[Pair], states: list[State], ridge: float = 1.0) -> list[float]:
    """Logistic regression by Newton's method with a ridge penalty; the last weight is the bias."""
    position = {state: i for i, state in enumerate(states)}
    size = len(states) + 1
    patterns: dict[tuple[int, ...], list[int]] = {}
    for said, same in found:
        active = (*(position[state] for state in features(said)), size - 1)
        counts = patterns.setdefault(active, [0, 0])
        counts[0] += 1
        counts[1] += same
    weights = [0.0] * size
    for _ in range(25):
        slope = [-ridge * weight for weight in weights]
        curve = [[ridge if i == j else 0.0 for j in range(size)] for i in range(size)]
        for active, (count, equal) in patterns.items():
            expected = 1 / (1 + math.exp(-sum(weights[i] for i in active)))
            for i in active:
                slope[i] += equal - count * expected
                for j in active:
                    curve[i][j] += count * expected * (1 - expected)
        weights = [weight + step for weight, step in zip(weights, solve(curve, slope), strict=True)]
    return weights


def solve(curve: list[list[float]], slope: list[float]) -> list[float]:
    """Gaussian elimination; the ridge keeps every pivot positive."""
    rows = [[*line, value] for line, value in zip(curve, slope, strict=True)]
    for i, pivot in enumerate(rows):
        for below in rows[i + 1 :]:
            factor = below[i] / pivot[i]
            for column in range(i, len(pivot)):
                below[column] -= factor * pivot[column]
    answer = [0.0] * len(rows)
    for i in reversed(range(len(rows))):
        known = sum(rows[i][j] * answer[j] for j in range(i + 1, len(rows)))
        answer[i] = (rows[i][-1] - known) / rows[i][i]
    return answer


def reliability(found: list[Pair], states: list[State], weights: list[float]) -> None:
    """Said against seen, by tenths of probability."""
    known = dict(zip(states, weights, strict=False))
    total: Counter[int] = Counter()
    said: dict[int, float] = {}
    seen: Counter[int] = Counter()
    for evidence_found, same in found:
        log_odds = weights[-1] + sum(known.get(state, 0.0) for state in features(evidence_found))
        probability = 1 / (1 + math.exp(-log_odds))
        tenth = min(9, int(probability * 10))
        total[tenth] += 1
        said[tenth] = said.get(tenth, 0.0) + probability
        seen[tenth] += same
    print("said  seen  pairs", file=sys.stderr)
    for tenth in sorted(total):
        count = total[tenth]
        print(f"{said[tenth] / count:.3f} {seen[tenth] / count:.3f} {count:6}", file=sys.stderr)


if __name__ == "__main__":
    main()
