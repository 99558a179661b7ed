"""What gives a key away that looks for what is listed, and what does not."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.model import Principal, Role
from service.check.probing import AGAIN, OF_A_PRISON, ROW, WITHIN, Probing, Sign

ESTATE = Principal("key:estate", frozenset({Role.PHONE_SYSTEM}))
LEEDS = Principal("key:leeds", frozenset({Role.MAILROOM}), frozenset({"LEI"}))


class Watched:
    """A watch with a clock, and the signs that it gave."""

    def __init__(self) -> None:
        self.now = 0.0
        self.signs: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.watch = Probing(lambda *one: self.told.append(one), self.signs.append, lambda: self.now)

    def ask(self, *contacts: str, by: Principal = ESTATE) -> None:
        for contact in contacts:
            self.watch.asked(by, [contact])


WAYS = {
    "numbers": [f"07700 900{n:03}" for n in range(ROW)],
    "numbers written in many ways": [f"+44 (0)7700-900{n:03}" for n in range(ROW)],
    "withheld numbers": [f"141 07700 900{n:03}" for n in range(ROW)],
    "bare postcodes": [f"LS{n} {n % 10}AB" for n in range(ROW)],
    "bare postcodes by their letters": [f"LS1 4{a}{b}" for a in "ABCDE" for b in "ABCDE"],
    "doors of a street": [f"{n} Larkmead Street, Ambermouth" for n in range(ROW)],
    "accounts": [f"@sally{n}" for n in range(ROW)],
    "e-mail addresses": [f"sally{n}@example.org" for n in range(ROW)],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [0, 1])
def test_contacts_next_to_one_another_are_told_of_in_whatever_order(way: str, seed: int) -> None:
    watched = Watched()
    contacts = list(WAYS[way])
    Random(seed).shuffle(contacts)
    watched.ask(*contacts[:-1], *contacts[:-1])
    assert watched.signs == []
    watched.ask(contacts[-1])
    assert watched.signs == [Sign.IN_ORDER]
    assert watched.told[0][0] == ESTATE.id


def test_the_same_sign_of_the_same_key_is_told_once_an_hour() -> None:
    watched = Watched()
    for hour in range(3):
        watched.now = hour * (AGAIN + 1)
        watched.ask(*WAYS["numbers"])
        watched.ask(*WAYS["doors of a street"])
    assert watched.signs == [Sign.IN_ORDER] * 3


def test_what_was_asked_long_ago_is_forgotten() -> None:
    watched = Watched()
    watched.ask(*WAYS["numbers"][:-1])
    watched.now = WITHIN + 1
    watched.ask(WAYS["numbers"][-1])
    assert watched.signs == []


@given(st.integers(0, 2**32))
def test_an_estate_that_calls_families_all_over_the_country_is_not_told_of(seed: int) -> None:
    watched, chance = Watched(), Random(seed)
    numbers = [f"07{chance.randrange(10**9):09}" for _ in range(2_000)]
    watched.ask(*(chance.choice(numbers) for _ in range(3_000)))
    names = ["".join(chance.choices("abcdefgh", k=6)) for _ in range(300)]
    names = [f"{name} Jones\n{chance.randrange(99)} {name[::-1]} Road\nLS1 4AB" for name in names]
    watched.ask(*names)
    assert watched.signs == []


def test_a_key_of_one_prison_is_told_of_when_it_asks_as_no_prison_does() -> None:
    watched = Watched()
    letters = [f"Person{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(1_201)]
    assert len(letters) == OF_A_PRISON + 1
    watched.ask(*letters[:-1], by=LEEDS)
    watched.ask(*letters)
    assert watched.signs == []
    watched.ask(letters[-1], by=LEEDS)
    assert watched.signs == [Sign.RATE]


def test_what_was_dialled_is_handed_over_once() -> None:
    watched = Watched()
    watched.ask("07700 900123", "sally@example.org", "1 High Street", "020 7946 0018")
    assert watched.watch.numbers() == {ESTATE.id: {"07700 900123", "020 7946 0018"}}
    assert watched.watch.numbers() == {}
