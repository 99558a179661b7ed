"""What is restricted at the centre is in the stream, signed and in order, whatever becomes of Redis."""

from __future__ import annotations

import pytest
from redis.exceptions import RedisError
from sqlalchemy import delete, select, update

from service.feed import messages
from service.feed.carrier import RedisCarrier
from service.feed.eras import (
    BACKUP,
    RESTORED,
    Chain,
    OlderCentreError,
    RestoredCentreError,
    restored_detail,
)
from service.feed.messages import FeedError
from service.feed.publisher import NewLinkError
from service.feed.reports import NodeReports
from service.feed.tables import feed_change
from service.ledger.record import Kind
from service.registry.registry import Registry
from service.storage.database import Database
from tests.service.feed.centre import Centre
from tests.service.feed.conftest import NAMES, centre_on, take
from tests.service.feed.following import Follower
from tests.service.feed.servers import RedisServer
from tests.service.registry.listings import ANOTHER, ASKER, HIS, SECOND, confirmed, entry, restriction


def follower(centre: Centre, redis: RedisServer, epoch: int = 0) -> Follower:
    made = Follower(redis.url, centre.vault, epoch)
    made.start()
    return made


def added(registry: Registry) -> None:
    asked = registry.register.add(ASKER, entry(), "the Law Society").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)


def test_a_restriction_entered_at_the_centre_appears_in_the_stream_signed(
    centre: Centre, redis: RedisServer
) -> None:
    centre.publish()
    node = follower(centre, redis)
    assert node.blocklist is not None
    assert node.blocklist.version == centre.blocklist.version
    centre.registry.restrictions.create(ASKER, restriction())
    centre.publish()
    assert node.follow() == 1
    assert [one.id for one in node.changes[-1].put] == ["R1"]
    assert node.changes[-1].reaches == centre.registry.last_change()
    assert node.blocklist.version == centre.blocklist.version
    assert node.beat().number == node.number
    carried = [carried for _, carried in node.stream()]
    assert not any(b"900123" in one or HIS.encode() in one for one in carried)


def test_whatever_is_done_at_the_centre_a_reader_has_the_same_list(
    centre: Centre, redis: RedisServer
) -> None:
    registry = centre.registry
    centre.publish()
    node = follower(centre, redis)
    steps = (
        lambda: registry.restrictions.create(ASKER, restriction("R1", establishment="LEI")),
        lambda: registry.prisoners.move(ASKER, HIS, "MDI"),
        lambda: registry.restrictions.create(ASKER, restriction("R2", "07700 900124", prisoner=ANOTHER)),
        lambda: registry.prisoners.merge(ASKER, ANOTHER, HIS),
        lambda: added(registry),
    )
    for step in steps:
        step()
        centre.publish()
        assert node.follow() == 1
        assert node.blocklist is not None
        assert node.blocklist.version == centre.blocklist.version
        assert node.whereabouts == registry.prisoners.everybody()
    assert node.policy == centre.current.policy


def test_redis_is_killed_and_started_empty_and_all_is_there_again(centre: Centre, redis: RedisServer) -> None:
    centre.publish()
    node = follower(centre, redis)
    redis.kill()
    centre.registry.restrictions.create(ASKER, restriction())
    with pytest.raises((RedisError, OSError)):
        centre.publish()
    redis.start()
    centre.publisher.look_again()
    centre.publish()
    assert node.follow() == 1, "who has the list goes on without a snapshot"
    anew = follower(centre, redis)
    anew.follow()
    for one in (node, anew):
        assert one.blocklist is not None
        assert one.blocklist.version == centre.blocklist.version


def test_a_publisher_that_dies_between_writing_down_and_carrying_loses_nothing(
    centre: Centre, redis: RedisServer
) -> None:
    centre.publish()
    node = follower(centre, redis)
    centre.registry.restrictions.create(ASKER, restriction())
    redis.kill()
    with pytest.raises((RedisError, OSError)):
        centre.publish()
    centre.publisher.let_go()
    redis.start()
    other = centre_on(centre.registry, redis)
    other.publish()
    assert node.follow() == 2, "the change that was only written down, and the one with which another begins"
    assert [one.id for one in node.changes[0].put] == ["R1"]
    assert node.blocklist is not None
    assert node.blocklist.version == other.blocklist.version
    other.publisher.let_go()


def test_a_snapshot_that_cannot_be_put_there_is_told_and_tried_again_later(
    centre: Centre, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def refused(carrier: RedisCarrier, carried: bytes) -> None:
        tries.append(len(carried))
        raise RedisError

    with monkeypatch.context() as patch:
        patch.setattr(RedisCarrier, "put_snapshot", refused)
        for _ in range(3):
            centre.publish()
    assert len(tries) == 1
    assert centre.publisher.why_not == "the snapshot: RedisError"
    centre.publisher._not_before = float("-inf")
    centre.publish()
    centre.publish()
    assert centre.publisher.why_not is None
    follower(centre, redis)


def test_one_leads_and_another_goes_on_when_it_ends(centre: Centre, redis: RedisServer) -> None:
    other = centre_on(centre.registry, redis)
    centre.publish()
    other.publish()
    assert (centre.publisher.leads, other.publisher.leads) == (True, False)
    node = follower(centre, redis)
    term = node.beat().term
    centre.publisher.let_go()
    other.publish()
    assert other.publisher.leads, "at once"
    assert node.follow() == 1
    assert node.beat().term > term
    other.publisher.let_go()


def test_changes_that_nobody_here_made_are_taken_away(centre: Centre, redis: RedisServer) -> None:
    centre.publish()
    node = follower(centre, redis)
    node.redis.xadd(messages.CHANGES, {"m": b"forged"}, id="999999-0")
    centre.registry.restrictions.create(ASKER, restriction())
    centre.publisher.look_again()
    centre.publish()
    assert node.follow() == 1
    assert [number for number, _ in node.stream()][-1] == node.number


def test_after_a_node_was_withdrawn_its_key_opens_nothing_new(centre: Centre, redis: RedisServer) -> None:
    centre.publish()
    node = follower(centre, redis)
    centre.publisher._nodes = Withdrawn()  # type: ignore[assignment]
    centre.publisher.look_again()
    centre.registry.restrictions.create(ASKER, restriction())
    centre.publish()
    with pytest.raises(FeedError, match="key of the feed"):
        node.follow()
    anew = follower(centre, redis, epoch=1)
    assert anew.blocklist is not None
    assert anew.blocklist.version == centre.blocklist.version
    assert anew.beat().number == anew.number


class Withdrawn:
    """Nodes of which one was withdrawn."""

    def epoch(self) -> int:
        return 1


def test_a_change_that_was_changed_in_the_database_is_not_gone_on_from(
    centre: Centre, redis: RedisServer, database: Database
) -> None:
    centre.publish()
    centre.publisher.let_go()
    with database.write() as connection:
        carried = connection.execute(select(feed_change.c.carried)).scalar_one()
        connection.execute(update(feed_change).values(carried=carried[:-1] + bytes([carried[-1] ^ 1])))
    other = centre_on(centre.registry, redis)
    other.current.refresh()
    with pytest.raises(FeedError):
        other.publisher.step()
    other.publisher.let_go()


def test_too_much_to_be_carried_comes_with_a_snapshot(
    centre: Centre, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.publish()
    node = follower(centre, redis)
    monkeypatch.setattr("service.feed.changes.MOST_CARRIED", 0)
    centre.registry.restrictions.create(ASKER, restriction())
    centre.publish()
    assert node.follow() == 0, "a link is left out, so that nobody goes on without the snapshot"
    node.start()
    assert node.blocklist is not None
    assert node.blocklist.version == centre.blocklist.version
    monkeypatch.undo()
    centre.registry.restrictions.create(ASKER, restriction("R2", "07700 900124"))
    centre.publish()
    assert node.follow() == 1


def test_a_restored_centre_publishes_nothing_until_somebody_has_looked_though_its_list_is_the_same(
    centre: Centre, redis: RedisServer
) -> None:
    centre.publish()
    journal = centre.registry.journal
    with journal.database.read() as connection:
        detail = restored_detail(connection)
    assert detail.nodes_go_on
    centre.publisher.let_go()
    for nodes_go_on in (False, True):  # a version of before said nothing of it, and went on
        with journal.write() as connection:
            record = journal.record("system", BACKUP, RESTORED, kind=Kind.SYSTEM, nodes_go_on=nodes_go_on)
            journal.append(connection, [record])
        other = centre_on(centre.registry, redis)
        if not nodes_go_on:
            other.publish()
            other.publisher.let_go()
    redis.kill()
    redis.start()  # which knows nothing of what was published
    with pytest.raises(RestoredCentreError, match="feed-anew"):
        other.publish()
    era = Chain(journal, other.nodes.epoch).begin_anew(ASKER, "restored from Monday's back-up").era
    other.publish()
    assert follower(other, redis).beat().era == era
    other.publisher.let_go()


def test_a_centre_that_lost_what_it_published_publishes_nothing_until_an_operator_lets_the_feed_begin_anew(
    centre: Centre, redis: RedisServer, reports: NodeReports
) -> None:
    centre.publish()
    centre.registry.restrictions.create(ASKER, restriction())
    centre.publish()
    had = follower(centre, redis)
    had.follow()
    last_word = had.carried_beat()
    forget_last_link(centre)  # as a back-up from before it was, or a standby that never got it
    centre.publisher.let_go()
    other = centre_on(centre.registry, redis)
    lies_there = had.stream()
    for _ in range(2):
        with pytest.raises(OlderCentreError):
            other.publish()
    other.publisher._failed(OlderCentreError(["Redis"]))
    assert other.publisher.why_not is not None
    assert "feed-anew" in other.publisher.why_not
    assert had.stream() == lies_there
    redis.kill()
    redis.start()
    had.report(NAMES[0], 1, 1, proof=last_word)
    assert take(other, redis, reports) == 1, "what nodes say is read though nothing is published"
    with pytest.raises(OlderCentreError):
        other.publish()
    assert had.stream() == []
    journal = other.registry.journal
    era = Chain(journal, other.nodes.epoch).begin_anew(ASKER, "restored from Monday's back-up").era
    other.publish()
    anew = follower(other, redis)
    anew.follow()
    assert anew.beat().era == era
    assert anew.blocklist is not None
    assert anew.blocklist.version == other.blocklist.version
    Chain(journal, other.nodes.epoch).begin_anew(ASKER, "and again")
    other.publisher.look_again()
    with pytest.raises(NewLinkError):
        other.publish()
    other.publisher._failed(NewLinkError())
    other.publish()
    assert anew.beat().era > era
    other.publisher.let_go()


def forget_last_link(centre: Centre) -> None:
    number = centre.publisher.number
    with centre.registry.journal.database.write() as connection:
        connection.execute(delete(feed_change).where(feed_change.c.number >= number))
