"""What nodes say of themselves is what the centre tells: who has a change, who not, and since when."""

from __future__ import annotations

import time
from pathlib import Path

from service.feed.reports import HeldIn, NodeReports
from service.operations import health
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault
from service.system import make_system, running
from tests.service.api.calling import ADMIN
from tests.service.feed.centre import PATIENCE, Centre
from tests.service.feed.conftest import NAMES, SILENT, take
from tests.service.feed.following import Follower
from tests.service.feed.servers import RedisServer
from tests.service.registry.listings import ASKER, restriction


def one_more(centre: Centre, redis: RedisServer) -> tuple[int, Follower]:
    """One restriction more is published: its number in the registry, and who follows and reports."""
    centre.publish()
    centre.registry.restrictions.create(ASKER, restriction())
    made = centre.registry.last_change()
    centre.publish()
    node = Follower(redis.url, centre.vault)
    node.start()
    return made, node


def test_in_force_in_two_of_three_then_everywhere_since(
    centre: Centre, redis: RedisServer, reports: NodeReports
) -> None:
    made, node = one_more(centre, redis)
    node.follow()
    for name in NAMES[:2]:
        node.report(name, 1, made)
    assert take(centre, redis, reports) == 2
    standing = reports.standing(made)
    assert standing is not None
    assert (standing.have, standing.of, standing.since) == (2, 3, None)
    assert [one.name for one in standing.missing] == ["leeds-3"]
    node.report("leeds-3", 1, made)
    take(centre, redis, reports)
    standing = reports.standing(made)
    assert standing is not None
    assert standing.everywhere
    assert standing.since is not None
    before = standing.since
    for counter in (2, 3):
        node.report("leeds-3", counter, made + counter)
        take(centre, redis, reports)
    later = reports.standing(made)
    assert later is not None
    assert later.since == before, "what it had, it had since then"


def test_a_node_that_holds_its_own_alone_counts_where_it_has_to_hold_and_from_the_move_on(
    centre: Centre, redis: RedisServer, reports: NodeReports
) -> None:
    made, node = one_more(centre, redis)
    for name, own in zip(NAMES, ("", "LEI", "MDI"), strict=True):
        node.report(name, 1, made, own=own)
    take(centre, redis, reports)

    def counted(held: HeldIn) -> tuple[int, int, int, list[str]]:
        found = reports.standing(made, held)
        assert found is not None
        return found.have, found.of, found.left_out, [one.name for one in found.missing]

    assert counted(HeldIn()) == (3, 3, 0, [])
    assert counted(HeldIn({"LEI"})) == (2, 2, 1, [])
    assert counted(HeldIn({"LEI"}, made + 1)) == (1, 2, 1, ["leeds-2"]), "before it has his move"
    assert counted(HeldIn(set())) == (1, 1, 2, [])
    moved = reports.standing(made, HeldIn({"MDI"}))
    assert moved is not None
    assert moved.since is not None
    node.report("leeds-2", 2, made + 1, own="LEI")
    take(centre, redis, reports)
    assert counted(HeldIn({"LEI"}, made + 1)) == (2, 2, 1, [])
    assert {one.name: one.own for one in reports.now()} == dict(zip(NAMES, ("", "LEI", "MDI"), strict=True))
    node.report("leeds-2", 3, made + 1)
    take(centre, redis, reports)
    assert reports.now()[1].own == "", "it holds all again, which is news"


def test_a_report_of_somebody_else_and_an_older_one_are_not_taken(
    centre: Centre, redis: RedisServer, reports: NodeReports
) -> None:
    centre.publish()
    node = Follower(redis.url, centre.vault)
    node.start()
    node.report("leeds-1", 5, 7)
    take(centre, redis, reports)
    node.report("leeds-1", 4, 9)
    node.report("nobody", 9, 9)
    node.redis.xadd("{nocontact}:reports", {"node": "leeds-1", "r": b"forged"})
    assert take(centre, redis, reports) == 3
    assert {one.name: one.reaches for one in reports.now()} == {"leeds-1": 7, "leeds-2": 0, "leeds-3": 0}
    assert node.redis.xlen("{nocontact}:reports") == 0, "what was read is taken away"


def test_who_is_silent_or_behind_for_too_long_is_an_alarm(
    centre: Centre, redis: RedisServer, reports: NodeReports
) -> None:
    centre.publish()
    node = Follower(redis.url, centre.vault)
    node.start()
    node.report("leeds-1", 1, 1)
    node.report("leeds-2", 1, 1)
    take(centre, redis, reports)
    centre.registry.restrictions.create(ASKER, restriction())
    centre.publish()
    clock = centre.registry.journal.clock
    clock.now += 2 * SILENT  # type: ignore[attr-defined]
    node.report("leeds-1", 2, 1, refused=3, why="a gap")
    node.follow()
    node.report("leeds-2", 2, centre.registry.last_change())
    take(centre, redis, reports)
    reports.look()
    assert reports.trouble_words == ("leeds-1 behind: a gap", "leeds-3 never heard of")
    clock.now += 2 * SILENT  # type: ignore[attr-defined]
    assert [trouble for _, trouble in reports.troubles] == ["silent", "silent", "never heard of"]


def test_without_nodes_nothing_is_said(centre: Centre) -> None:
    assert NodeReports(centre.registry.journal, centre.nodes, SILENT).standing(1) is None


def test_a_serving_process_publishes_and_reads_by_itself(
    database: Database, vault: Vault, redis: RedisServer, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, redis_url=redis.url, snapshot_file=tmp_path / "snapshot")  # type: ignore[arg-type]
    with running(make_system(settings, database, vault)) as system:
        system.registry.restrictions.create(ASKER, restriction("R1", "07700 900124"))
        system.current.wake()
        until = time.monotonic() + PATIENCE
        while not (tmp_path / "snapshot").exists() and time.monotonic() < until:
            time.sleep(0.02)
        node = Follower(redis.url, vault)
        system.nodes.add(ADMIN, system.access, "leeds-1", "LEI", "https://nocontact.example")
        while not node.redis.exists("{nocontact}:snapshot") and time.monotonic() < until:
            time.sleep(0.02)
        node.start()
        system.registry.restrictions.create(ASKER, restriction("R2", "07700 900125"))
        system.current.wake()
        made = system.registry.last_change()
        while not (node.follow() and node.changes[-1].reaches >= made) and time.monotonic() < until:
            time.sleep(0.005)
        node.report("leeds-1", 1, made)
        standing = system.reports.standing(made)
        while standing is not None and not standing.everywhere and time.monotonic() < until:
            time.sleep(0.01)
            standing = system.reports.standing(made)
        assert standing is not None
        assert standing.everywhere
        assert system.feed is not None
        assert system.feed.publisher.why_not is None
        redis.kill()
        while system.feed.publisher.why_not is None and time.monotonic() < until:
            time.sleep(0.02)
        assert "not carried" in " ".join(health.ready(system)[1].warnings)
        redis.start()
        while (system.feed.publisher.why_not or not node.stream()) and time.monotonic() < until:
            time.sleep(0.02)
        assert [number for number, _ in node.stream()][-1] == node.number
