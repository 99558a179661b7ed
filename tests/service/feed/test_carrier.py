"""A Redis that cannot be reached is told in the publisher's own words, and one write to it ends nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from redis import Redis

from benchmarks.free_port import free_port
from service.feed.carrier import CARRIER_ERRORS, RedisCarrier
from service.feed.messages import BEAT, CHANGES, NODE, REPORT, REPORTS, SNAPSHOT
from service.feed.redis_address import read_address
from tests.service.feed.centre import Centre
from tests.service.feed.following import Follower
from tests.service.feed.servers import RedisServer
from tests.service.registry.listings import ASKER, restriction


@pytest.mark.parametrize("url", ["redis://{}", "redis+sentinel://{}/nocontact", "redis+cluster://{}"])
def test_a_redis_that_is_not_there_is_no_other_error(url: str) -> None:
    carrier = RedisCarrier(read_address(url.format(f"127.0.0.1:{free_port()}")))
    for ask in (carrier.last, carrier.newest, lambda: carrier.beat(b"")):
        with pytest.raises(CARRIER_ERRORS):
            ask()
    carrier.close()


REPORTED = {NODE: b"leeds-1", REPORT: b"it is well"}
LAST = f"{2**64 - 1}-{2**64 - 1}"


def end_of(client: Redis, key: str) -> None:
    client.xadd(key, {"x": "y"}, id=LAST)


def end_and_nothing(client: Redis, key: str) -> None:
    client.xadd(key, {"x": "y"}, id=LAST)
    client.xdel(key, LAST)


def last_place(client: Redis, key: str) -> None:
    client.xadd(key, {"x": "y"}, id=f"5-{2**64 - 1}")


SPOILING: list[Callable[[Redis, str], object]] = [
    end_of,
    end_and_nothing,
    last_place,
    lambda client, key: client.set(key, "x"),
    lambda client, key: client.rpush(key, "x"),
    lambda client, key: client.hset(key, "x", "y"),
    lambda client, key: client.sadd(key, "x"),
    lambda client, key: client.zadd(key, {"x": 1}),
]
"""One write each of somebody who reaches Redis."""


@pytest.mark.parametrize("spoil", SPOILING)
def test_reports_come_in_again_whatever_one_write_made_of_their_key(
    redis: RedisServer, spoil: Callable[[Redis, str], object]
) -> None:
    client = Redis.from_url(redis.url)
    carrier = RedisCarrier(read_address(redis.url))
    spoil(client, REPORTS)
    for _ in range(2):
        if given := carrier.reports("0", 0.01):
            carrier.forget_reports(given[-1].id)
    client.xadd(REPORTS, REPORTED)  # type: ignore[arg-type]
    given = carrier.reports("0", 1.0)
    assert [(one.node, one.report) for one in given] == [("leeds-1", b"it is well")]
    carrier.forget_reports(given[-1].id)
    assert carrier.reports("0", 0.01) == []
    carrier.close()


@pytest.mark.parametrize("key", [CHANGES, SNAPSHOT, BEAT])
@pytest.mark.parametrize("spoil", SPOILING)
def test_nodes_have_the_next_change_whatever_one_write_made_of_a_key(
    centre: Centre,
    redis: RedisServer,
    spoil: Callable[[Redis, str], object],
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.feed.publisher.SNAPSHOT_AGAIN", 0.0)
    centre.publish()
    client = Redis.from_url(redis.url)
    client.delete(key)
    spoil(client, key)
    centre.registry.restrictions.create(ASKER, restriction())
    for _ in range(3):
        centre.publisher.look_again()
        centre.publisher.somebody_refuses()  # as a node says that finds no snapshot there
        with suppress(*CARRIER_ERRORS):
            centre.publish()
    node = Follower(redis.url, centre.vault)
    node.start()
    node.follow()
    assert (node.number, node.beat().number) == (centre.publisher.number, centre.publisher.number)
    assert node.blocklist is not None
    assert node.blocklist.version == centre.blocklist.version
