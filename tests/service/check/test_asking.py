"""Rates of a key, of a prisoner, and of all prisoners together whom nobody knows."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from service.access.model import Principal, Role
from service.check.asking import OF_NOBODY, SEARCHES, Asking
from service.check.probing import IN_WORDS, Sign
from service.errors import NotAllowedError
from service.web.limits import TooFastError
from tests.service.check.running import PRISONER, screener

SWITCH = Principal("key:switch", frozenset({Role.PHONE_SYSTEM}))
OTHER = Principal("key:other", frozenset({Role.PHONE_SYSTEM}))


@dataclass
class World:
    """Settings, a clock, and what was counted and told."""

    rate: float = 100
    prisoner_rate: float = 6
    unknown_rate: float = 4
    known: frozenset[str] = frozenset({"X1234BC"})
    now: float = 0.0
    unknown: list[str] = field(default_factory=list)
    signs: list[str] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    def knows(self, prisoner: str) -> bool:
        return prisoner in self.known

    def unknown_prisoner(self, channel: str) -> None:
        self.unknown.append(channel)

    def probing(self, sign: str) -> None:
        self.signs.append(sign)

    def asking(self) -> Asking:
        return Asking(self, self, self, lambda *one: self.told.append(one), lambda: self.now)


def attempt(asking: Asking, prisoner: str | None, *contacts: str, by: Principal = SWITCH) -> None:
    asking.attempt(by, "call", prisoner, contacts or ("020 7946 0018",), screener())


def test_a_prisoner_has_a_minute_s_checks_at_once_and_then_one_after_another() -> None:
    world = World()
    asking = world.asking()
    for _ in range(6):
        attempt(asking, "X1234BC")
    with pytest.raises(TooFastError) as error:
        attempt(asking, "X1234BC")
    assert (error.value.wait, error.value.field) == (10, "prisoner")
    attempt(asking, "X1234BC", by=OTHER)  # another key has its own
    world.now = 10.0
    attempt(asking, "X1234BC")
    assert (world.unknown, world.signs) == ([], ["rate"])
    assert world.told == [("key:switch", IN_WORDS[Sign.RATE])]


def test_whom_nobody_knows_are_together_one_and_are_counted() -> None:
    world = World()
    asking = world.asking()
    for n in range(4):
        attempt(asking, f"Z000{n}ZZ")
    with pytest.raises(TooFastError):
        attempt(asking, "Z0009ZZ")
    attempt(asking, "X1234BC")
    attempt(asking, PRISONER)  # a restriction names him
    attempt(asking, None)
    assert world.unknown == ["call"] * 5


def test_the_settings_may_refuse_every_one_of_them() -> None:
    asking = World(unknown_rate=0).asking()
    with pytest.raises(NotAllowedError) as error:
        attempt(asking, "Z0001ZZ")
    assert error.value.field == "prisoner"
    attempt(asking, "X1234BC")


def test_each_contact_point_of_a_contact_counts() -> None:
    asking = World().asking()
    attempt(asking, "X1234BC", *(f"07700 900{n:03}" for n in range(0, 60, 10)))
    with pytest.raises(TooFastError):
        attempt(asking, "X1234BC")


def test_a_key_has_its_rate_and_a_batch_is_paid_for() -> None:
    world = World(rate=2)
    asking = world.asking()
    asking.key(SWITCH)
    asking.further(SWITCH, 5)
    with pytest.raises(TooFastError):
        asking.key(SWITCH)
    asking.key(OTHER)
    assert world.signs == ["rate"]


def test_searches_have_theirs() -> None:
    asking = World().asking()
    for _ in range(SEARCHES):
        asking.search(SWITCH)
    with pytest.raises(TooFastError):
        asking.search(SWITCH)


def test_letters_of_nobody_are_counted_with_each_address_and_reading() -> None:
    world = World()
    asking = world.asking()
    addresses = tuple(f"{number} Larkmead Street, Ambermouth" for number in range(1, 13))
    for _ in range(OF_NOBODY * 6 // 12):
        attempt(asking, None, *addresses)
    with pytest.raises(TooFastError) as error:
        attempt(asking, None, *addresses)
    assert (error.value.field, world.signs[-1]) == ("prisoner", Sign.RATE)
    attempt(asking, None, *addresses, by=OTHER)
    attempt(asking, "X1234BC")
    world.now = 60.0
    attempt(asking, None, *addresses)


def test_each_address_of_a_letter_counts_for_the_key() -> None:
    world = World(rate=10, prisoner_rate=1_000)
    asking = world.asking()
    asking.key(SWITCH)
    attempt(asking, None, *("020 7946 0018" for _ in range(20)))
    with pytest.raises(TooFastError):
        asking.key(SWITCH)
