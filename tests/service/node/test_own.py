"""A node that holds its own prisoners' restrictions alone answers for them as one that holds all does, lets
nobody else through, and has nothing of others on its disk."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Decision
from service.node import followed, kept, list_in_force
from service.node.followed import GapError
from service.node.kept import LIST
from service.node.list_in_force import FollowedList
from service.node.own import OTHER_COUNT, concerns
from service.storage.sealing import SealError
from tests.repeating import times
from tests.service.check.running import NOW
from tests.service.node.centre import begun, vault, version
from tests.service.node.estate import HOME, NUMBERS, WORDS, Estate, disk, named, number_of

NOBODYS = "07700 900999"


class Passing:
    """A clock that the test moves on."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def attempts(prisoner: str | None, chance: random.Random) -> Iterator[Attempt]:
    """What somebody may try, at the node's prison."""
    for n, place in enumerate(chance.sample(range(len(WORDS)), 3)):
        door = f"{place + 1} {WORDS[place]} Street\nAmbermouth\nLS1 4AB"
        body = f"tell {named(place)} on {number_of(place)}" if n % 2 else None
        letter = Attempt(id="X", channel="letter", prisoner=prisoner, establishment=HOME, to="")
        yield msgspec.structs.replace(letter, to=f"{named(place)}\n{door}")
        yield msgspec.structs.replace(letter, to=f"T Smith\n{door}")
        if prisoner is None:
            continue
        for to in (number_of(place), NOBODYS):
            yield msgspec.structs.replace(letter, channel="call", to=to)
        for to in (f"{WORDS[place].lower()}@example.org", NOBODYS):
            yield msgspec.structs.replace(letter, channel="message", to=to, body=body)


def asked(node: FollowedList, attempt: Attempt) -> Decision:
    assert node.screener is not None
    return msgspec.structs.replace(node.screener.check(attempt, NOW), blocklist="")


def expect_own_answers(estate: Estate, own: FollowedList, every: FollowedList) -> None:
    for prisoner in (*NUMBERS, "A9999ZZ", None):
        is_own = prisoner in NUMBERS and estate.is_home(prisoner or "")
        for attempt in attempts(prisoner, estate.chance):
            here, there = asked(own, attempt), asked(every, attempt)
            if is_own:
                assert here == there, attempt
                continue
            assert here.decision != "allow"
            assert here.action in (("refuse",) if attempt.channel == "call" else ("hold", "stop"))
            if there.decision == "allow":
                assert "NOT_HELD_HERE" in {reason.code for reason in here.reasons}


def expect_own_disk(estate: Estate, folder: Path) -> None:
    plain = disk(folder, vault(100))
    for place in estate.of_others():
        for planted in (WORDS[place], number_of(place), number_of(place).replace(" ", "")[1:]):
            assert planted.upper().encode() not in plain, (place, planted)


def expect_own_people(estate: Estate, folder: Path) -> None:
    """Of a list that was just written whole: a change behind it may name who an older version did."""
    plain = disk(folder, vault(100))
    every = map(estate.today, estate.asked.values())
    held = [one for one in every if concerns(HOME, one, estate.is_home)]
    ours = {number for one in held for number in (*one.prisoners, *(e.prisoner for e in one.exceptions))}
    for number in NUMBERS:
        assert estate.is_home(number) or number in ours or number.encode() not in plain, number


@settings(max_examples=times(30), deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 3), min_size=1, max_size=14))
def test_an_own_list_answers_as_a_whole_one_whatever_happens_in_the_estate(
    seed: int, batches: list[int]
) -> None:
    estate, passing = Estate(random.Random(seed)), Passing()
    estate.begin()
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        own = begun(estate.centre, Path(one), prison=HOME, monotonic=passing)
        every = begun(estate.centre, Path(other), monotonic=passing)
        snapshot = estate.centre.snapshot()
        assert own.offer(snapshot)
        assert every.offer(snapshot)
        for count in batches:
            carried = [estate.act() for _ in range(count)]
            beat = estate.centre.beat()
            for node in (own, every):
                assert node.take(carried) == count
                node.hear(beat)
            assert own.followed is not None
            held = [
                today
                for one_asked in estate.asked.values()
                if concerns(HOME, today := estate.today(one_asked), estate.is_home)
            ]
            monitored = {n: m for n, m in estate.heightened.items() if estate.is_home(n)}
            assert version(own) == compile_blocklist(held, heightened=monitored).version
            expect_own_answers(estate, own, every)
        for _ in range(2):
            own.keep()
            passing.now += list_in_force.FORGET_WITHIN + 1
        expect_own_disk(estate, Path(one))
        assert own.followed is not None
        own._kept.replace(own.followed)
        expect_own_people(estate, Path(one))
        again = begun(estate.centre, Path(one), prison=HOME, monotonic=passing)
        again.hear(estate.centre.beat())
        every.hear(estate.centre.beat())
        assert version(again) == version(own)
        expect_own_answers(estate, again, every)
        assert again.take([estate.act()]) == 1


@pytest.fixture
def estate() -> Estate:
    made = Estate(random.Random(1))
    made.begin()
    return made


@pytest.fixture
def passing() -> Passing:
    return Passing()


@pytest.fixture
def node(estate: Estate, passing: Passing, tmp_path: Path) -> FollowedList:
    made = begun(estate.centre, tmp_path, prison=HOME, monotonic=passing)
    assert made.offer(estate.centre.snapshot())
    made.hear(estate.centre.beat())
    return made


def call(node: FollowedList, to: str, prisoner: str) -> str:
    attempt = Attempt(id="X", channel="call", prisoner=prisoner, establishment=HOME, to=to)
    return asked(node, attempt).decision


def test_who_moves_in_is_protected_by_the_very_change_and_who_moves_out_is_forgotten(
    estate: Estate, node: FollowedList, passing: Passing, tmp_path: Path
) -> None:
    prisoner = NUMBERS[0]
    node.take([estate.move(prisoner, "MDI"), estate.restrict_alone(prisoner)])
    assert WORDS[19].upper().encode() not in disk(tmp_path, vault(100))
    node.hear(estate.centre.beat())
    assert call(node, NOBODYS, prisoner) == "block"
    node.take([estate.move(prisoner, HOME)])
    node.hear(estate.centre.beat())
    assert call(node, number_of(19), prisoner) == "block"
    assert call(node, NOBODYS, prisoner) == "allow"
    node.take([estate.move(prisoner, "MDI")])
    node.hear(estate.centre.beat())
    assert call(node, NOBODYS, prisoner) == "block"
    node.keep()
    assert WORDS[19].upper().encode() in disk(tmp_path, vault(100))
    passing.now += list_in_force.FORGET_WITHIN
    node.keep()
    assert WORDS[19].upper().encode() not in disk(tmp_path, vault(100))
    again = begun(estate.centre, tmp_path, prison=HOME, monotonic=passing)
    assert version(again) == version(node)


def test_a_change_that_does_not_say_who_of_those_who_came_is_watched_is_not_taken(
    estate: Estate, node: FollowedList
) -> None:
    estate.places[NUMBERS[0]] = HOME
    with pytest.raises(GapError, match="monitoring"):
        node.take([estate.centre.change(prisoners={"A7000BC": (HOME, None)})])
    assert node.offer(estate.centre.snapshot())


@pytest.mark.parametrize("more", [-2, 1, 1000])
def test_a_count_that_cannot_be_is_refused(estate: Estate, node: FollowedList, more: int) -> None:
    estate.centre.change([estate._restriction(19, "prisoner")], more=more)
    with pytest.raises(GapError, match=OTHER_COUNT):
        node.take([estate.centre.carried[estate.centre.number]])


@pytest.mark.parametrize("most", [0, followed.MOST_TAKEN_OUT])
def test_a_whole_list_on_the_disk_is_narrowed_at_the_start(
    estate: Estate, passing: Passing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(followed, "MOST_TAKEN_OUT", most)
    estate.restrict_alone(NUMBERS[0])
    estate.move(NUMBERS[0], "MDI")
    every = begun(estate.centre, tmp_path, monotonic=passing)
    assert every.offer(estate.centre.snapshot())
    assert WORDS[19].upper().encode() in disk(tmp_path, vault(100))
    own = begun(estate.centre, tmp_path, prison=HOME, monotonic=passing)
    assert WORDS[19].upper().encode() not in disk(tmp_path, vault(100))
    assert not own.is_of_others
    assert own.take([estate.move(NUMBERS[0], HOME)]) == 1
    assert call(own, number_of(19), NUMBERS[0]) == "block"


def test_an_own_list_is_none_of_all_whatever_the_setting_says_until_a_snapshot_came(
    estate: Estate, node: FollowedList, passing: Passing, tmp_path: Path
) -> None:
    node.take([estate.move(NUMBERS[0], "MDI")])
    every = begun(estate.centre, tmp_path, monotonic=passing)
    every.hear(estate.centre.beat())
    assert every.is_of_others
    assert every.why_not is not None
    assert "snapshot" in every.why_not
    assert call(every, NOBODYS, NUMBERS[0]) == "block"
    assert every.offer(estate.centre.snapshot()), "though it has that number"
    assert not every.is_of_others
    assert call(every, NOBODYS, NUMBERS[0]) == "allow"


def test_a_version_that_knows_no_such_list_does_not_open_it(node: FollowedList, tmp_path: Path) -> None:
    sealed = (tmp_path / LIST).read_bytes()
    with pytest.raises(SealError):
        vault(100).open(sealed, kept._LIST)
