"""What the centre publishes is enough for a node that holds its own prisoners' restrictions alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis import Redis

from engine.model import Attempt, Decision, Monitoring
from engine.policy import read_policy
from service.errors import ConflictError
from service.feed.messages import BEAT, CHANGES, MESSAGE, SNAPSHOT
from service.node.kept import KeptFeed
from service.node.list_in_force import FollowedList
from tests.repeating import times
from tests.service.cases.asking import OFFICER
from tests.service.feed.centre import Centre
from tests.service.feed.servers import RedisServer
from tests.service.node.centre import vault
from tests.service.registry.listings import ASKER, restriction

HOME = "LEI"
NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
PRISONERS = tuple(f"A{1000 + n}BC" for n in range(6))


def number_of(n: int) -> str:
    return f"07700 900{n:03}"


class Following:
    """A node that reads the true feed."""

    def __init__(self, centre: Centre, redis: RedisServer, folder: Path, prison: str = "") -> None:
        folder.mkdir()
        self.redis: Any = Redis.from_url(redis.url)
        self.list = FollowedList(
            centre.vault.public_key,
            centre.vault.feed_key(0),
            KeptFeed(folder, vault(100)),
            read_policy(),
            prison=prison,
        )
        self.list.start()
        snapshot: Any = self.redis.get(SNAPSHOT)
        assert self.list.offer(snapshot)
        self.follow()

    def follow(self) -> None:
        behind = self.redis.xrange(CHANGES, min=f"{self.list.number + 1}-0")
        carried = [fields[MESSAGE.encode()] for _, fields in behind]
        assert self.list.take(carried) == len(carried)
        self.list.hear(self.redis.get(BEAT))

    def answer(self, attempt: Attempt) -> Decision:
        assert self.list.screener is not None
        return msgspec.structs.replace(self.list.screener.check(attempt, NOW), blocklist="")


def attempts(prisoner: str, of: int) -> list[Attempt]:
    made = [
        Attempt(id="X", channel="call", prisoner=prisoner, establishment=HOME, to=number_of(n))
        for n in range(of + 1)
    ]
    text = msgspec.structs.replace(made[-1], channel="message", to="07700 900998", body="see you")
    return [*made, text]


def acts(centre: Centre, chance: random.Random, made: list[str]) -> tuple[Callable[[], Any], ...]:
    registry = centre.registry
    one, other = chance.sample(PRISONERS, 2)

    def restrict() -> None:
        id_ = f"R{len(made)}"
        scope = chance.choice(("prisoner", "prisoner", "estate"))
        named = tuple(chance.sample(PRISONERS, chance.choice((1, 2))))
        prison = chance.choice((None, HOME, "MDI"))
        asked = restriction(id_, number_of(len(made)), prisoner=named, scope=scope, establishment=prison)
        registry.restrictions.create(ASKER, asked)
        made.append(id_)

    def watch() -> None:
        registry.monitorings.start(OFFICER, one, "2026-08-01", "a report", "C1")

    def move() -> None:
        registry.prisoners.move(ASKER, one, chance.choice((HOME, HOME, "MDI", "TRN", "OUT", None)))

    def merge() -> None:
        registry.prisoners.merge(ASKER, one, other)

    return restrict, restrict, move, move, move, watch, merge


@pytest.mark.parametrize("seed", range(times(6)))
def test_an_own_list_of_the_true_feed_answers_as_a_whole_one(
    seed: int, centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    chance, made = random.Random(seed), list[str]()
    for prisoner in PRISONERS[:3]:
        centre.registry.prisoners.move(ASKER, prisoner, HOME)
    centre.publish()
    own = Following(centre, redis, tmp_path / "own", HOME)
    every = Following(centre, redis, tmp_path / "every")
    own_seen = 0
    for _ in range(25):
        try:
            chance.choice(acts(centre, chance, made))()
        except ConflictError:  # merged already, watched already
            continue
        centre.publish()
        own.follow()
        every.follow()
        for prisoner in PRISONERS:
            is_home = centre.registry.prisoners.where_is(prisoner) == HOME
            own_seen += is_home
            for attempt in attempts(prisoner, len(made)):
                here, there = own.answer(attempt), every.answer(attempt)
                assert here == there if is_home else here.decision != "allow", (attempt, there)
    assert own_seen
    assert own.list.followed is not None
    assert len(own.list.followed.prisoners.known()) == sum(
        centre.registry.prisoners.where_is(one) == HOME for one in PRISONERS
    )


def test_who_is_watched_elsewhere_is_watched_here_from_the_move_on(
    centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    registry, (prisoner, *_) = centre.registry, PRISONERS
    registry.prisoners.move(ASKER, prisoner, "MDI")
    registry.monitorings.start(OFFICER, prisoner, "2026-08-01", "a report", "C1")
    centre.publish()
    own = Following(centre, redis, tmp_path / "own", HOME)
    assert own.list.followed is not None
    assert own.list.followed.blocklist.heightened == {}
    registry.prisoners.move(ASKER, prisoner, HOME)
    centre.publish()
    own.follow()
    assert own.list.followed.blocklist.heightened == {
        prisoner: Monitoring(from_="2026-06-01", until="2026-08-01")
    }
    assert own.answer(attempts(prisoner, 0)[-1]).reasons[0].code == "HEIGHTENED"
