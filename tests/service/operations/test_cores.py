"""Work on every core comes back whole and in order, whatever becomes of the processes."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from service.operations import cores
from service.operations.cores import MOST_KEPT, spread


def doubled(number: int) -> int:
    return 2 * number


def told_where(number: int) -> tuple[int, int]:
    """Takes as long as sending it does: what takes less is done where it is asked for."""
    time.sleep(0.01)
    return number, os.getpid()


def called(one: Callable[..., int]) -> int:
    return one() if one is not len else one(())


def not_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


def killed_elsewhere(here: int) -> int:
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return here


def hangs_elsewhere(here: int) -> int:
    while os.getpid() != here:
        signal.pause()
    return here


@pytest.mark.parametrize("processes", [0, 1, 3])
def test_everything_comes_back_in_its_order(processes: int) -> None:
    found = list(spread(doubled, range(200), processes=processes))
    assert found == [(number, 2 * number) for number in range(200)]


def test_a_process_does_its_part() -> None:
    seen: set[int] = set()
    for _, (_, process) in spread(told_where, iter(lambda: 1 if len(seen) > 1 else 0, 1), processes=1):
        seen.add(process)
    assert os.getpid() in seen
    assert len(seen) == 2


def test_few_chunks_begin_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_Processes", None)
    assert list(spread(doubled, range(4), few=4, processes=2)) == [(0, 0), (1, 2), (2, 4), (3, 6)]
    with pytest.raises(TypeError):
        list(spread(doubled, range(5), few=4, processes=2))


def test_one_core_begins_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_Processes", None)
    monkeypatch.setattr(cores, "cores", lambda: 1)
    assert len(list(spread(doubled, range(40)))) == 40


@pytest.mark.parametrize("work", [killed_elsewhere, hangs_elsewhere])
def test_a_process_that_is_killed_or_hangs_holds_nothing_up(work: Callable[[int], int]) -> None:
    here = [os.getpid()] * (MOST_KEPT + 20)
    found = list(spread(work, here, processes=2))
    assert [what for _, what in found] == here


def test_a_system_without_processes_is_told_and_does_it_all_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*given: object) -> None:
        raise OSError("no semaphores")

    monkeypatch.setattr("multiprocessing.get_context", refused)
    assert len(list(spread(doubled, range(40), processes=2))) == 40
    told = capsys.readouterr()
    assert "process_lost" in told.out + told.err


def test_what_cannot_be_sent_is_worked_on_here() -> None:
    cannot: list[Callable[..., int]] = [lambda: 1, len, lambda: 3]
    assert [found for _, found in spread(called, cannot * 30, processes=1)] == [1, 0, 3] * 30


@pytest.mark.parametrize("processes", [0, 1])
def test_what_the_work_raises_is_raised_in_its_turn(processes: int) -> None:
    found = spread(not_seven, range(30), processes=processes)
    assert [next(found)[1] for _ in range(7)] == list(range(7))
    with pytest.raises(ValueError, match="seven"):
        next(found)


def test_whoever_stops_asking_ends_the_processes() -> None:
    from multiprocessing import active_children

    taken = 0

    def chunks() -> Iterator[int]:
        nonlocal taken
        for number in range(100_000):
            taken += 1
            yield number

    found = spread(told_where, chunks(), processes=1)
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert taken <= MOST_KEPT + 2
    for child in active_children():
        child.join(30)
        assert not child.is_alive()


@pytest.mark.parametrize(("few", "processes"), [(0, 0), (0, 1), (50, 1)])
def test_where_the_chunks_break_off_what_came_before_is_worked_on(few: int, processes: int) -> None:
    def breaking_off() -> Iterator[int]:
        yield from range(12)
        raise OSError("the disk is gone")

    found = spread(doubled, breaking_off(), few=few, processes=processes)
    assert [next(found) for _ in range(12)] == [(n, 2 * n) for n in range(12)]
    with pytest.raises(OSError, match="the disk is gone"):
        next(found)
