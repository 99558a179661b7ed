"""The parts of a centre that publish."""

from __future__ import annotations

import time
from typing import NamedTuple

from engine.blocklist import Blocklist
from service.blocklist.current import Current
from service.feed.nodes import Nodes
from service.feed.publisher import Publisher
from service.registry.registry import Registry
from service.storage.sealing import Vault

PATIENCE = 20.0


class Centre(NamedTuple):
    """A serving process."""

    registry: Registry
    current: Current
    nodes: Nodes
    publisher: Publisher

    @property
    def vault(self) -> Vault:
        """Its keys."""
        return self.registry.journal.vault

    @property
    def blocklist(self) -> Blocklist:
        """The list in force."""
        assert self.current.screener is not None
        return self.current.screener.blocklist

    def publish(self) -> None:
        """Take what changed into the list, and publish it, with the snapshot where one is due."""
        self.current.refresh()
        assert self.current.why_not is None
        self.publisher.step()
        self.wait_for_snapshot()

    def wait_for_snapshot(self) -> None:
        """Until none is being made."""
        until = time.monotonic() + PATIENCE
        while self.publisher.is_making_snapshot and time.monotonic() < until:
            time.sleep(0.01)
