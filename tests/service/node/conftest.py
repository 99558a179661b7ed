"""A Redis for a node's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.service.feed.servers import RedisServer, redis_server


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A server of this test's own."""
    with redis_server() as server:
        yield server
