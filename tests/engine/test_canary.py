"""What is a canary's, and what is not although it looks like it."""

from __future__ import annotations

import pytest

from engine.canary import canary_of, is_canary, is_imaginary, prison_of, tried_by_us
from matchers.prison import is_prisoner_number


def test_a_canary_is_known_by_its_id_and_its_prisoner_by_his_number() -> None:
    assert is_canary(canary_of("LEI"))
    assert prison_of(canary_of("LEI") + "-2") == "LEI"
    assert not is_canary("R1")
    assert is_imaginary("Z0001QQ")
    assert is_prisoner_number("Z0001QQ"), "the checks take it as any other"
    assert not any(map(is_imaginary, ("A1234BC", "Z0001Q", "Z0001QQQ", "z0001qq", None)))


@pytest.mark.parametrize(
    ("prisoner", "restrictions", "ours"),
    [
        ("Z0001QQ", [canary_of("LEI")], True),
        ("Z0001QQ", [], False),
        ("Z0001QQ", [canary_of("LEI"), "R1"], False),
        ("Z0001QQ", ["R1"], False),
        ("A1234BC", [canary_of("LEI")], False),
        (None, [canary_of("LEI")], False),
    ],
)
def test_nobody_hides_behind_the_imaginary_prisoner(
    prisoner: str | None, restrictions: list[str], ours: bool
) -> None:
    assert tried_by_us(prisoner, restrictions) is ours
