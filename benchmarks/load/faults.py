"""What fails between a centre and its prisons, one thing after the other, while every node is asked.

    make faults
    python -m benchmarks.load.faults --seconds 60
    python -m benchmarks.load.faults --only redis_full,cut

Redis, PostgreSQL, the centre and two nodes are processes. From beginning to end each node is asked about
calls, messages and letters, to what is restricted and to what is free in turn: the one is blocked, the other
allowed, and each is answered, by every node that is up. After each fault a restriction made meanwhile is in
force everywhere. At the end the ledger of each node has every answer once, as it was told, and the centre's
has the same records.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from argon2 import PasswordHasher
from redis import Redis

from benchmarks.load import serving, stepped
from benchmarks.load.asker import FREE
from benchmarks.load.prisons import FIRST, Estate, Prison, estate, until
from service.access import passwords
from tests.service import postgres
from tests.service.feed.servers import RedisServer, redis_cluster, redis_server, watched_redis
from tests.service.running import command

HOUR = 3600.0
PAUSED = 6
"""Times that Redis is paused as long as everything else: a minute of `make faults`."""


@dataclass
class World:
    """What can be made to fail."""

    estate: Estate
    redis: RedisServer
    postgres: postgres.Server
    seconds: float
    """For how long something is away."""

    @property
    def first(self) -> Prison:
        return self.estate.prisons[0]

    @property
    def others(self) -> list[Prison]:
        return self.estate.prisons[1:]

    def told(self) -> int:
        """Answers so far."""
        return sum(len(one.asker.heard.told) for one in self.estate.prisons if one.asker is not None)

    def wait(self) -> None:
        """For as long as something is away; it is asked meanwhile, and answers."""
        before = self.told()
        time.sleep(self.seconds)
        until(lambda: self.told() > before)


def redis_killed(world: World) -> None:
    """Redis is killed, and started empty."""
    world.redis.kill()
    world.wait()
    number = world.estate.restrict()
    world.redis.start()
    world.estate.is_everywhere(number)


def redis_paused(world: World) -> None:
    """Redis does nothing for six times as long as anything else, and goes on."""
    world.redis.pause()
    number = world.estate.restrict()
    for _ in range(PAUSED):
        world.wait()
    world.redis.resume()
    world.estate.is_everywhere(number)


@contextmanager
def without_memory(world: World, policy: str) -> Iterator[None]:
    """Redis has no memory left meanwhile, and does by this policy."""
    redis: Redis = Redis(port=world.redis.port)
    redis.config_set("maxmemory-policy", policy)
    redis.config_set("maxmemory", 1)
    yield
    redis.config_set("maxmemory", 0)
    redis.config_set("maxmemory-policy", "noeviction")


def redis_full(world: World) -> None:
    """Redis has no memory left, and refuses."""
    with without_memory(world, "noeviction"):
        number = world.estate.restrict()
        until(world.estate.failing)
        world.wait()
    world.estate.is_everywhere(number)


def redis_evicting(world: World) -> None:
    """Redis has no memory left, and throws away what it likes."""
    with without_memory(world, "allkeys-random"):
        number = world.estate.restrict()
        world.wait()
    world.estate.is_everywhere(number)


def postgres_killed(world: World) -> None:
    """PostgreSQL is stopped under the centre, and started."""
    world.postgres.stop()
    world.wait()
    world.postgres.start()
    until(lambda: world.estate.ready().get("ready", False))
    world.estate.restrict_everywhere()


def publisher_killed(world: World) -> None:
    """The centre is killed with a change that is committed and not published."""
    world.redis.pause()
    number = world.estate.restrict()
    time.sleep(0.5)
    world.estate.kill()
    world.redis.resume()
    world.wait()
    world.estate.start()
    world.estate.is_everywhere(number)


def node_killed(world: World) -> None:
    """A node is killed while it writes answers and a change."""
    number = world.estate.restrict()
    world.first.kill()
    world.estate.is_everywhere(number, world.others)
    world.first.start_again()
    world.estate.is_everywhere(number, [world.first])


def disk_full(world: World) -> None:
    """A node can write nothing: it answers nothing, and nothing wrong."""
    with world.first.full_disk():
        number = world.estate.restrict()
        world.estate.is_everywhere(number, world.others)
        until(lambda: "not on the disk" in str(world.first.ready().get("warnings")))
        assert world.first.calls(FIRST) == "503"
        until(lambda: "its ledger cannot be written" in str(world.estate.ready().get("warnings")))
        world.wait()
    world.estate.is_everywhere(number, [world.first])
    until(lambda: "cannot be written" not in str(world.estate.ready().get("warnings")))
    until(lambda: "not on the disk" not in str(world.first.ready().get("warnings")))


def clock_stepped(world: World) -> None:
    """A node's wall clock is an hour fast, then slow, then right."""
    for seconds in (HOUR, -HOUR, 0.0):
        stepped.step(world.first.clock, seconds)
        world.estate.restrict_everywhere()


def cut(world: World) -> None:
    """A node reaches neither Redis nor the centre."""
    world.first.to_redis.cut()
    world.first.to_centre.cut()
    number = world.estate.restrict()
    world.estate.is_everywhere(number, world.others)
    world.wait()
    until(lambda: "not heard" in str(world.first.ready().get("warnings")))
    assert world.first.calls(FREE[0]) == "allow"
    world.first.to_redis.mend()
    world.first.to_centre.mend()
    world.estate.is_everywhere(number, [world.first])


def silent(world: World) -> None:
    """What a node sends to Redis and the centre is dropped, and nobody told."""
    world.first.to_redis.silence()
    world.first.to_centre.silence()
    number = world.estate.restrict()
    world.estate.is_everywhere(number, world.others)
    world.wait()
    world.first.to_redis.mend()
    world.first.to_centre.mend()
    world.estate.is_everywhere(number, [world.first])


def slow(world: World) -> None:
    """Everything between them takes a third of a second."""
    world.first.to_redis.delay = world.first.to_centre.delay = 0.3
    world.estate.restrict_everywhere()
    world.wait()
    world.estate.restrict_everywhere()
    world.first.to_redis.mend()
    world.first.to_centre.mend()


def split(world: World) -> None:
    """A node reaches Redis and not the centre, then the centre and not Redis."""
    world.first.to_centre.cut()
    world.estate.restrict_everywhere()
    world.wait()
    until(lambda: world.first.metric("nocontact_node_not_forwarded") > 0)
    world.first.to_centre.mend()
    world.first.to_redis.cut()
    number = world.estate.restrict()
    world.estate.is_everywhere(number, world.others)
    world.wait()
    until(lambda: world.first.metric("nocontact_node_not_forwarded") < 10)
    world.first.to_redis.mend()
    world.estate.is_everywhere(number, [world.first])


Fault = Callable[[World], None]
FAULTS: dict[str, Fault] = {
    one.__name__: one
    for one in (
        redis_killed,
        redis_paused,
        redis_full,
        redis_evicting,
        postgres_killed,
        publisher_killed,
        node_killed,
        disk_full,
        clock_stepped,
        cut,
        silent,
        slow,
        split,
    )
}


@contextmanager
def world(folder: Path, seconds: float) -> Iterator[World]:
    """All of it, up and asked."""
    with (
        redis_server() as redis,
        postgres.server() as database,
        estate(folder, redis.url, redis.port, NOCONTACT_DATABASE_URL=database.url) as made,
    ):
        yield World(made, redis, database, seconds)


def run(faults: Sequence[str], seconds: float, folder: Path, say: Callable[[str], None]) -> list[str]:
    """One after the other; gives what was wrong."""
    with world(folder, seconds) as made:
        for name in faults:
            began = time.monotonic()
            FAULTS[name](made)
            say(f"{name}: {time.monotonic() - began:.1f} s; {FAULTS[name].__doc__}")
        wrong = made.estate.end()
        for prison in made.estate.prisons:
            assert prison.asker is not None
            heard = prison.asker.heard
            say(f"{prison.name}: {len(heard.told)} answers, the slowest {heard.slowest:.2f} s")
    return wrong


def redis_failed_over(folder: Path, seconds: float) -> list[str]:
    """A Sentinel fails Redis over; then the centre is restored from an older back-up."""
    with (
        watched_redis() as (primary, _, sentinel),
        estate(folder, sentinel.url, prisons=1) as made,
    ):
        made.restrict_everywhere()
        primary.kill()
        number = made.restrict()
        time.sleep(seconds)
        made.is_everywhere(number)
        made.restrict_everywhere()
        restored(made)
        return made.end()


def cluster_failed_over(folder: Path, seconds: float) -> list[str]:
    """Of a Redis cluster the server with the feed is killed, its replica promoted; then all are killed."""
    with redis_cluster() as shards, estate(folder, shards.url, prisons=1) as made:
        made.restrict_everywhere()
        shards.kill_primary()
        number = made.restrict()
        until(shards.is_promoted)
        time.sleep(seconds)
        made.is_everywhere(number)
        made.restrict_everywhere()
        shards.kill()
        number = made.restrict()
        until(made.failing)
        time.sleep(seconds)
        shards.start()
        made.is_everywhere(number)
        return made.end()


def postgres_failed_over(folder: Path, seconds: float) -> list[str]:
    """PostgreSQL's standby takes over while restrictions are made: what was acknowledged is in force."""
    with (
        redis_server() as redis,
        postgres.replicated() as pair,
        estate(folder, redis.url, redis.port, NOCONTACT_DATABASE_URL=pair.url) as made,
    ):
        made.restrict_everywhere()
        snapshots = [prison.snapshots_taken() for prison in made.prisons]
        with Officer(made) as officer:
            until(lambda: len(officer.acknowledged) > MADE_BEFORE)
            pair.fail_over()
            at_failover = len(officer.acknowledged)
            time.sleep(seconds)
            until(lambda: len(officer.acknowledged) > at_failover + MADE_BEFORE)
        for number in officer.acknowledged:
            made.is_everywhere(number)
        wrong = [
            f"{prison.name} had to take a snapshot"
            for prison, before in zip(made.prisons, snapshots, strict=True)
            if prison.snapshots_taken() != before
        ]
        return [*wrong, *made.end()]


MADE_BEFORE = 5
"""Restrictions that are acknowledged before PostgreSQL fails over, and after it."""


class Officer(threading.Thread):
    """Somebody who makes one restriction after the other, and remembers those that were acknowledged."""

    def __init__(self, made: Estate) -> None:
        """Not begun."""
        super().__init__(name="officer", daemon=True)
        self._made, self._ends = made, threading.Event()
        self.acknowledged: list[str] = []

    def run(self) -> None:
        """Until told to end. What was not acknowledged is asked again, as anybody would."""
        while not self._ends.wait(0.1):
            self._made.restricted += 1
            until(lambda: self._ends.is_set() or self._is_acknowledged())

    def _is_acknowledged(self) -> bool:
        with suppress(httpx.HTTPError):
            if self._made.acknowledges():
                self.acknowledged.append(self._made.number)
                return True
        return False

    def __enter__(self) -> Officer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self.join()


def restored(made: Estate) -> None:
    """The centre is restored from an older back-up, and nobody is let through for it."""
    assert made.started is not None
    serving.stop(made.started)
    back_up = made.folder / "back-up"
    shutil.copytree(made.data, back_up)
    made.start()
    made.restrict_everywhere()
    serving.stop(made.started)
    shutil.rmtree(made.data)
    back_up.rename(made.data)
    made.start()
    until(made.failing)
    made.restricted -= 1
    made.restrict()  # what is missing is brought back first
    assert made.failing()
    said = command(made.data, "feed-anew", "--why", "restored", settings=made.settings)
    assert said.returncode == 0, said.stderr
    made.restrict_everywhere()


WORLDS = {one.__name__: one for one in (redis_failed_over, cluster_failed_over, postgres_failed_over)}
"""Those that need another Redis or PostgreSQL, each with an estate of its own."""


def main() -> int:
    """Run it."""
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    setattr(passwords, "PasswordHasher", cheap)  # noqa: B010 - on a busy machine the first one is given up
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--only", default=",".join([*FAULTS, *WORLDS]))
    given = parser.parse_args()
    wanted = given.only.split(",")
    wrong: list[str] = []
    with TemporaryDirectory(prefix="nocontact-faults-") as folder:
        if named := [name for name in wanted if name in FAULTS]:
            wrong += run(named, given.seconds, Path(folder), print)
    for name in [name for name in wanted if name in WORLDS]:
        with TemporaryDirectory(prefix="nocontact-faults-") as folder:
            wrong += WORLDS[name](Path(folder), given.seconds)
            print(f"{name}: {WORLDS[name].__doc__}")
    print("\n".join(wrong) or "nothing was wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
