"""A node is counted by its installation; of several under one name what all of them have is in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from service.feed import installations
from service.feed import reports as taking
from service.feed.reports import NodeReports, NodeState
from service.feed.tables import node_installation
from service.operations.sparing import Sparing
from tests.service.feed.centre import Centre
from tests.service.feed.conftest import NAMES, SILENT, take
from tests.service.feed.following import Follower
from tests.service.feed.servers import RedisServer
from tests.service.registry.listings import ASKER, restriction

NAME = NAMES[0]
A, B, BEFORE = "a" * 16, "b" * 16, ""
SOON = timedelta(seconds=10)


class SpeakingNodes:
    """Folders under one name, each with the list that it has."""

    def __init__(self, centre: Centre, redis: RedisServer, reports: NodeReports) -> None:
        """Nobody has spoken."""
        self._centre, self._redis, self._reports = centre, redis, reports
        self._counts: dict[str, int] = {A: 900_000, B: 5, BEFORE: 100}
        centre.publish()
        self.made = centre.registry.last_change()
        self._lists = {one: Follower(redis.url, centre.vault) for one in (A, B, BEFORE)}
        for one in self._lists.values():
            one.start()

    def speak(self, *who: str, **said: object) -> None:
        """Some report in turn, each with all that was published; read at once."""
        for one in who:
            self._counts[one] += 1
            self._lists[one].follow()
            made = self._centre.registry.last_change()
            self._lists[one].report(NAME, self._counts[one], made, instance=one, **said)
        take(self._centre, self._redis, self._reports)
        self._centre.registry.journal.clock.now += SOON  # type: ignore[attr-defined]

    def change(self) -> int:
        """One more restriction; gives the registry's change."""
        self._centre.registry.restrictions.create(ASKER, restriction("R1", "07700 900124"))
        self._centre.publish()
        return self._centre.registry.last_change()

    def state(self) -> NodeState:
        """As the name is told."""
        return next(one for one in self._reports.now() if one.name == NAME)

    def trouble(self) -> str | None:
        """What is wrong under the name."""
        return self.state().trouble(self._centre.registry.journal.clock(), SILENT)


@pytest.fixture
def nodes(centre: Centre, redis: RedisServer, reports: NodeReports) -> SpeakingNodes:
    return SpeakingNodes(centre, redis, reports)


def test_a_node_that_was_set_up_again_is_heard_though_it_counts_from_below(nodes: SpeakingNodes) -> None:
    nodes.speak(A, A)
    nodes.speak(B)
    assert (nodes.state().installations, nodes.trouble()) == (1, None)
    made = nodes.change()
    nodes.speak(B)
    assert (nodes.state().reaches, nodes.state().behind_since, nodes.trouble()) == (made, None, None)


def test_what_an_earlier_installation_said_is_never_taken_again(
    nodes: SpeakingNodes,
    centre: Centre,
    redis: RedisServer,
    reports: NodeReports,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(taking, "_refused", Sparing("report_refused"))
    nodes.speak(A)
    nodes.speak(B)
    with capture_logs() as told:
        old = Follower(redis.url, centre.vault)
        old.start()
        for counter in (1, 900_001, 900_001):
            old.report(NAME, counter, 1, instance=A)
        take(centre, redis, reports)
    assert (nodes.state().installations, nodes.trouble()) == (1, None)
    assert reports.refused == 3
    assert [one["event"] for one in told] == ["report_refused"], "told once, with a count"


def test_two_under_one_name_are_told_and_what_is_in_force_is_what_both_have(
    nodes: SpeakingNodes, reports: NodeReports
) -> None:
    for _ in range(3):
        nodes.speak(A, B)
    assert nodes.trouble() == "2 installations under one name"
    had = nodes.made
    made = nodes.change()  # A is cut off
    for _ in range(20):
        nodes.speak(B)
        state = nodes.state()
        assert (state.installations, state.reaches) == (2, had)
        assert str(nodes.trouble()).startswith("2 installations under one name")
        reached = reports.standing(made)
        assert reached is not None
        assert NAME in [one.name for one in reached.missing]
    assert nodes.trouble() == "2 installations under one name; silent"
    assert state.behind_since is not None
    assert state.heard is not None
    nodes.speak(A)
    assert nodes.state().reaches == made
    nodes.speak(A, ended=True)
    nodes.speak(B)
    assert (nodes.state().installations, nodes.trouble()) == (1, None)


@pytest.mark.parametrize("turns", [[BEFORE, A], [BEFORE, A, BEFORE, A], [A, BEFORE]])
def test_a_node_of_the_version_before_and_of_this_one_are_one_after_the_other(
    nodes: SpeakingNodes, turns: list[str]
) -> None:
    for one in turns:
        nodes.speak(one, **({"ended": True} if one == A and one is not turns[-1] else {}))
    if turns[-1] == A:
        assert (nodes.state().installations, nodes.trouble()) == (1, None)
    assert nodes.state().reaches == nodes.made


def test_a_node_that_ends_alone_is_silent_like_any_other(nodes: SpeakingNodes, centre: Centre) -> None:
    nodes.speak(A)
    nodes.speak(A, ended=True)
    assert nodes.trouble() is None
    centre.registry.journal.clock.now += 2 * SILENT  # type: ignore[attr-defined]
    assert nodes.trouble() == "silent"


def test_a_nodes_keys_fill_no_table(
    centre: Centre, redis: RedisServer, reports: NodeReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.feed.reports.MOST", 3)
    assert installations.MOST > 3
    centre.publish()
    node = Follower(redis.url, centre.vault)
    node.start()
    for number in range(5):
        node.report(NAME, 1, 1, instance=f"{number:016x}")
    node.report(NAMES[1], 1, 1, instance="not one" * 9)
    take(centre, redis, reports)
    assert reports.refused == 3
    found = {one.name: one for one in reports.now()}
    assert (found[NAME].installations, found[NAMES[1]].heard) == (1, None)
    with centre.registry.journal.database.read() as connection:
        assert len(connection.execute(select(node_installation)).all()) == 3
