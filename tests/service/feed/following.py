"""A reader of the feed that is as careful as a node: what it has, it has by signed links alone."""

from __future__ import annotations

from typing import Any

import msgspec
from redis import Redis

from engine import saved
from engine.blocklist import Blocklist, change_blocklist
from engine.policy import Policy
from service.feed import messages
from service.feed.messages import Beat, Change
from service.registry.prisoners import Whereabouts
from service.storage.sealing import Vault


class Follower:
    """Takes the snapshot, then each change behind it in order."""

    def __init__(self, url: str, vault: Vault, epoch: int = 0) -> None:
        """Has nothing yet."""
        self.redis: Redis = Redis.from_url(url)
        self._vault, self.key = vault, vault.feed_key(epoch)
        self.number, self.hash = 0, ""
        self.blocklist: Blocklist | None = None
        self.policy: Policy | None = None
        self.whereabouts: Whereabouts = {}
        self.changes: list[Change] = []

    def start(self) -> None:
        """From the snapshot."""
        carried = self.redis.get(messages.SNAPSHOT)
        assert isinstance(carried, bytes)
        signed = messages.decode(carried)
        head, content = messages.open_snapshot(self._vault.public_key, self.key, signed)
        self.blocklist = saved.load(content)
        assert len(self.blocklist.restricted) == head.restrictions
        self.policy, self.whereabouts = head.policy, dict(head.prisoners)
        self.number, self.hash = head.number, head.hash

    def follow(self) -> int:
        """Every change there is behind what it has; gives how many. Stops at a gap."""
        assert self.blocklist is not None
        taken = 0
        for _, carried in self.stream(self.number + 1):
            signed = messages.decode(carried)
            change = messages.open_change(self._vault.public_key, self.key, signed)
            if change.number != self.number + 1 or change.before != self.hash:
                return taken
            self.blocklist = applied(self.blocklist, change)
            assert len(self.blocklist.restricted) == change.restrictions
            self.policy = change.policy or self.policy
            self.whereabouts |= change.prisoners or {}
            self.number, self.hash = change.number, signed.hash
            self.changes.append(change)
            taken += 1
        return taken

    def stream(self, first: int = 0) -> list[tuple[int, bytes]]:
        """What lies there from a number on: the numbers, and what they carry."""
        found: Any = self.redis.xrange(messages.CHANGES, min=f"{first}-0")
        return [(int(id_.split(b"-")[0]), fields[messages.MESSAGE.encode()]) for id_, fields in found]

    def beat(self) -> Beat:
        """The last one."""
        return messages.open_beat(self._vault.public_key, self.key, messages.decode(self.carried_beat()))

    def carried_beat(self) -> bytes:
        """The same, as it lies there."""
        carried = self.redis.get(messages.BEAT)
        assert isinstance(carried, bytes)
        return carried

    def report(self, node: str, counter: int, reaches: int, **said: object) -> None:
        """As a node reports."""
        report = messages.Report(
            node=node, number=self.number, hash=self.hash, reaches=reaches, at=0.0, counter=counter
        )
        made = messages.make_report(self._vault.node_key(node), msgspec.structs.replace(report, **said))
        self.redis.xadd(messages.REPORTS, {messages.NODE: node, messages.REPORT: made})


def applied(blocklist: Blocklist, change: Change) -> Blocklist:
    """The list with a change."""
    return change_blocklist(
        blocklist,
        change.put,
        change.gone,
        confidential=change.register,
        complete=change.complete,
        heightened=change.heightened,
    )
