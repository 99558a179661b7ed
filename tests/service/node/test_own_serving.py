"""`nocontact node` as a process, or several, that holds its own prisoners' restrictions alone."""

from __future__ import annotations

import random
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import pytest
from redis import Redis

from benchmarks.load import serving
from service.feed.messages import NODE, REPORT, REPORTS, Report, open_report
from service.storage.database import Database
from service.storage.sealing import Vault, open_vault
from tests.service.feed.servers import RedisServer
from tests.service.node.desk import NODE_KEY, Publishing, desk, until
from tests.service.node.estate import HOME, NUMBERS, WORDS, Estate, disk, number_of
from tests.service.node.test_serving import Node, a_node

NOBODYS = "07700 900999"
PROMISED = 1.0
"""Seconds in which a restriction is in force and told as such."""


def reported(redis: RedisServer) -> Report:
    """The last thing that the node said."""
    found: Any = Redis.from_url(redis.url).xrevrange(REPORTS, count=1)
    _, fields = found[0]
    return open_report(NODE_KEY, fields[REPORT.encode()], fields[NODE.encode()].decode())


def vault_of(node: Node) -> Vault:
    """The node's keys, as whoever took them has them."""
    database = Database(f"sqlite:///{node.data / 'nocontact.db'}")
    try:
        return open_vault(database, NODE_KEY)
    finally:
        database.close()


def has(node: Node, place: int) -> bool:
    """Whether a restriction is on the disk, for who has the key."""
    return WORDS[place].upper().encode() in disk(node.data, vault_of(node))


@pytest.mark.parametrize("workers", [1, 2])
def test_who_moves_in_is_protected_and_told_so_within_the_promise_and_who_moves_out_is_off_the_disk(
    redis: RedisServer, tmp_path: Path, workers: int
) -> None:
    estate = Estate(random.Random(5))
    estate.begin()
    for n in range(4):
        estate.move(NUMBERS[n], "MDI")
        estate.restrict_alone(NUMBERS[n], 10 + n)
    estate.move(NUMBERS[5], HOME)
    publishing = Publishing(estate.centre, redis)
    publishing.snapshot()
    own = {"NOCONTACT_NODE_HOLDS": "own"}
    with desk(estate.centre) as open_desk, a_node(open_desk, redis, tmp_path, workers, **own) as node:
        until(lambda: node.ready()["ready"])
        until(lambda: node.call("C0", NOBODYS, NUMBERS[5]).json()["decision"] == "allow")
        for n, to in enumerate((NOBODYS, number_of(10))):
            said = node.call(f"elsewhere-{n}", to, NUMBERS[0]).json()
            assert (said["decision"], said["action"]) == ("block", "refuse")
        assert not any(has(node, 10 + n) for n in range(4))
        took = []
        for n in range(4):
            publishing.change(estate.move(NUMBERS[n], HOME))
            began = monotonic()
            until(lambda: reported(redis).number == estate.centre.number)
            took.append(monotonic() - began)
            said = node.call(f"in-{n}", number_of(10 + n), NUMBERS[n]).json()
            assert (said["decision"], said["action"]) == ("block", "refuse")
            assert has(node, 10 + n)
            assert node.call(f"in-other-{n}", NOBODYS, NUMBERS[n]).json()["decision"] == "allow"
        assert median(took) < PROMISED, took
        assert reported(redis).own == HOME

        for n in range(4):
            publishing.change(estate.move(NUMBERS[n], "WWI"))
        until(lambda: reported(redis).number == estate.centre.number)
        assert node.call("out", NOBODYS, NUMBERS[0]).json()["decision"] == "block"
        assert node.started is not None
        assert serving.stop(node.started) == 0
        node.start()
        until(lambda: node.ready()["ready"])
        assert not any(has(node, 10 + n) for n in range(4))
        assert node.call("C1", NOBODYS, NUMBERS[5]).json()["decision"] == "allow"
