"""What carries the feed: Redis. It is believed in nothing, and may be emptied at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol, cast

from redis import Redis, RedisCluster
from redis.cluster import ClusterNode
from redis.exceptions import RedisClusterException, RedisError, ResponseError
from redis.sentinel import Sentinel

from service.feed.messages import BEAT, CHANGES, MESSAGE, NODE, REPORT, REPORTS, SNAPSHOT
from service.feed.redis_address import RedisAddress

PATIENCE = 5.0
"""Seconds for one answer of Redis. A snapshot of a million contact points takes under one on a LAN."""
SNAPSHOT_PATIENCE = 120.0
LAST_MS, LAST_PLACE = 2**63, 2**64 - 1
"""Of a stream's ids: milliseconds that no clock comes to, behind which soon nothing can be put; and the last
place within one."""
MOST_REPORTS = 100_000
"""NodeReports kept while nobody reads them: twenty minutes of 120 nodes that tell ten changes a second."""

_sentinel: Any = Sentinel  # which says no types
CARRIER_ERRORS = (RedisError, RedisClusterException, OSError)  # of a cluster's some are none of Redis's
"""What is raised where it cannot be reached, or does not do what it is asked."""


class GivenReport(NamedTuple):
    """A report as it lies there."""

    id: str
    node: str
    report: bytes


class FeedCarrier(Protocol):
    """What the publisher and the reader of reports ask for. Everything raises `CARRIER_ERRORS`."""

    def last(self) -> int:
        """The number of the last change that is there; 0 where none is."""

    def newest(self) -> bytes | None:
        """What the last change that is there carries; None where none is."""

    def has_snapshot(self) -> bool:
        """Whether there is any."""

    def add(self, changes: Sequence[tuple[int, bytes]]) -> None:
        """Put changes behind the last one, in order. One that is there already changes nothing."""

    def put_snapshot(self, carried: bytes) -> None:
        """In the place of the one before."""

    def beat(self, carried: bytes) -> None:
        """In the place of the one before."""

    def forget_before(self, number: int) -> None:
        """Take away the changes before this number."""

    def clear(self) -> None:
        """Take away every change: there are some that nobody here made."""

    def reports(self, after: str, patience: float) -> list[GivenReport]:
        """NodeReports behind an id ("0" for all), waited for at most so many seconds."""

    def forget_reports(self, until: str) -> None:
        """Take away the reports up to an id."""

    def close(self) -> None:
        """Give the connections back."""


class RedisCarrier:
    """Redis, wherever the address says. Safe to share between threads; nothing is opened yet."""

    def __init__(self, address: RedisAddress) -> None:
        """`address` may be a server, a Sentinel's or a cluster's."""
        self._address = address
        self._opened: dict[float, Any] = {}

    def last(self) -> int:  # noqa: D102 - as the protocol says
        try:
            found = self._redis().xrevrange(CHANGES, count=1)
        except ResponseError:  # something else under the key
            return -1
        return _number(found[0][0]) if found else 0

    def newest(self) -> bytes | None:  # noqa: D102
        try:
            found = self._redis().xrevrange(CHANGES, count=1)
        except ResponseError:
            return None
        return cast("bytes | None", found[0][1].get(MESSAGE.encode())) if found else None

    def has_snapshot(self) -> bool:  # noqa: D102
        return cast("bytes", self._redis().type(SNAPSHOT)) == b"string"

    def add(self, changes: Sequence[tuple[int, bytes]]) -> None:  # noqa: D102
        redis = self._redis()
        for number, carried in changes:
            try:
                redis.xadd(CHANGES, {MESSAGE: carried}, id=f"{number}-0")
            except ResponseError:
                if self.last() < number:  # not that it is there: it is full, or what is there is no stream
                    if self._is_spoilt(CHANGES, number):
                        self.clear()
                    raise

    def put_snapshot(self, carried: bytes) -> None:  # noqa: D102
        self._redis(SNAPSHOT_PATIENCE).set(SNAPSHOT, carried)

    def beat(self, carried: bytes) -> None:  # noqa: D102
        self._redis().set(BEAT, carried)

    def forget_before(self, number: int) -> None:  # noqa: D102
        self._redis().xtrim(CHANGES, minid=f"{number}-0", approximate=False)

    def clear(self) -> None:  # noqa: D102
        self._redis().delete(CHANGES)

    def reports(self, after: str, patience: float) -> list[GivenReport]:  # noqa: D102
        redis = self._redis()
        block = max(1, round(patience * 1000))
        try:
            found = redis.xread({REPORTS: after}, count=1_000, block=block)
        except ResponseError:
            if not self._is_spoilt(REPORTS, LAST_MS):
                raise
            found = None
        if not found and self._is_spoilt(REPORTS, LAST_MS):
            redis.delete(REPORTS)  # nodes report again within seconds
        return list(_given(found[0][1])) if found else []

    def forget_reports(self, until: str) -> None:  # noqa: D102
        milliseconds, place = map(int, until.split("-"))
        if milliseconds >= LAST_MS:
            self._redis().delete(REPORTS)
            return
        behind = f"{milliseconds}-{place + 1}" if place < LAST_PLACE else f"{milliseconds + 1}-0"
        self._redis().xtrim(REPORTS, minid=behind, approximate=False)

    def _is_spoilt(self, key: str, above: int) -> bool:
        """Whether it is no stream, or one that counts from there on: somebody else wrote to it, and it takes
        nothing more of what belongs there. What it counts up to stays when its entries are gone."""
        redis = self._redis()
        kind = redis.type(key)
        if kind != b"stream":
            return bool(kind != b"none")
        last: bytes = redis.xinfo_stream(key)["last-generated-id"]
        return _number(last) >= above

    def close(self) -> None:  # noqa: D102
        for redis in self._opened.values():
            redis.close()
        self._opened.clear()

    def _redis(self, patience: float = PATIENCE) -> Any:
        if patience not in self._opened:
            self._opened[patience] = connect(self._address, patience)
        return self._opened[patience]


def connect(address: RedisAddress, patience: float) -> Redis | RedisCluster:
    """A client of the address, which reaches it when it is first asked something."""
    options: dict[str, Any] = {
        "username": address.username,
        "password": address.password,
        "ssl": address.tls,
        "socket_timeout": patience,
        "socket_connect_timeout": min(patience, PATIENCE),
        "decode_responses": False,
    }
    if address.kind == "cluster":
        return RedisCluster(
            startup_nodes=[ClusterNode(*one) for one in address.hosts],  # type: ignore[no-untyped-call]
            **options,
        )
    if address.kind == "sentinel":
        soon = min(patience, PATIENCE)
        watchers: Any = _sentinel(list(address.hosts), socket_timeout=soon, ssl=address.tls)
        return cast("Redis", watchers.master_for(address.name, **options))
    host, port = address.hosts[0]
    return Redis(host=host, port=port, **options)


def _number(stream_id: bytes) -> int:
    return int(stream_id.partition(b"-")[0])


def _given(entries: Any) -> Iterator[GivenReport]:
    for id_, fields in entries:
        try:
            node = fields.get(NODE.encode(), b"").decode()
        except UnicodeDecodeError:
            node = ""
        yield GivenReport(id_.decode(), node, fields.get(REPORT.encode(), b""))
