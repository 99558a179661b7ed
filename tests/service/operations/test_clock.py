from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.operations.clock import TOLERANCE, Clock, Jump

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
