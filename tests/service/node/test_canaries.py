"""Canaries of a node: asked by the command, kept, recorded and reported; a silence is told as an alarm."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from redis import Redis

from adapters.canaries.canary import CanaryTrace, Entrance, Outcome
from service.cli.canaries import begun
from service.feed import canaries
from service.feed.canaries import CanarySeen
from service.feed.messages import NODE, REPORT, REPORTS, open_report
from service.ledger.record import Record
from service.node.canaries import CANARIES, NodeCanaries
from tests.adapters.canaries.listed import CANARY, restriction
from tests.repeating import times
from tests.service.feed.servers import RedisServer
from tests.service.node.centre import Centre
from tests.service.node.centre import restriction as another
from tests.service.node.desk import NODE_KEY, Publishing, desk, until
from tests.service.node.test_serving import Node, a_node
from tests.service.running import command

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WITHIN = timedelta(hours=2)


def tried(outcome: Outcome = "stopped", entrance: Entrance = "switch", at: datetime = NOW) -> CanaryTrace:
    return CanaryTrace(entrance=entrance, at=at, outcome=outcome, form="141{national}", answer="603 Decline")


ENTRANCES: tuple[Entrance, ...] = ("switch", "gate")
OUTCOMES: tuple[Outcome, ...] = ("stopped", "stopped", "let_through", "unanswered")


class Kept:
    """A node's canaries on a folder, with a clock and what was recorded."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.records: list[Record] = []
        self.canaries = NodeCanaries(
            folder, lambda: self.now, WITHIN, lambda: "sha256:1", self.records.append
        )


def test_the_last_of_each_entrance_is_kept_over_a_start_and_every_one_is_recorded(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    assert kept.canaries.packed == b""
    kept.canaries.take("key:canaries", [tried("let_through"), tried(entrance="gate")])
    kept.canaries.take("key:canaries", [tried()])
    assert [(one.subject, one.outcome) for one in kept.records] == [
        ("canary/switch", "let_through"),
        ("canary/gate", "stopped"),
        ("canary/switch", "stopped"),
    ]
    assert {one.blocklist for one in kept.records} == {"sha256:1"}
    again = Kept(tmp_path).canaries
    assert canaries.unpack(again.packed) == canaries.unpack(kept.canaries.packed)
    assert [(one.entrance, one.outcome) for one in canaries.unpack(again.packed)] == [
        ("gate", "stopped"),
        ("switch", "stopped"),
    ]
    (tmp_path / CANARIES).write_bytes(b"broken")
    assert Kept(tmp_path).canaries.seen == ()


@pytest.mark.parametrize("seed", range(times(20)))
def test_whichever_reports_are_lost_the_centre_hears_of_each_once_in_order(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    kept, told = Kept(tmp_path), list[CanarySeen]()
    heard = canaries.unpack(b"")
    asked: list[CanaryTrace] = []
    for minutes in range(40):
        one = tried(
            chance.choice(OUTCOMES), chance.choice(("switch", "gate")), NOW + timedelta(minutes=minutes)
        )
        asked.append(one)
        kept.canaries.take("key:canaries", [one])
        if chance.random() < 0.1:
            kept = Kept(tmp_path)
        if chance.random() < 0.2 or minutes == 39:
            reported = canaries.unpack(kept.canaries.packed)
            told += canaries.turned(heard, reported)
            told += canaries.turned(reported, reported)
            heard = reported
    for entrance in ENTRANCES:
        here = [one for one in asked if one.entrance == entrance]
        pairs = zip([None, *here], here, strict=False)
        due = [one.at for was, one in pairs if is_turn(was, one)]
        assert [one.at for one in told if one.entrance == entrance] == due


def is_turn(was: CanaryTrace | None, one: CanaryTrace) -> bool:
    return one.outcome != "stopped" or (was is not None and was.outcome != "stopped")


def test_what_is_carried_of_before_is_bounded(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for minutes in range(250):
        kept.canaries.take("key:canaries", [tried("unanswered", at=NOW + timedelta(minutes=minutes))])
    assert len(kept.canaries.seen[0].earlier) == canaries.MOST_EARLIER
    kept.canaries.take("key:canaries", [tried(at=NOW + timedelta(days=40))])
    assert kept.canaries.seen[0].earlier == ()


@pytest.mark.parametrize(
    ("outcome", "hours", "told"),
    [
        ("stopped", 0, ()),
        ("stopped", 3, ("no canary was asked at switch for too long",)),
        ("stopped", -3, ("no canary was asked at switch for too long",)),
        ("let_through", 0, ("a canary was let through at switch",)),
        ("let_through", 3, ("a canary was let through at switch",)),
        ("unanswered", 0, ("a canary had no answer at switch",)),
    ],
)
def test_one_that_was_not_stopped_and_a_silence_are_alarms(
    outcome: Outcome, hours: int, told: tuple[str, ...], tmp_path: Path
) -> None:
    kept = Kept(tmp_path)
    kept.canaries.take("key:canaries", [tried(outcome)])
    kept.now += timedelta(hours=hours)
    assert kept.canaries.troubles == told


def ask(node: Node, folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Run the command: its exit status and what it printed."""
    assert node.started is not None
    file, key = folder / "canaries.toml", folder / "canaries-key"
    if not key.exists():
        roles = ("--role=phone_system", "--role=mailroom")
        made = command(node.data, "key", *roles, "--label=canaries", settings=node.settings)
        key.write_text(made.stdout.split()[-1])
    settings = begun(CANARY).replace("http://127.0.0.1:8085", node.started.url)
    file.write_text(settings.replace("/etc/nocontact/canaries-key", str(key)))
    ran = command(node.data, "canaries", str(file), settings=node.settings)
    assert ran.stderr == ""
    assert not any(part in ran.stdout for part in ("900901", "Larkmead", "Quillon"))
    return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()]


def reported(redis: RedisServer) -> dict[str, str]:
    """What the centre would read: the outcome of each entrance."""
    return {one.entrance: one.outcome for one in newest_seen(redis)}


def newest_seen(redis: RedisServer) -> tuple[CanarySeen, ...]:
    """Of the newest report, opened; nothing where there is none."""
    entries: Any = Redis.from_url(redis.url).xrevrange(REPORTS, count=1)
    if not entries:
        return ()
    fields = entries[0][1]
    report = open_report(NODE_KEY, fields[REPORT.encode()], fields[NODE.encode()].decode())
    return canaries.unpack(canaries.opened(NODE_KEY, report.node, report.canaries))


def test_the_command_asks_at_a_node_which_reports_it_and_a_list_without_the_canary_is_found_out(
    redis: RedisServer, tmp_path: Path
) -> None:
    centre = Centre()
    centre.change([restriction(), another(1)])
    publishing = Publishing(centre, redis)
    publishing.snapshot()
    with desk(centre) as open_desk, a_node(open_desk, redis, tmp_path) as node:
        until(lambda: node.ready()["ready"])
        status, said = ask(node, tmp_path)
        assert (status, [one["entrance"] for one in said]) == (
            0,
            ["check call", "check message", "check letter"],
        )
        assert {one["outcome"] for one in said} == {"stopped"}
        until(lambda: set(reported(redis).values()) == {"stopped"})
        assert not any("canar" in one for one in node.ready()["warnings"])
        publishing.change(centre.change(gone=[restriction().id]))
        assert node.started is not None
        url = node.started.url
        until(lambda: "nocontact_node_change 2.0" in httpx.get(url + "/metrics").text)
        status, said = ask(node, tmp_path)
        assert status == 1
        assert said[0]["outcome"] == "let_through"
        until(lambda: reported(redis)["check call"] == "let_through")
        assert "let through at check call" in " ".join(node.ready()["warnings"])
        metrics = httpx.get(url + "/metrics").text
        assert 'nocontact_canary_stopped{entrance="check call"} 0.0' in metrics
        assert "nocontact_canary_alarms 0.0" not in metrics
        for body in (b"{}", b'{"tried": [{"entrance": "moon"}]}'):
            headers = {"authorization": f"Bearer {(tmp_path / 'canaries-key').read_text()}"}
            assert httpx.post(url + "/v1/canaries", content=body, headers=headers).status_code == 400
        long = msgspec.json.encode({"tried": [tried()] * 21})
        assert httpx.post(url + "/v1/canaries", content=long, headers=headers).status_code == 422
        assert httpx.post(url + "/v1/canaries", content=b"{}").status_code == 401


def test_what_was_seen_while_redis_was_away_is_told_when_it_is_back_by_the_canaries_key_alone(
    redis: RedisServer, tmp_path: Path
) -> None:
    centre = Centre()
    centre.change([restriction(), another(1)])
    publishing = Publishing(centre, redis)
    publishing.snapshot()
    with desk(centre) as open_desk, a_node(open_desk, redis, tmp_path) as node:
        until(lambda: node.ready()["ready"])
        redis.kill()
        assert node.started is not None
        url, roles = node.started.url + "/v1/canaries", ("phone_system", "mailroom")
        keys = {
            role: command(node.data, "key", f"--role={role}", f"--label={role}", settings=node.settings)
            for role in roles
        }
        both = [f"--role={role}" for role in roles]
        keys["both"] = command(node.data, "key", *both, "--label=canaries", settings=node.settings)

        def hand_in(whose: str, outcome: Outcome, minutes: int) -> int:
            body = msgspec.json.encode({"tried": [tried(outcome, at=NOW + timedelta(minutes=minutes))]})
            headers = {"authorization": f"Bearer {keys[whose].stdout.split()[-1]}"}
            return httpx.post(url, content=body, headers=headers, timeout=20).status_code

        assert [hand_in(role, "stopped", 0) for role in roles] == [403, 403]
        assert [hand_in("both", "let_through", 1), hand_in("both", "stopped", 2)] == [204, 204]
        redis.start()
        publishing.snapshot()

        def told() -> list[str]:
            """A report that was under way when Redis went may come first."""
            return [one.outcome for one in canaries.turned((), newest_seen(redis))]

        until(lambda: told() == ["let_through", "stopped"])
