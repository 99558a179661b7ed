"""A centre and its Redis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.policy import read_policy
from service.blocklist.current import Current
from service.feed.carrier import RedisCarrier
from service.feed.nodes import Nodes
from service.feed.publisher import Publisher
from service.feed.redis_address import read_address
from service.registry.registry import Registry
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.api.calling import Service, serving
from tests.service.blocklist.lists import writer_of
from tests.service.feed.centre import Centre
from tests.service.feed.servers import RedisServer, redis_server
from tests.service.registry.listings import ASKER, THIRD, Clock, restriction


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A server of this test's own."""
    with redis_server() as server:
        yield server


@pytest.fixture
def service(database: Database, vault: Vault, tmp_path: Path) -> Iterator[Service]:
    """The whole service, on each kind of database in turn."""
    with serving(database, vault, tmp_path) as opened:
        yield opened


@pytest.fixture
def centre(database: Database, vault: Vault, redis: RedisServer) -> Iterator[Centre]:
    """A centre with one restriction, its publisher not started."""
    registry = Registry(database, vault, Clock())
    registry.restrictions.create(ASKER, restriction("other", "07700 900999", prisoner=THIRD))
    made = centre_on(registry, redis)
    yield made
    made.publisher.let_go()


def centre_on(registry: Registry, redis: RedisServer) -> Centre:
    """Another serving process of this registry."""
    current = Current(registry, read_policy(), write_record=writer_of(registry))
    nodes = Nodes(registry.journal)
    carrier = RedisCarrier(read_address(redis.url))
    return Centre(registry, current, nodes, Publisher(registry, current, nodes, carrier))
