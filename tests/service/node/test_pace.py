"""Recorded beats that are handed on more slowly than they were made keep no list fresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from engine.policy import read_policy
from service.blocklist.current import Current
from service.feed.carrier import RedisCarrier
from service.feed.messages import BEAT, SNAPSHOT, START, Beat
from service.feed.nodes import Nodes
from service.feed.publisher import Publisher
from service.feed.redis_address import read_address
from service.node import kept
from service.node.kept import KeptFeed
from service.node.list_in_force import FollowedList
from service.node.pace import held_to
from service.registry.registry import Registry
from service.storage import sealing
from service.storage.database import Database
from tests.service.blocklist.lists import writer_of
from tests.service.databases import MASTER, sqlite_in
from tests.service.feed.centre import Centre
from tests.service.feed.servers import RedisServer
from tests.service.node.centre import vault as node_vault
from tests.service.registry.listings import ASKER, THIRD, restriction

WEEK = 7 * 24 * 3600.0


class Leader:
    """A true publisher with its Redis, and the clocks of both sides."""

    def __init__(self, database: Database, redis: RedisServer, folder: Path) -> None:
        self.now, self.wall = 1_000.0, datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
        self.folder, self.redis = folder, Redis(port=redis.port)
        self.registry = Registry(database, sealing.open_vault(database, MASTER), lambda: self.wall)
        self.carrier = RedisCarrier(read_address(redis.url))
        self.centre = self.begun()

    def begun(self) -> Centre:
        """Another process that leads; the clock of its machine began elsewhere."""
        offset = getattr(self, "now", 0.0) * 3

        def steady() -> float:
            return self.now + offset

        writes = writer_of(self.registry)
        current = Current(self.registry, read_policy(), write_record=writes, monotonic=steady)
        nodes = Nodes(self.registry.journal)
        publisher = Publisher(self.registry, current, nodes, self.carrier, monotonic=steady)
        return Centre(self.registry, current, nodes, publisher)

    def passes(self, seconds: float) -> None:
        """On every clock."""
        self.now += seconds
        self.wall += timedelta(seconds=seconds)

    def beat(self) -> bytes:
        """The next, a second later."""
        self.passes(1.0)
        self.centre.publish()
        carried = self.redis.get(BEAT)
        assert isinstance(carried, bytes)
        return carried

    def node(self) -> FollowedList:
        """A node on its folder."""
        vault = self.centre.vault
        files = KeptFeed(self.folder, node_vault(100))
        made = FollowedList(
            vault.public_key, vault.feed_key(0), files, read_policy(), monotonic=lambda: self.now
        )
        made.start()
        return made


@pytest.fixture
def leader(redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Leader]:
    (tmp_path / "node").mkdir()
    database = sqlite_in(tmp_path)
    made = Leader(database, redis, tmp_path / "node")
    monkeypatch.setattr(kept, "since_boot", lambda: made.now)
    made.registry.restrictions.create(ASKER, restriction("other", "07700 900999", prisoner=THIRD))
    made.centre.publish()
    yield made
    made.centre.publisher.let_go()
    database.close()


@pytest.fixture
def node(leader: Leader) -> FollowedList:
    made = leader.node()
    snapshot = leader.redis.get(SNAPSHOT)
    assert isinstance(snapshot, bytes)
    assert made.offer(snapshot)
    assert made.hear(leader.beat()) is not None
    assert made.age == 0
    return made


@pytest.mark.parametrize("starts_again", [False, True])
def test_beats_that_were_recorded_and_come_more_slowly_are_as_old_as_they_are(
    leader: Leader, node: FollowedList, starts_again: bool
) -> None:
    recorded = [leader.beat() for _ in range(20)]
    made_at = [leader.now - 19 + n for n in range(20)]
    leader.registry.restrictions.create(ASKER, restriction())
    leader.centre.publish()  # and its change is kept from the node
    for made, carried in zip(made_at, recorded, strict=True):
        leader.passes(4.0)
        if starts_again:
            node.keep(now=True)
            node = leader.node()
        assert node.hear(carried) is not None
        assert node.age == pytest.approx(leader.now - made, abs=0.1)
        assert node.unheard == node.age
    assert node.why_not == "the centre is heard too late"
    beat = leader.beat()
    assert node.hear(beat) is not None
    assert node.unheard < 0.1  # and what comes as it is made is believed at once
    assert node.ahead == 1


def test_a_slow_network_makes_age_for_as_long_as_it_is_slow(leader: Leader, node: FollowedList) -> None:
    for delay in (0.0, 3.0, 40.0, 0.0):
        beat = leader.beat()
        leader.passes(delay)
        node.hear(beat)
        assert node.age == pytest.approx(delay, abs=0.1)


@pytest.mark.parametrize("hours", [-24, 1, 24 * 365])
def test_a_centre_whose_clock_is_set_is_heard_as_before(
    leader: Leader, node: FollowedList, hours: int
) -> None:
    for _ in range(3):
        leader.wall += timedelta(hours=hours)
        node.hear(leader.beat())
        assert node.age == 0
        assert node.late == 0


def test_a_machine_that_was_halted_is_heard_as_before(leader: Leader, node: FollowedList) -> None:
    halted = 900.0
    node_now = leader.now
    leader.wall += timedelta(seconds=halted)  # its steady clock stood still with it
    beat = leader.beat()
    leader.now = node_now + halted + 1  # not so the node's
    node.hear(beat)
    assert node.late == 0


def test_another_leader_and_one_that_begins_anew_are_believed_from_their_first_beat(
    leader: Leader, node: FollowedList
) -> None:
    for _ in range(2):
        leader.centre.publisher.let_go()
        leader.centre = leader.begun()
        leader.passes(30)
        beat = leader.beat()
        assert node.hear(beat) is not None
        assert node.late == 0


def test_after_the_machine_was_started_its_clock_says_nothing_of_before(
    leader: Leader, node: FollowedList, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.keep(now=True)
    monkeypatch.setattr(kept, "_boot", lambda: "another")
    beat = leader.beat()
    leader.now += 900.0  # another clock, of a machine that was longer there
    again = leader.node()
    assert again.hear(beat) is not None
    assert again.late == 0


def a_beat(steady: float | None, term: int = 1) -> Beat:
    return Beat(number=0, hash=START, reaches=0, term=term, tick=1, at=0.0, steady=steady)


def test_a_centre_of_the_version_before_is_believed_as_it_was() -> None:
    pace, late = held_to(None, a_beat(None), 10.0)
    assert (pace, late) == (None, 0.0)
    pace, _ = held_to(None, a_beat(0.0), 10.0)
    assert held_to(pace, a_beat(None, term=2), 99.0) == (pace, 0.0)


@pytest.mark.parametrize(("apart", "late"), [(50e-6, False), (-50e-6, False), (400e-6, True)])
def test_two_clocks_that_run_apart_by_themselves_make_no_age(apart: float, late: bool) -> None:
    pace, _ = held_to(None, a_beat(0.0), 0.0)
    found = 0.0
    for n in range(1, 13):
        pace, found = held_to(pace, a_beat(n * WEEK), n * WEEK * (1 + apart))
    assert (found > 60) is late
