"""What a node says that it has counts for the chain that it is of; what it says beside stops nobody else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from service.feed import messages
from service.feed.comparing import LOST, OTHER_ERA
from service.feed.eras import Chain, OlderCentreError
from service.feed.messages import Beat
from service.feed.reports import NodeReports
from service.feed.tables import node
from service.registry.registry import Registry
from service.storage import rows, sealing
from service.storage.database import Database
from tests.service.databases import MASTER, sqlite_in
from tests.service.feed.centre import Centre
from tests.service.feed.conftest import NAMES, SILENT, centre_on, take
from tests.service.feed.following import Follower
from tests.service.feed.servers import RedisServer
from tests.service.node.centre import vault
from tests.service.registry.listings import ASKER, Clock, restriction


class RestoredCentre:
    """A centre that is restored from a back-up of before its last change, with its nodes' reports."""

    def __init__(self, folder: Path, redis: RedisServer) -> None:
        """Of three nodes, with one restriction."""
        self._folder, self._redis, self._databases = folder, redis, list[Database]()
        self._clock = Clock()
        (folder / "first").mkdir()
        self.centre, self.reports = self._opened(sqlite_in(folder / "first"))
        journal = self.centre.registry.journal
        enrolled = [
            {"name": one, "prison": "LEI", "added": journal.clock(), "added_by": "user:root"} for one in NAMES
        ]
        with journal.write() as connection:
            rows.insert(connection, journal.vault, node, enrolled)
        self.add(1)

    def add(self, number: int) -> int:
        """A restriction, published; gives the registry's change."""
        listed = restriction(f"R{number}", f"07700 90010{number}")
        self.centre.registry.restrictions.create(ASKER, listed)
        self.centre.publish()
        return self.centre.registry.last_change()

    def following(self) -> Follower:
        """A node with all that was published."""
        made = Follower(self._redis.url, self.centre.vault, self.centre.nodes.epoch())
        made.start()
        made.follow()
        return made

    def take(self) -> int:
        """Read the reports."""
        return take(self.centre, self._redis, self.reports)

    def begin_anew(self) -> None:
        """As an operator does."""
        Chain(self.centre.registry.journal, self.centre.nodes.epoch).begin_anew(ASKER, "restored")

    def said(self, name: str = NAMES[0]) -> tuple[int, str]:
        """What is known of a node: what it reaches, and why not more."""
        return next((one.reaches, one.why) for one in self.reports.now() if one.name == name)

    def back_up(self) -> Path:
        """A copy of the database."""
        copy = self._folder / "second"
        copy.mkdir()
        source = self.centre.registry.journal.database.url.database
        with (
            closing(sqlite3.connect(str(source))) as live,
            closing(sqlite3.connect(copy / "nocontact.db")) as to,
        ):
            live.backup(to)
        return copy

    def restore(self, copy: Path) -> None:
        """Go on from the copy, with nothing in Redis."""
        self.centre.publisher.let_go()
        Redis.from_url(self._redis.url).flushall()
        self.centre, self.reports = self._opened(Database(f"sqlite:///{copy / 'nocontact.db'}"))

    def close(self) -> None:
        self.centre.publisher.let_go()
        for database in self._databases:
            database.close()

    def _opened(self, database: Database) -> tuple[Centre, NodeReports]:
        self._databases.append(database)
        registry = Registry(database, sealing.open_vault(database, MASTER), self._clock)
        centre = centre_on(registry, self._redis)
        return centre, NodeReports(registry.journal, centre.nodes, SILENT)


@pytest.fixture
def restored(tmp_path: Path, redis: RedisServer) -> Iterator[RestoredCentre]:
    made = RestoredCentre(tmp_path, redis)
    yield made
    made.close()


def test_a_restored_centre_whose_redis_was_emptied_knows_what_it_lost_again_by_the_nodes_and_stops(
    restored: RestoredCentre,
) -> None:
    copy = restored.back_up()
    restored.add(2)  # is lost
    had = restored.following()
    word = had.carried_beat()
    restored.restore(copy)
    made = restored.add(3)  # of the same number as what is lost
    assert restored.centre.publisher.number >= had.number
    for name in NAMES:
        had.report(name, 1, made, proof=word)
    assert restored.take() == 3
    reached = restored.reports.standing(made)
    assert reached is not None
    assert (reached.have, reached.since) == (0, None), "what has it is another list"
    assert restored.said() == (0, LOST)
    with pytest.raises(OlderCentreError, match=r"leeds-1, leeds-2, leeds-3.*feed-anew"):
        restored.centre.publish()
    assert restored.centre.publisher.leads, "and what nodes say is read"
    restored.begin_anew()
    made = restored.add(4)
    anew = restored.following()
    had.report(NAMES[1], 2, made, proof=word)
    anew.report(NAMES[0], 2, made, era=anew.beat().era)
    assert restored.take() == 2
    assert restored.said() == (made, "")
    assert restored.said(NAMES[1]) == (0, OTHER_ERA)
    restored.add(5)


def test_one_more_node_was_withdrawn_after_the_back_up_and_what_is_lost_is_known_all_the_same(
    restored: RestoredCentre,
) -> None:
    copy = restored.back_up()
    with restored.centre.registry.journal.database.write() as connection:
        journal = restored.centre.registry.journal
        rows.update(
            connection, journal.vault, node, (node.c.name == NAMES[2],), {"withdrawn": journal.clock()}
        )
    restored.centre.publisher.look_again()
    restored.add(2)
    had = restored.following()
    word = had.carried_beat()
    restored.restore(copy)
    restored.add(3)
    had.report(NAMES[0], 1, 1, proof=word)
    restored.take()
    assert restored.said() == (0, LOST)


def test_what_is_lost_and_still_in_redis_is_known_when_that_is_reached_again(
    restored: RestoredCentre, redis: RedisServer
) -> None:
    copy = restored.back_up()
    restored.add(2)
    lies_there = restored.following().stream()
    restored.restore(copy)
    restored.add(3)
    Redis.from_url(redis.url).delete(messages.CHANGES)
    for number, carried in lies_there:
        Redis.from_url(redis.url).xadd(messages.CHANGES, {messages.MESSAGE: carried}, id=f"{number}-0")
    restored.centre.publisher.look_again()
    with pytest.raises(OlderCentreError, match="Redis"):
        restored.centre.publish()


@pytest.mark.parametrize(
    "lie",
    [
        {"era": 2**60, "number": 1},
        {"number": 2**63 - 1},
        {"number": 2**64 - 1, "era": 2**64 - 1, "reaches": 2**64 - 1, "waiting": 2**64 - 1},
        {"hash": "0" * 64},
        {"refused": 2**64 - 1, "why": "a \0 and \ud7ff", "age": float("nan"), "own": "\0\0\0"},
        {"refused": -1, "number": 0},
    ],
)
@pytest.mark.parametrize("proof", ["none", "forged", "older", "another's"])
def test_one_nodes_keys_stop_no_change_for_the_others(
    centre: Centre, redis: RedisServer, reports: NodeReports, lie: dict[str, object], proof: str
) -> None:
    centre.publish()
    thief = Follower(redis.url, centre.vault)
    thief.start()
    older = thief.carried_beat()
    centre.registry.restrictions.create(ASKER, restriction())
    centre.publish()
    thief.follow()
    forged = Beat(era=2**60, number=9, hash="0" * 64, reaches=1, term=9, tick=9, at=0.0)
    signed = messages.encode(messages.make_beat(vault(7), centre.vault.feed_key(0), forged))
    shown = {"none": b"", "forged": b"forged", "older": older, "another's": signed}[proof]
    thief.report(NAMES[0], 5, **{"reaches": 1, "proof": shown, **lie})  # type: ignore[arg-type]
    thief.report(NAMES[1], 1, 1)
    assert take(centre, redis, reports) == 2
    found = {one.name: one for one in reports.now()}
    assert found[NAMES[1]].number == thief.number, "the others are heard"
    assert found[NAMES[0]].reaches in (0, 1)
    made = centre.registry.last_change()
    centre.registry.restrictions.create(ASKER, restriction("R2", "07700 900124"))
    centre.publish()
    assert centre.registry.last_change() > made
    assert thief.follow() == 1
