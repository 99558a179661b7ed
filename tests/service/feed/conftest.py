"""A centre and its Redis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.policy import read_policy
from service.blocklist.current import Current
from service.feed.carrier import RedisCarrier
from service.feed.nodes import Nodes
from service.feed.publisher import Publisher
from service.feed.redis_address import read_address
from service.feed.reports import NodeReports, reading
from service.feed.tables import node
from service.registry.registry import Registry
from service.storage import rows
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.api.calling import Service, serving
from tests.service.blocklist.lists import writer_of
from tests.service.feed.centre import Centre
from tests.service.feed.servers import RedisServer, redis_server
from tests.service.registry.listings import ASKER, THIRD, Clock, restriction

SILENT = timedelta(seconds=60)
NAMES = ("leeds-1", "leeds-2", "leeds-3")


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


@pytest.fixture
def reports(centre: Centre) -> NodeReports:
    """Of three nodes."""
    journal = centre.registry.journal
    enrolled = [
        {"name": one, "prison": "LEI", "added": journal.clock(), "added_by": "user:root"} for one in NAMES
    ]
    with journal.write() as connection:
        rows.insert(connection, journal.vault, node, enrolled)
    return NodeReports(journal, centre.nodes, SILENT)


def take(centre: Centre, redis: RedisServer, reports: NodeReports) -> int:
    """Read what lies there; gives how many."""
    carrier = RedisCarrier(read_address(redis.url))
    return reading(carrier, reports, centre.publisher)


def centre_on(registry: Registry, redis: RedisServer) -> Centre:
    """Another serving process of this registry."""
    current = Current(registry, read_policy(), write_record=writer_of(registry))
    nodes = Nodes(registry.journal)
    carrier = RedisCarrier(read_address(redis.url))
    return Centre(registry, current, nodes, Publisher(registry, current, nodes, carrier))
