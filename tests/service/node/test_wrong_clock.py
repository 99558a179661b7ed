"""A node whose clock is wrong from its start stops what is restricted all the same, and it is told."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from engine.model import Attempt, Restriction
from service.feed.reports import NodeState
from service.node import kept
from service.node.held import FRESHNESS_BYTES, Freshness
from service.node.list_in_force import FollowedList
from service.operations.clock import Clock
from tests.service.feed.servers import RedisServer
from tests.service.node.centre import Centre, begun, restriction
from tests.service.node.desk import Publishing, desk, until
from tests.service.node.test_following import following_node, reports
from tests.service.node.test_serving import a_node

DAY = timedelta(days=1)
BEHIND, AHEAD = -3 * DAY, 1_100 * DAY


def day(by: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + by).date().isoformat()


def new_and_ending() -> list[Restriction]:
    """One from today, one until next year, and one that is over."""
    return [
        msgspec.structs.replace(restriction(1), from_=day(-DAY)),
        msgspec.structs.replace(restriction(2), until=day(365 * DAY)),
        msgspec.structs.replace(restriction(3), until=day(-2_000 * DAY)),
    ]


LISTED = ("07700 900001", "07700 900002", "07700 900003")


@pytest.fixture
def centre() -> Centre:
    made = Centre()
    made.change([*(restriction(n) for n in range(40, 60)), *new_and_ending()])
    return made


def clock_that_is_off(by: timedelta, freshness: Freshness) -> Clock:
    return Clock(lambda: datetime.now(UTC) + by, time.monotonic, freshness.elsewhere)


def answers(node: FollowedList, clock: Clock) -> list[str]:
    assert node.screener is not None
    calls = (
        Attempt(id="C1", channel="call", prisoner="A1000BC", establishment="LEI", to=to) for to in LISTED
    )
    return [str(node.screener.check(call, clock.moment()).decision) for call in calls]


@pytest.mark.parametrize("by", [BEHIND, AHEAD, timedelta()])
def test_with_the_first_beat_what_is_in_force_by_the_centres_clock_holds_in_every_process(
    centre: Centre, tmp_path: Path, by: timedelta
) -> None:
    shared = memoryview(bytearray(FRESHNESS_BYTES))
    keepers, workers = Freshness(shared), Freshness(shared)
    keepers.forget()
    node = begun(centre, tmp_path, freshness=keepers)
    node.offer(centre.snapshot())
    node.hear(centre.beat())
    for freshness in (keepers, workers):
        clock = clock_that_is_off(by, freshness)
        assert answers(node, clock) == ["block", "block", "allow"]
        assert (clock.trouble is None) == (not by)


@pytest.mark.parametrize("same_boot", [True, False])
def test_after_a_start_and_before_a_beat_it_is_not_before_what_was_heard(
    centre: Centre, tmp_path: Path, same_boot: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = begun(centre, tmp_path)
    node.offer(centre.snapshot())
    node.hear(centre.beat())
    node.keep(now=True)
    if not same_boot:
        monkeypatch.setattr(kept, "_boot", lambda: "another")
    again = begun(centre, tmp_path)
    clock = clock_that_is_off(BEHIND, again.fresh)
    assert answers(again, clock)[0] == "block"
    assert str(clock.trouble).startswith("the clock is 3 days behind" if same_boot else "the clock is ")
    if not same_boot:
        ahead = clock_that_is_off(AHEAD, again.fresh)
        assert answers(again, ahead)[1] != "block", "what was heard says nothing of how late it is"


def test_a_folder_of_the_version_before_says_when_its_list_was_made(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = begun(centre, tmp_path)
    node.offer(centre.snapshot(at=time.time()))
    assert answers(begun(centre, tmp_path), clock_that_is_off(BEHIND, begun(centre, tmp_path).fresh))[0] == (
        "block"
    )


def test_a_list_whose_age_would_be_less_than_none_has_none(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = begun(centre, tmp_path)
    node.offer(centre.snapshot())
    node.hear(centre.beat())
    node.keep(now=True)
    monkeypatch.setattr(kept, "_boot", lambda: "another")
    now = time.time()
    monkeypatch.setattr("service.node.kept.time.time", lambda: now - 60)
    again = begun(centre, tmp_path)
    assert again.age is None
    assert answers(again, clock_that_is_off(timedelta(), again.fresh)) == ["block", "block", "flag"]
    again.hear(centre.beat())
    assert again.age is not None


def test_it_is_told_at_the_centre_and_in_the_log_until_it_is_right(
    centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    publishing = Publishing(centre, redis)
    publishing.snapshot()
    trouble, by = "the clock is 3 days behind the centre's", [BEHIND]
    clock = Clock(lambda: datetime.now(UTC) + by[0], time.monotonic)
    clock.elsewhere.hear(time.time())

    def told() -> list[str]:
        return [one.why for one in reports(redis)]

    with (
        capture_logs() as lines,
        following_node(centre, redis, tmp_path, clock=clock) as (_, follower),
    ):
        until(lambda: trouble in told())
        by[0] = timedelta()
        until(lambda: told()[-1] == "" and follower.failure is None)
        until(lambda: any(line["event"] == "clock_right_again" for line in lines))
    assert [line["event"] for line in lines if "clock" in line["event"]] == [
        "clock_apart",
        "clock_right_again",
    ]
    now = datetime.now(UTC)
    state = NodeState(
        name="lei", prison="LEI", added=now, heard=now, why="the clock is 3 days behind the centre's"
    )
    assert state.trouble(now, timedelta(minutes=1)) == state.why


@pytest.mark.parametrize(("by", "workers"), [(BEHIND, 1), (AHEAD, 1), (BEHIND, 2)])
def test_a_node_on_a_fresh_folder_with_another_clock_than_the_centres_stops_and_tells(
    redis: RedisServer, tmp_path: Path, by: timedelta, workers: int
) -> None:
    centre = Centre(ahead=-by.total_seconds())
    by_the_centres = restriction(1)
    if by < timedelta():
        by_the_centres = msgspec.structs.replace(by_the_centres, from_=day(-by - DAY))
    else:
        by_the_centres = msgspec.structs.replace(by_the_centres, until=day(-DAY))
    by_none = msgspec.structs.replace(restriction(3), until=day(-2_000 * DAY))
    centre.change([*(restriction(n) for n in range(40, 60)), by_the_centres, by_none])
    Publishing(centre, redis).snapshot()
    with desk(centre) as open_desk, a_node(open_desk, redis, tmp_path, workers) as node:
        until(lambda: bool(node.ready()["ready"]))
        which = "behind" if by < timedelta() else "ahead of"
        until(lambda: any(f"{which} the centre's" in one for one in node.ready()["warnings"]))
        said = [node.answer(f"C-{os.urandom(4).hex()}", to) for to in LISTED[::2] for _ in range(4)]
        assert said == ["block"] * 4 + ["allow"] * 4
        until(lambda: f"{which} the centre's" in reports(redis)[-1].why)
        until(lambda: "clock_apart" in (tmp_path / "log").read_text())


def test_a_refusal_for_want_of_a_key_is_over_with_the_key(centre: Centre, tmp_path: Path) -> None:
    node = begun(centre, tmp_path)
    node.offer(centre.snapshot())
    node.hear(centre.beat())
    older = centre.snapshot()
    centre.feed_key = bytes(32)
    node.hear(centre.beat())
    assert "the key of the feed" in str(node.why_not)
    node.take_key(centre.feed_key)
    assert (node.why_not, node.wants_key) == (None, False)
    node.offer(older)  # it lay there still
    node.take_key(centre.feed_key)
    assert "the key of the feed" in str(node.why_not), "the same key again opens no more than before"
    node.hear(centre.beat())
    assert node.why_not is None, "nothing is missing"


def test_a_node_that_goes_on_with_a_new_key_reports_no_refusal(
    centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    publishing = Publishing(centre, redis)
    publishing.snapshot()
    with following_node(centre, redis, tmp_path, keys=lambda: centre.feed_key) as (node, _):
        until(lambda: node.age is not None)
        before = len(reports(redis))
        centre.feed_key = bytes(32)
        publishing.snapshot()
        publishing.change(centre.change([restriction(70)]))
        until(lambda: node.number == centre.number and node.why_not is None, 5)
        count = len(reports(redis))
        until(lambda: len(reports(redis)) > count)
        assert reports(redis)[-1].why == ""
        assert len(reports(redis)) > before


def test_a_withdrawn_node_says_so_and_no_beat_keeps_it_young(
    centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    publishing = Publishing(centre, redis)
    publishing.snapshot()
    with desk(centre) as open_desk, a_node(open_desk, redis, tmp_path) as node:
        until(lambda: bool(node.ready()["ready"]))
        old, centre.feed_key = centre.feed_key, bytes(32)
        open_desk.is_withdrawn = True
        publishing.snapshot()
        until(lambda: any("withdrawn" in one for one in node.ready()["warnings"]))
        assert "node_withdrawn" in (tmp_path / "log").read_text()
        centre.feed_key = old  # recorded, and never handed on until now
        age = _age(node.call)
        for _ in range(3):
            publishing.beat()
            time.sleep(1.0)
        assert _age(node.call) >= age + 2
        assert node.answer("C9", LISTED[0]) == "block"


def _age(call: Callable[[str, str], object]) -> int:
    said = call(f"C-{os.urandom(4).hex()}", LISTED[2])
    headers: dict[str, str] = said.headers  # type: ignore[attr-defined]
    return int(headers["x-blocklist-age"])
