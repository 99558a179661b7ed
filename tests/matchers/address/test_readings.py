"""A text has a reading in each country that it may be of, and a listed value one for each address in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jsonl import LONGEST_BODY
from matchers import address
from tests.levels import best

HOME = "17 Larkmead Close\nDerby\nDE22 9ZZ"
STATES = ("OR", "ME", "ID", "IN", "CO", "LA", "NY", "OH", "Ohio", "New York")
WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz.:-/#", min_size=1, max_size=12)


@given(WORDS, st.sampled_from(STATES), st.integers(10_000, 99_999), st.integers(0, 3), st.booleans())
def test_a_line_with_a_state_and_five_digits_hides_no_door(
    note: str, state: str, code: int, at: int, listed: bool
) -> None:
    lines = HOME.split("\n")
    lines.insert(at, f"{note} {state} {code}")
    noted = "\n".join(lines)
    assert best(HOME, noted) != "different" if listed else best(noted, HOME) != "different"


@pytest.mark.parametrize(
    "line", ["USA", "U.S.A.", "New York", "France", "NY 10001", "West Virginia", "Australia"]
)
def test_the_name_of_another_country_under_it_makes_no_other_door(line: str) -> None:
    assert best(f"17 Larkmead Close\nDerby\n{line}", HOME) == "probable"
    assert best(f"{HOME}\n{line}", HOME) in ("same", "probable")
    assert best(f"19 Larkmead Close\nDerby\nDE22 9ZZ\n{line}", HOME) == "different"


def test_the_likeliest_reading_comes_first_and_a_british_one_is_always_there() -> None:
    american = "415 Elm Street, Apt 2, Dayton, OH 45402"
    assert [one.country for one in address.readings(american)] == ["US", "GB"]
    assert [one.country for one in address.readings(HOME)] == ["GB"]
    assert address.readings(HOME)[0] == address.read(HOME)


@pytest.mark.parametrize(
    "listed",
    [
        f"{HOME}; formerly 3 Mill Lane, Selby, YO8 9ZZ",
        f"{HOME} and 3 Mill Lane, Selby",
        "Current: 17 Larkmead Close, Derby, DE22 9ZZ. Previous: 3 Mill Lane, Selby",
        "1) 17 Larkmead Close, Derby, DE22 9ZZ 2) 3 Mill Lane, Selby, YO8 9ZZ",
        "17 Larkmead Close, Derby, DE22 9ZZ (mother lives at 3 Mill Lane, Selby)",
        "17 Larkmead Close, Derby, DE22 9ZZ, Case ID 20417, now 3 Mill Lane, Selby",
    ],
)
def test_every_address_of_a_listed_value_counts(listed: str) -> None:
    assert best(HOME, listed) in ("same", "probable")
    assert best("3 Mill Lane\nSelby", listed) in ("same", "probable")
    assert best("5 Mill Lane\nSelby", listed) == "different"


@given(st.text(max_size=200))
def test_whatever_is_written_is_read(text: str) -> None:
    assert address.readings(text)
    assert address.every_reading(text)


def test_a_long_text_is_read_as_soon_as_a_short_one() -> None:
    assert len(address.parts("12 Elm Road, York, " * (LONGEST_BODY // 20))) <= 8
