"""Every envelope of the case file gets its answer, and none of its decoys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from matchers.address import compare, listing_keys, probe_keys, read

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "addresses.yaml").read_text(encoding="utf-8")
)
ANSWERS = {"same": "block", "probable": "flag", "incomplete": "flag", "different": "none"}


def answer(given: str, listed: str) -> str:
    one, other = read(given), read(listed)
    if not set(probe_keys(one)) & set(listing_keys(other)):
        return "none"
    return ANSWERS[compare(one, other).level]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['listed']}")
def test_the_envelope_gets_its_answer(case: dict[str, Any]) -> None:
    made = answer(case["given"], case["listed"])
    allowed = {"block", "flag"} if case["expect"] == "stop" else {case["expect"]}
    assert made in allowed


@pytest.mark.parametrize(
    "case", [case for case in CASES if "decoys" in case], ids=lambda case: f"{case['kind']}: {case['listed']}"
)
def test_the_envelope_does_not_stop_for_a_decoy(case: dict[str, Any]) -> None:
    stopped = {decoy: answer(case["given"], decoy) for decoy in case["decoys"]}
    unexpected = {
        decoy: made
        for decoy, made in stopped.items()
        if made == "block" or (made == "flag" and case["expect"] != "flag")
    }
    assert not unexpected
