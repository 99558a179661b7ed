"""How often a caller may ask: a bucket that fills with time, each caller's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.limits import Rate, TooFastError


class Watch:
    """A clock that the test sets forward."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def passed(rate: Rate, caller: str, checks: int) -> int:
    """How many of so many checks at once are let in."""
    count = 0
    for _ in range(checks):
        try:
            rate.ask(caller)
        except TooFastError:
            continue
        count += 1
    return count


@pytest.mark.parametrize(("a_second", "at_once"), [(5.0, 5), (1.0, 1), (0.25, 1)])
def test_a_second_s_worth_may_come_at_once_and_one_at_least(a_second: float, at_once: int) -> None:
    watch = Watch()
    rate = Rate(a_second, watch)
    assert passed(rate, "a", 20) == at_once
    watch.now = 1_000.0  # a long silence fills it and no more
    assert passed(rate, "a", 20) == at_once


def test_who_asked_too_fast_is_told_when_the_next_may_pass_and_it_does() -> None:
    watch = Watch()
    rate = Rate(0.25, watch)
    rate.ask("a")
    with pytest.raises(TooFastError) as told:
        rate.ask("a")
    assert told.value.wait == 4
    watch.now = 3.9
    assert passed(rate, "a", 1) == 0
    watch.now = 4.0
    assert passed(rate, "a", 2) == 1


def test_each_caller_has_a_bucket_of_his_own() -> None:
    rate = Rate(2.0, Watch())
    assert [passed(rate, caller, 3) for caller in ("a", "b", "a")] == [2, 2, 0]


def test_what_a_batch_held_is_paid_for_afterwards() -> None:
    watch = Watch()
    rate = Rate(10.0, watch)
    rate.ask("a")
    rate.add("a", 39)
    with pytest.raises(TooFastError) as told:
        rate.ask("a")
    assert told.value.wait == 4
    rate.add("nobody", 100)
    assert passed(rate, "nobody", 20) == 10


def test_callers_without_end_take_no_memory_without_end() -> None:
    rate = Rate(1.0, Watch(), callers=3)
    assert [passed(rate, caller, 2) for caller in "abc"] == [1, 1, 1]
    assert passed(rate, "a", 1) == 0
    assert passed(rate, "d", 2) == 1  # the fourth: none is full, so that all are filled again
    assert passed(rate, "a", 2) == 1


@given(
    st.floats(0.1, 50),
    st.lists(st.tuples(st.floats(0, 5), st.integers(0, 5)), min_size=1, max_size=30),
)
def test_over_any_time_no_more_pass_than_the_rate_and_one_second_of_it(
    a_second: float, asked: list[tuple[float, int]]
) -> None:
    watch = Watch()
    rate = Rate(a_second, watch)
    let_in = 0
    for pause, checks in asked:
        watch.now += pause
        let_in += passed(rate, "a", checks)
    assert let_in <= max(a_second, 1) + a_second * watch.now + 1e-6
