from __future__ import annotations

import pytest

from service.access import tries
from service.access.tries import SlowDownError, TriedFrom, Tries


def stranger(name: str, address: str) -> TriedFrom:
    return TriedFrom((name, f"address {address}"), address, is_known=False)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def counted(now: list[float]) -> Tries:
    return Tries(5, 900.0, lambda: now[0])


def test_a_place_is_kept_from_an_account_and_no_other_place_is(counted: Tries, now: list[float]) -> None:
    here, there = stranger("ann", "a"), stranger("ann", "b")
    assert [counted.wrong(here) for _ in range(5)] == [False] * 4 + [True]
    assert (counted.ask(here), counted.ask(there), counted.ask(stranger("bob", "a"))) == (False, True, True)
    now[0] = 900.0
    assert counted.ask(here)
    assert not counted.wrong(here)


def test_the_right_one_and_a_new_password_begin_anew(counted: Tries) -> None:
    here = stranger("ann", "a")
    for _ in range(4):
        counted.wrong(here)
    counted.right(here)
    assert not counted.wrong(here)
    for _ in range(4):
        counted.wrong(here)
    assert not counted.ask(here)
    counted.forget("ann")
    assert counted.ask(here)


def test_an_address_has_ten_and_then_one_at_a_time(counted: Tries, now: list[float]) -> None:
    for number in range(tries.OF_ADDRESS):
        counted.wrong(stranger(f"name{number}", "a"))
    with pytest.raises(SlowDownError) as caught:
        counted.ask(stranger("ann", "a"))
    assert caught.value.wait == 6
    assert counted.ask(TriedFrom(("ann", "device 1"), "a", is_known=True))
    assert counted.ask(stranger("ann", "b"))
    now[0] += caught.value.wait
    assert counted.ask(stranger("ann", "a"))
    counted.wrong(stranger("ann", "a"))
    with pytest.raises(SlowDownError):
        counted.ask(stranger("ann", "a"))


def test_made_up_places_cost_no_memory(counted: Tries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "MOST_PLACES", 100)
    for number in range(1_000):
        counted.wrong(stranger("ann", str(number)))
    assert max(len(counted._wrong), len(counted._addresses)) <= 100
