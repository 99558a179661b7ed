"""A node follows a real Redis, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from redis import Redis

from service.feed.carrier import connect
from service.feed.messages import (
    BEAT,
    CHANGES,
    MESSAGE,
    REPORT,
    REPORTS,
    SNAPSHOT,
    Report,
    decode,
    open_beat,
    open_report,
)
from service.feed.redis_address import read_address
from service.node import following
from service.node.following import Follower
from service.node.list_in_force import FollowedList
from service.node.telling import Telling
from tests.service.feed.servers import RedisServer
from tests.service.node.centre import Centre, begun, restriction, version
from tests.service.node.desk import NODE_KEY, Publishing, until


@contextmanager
def following_node(
    centre: Centre, redis: RedisServer, folder: Path, **others: object
) -> Iterator[tuple[FollowedList, Follower]]:
    """A node's list with its thread, ended at the end."""
    folder.mkdir(exist_ok=True)
    followed = begun(centre, folder)
    follower = Follower(
        "lei",
        NODE_KEY,
        followed,
        partial(connect, read_address(redis.url)),
        Telling(folder),
        **others,  # type: ignore[arg-type]
    )
    follower.start()
    try:
        yield followed, follower
    finally:
        follower.stop()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BEAT_EVERY", "SNAPSHOT_EVERY", "LATE", "REPORT_EVERY", "RETRY", "KEYS_EVERY", "URL_EVERY"):
        monkeypatch.setattr(following, name, 0.05)
    monkeypatch.setattr(following, "BLOCK", 0.05)


@pytest.fixture
def centre() -> Centre:
    made = Centre()
    made.change([restriction(n) for n in range(20)])
    return made


@pytest.fixture
def publishing(centre: Centre, redis: RedisServer) -> Publishing:
    made = Publishing(centre, redis)
    made.snapshot()
    return made


def reports(redis: RedisServer) -> list[Report]:
    found: Any = Redis(port=redis.port).xrange(REPORTS)
    return [open_report(NODE_KEY, fields[REPORT.encode()], "lei") for _, fields in found]


def last_why(redis: RedisServer) -> str | None:
    """Of the last report; None before the first."""
    told = reports(redis)
    return told[-1].why if told else None


def has_it(node: FollowedList, centre: Centre) -> Callable[[], bool]:
    return lambda: node.number == centre.number and version(node) == centre.listed.compiled().version


def test_changes_come_and_are_reported_in_order(
    centre: Centre, publishing: Publishing, redis: RedisServer, tmp_path: Path
) -> None:
    with following_node(centre, redis, tmp_path) as (node, _):
        until(has_it(node, centre))
        for n in range(40, 45):
            publishing.change(centre.change([restriction(n)]))
        until(has_it(node, centre))
        until(lambda: node.age is not None and node.age < 1)
        until(lambda: max((one.number for one in reports(redis)), default=0) == 6)
    with following_node(centre, redis, tmp_path):
        count = len(reports(redis))
        until(lambda: len(reports(redis)) > count)
    told = reports(redis)
    counters = [one.counter for one in told]
    assert counters == sorted(set(counters))
    assert (told[-1].reaches, told[-1].refused, told[-1].why) == (60, None, "")
    assert told[-1].blocklist == centre.listed.compiled().version


def test_a_report_shows_which_list_it_is_of_and_what_the_centre_signed_for_that(
    centre: Centre, publishing: Publishing, redis: RedisServer, tmp_path: Path
) -> None:
    instances = set()
    for n in (40, 41):
        with following_node(centre, redis, tmp_path, troubles=lambda: ("ledger",)) as (node, _):
            publishing.change(centre.change([restriction(n)]))
            until(has_it(node, centre))
            publishing.beat()
            until(lambda: any(one.proof and one.hash == centre.hash for one in reports(redis)))
            last = reports(redis)[-1]
            beat = open_beat(centre.vault.public_key, centre.feed_key, decode(last.proof))
            assert (beat.number, beat.hash) == (last.number, last.hash)
            assert (last.ended, last.troubles) == (False, ("ledger",))
        assert reports(redis)[-1].ended
        instances.add(last.instance)
    assert len(instances) == 1
    with following_node(centre, redis, tmp_path / "another") as (node, _):
        until(lambda: len({one.instance for one in reports(redis)}) == 2)


def test_a_redis_that_is_killed_and_comes_back_empty_loses_nothing(
    centre: Centre, publishing: Publishing, redis: RedisServer, tmp_path: Path
) -> None:
    with following_node(centre, redis, tmp_path) as (node, follower):
        until(has_it(node, centre))
        redis.kill()
        until(lambda: follower.failure is not None)
        assert version(node) == centre.listed.compiled().version
        centre.change([restriction(40)])
        redis.start()
        publishing.change(centre.change([restriction(41)]))  # the one before is in no stream
        until(lambda: node.refused is not None)
        publishing.snapshot()
        until(has_it(node, centre))
        publishing.change(centre.change([restriction(42)]))
        until(has_it(node, centre))


def test_changes_that_are_taken_out_of_the_stream_are_missed(
    centre: Centre, publishing: Publishing, redis: RedisServer, tmp_path: Path
) -> None:
    with following_node(centre, redis, tmp_path) as (node, _):
        until(has_it(node, centre))
        centre.change([restriction(40)])  # the beat names it; it never comes
        publishing.beat()
        until(lambda: node.ahead == 1)
        publishing.carrier.put_snapshot(centre.snapshot())
        until(has_it(node, centre))


def test_what_somebody_else_puts_in_is_refused_and_told(
    centre: Centre, publishing: Publishing, redis: RedisServer, tmp_path: Path
) -> None:
    with following_node(centre, redis, tmp_path) as (node, _):
        until(has_it(node, centre))
        Redis(port=redis.port).xadd(CHANGES, {MESSAGE: b"forged"}, id="1-7")
        Redis(port=redis.port).xadd(CHANGES, {"else": b""}, id="1-8")
        until(lambda: last_why(redis) == "not a message of the feed")
        publishing.change(centre.change([restriction(40)]))
        until(has_it(node, centre))
        until(lambda: last_why(redis) == "")
        for key, what in ((SNAPSHOT, b"forged"), (BEAT, b"forged")):
            Redis(port=redis.port).set(key, what)
        publishing.carrier.add([(3, centre.change([restriction(41)]))])
        until(has_it(node, centre))


def test_a_new_key_of_the_feed_is_asked_for(
    centre: Centre, publishing: Publishing, redis: RedisServer, tmp_path: Path
) -> None:
    with following_node(centre, redis, tmp_path, keys=lambda: centre.feed_key) as (node, _):
        until(has_it(node, centre))
        centre.feed_key = bytes(32)
        publishing.change(centre.change([restriction(40)]))
        until(has_it(node, centre))


def test_without_redis_the_snapshots_address_is_read(
    centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    class Serving(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = centre.snapshot()
            self.send_response(200)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    redis.kill()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Serving)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/snapshot"
    try:
        with following_node(centre, redis, tmp_path, snapshot_url=url) as (node, _):
            until(has_it(node, centre))
    finally:
        server.shutdown()
        server.server_close()
