"""A Redis and a centre for a node's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.service.feed.servers import RedisServer, redis_server
from tests.service.node.centre import Centre, restriction


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A server of this test's own."""
    with redis_server() as server:
        yield server


@pytest.fixture
def centre() -> Centre:
    """With thirty restrictions."""
    made = Centre()
    made.change([restriction(n) for n in range(30)])
    return made
