"""Tickets that nobody else can make, and turns that come no faster than they may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.public.waiting import Queueing, Ticket, Tickets, WaitTooLongError, line_of


def test_a_ticket_is_known_again_and_no_changed_one() -> None:
    tickets = Tickets(lambda: 50.0)
    ticket = tickets.new()
    written = tickets.written(ticket)
    assert tickets.read(written) == ticket
    for place in range(len(written)):
        other = "1" if written[place] != "1" else "2"
        assert tickets.read(written[:place] + other + written[place + 1 :]) is None
    assert Tickets(lambda: 50.0).read(written) is None
    assert tickets.read("") is None
    assert tickets.read("é " * 4) is None


def test_a_ticket_lasts_a_day_from_when_it_may_be_sent() -> None:
    now = [0.0]
    tickets = Tickets(lambda: now[0])
    written = tickets.written(Ticket("UPC-AAAA-AAAA", 0.0, 900.0))
    now[0] = 86_400.0 + 899
    assert tickets.read(written) is not None
    now[0] += 2
    assert tickets.read(written) is None


def test_a_reference_is_drawn_anew_and_has_no_letter_that_is_mistaken() -> None:
    drawn = {Tickets().new().reference for _ in range(500)}
    assert len(drawn) == 500
    assert not set("".join(drawn).replace("UPC-", "")) & set("01IO")


@given(
    st.lists(st.floats(0, 50), min_size=1, max_size=60), st.integers(1, 5), st.sampled_from([0.5, 2.0, 7.0])
)
def test_in_no_stretch_of_time_are_there_more_turns_than_may_be(
    pauses: list[float], at_once: int, every: float
) -> None:
    queueing, now, turns = Queueing(every, at_once, 100.0), 1_000.0, []
    for pause in pauses:
        now += pause
        try:
            wait = queueing.wait("a", now)
        except WaitTooLongError:
            continue
        assert wait <= 100.0
        queueing.take("a", now)
        turns.append(now + wait)
    for first in range(len(turns)):
        for last in range(first, len(turns)):
            most = at_once + (turns[last] - turns[first]) / every
            assert last - first + 1 <= most + 1e-6
    assert queueing.wait("b", now) == 0.0, "another's turns are another's"


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_a_household_is_one_line_whatever_its_addresses(address: str, line: str) -> None:
    assert line_of(address) == line
