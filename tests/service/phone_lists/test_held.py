"""A number that should not be on a list waits for a reviewer, and ends: off the list, or released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from adapters.pin_phone.lists import ListedNumber, PhoneSystemError
from adapters.pin_phone.reconcile import DriftKind
from engine.policy import read_policy
from service.blocklist.current import Current
from service.ledger import search
from service.operations.verifying import verify_rows
from service.phone_lists.figures import ShownDrift, all_drift, by_prison
from service.phone_lists.held import DriftState, held
from service.phone_lists.lists import ACTOR, PhoneLists
from service.phone_lists.tables import phone_drift
from service.registry.prisoners import RELEASED
from service.registry.registry import Registry
from service.review.model import UNDO, ItemState, Outcome
from service.review.reviews import Reviews
from service.review.settling import Settler
from service.review.tables import review_item
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.registry.listings import ANOTHER, ASKER, HIS, NUMBER, Clock, restriction
from tests.service.review.queue_of_one import ANN, BEN, WHY, opened

NEAR = "07700 900124"
DAY = timedelta(hours=24)


class Lists:
    """A registry, its queue, and lists that the test writes."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.clock = database, Clock()
        self.registry = Registry(database, vault, self.clock)
        self.journal = self.registry.journal
        self.reviews = Reviews(self.journal)
        self.current = Current(self.registry, read_policy(None), write_record=None)
        self.on_lists: dict[str, tuple[ListedNumber, ...] | None] = {}
        self.lists = PhoneLists(self.registry, self.read)
        for number in (HIS, ANOTHER):
            self.registry.prisoners.move(ASKER, number, "LEI")
        self.registry.restrictions.create(ASKER, restriction())

    def read(self, prisoner: str) -> tuple[ListedNumber, ...]:
        found = self.on_lists.get(prisoner, ())
        if found is None:
            raise PhoneSystemError("the phone system cannot be read: status 500")
        return found

    def put(self, number: str = NUMBER, name: str = "A friend", prisoner: str = HIS) -> None:
        """The only number on the list."""
        self.on_lists[prisoner] = (ListedNumber(id="1", name=name, number=number),)

    def reconcile(self) -> list[ShownDrift]:
        self.current.refresh()
        assert self.current.screener is not None
        self.lists.reconcile([HIS, ANOTHER], self.current.screener, self.current.change)
        return all_drift(self.journal)

    def only(self) -> ShownDrift:
        (one,) = self.reconcile()
        return one

    def decide(self, one: ShownDrift, outcome: Outcome) -> None:
        assert one.review is not None
        token = opened(self.reviews, ANN, one.review)
        self.reviews.decide(ANN, one.review, token, outcome, WHY[outcome])
        self.clock.now += UNDO
        Settler(self.reviews, self.registry).settle()

    def state_of(self, seq: int | None) -> ItemState:
        assert seq is not None
        return self.reviews.get(ANN, seq).state

    def change_restriction(self) -> None:
        version = self.registry.versions.get("R1").version
        self.registry.restrictions.change(ASKER, "R1", version, "she rang", notes="she moved")

    def late(self) -> list[tuple[int, int, datetime]]:
        with self.database.read() as connection:
            found = held(connection, self.reviews, self.clock() - 2 * DAY)
        return [(one.count, one.late, one.oldest) for one in found]


@pytest.fixture
def lists(database: Database, vault: Vault) -> Iterator[Lists]:
    made = Lists(database, vault)
    yield made
    assert verify_rows(database, vault) == []


@pytest.mark.parametrize(("number", "kind"), [(NUMBER, DriftKind.RESTRICTED), (NEAR, DriftKind.DOUBTFUL)])
def test_what_a_reviewer_releases_is_reported_no_more(lists: Lists, number: str, kind: DriftKind) -> None:
    lists.put(number)
    one = lists.only()
    assert (one.kind, one.state) == (kind, DriftState.FOUND)
    assert one.review is not None
    item = lists.reviews.get(ANN, one.review)
    assert (item.channel, item.prisoner, item.establishment) == ("phone_list", HIS, "LEI")
    assert lists.reviews.peek(item.seq).attempt["numbers"] == [number]
    lists.decide(one, Outcome.RELEASE)
    for _ in range(2):
        again = lists.only()
        assert (again.state, again.review) == (DriftState.RELEASED, one.review)
    (prison,) = by_prison(lists.journal)
    assert (prison.drift, prison.released) == ({}, 1)
    assert prison.confirmed == (kind is DriftKind.DOUBTFUL), "a restricted number still stands there"
    assert lists.late() == []
    with lists.database.read() as connection:
        (found,) = search.search(connection, actor=ACTOR)
        acts = search.search(connection, subject=f"review/{one.review}")
    assert found.outcome == "drift_held"
    assert {"release", "settled"} <= {act.outcome for act in acts}


def test_it_is_found_anew_once_the_restriction_changes(lists: Lists) -> None:
    lists.put()
    one = lists.only()
    lists.decide(one, Outcome.RELEASE)
    lists.change_restriction()
    anew = lists.only()
    assert anew.state is DriftState.FOUND
    assert anew.review != one.review
    assert anew.found_at > one.found_at + UNDO, "it is not late for the time when it was released"


def test_a_changed_name_is_another_matter_and_what_waited_is_closed(lists: Lists) -> None:
    lists.put(NEAR, "A friend")
    one = lists.only()
    lists.clock.now += DAY
    lists.put(NEAR, "Somebody else")
    anew = lists.only()
    assert anew.review != one.review
    assert lists.state_of(one.review) is ItemState.GONE
    assert lists.state_of(anew.review) is ItemState.OPEN
    assert anew.found_at == one.found_at, "nobody makes it wait anew by another name"


def test_off_the_list_it_waits_for_nobody_and_comes_back_as_new(lists: Lists) -> None:
    lists.put()
    one = lists.only()
    lists.on_lists = {}
    assert lists.reconcile() == []
    assert lists.state_of(one.review) is ItemState.GONE
    assert lists.late() == []
    lists.put()
    assert lists.only().review != one.review


def test_what_is_upheld_has_to_come_off_and_is_late_until_it_has(lists: Lists) -> None:
    lists.put()
    one = lists.only()
    lists.decide(one, Outcome.UPHOLD)
    lists.on_lists[HIS] = None
    lists.clock.now += 2 * DAY
    again = lists.only()
    assert (again.state, again.review) == (DriftState.TO_REMOVE, one.review), "unread is not removed"
    assert lists.late() == [(1, 1, one.found_at)]
    lists.on_lists[HIS] = ()
    assert lists.reconcile() == []
    assert lists.late() == []
    assert lists.state_of(one.review) is ItemState.SETTLED


def test_what_takes_two_to_release_takes_two_here(lists: Lists) -> None:
    lists.registry.restrictions.create(ASKER, restriction("R2", pathway=1))
    lists.put()
    one = lists.only()
    lists.decide(one, Outcome.RELEASE)
    assert lists.only().state is DriftState.FOUND
    assert one.review is not None
    token = opened(lists.reviews, BEN, one.review)
    lists.reviews.decide(BEN, one.review, token, Outcome.RELEASE, WHY[Outcome.RELEASE])
    lists.clock.now += UNDO
    assert lists.only().state is DriftState.RELEASED


def test_the_list_of_who_left_prison_raises_no_alarm(lists: Lists) -> None:
    lists.put()
    lists.only()
    assert len(lists.late()) == 1
    lists.registry.prisoners.move(ASKER, HIS, RELEASED)
    assert lists.late() == []


def test_a_release_holds_for_its_own_number_and_prisoner_alone(lists: Lists) -> None:
    """Whoever can write the database points another drift at it."""
    lists.put(NEAR)
    released = lists.only()
    lists.decide(released, Outcome.RELEASE)
    lists.put(NUMBER, prisoner=ANOTHER)
    lists.reconcile()
    with lists.database.write() as connection:
        connection.execute(
            update(phone_drift).where(phone_drift.c.prisoner == ANOTHER).values(review=released.review)
        )
    states = {one.prisoner: one.state for one in all_drift(lists.journal)}
    assert states == {HIS: DriftState.RELEASED, ANOTHER: DriftState.FOUND}


def test_a_drift_of_before_is_queued_at_its_next_reading(lists: Lists) -> None:
    lists.put()
    one = lists.only()
    with lists.database.write() as connection:  # as the migration leaves it
        connection.execute(update(phone_drift).values(review=None, basis=None))
    lists.clock.now += DAY
    again = lists.only()
    assert (again.state, again.found_at) == (DriftState.FOUND, one.found_at)
    with lists.database.read() as connection:
        assert len(connection.execute(select(review_item.c.seq)).all()) == 2
