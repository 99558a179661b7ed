from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.dates import Between
from service.operations.clock import (
    APART,
    ELSEWHERE_BYTES,
    LOWER,
    TOLERANCE,
    Clock,
    Jump,
    TimeElsewhere,
)

START = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class Machine:
    """A machine whose clock the test sets, and for which time passes when the test says so."""

    def __init__(self) -> None:
        self.wall, self.monotonic = START, 100.0
        self.clock = Clock(lambda: self.wall, lambda: self.monotonic)

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.monotonic += seconds


def test_a_clock_that_nobody_set_never_jumps() -> None:
    machine = Machine()
    for seconds in (0.5, 60, 86_400):
        machine.pass_by(seconds)
        clock = machine.clock
        assert clock.jump() is None
        assert not clock.is_set_back()
        assert clock() == clock.latest() == clock.earliest() == machine.wall


def test_a_clock_that_was_put_right_by_a_little_is_not_told_and_one_by_more_is() -> None:
    machine = Machine()
    machine.wall += TOLERANCE
    assert machine.clock.jump() is None
    machine.wall += SECOND
    assert machine.clock.jump() == Jump(START, START + TOLERANCE + SECOND)


def test_little_by_little_is_told_as_well() -> None:
    machine = Machine()
    for _ in range(TOLERANCE // SECOND + 1):
        machine.pass_by(600)
        machine.wall -= SECOND
    assert machine.clock.is_set_back()


def test_what_was_over_stays_over_when_the_clock_is_set_back() -> None:
    machine = Machine()
    machine.pass_by(3_600)
    machine.wall -= DAY
    assert machine.clock() == machine.wall
    assert machine.clock.latest() == machine.wall + DAY
    assert machine.clock.earliest() == machine.wall


def test_what_is_young_stays_young_when_the_clock_is_set_forward() -> None:
    machine = Machine()
    machine.pass_by(3_600)
    machine.wall += DAY
    assert machine.clock.earliest() == machine.wall - DAY
    assert machine.clock.latest() == machine.clock() == machine.wall


def test_a_jump_that_was_noted_is_not_told_again_and_the_way_back_is() -> None:
    machine = Machine()
    machine.wall += DAY
    forward = machine.clock.jump()
    assert forward is not None
    assert not forward.is_back
    machine.clock.note(forward)
    assert machine.clock.jump() is None
    machine.wall -= DAY
    assert machine.clock.is_set_back()


def test_a_wall_clock_alone_is_taken_at_its_word() -> None:
    now = [START]
    clock = Clock.of(lambda: now[0])
    now[0] -= DAY
    assert clock.jump() is None
    assert clock.latest() == clock() == now[0]
    assert Clock.of(clock) is clock


def test_the_machines_own_clock_is_in_utc() -> None:
    assert Clock()().tzinfo is UTC
    assert Clock().jump() is None


def test_between_a_clock_that_is_wrong_from_the_start_and_the_centres_it_may_be_any_time() -> None:
    machine = Machine()
    clock, right = machine.clock, START + 3 * DAY
    assert clock.moment() == START
    clock.elsewhere.hear(right.timestamp())
    assert clock.moment() == Between(START, START, right)
    assert (clock.earliest(), clock.latest()) == (START, right)
    assert clock.trouble == "the clock is 3 days behind the centre's"
    machine.pass_by(60)
    assert clock.latest() == right + 60 * SECOND
    machine.wall = right + 60 * SECOND
    assert clock.moment() == machine.wall, "what it was at the start is no matter where the centre agrees"
    assert clock.trouble is None
    machine.wall += 1_000 * DAY
    assert clock.earliest() == right + 60 * SECOND - 3 * DAY, "set while it runs: the start counts again"
    assert clock.trouble == "the clock is 1000 days ahead of the centre's"


def test_a_clock_that_is_a_little_beside_the_centres_is_no_trouble() -> None:
    machine = Machine()
    machine.clock.elsewhere.hear((START + APART).timestamp())
    assert machine.clock.trouble is None
    machine.wall -= SECOND
    assert machine.clock.trouble == "the clock is 1 minute behind the centre's"


def test_one_word_of_the_other_clock_that_was_late_is_not_believed_and_many_are() -> None:
    machine = Machine()
    heard = machine.clock.elsewhere
    heard.hear(START.timestamp())
    machine.pass_by(1)
    heard.hear((START - DAY).timestamp())
    assert heard.time == machine.wall
    machine.pass_by(LOWER)
    heard.hear((machine.wall - DAY).timestamp())
    assert heard.time == machine.wall - DAY
    heard.hear(machine.wall.timestamp())
    assert heard.time == machine.wall, "later is believed at once"


def test_what_is_no_time_is_not_taken() -> None:
    machine = Machine()
    for at in (float("nan"), float("inf"), float("-inf"), -1.0, 1e300):
        machine.clock.elsewhere.hear(at)
        machine.clock.elsewhere.is_over(at)
    assert machine.clock.moment() == START


def test_before_the_other_clock_is_heard_what_is_recorded_is_over() -> None:
    machine = Machine()
    clock = machine.clock
    clock.elsewhere.is_over((START + DAY).timestamp())
    clock.elsewhere.is_over((START - DAY).timestamp())
    machine.pass_by(5)
    assert clock.moment() == Between(machine.wall, machine.wall, machine.wall + DAY)
    assert clock.trouble == "the clock is 24 hours behind the last that was recorded"
    clock.elsewhere.hear(machine.wall.timestamp())
    assert clock.moment() == machine.wall
    assert clock.trouble is None


def test_processes_share_what_is_known() -> None:
    shared, machine = memoryview(bytearray(ELSEWHERE_BYTES)), Machine()
    first, second = (TimeElsewhere(shared, lambda: machine.monotonic) for _ in range(2))
    first.forget()
    assert (second.time, second.over) == (None, None)
    first.hear(START.timestamp())
    machine.pass_by(7)
    assert second.time == START + 7 * SECOND
