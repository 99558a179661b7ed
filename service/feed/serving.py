"""The feed in a serving process: the publisher and the reader of reports, where the settings name a Redis."""

from __future__ import annotations

from functools import partial

from service.blocklist.current import Current
from service.feed.carrier import RedisCarrier
from service.feed.nodes import Nodes
from service.feed.publisher import Publisher
from service.feed.redis_address import read_address
from service.feed.reports import NodeReports, reading
from service.operations.repeating import Repeating
from service.registry.registry import Registry
from service.settings import Settings

READ_EVERY = 0.2
"""Seconds between looks whether this process leads; while it does, it waits for reports."""


class Feed:
    """Both, started and stopped together."""

    def __init__(self, publisher: Publisher, reports: Repeating, carrier: RedisCarrier) -> None:
        """Not started. `carrier` is the one that reports are read from."""
        self.publisher, self._reports, self._carrier = publisher, reports, carrier

    def start(self) -> None:
        """Begin."""
        self.publisher.start()
        self._reports.start()

    def stop(self) -> None:
        """End; another process leads at once."""
        self._reports.stop()
        self.publisher.stop()
        self._carrier.close()


def make_feed(
    settings: Settings, registry: Registry, current: Current, nodes: Nodes, reports: NodeReports
) -> Feed | None:
    """The feed as the settings have it; None without a Redis. Raises ValueError for what is no address."""
    if settings.redis_url is None:
        return None
    address = read_address(settings.redis_url.get_secret_value())
    out, back = RedisCarrier(address), RedisCarrier(address)
    publisher = Publisher(registry, current, nodes, out, snapshot_file=settings.snapshot_file)
    step = partial(reading, back, reports, publisher)
    return Feed(publisher, Repeating("reports", step, READ_EVERY), back)
