"""What a user would pick instead, on the same letters in the same run as ours.

    python -m benchmarks.addresses.peers [streets]

Needs the `bench` extra; `uk-address-matcher` is left out, and said to be, where it is not installed. A
third of the addresses are restricted. The peers that compare two texts are given every pair that shares
a postcode or one of our keys; `uk-address-matcher` finds its own candidates, and answers with its best.
A peer is printed at its usual threshold, and at the best trade-off: the most letters stopped with no
more neighbours than we flag.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import NamedTuple

from rapidfuzz import fuzz, utils

from benchmarks.addresses.council import SEED, Letter, relation, sets
from benchmarks.addresses.restricted import Restricted
from benchmarks.addresses.streets import Row, estate
from engine.policy import read_policy

SETS = ("pooled 1.0", "heavy noise")
KINDS = ("same", "next door", "flat", "elsewhere")
WEIGHT = 10.0  # what the matcher's own guide takes for a match
_CODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\s*$")
_NUMBERS = re.compile(r"\d+[A-Z]?")


class Pair(NamedTuple):
    """A letter and a restricted address."""

    letter: int
    uprn: str


Scores = dict[Pair, float]  # above nought where stopped at some threshold


def main() -> None:
    streets = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rows = estate(streets, seed=SEED)
    listed = Restricted(rows, seed=5)
    texts = listed.texts
    by_uprn = {row["uprn"]: row for row in rows}
    near: dict[str, list[str]] = defaultdict(list)
    for uprn in texts:
        near[by_uprn[uprn]["postcode"]].append(uprn)
    print(f"{len(rows)} addresses on {streets} streets, {len(texts)} restricted; per cent of pairs")
    flag = read_policy().address.flag
    for name, letters in sets(rows, list(SETS)):
        table = Table(letters, by_uprn, set(texts), near)
        print(f"\n{name}: {len(letters)} letters")
        print(f"{'':44}{'same':>16}{'next door':>16}{'flat, building':>16}{'elsewhere':>16}   us")
        start = time.perf_counter()
        ours: dict[Pair, str] = {}
        asked: set[Pair] = set()
        for n, (_, text) in enumerate(letters):
            for other, answer in listed.answers(text, flag).items():
                asked.add(Pair(n, other))
                if answer.level != "different":
                    ours[Pair(n, other)] = answer.level
        table.line("nocontact, stopped", set(ours), time.perf_counter() - start)
        table.neighbours = table.shares(ours)["next door"]
        table.line("nocontact, blocked", {pair for pair, level in ours.items() if level == "same"})
        for n, (uprn, _) in enumerate(letters):
            asked.update(Pair(n, other) for other in near[by_uprn[uprn]["postcode"]])
        _texts(table, letters, texts, asked)
        if find_spec("uk_address_matcher") is None:
            print("uk-address-matcher is not installed: not measured")
            continue
        start = time.perf_counter()
        weights = matched(letters, texts)
        spent = time.perf_counter() - start
        table.line(f"uk-address-matcher, weight {WEIGHT:g}", at_least(weights, WEIGHT), spent)
        table.best("uk-address-matcher, weight", weights, [step / 2 for step in range(-40, 61)])


def _texts(table: Table, letters: list[Letter], texts: dict[str, str], asked: set[Pair]) -> None:
    """The peers that compare two texts, at 90 of 100 and at their best."""
    equal = {pair for pair in asked if _numbers(letters[pair.letter][1]) == _numbers(texts[pair.uprn])}
    same_code = {pair for pair in equal if _code(letters[pair.letter][1]) == _code(texts[pair.uprn])}
    table.line("postcode and all numbers equal", same_code)
    plain = {uprn: utils.default_process(text) for uprn, text in texts.items()}
    scorers: tuple[tuple[str, Callable[[str, str], float]], ...] = (
        ("token_set", fuzz.token_set_ratio),
        ("token_sort", fuzz.token_sort_ratio),
    )
    given = [utils.default_process(text) for _, text in letters]
    for name, scorer in scorers:
        start = time.perf_counter()
        scores = {pair: scorer(given[pair.letter], plain[pair.uprn]) for pair in asked}
        spent = time.perf_counter() - start
        numbered = {pair: score for pair, score in scores.items() if pair in equal}
        steps = [float(step) for step in range(50, 101)]
        table.line(f"rapidfuzz {name}, 90", at_least(scores, 90), spent)
        table.best(f"rapidfuzz {name},", scores, steps)
        table.line(f"rapidfuzz {name}, 90, and equal numbers", at_least(numbered, 90))
        table.best(f"rapidfuzz {name}, equal numbers,", numbered, steps)


class Table:
    """Counts pairs by what the letter's door is to the restricted one."""

    def __init__(
        self, letters: list[Letter], rows: dict[str, Row], listed: set[str], near: dict[str, list[str]]
    ) -> None:
        """`near` holds the restricted addresses of each postcode."""
        self.neighbours = 0.0  # per cent that ours stops
        self._letters, self._rows = letters, rows
        self._total: Counter[str] = Counter({"elsewhere": len(letters)})
        for uprn, _ in letters:
            pairs = {*near[rows[uprn]["postcode"]], *({uprn} & listed)}
            kinds = [relation(rows[uprn], rows[other]) for other in pairs]
            self._total.update(kind for kind in kinds if kind != "elsewhere")

    def shares(self, stopped: Iterable[Pair]) -> dict[str, float]:
        """Per cent of the pairs of each kind; elsewhere, of the letters."""
        count: Counter[str] = Counter()
        away: set[int] = set()
        for n, uprn in stopped:
            kind = relation(self._rows[self._letters[n][0]], self._rows[uprn])
            if kind == "elsewhere":
                away.add(n)
            else:
                count[kind] += 1
        count["elsewhere"] = len(away)
        return {kind: 100 * count[kind] / max(1, self._total[kind]) for kind in KINDS}

    def line(self, name: str, stopped: set[Pair], seconds: float | None = None) -> None:
        """Print one peer; `seconds` for all letters."""
        shares = self.shares(stopped)
        figures = "".join(f"{shares[kind]:16.2f}" for kind in KINDS)
        spent = "" if seconds is None else f"{1e6 * seconds / len(self._letters):5.0f}"
        print(f"{name:44}{figures}{spent}", flush=True)

    def best(self, name: str, scores: Scores, thresholds: list[float]) -> None:
        """Print a peer at the first threshold, of ascending ones, that stops no more neighbours than ours."""
        for threshold in thresholds:
            stopped = at_least(scores, threshold)
            if self.shares(stopped)["next door"] <= self.neighbours:
                self.line(f"{name} {threshold:g} (its best)", stopped)
                return
        print(f"{name}: stops more neighbours than we do at every threshold")


def at_least(scores: Scores, threshold: float) -> set[Pair]:
    return {pair for pair, score in scores.items() if score >= threshold}


def matched(letters: list[Letter], texts: dict[str, str]) -> Scores:
    """The best match of each letter with its weight, by `uk-address-matcher`; an exact match weighs 100."""
    import logging

    import duckdb
    import pandas
    from uk_address_matcher import AddressMatcher

    logging.disable(logging.WARNING)
    connection = duckdb.connect()
    connection.execute("SET threads TO 1")
    connection.execute("SET enable_progress_bar = false")
    given = pandas.DataFrame([_columns(str(n), text) for n, (_, text) in enumerate(letters)])
    known = pandas.DataFrame([_columns(uprn, text) for uprn, text in texts.items()])
    matcher = AddressMatcher(
        canonical_addresses=connection.from_df(known),
        addresses_to_match=connection.from_df(given),
        con=connection,
    )
    columns = "unique_id, resolved_canonical_id, match_weight"
    found = matcher.match().matches().project(columns).fetchall()
    return {
        Pair(int(letter), uprn): 100.0 if weight is None else float(weight)
        for letter, uprn, weight in found
        if uprn is not None
    }


def _columns(name: str, text: str) -> dict[str, str]:
    match = _CODE.search(text.upper())
    return {
        "unique_id": name,
        "address_concat": (text[: match.start()] if match else text).strip(" ,"),
        "postcode": f"{match.group(1)} {match.group(2)}" if match else "",
    }


def _numbers(text: str) -> list[str]:
    match = _CODE.search(text.upper())
    return sorted(_NUMBERS.findall(text.upper()[: match.start()] if match else text.upper()))


def _code(text: str) -> str:
    match = _CODE.search(text.upper())
    return f"{match.group(1)} {match.group(2)}" if match else ""


if __name__ == "__main__":
    main()
