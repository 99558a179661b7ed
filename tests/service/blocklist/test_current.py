"""The blocklist in force follows the registry, and whatever fails never opens the gate."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from engine.blocklist import compile_blocklist
from engine.listing import Listing, compile_restriction
from engine.model import Attempt, Restriction, Verdict
from engine.policy import read_policy
from service.blocklist.changed import SMALLER_LIST
from service.blocklist.current import Current
from service.errors import NotAllowedError
from service.registry.found import StoredVersion
from service.registry.model import ListingState
from service.registry.registry import Registry
from service.registry.tables import restriction_version
from service.storage import sealing
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.blocklist.lists import NOBODYS, OTHER_NUMBER, decision, version, writer_of
from tests.service.databases import MASTER
from tests.service.registry.listings import (
    ANOTHER,
    ASKER,
    HIS,
    NUMBER,
    SECOND,
    THIRD,
    Clock,
    confirmed,
    entry,
    phones,
    restriction,
)

PATIENCE = 30
"""Seconds until a condition that has not come about is given up."""


@pytest.fixture
def registry(database: Database, vault: Vault, clock: Clock) -> Registry:
    """A registry with one restriction of another prisoner's."""
    made = Registry(database, vault, clock)
    made.restrictions.create(ASKER, restriction("other", "07700 900999", prisoner=THIRD))
    return made


@pytest.fixture
def current(registry: Registry) -> Current:
    """What follows that registry; not started."""
    return following(registry)


def following(registry: Registry) -> Current:
    return Current(registry, read_policy(), write_record=writer_of(registry))


def another_process(database_url: str, clock: Clock) -> Registry:
    """The registry as another process has it: everything its own but the database."""
    database = Database(database_url)
    made = Registry(database, sealing.open_vault(database, MASTER), clock)
    made.start()
    return made


def answer(current: Current, clock: Clock, to: str = NUMBER, prisoner: str = HIS, at: str = "LEI") -> str:
    """What a call is answered now."""
    return decision(current, clock, to, prisoner, at)


def wait_until(condition: Callable[[], Any]) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, "it never came about"
        time.sleep(0.005)


@contextmanager
def started(current: Current) -> Iterator[None]:
    current.start()
    try:
        wait_until(lambda: current.screener)
        yield
    finally:
        current.stop()


def break_seal(registry: Registry, id_: str) -> None:
    """Make what is sealed of a restriction unreadable, behind everybody's back."""
    with registry.journal.database.write() as connection:
        where = (restriction_version.c.id == id_, restriction_version.c.latest)
        connection.execute(update(restriction_version).where(*where).values(sealed=b"\x00" * 64))


def lose(registry: Registry, count: int) -> None:
    """Restrictions that are gone though nobody withdrew them."""
    ids = [f"lost-{number}" for number in range(count)]
    with registry.journal.database.write() as connection:
        connection.execute(delete(restriction_version).where(restriction_version.c.id.in_(ids)))


def fill(registry: Registry, count: int) -> None:
    for number in range(count):
        registry.restrictions.create(ASKER, restriction(f"lost-{number}", f"01632 960{number:03}"))


def test_before_the_first_list_it_says_that_there_is_none(current: Current) -> None:
    assert current.screener is None
    assert current.why_not == "the first list is being built"
    current.refresh()
    assert current.screener is not None
    assert current.why_not is None


def test_a_change_comes_into_force_in_a_running_thread(
    registry: Registry, current: Current, clock: Clock
) -> None:
    with started(current):
        assert answer(current, clock) == "allow"
        registry.restrictions.create(ASKER, restriction())
        wait_until(lambda: answer(current, clock) == "block")
        changed = restriction(contacts=phones(NUMBER, OTHER_NUMBER))
        registry.restrictions.change(ASKER, "R1", 1, "more", restriction=changed)
        wait_until(lambda: answer(current, clock, OTHER_NUMBER) == "block")
        asked = registry.restrictions.withdraw_request(ASKER, "R1", 2, "1", "no longer").approval
        assert asked is not None
        confirmed(registry, SECOND, asked.id)
        wait_until(lambda: answer(current, clock) == "allow")


def test_a_thread_that_was_stopped_follows_nothing_and_can_be_started_again(
    registry: Registry, current: Current, clock: Clock
) -> None:
    with started(current):
        pass
    registry.restrictions.create(ASKER, restriction())
    assert answer(current, clock) == "allow"
    with started(current):
        wait_until(lambda: answer(current, clock) == "block")


def test_a_change_of_another_process_is_followed(
    registry: Registry, current: Current, clock: Clock, database_url: str
) -> None:
    current.refresh()
    another_process(database_url, clock).restrictions.create(ASKER, restriction())
    current.refresh()
    assert answer(current, clock) == "block"


def test_a_transfer_and_a_merge_by_another_process_are_followed(
    registry: Registry, current: Current, clock: Clock, database_url: str
) -> None:
    registry.restrictions.create(ASKER, restriction(scope="prisoner", establishment="LEI"))
    current.refresh()
    other = another_process(database_url, clock)
    assert answer(current, clock, prisoner=ANOTHER, at="MRI") == "allow"
    other.prisoners.move(SECOND, HIS, "MRI")
    current.refresh()
    assert answer(current, clock, prisoner=ANOTHER, at="MRI") == "flag"
    assert answer(current, clock, prisoner=ANOTHER, at="LEI") == "allow"
    other.prisoners.merge(SECOND, HIS, "B9876ZZ")
    current.refresh()
    assert answer(current, clock, prisoner="B9876ZZ", at="MRI") == "block"


def test_a_changed_restriction_is_compiled_once(
    registry: Registry, current: Current, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    current.refresh()
    compiled: list[str] = []

    def counted(one: Restriction) -> Listing:
        compiled.append(one.id)
        return compile_restriction(one)

    monkeypatch.setattr("engine.index_entries.compile_restriction", counted)
    registry.restrictions.create(ASKER, restriction())
    current.refresh()
    assert (compiled, answer(current, clock)) == (["R1"], "block")


def test_the_register_is_followed(registry: Registry, current: Current, clock: Clock) -> None:
    current.refresh()
    premium = entry("E1", "0909 879 0321")
    assert answer(current, clock, "0909 879 0321") == "flag"
    asked = registry.register.add(ASKER, premium, "the Law Society").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)
    current.refresh()
    assert answer(current, clock, "0909 879 0321") == "allow"
    registry.register.remove(ASKER, "E1", 1, "no longer in practice")
    current.refresh()
    assert answer(current, clock, "0909 879 0321") == "flag"


def test_a_slow_look_at_the_registry_takes_nothing_from_a_newer_one(
    registry: Registry, current: Current, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.restrictions.create(ASKER, restriction())
    current.refresh()
    registry.restrictions.change(ASKER, "R1", 1, "a note", notes="read again")
    stored, read, newer = registry.versions.stored, Event(), Event()

    def slowly(*which: Any) -> list[StoredVersion]:
        rows = list(stored(*which))
        if not read.is_set():
            read.set()
            newer.wait(0.3)
        return rows

    monkeypatch.setattr(registry.versions, "stored", slowly)
    with ThreadPoolExecutor(1) as other:
        slow = other.submit(current.refresh)
        assert read.wait(PATIENCE)
        more = restriction(contacts=phones(NUMBER, OTHER_NUMBER))
        registry.restrictions.change(ASKER, "R1", 2, "more", restriction=more)
        current.refresh()
        newer.set()
        slow.result(PATIENCE)
    assert answer(current, clock, NOBODYS) == "allow"
    assert answer(current, clock, OTHER_NUMBER) == "block"


def test_readers_during_swaps_always_have_a_whole_list(
    registry: Registry, current: Current, clock: Clock
) -> None:
    """Each version moves both numbers together: a reader never finds one without the other. What comes is
    there before what goes is confirmed."""
    sets = (phones(NUMBER, OTHER_NUMBER), phones("07700 900321", "07700 900654"))
    registry.restrictions.create(ASKER, restriction(contacts=sets[0]))
    current.refresh()
    over, at = Event(), clock()  # one moment: the readers' own looks would make the list stale

    def read() -> tuple[int, set[tuple[Verdict, ...]]]:
        count = 0
        seen: set[tuple[Verdict, ...]] = set()
        while not over.is_set():
            screener = current.screener
            assert screener is not None
            told = tuple(
                screener.check(
                    Attempt(id="C", channel="call", prisoner=HIS, establishment="LEI", to=one.value), at
                ).decision
                for some in sets
                for one in some
            )
            seen.add(told)
            count += 1
        return count, seen

    with ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(read) for _ in range(2)]
        try:
            for number in range(10):
                after = restriction(contacts=sets[(number + 1) % 2])
                asked = registry.restrictions.change(
                    ASKER, "R1", 2 * number + 1, "moved", restriction=after
                ).approval
                assert asked is not None
                confirmed(registry, SECOND, asked.id)
                current.refresh()
        finally:
            over.set()
        for reader in readers:
            count, seen = reader.result(PATIENCE)
            assert count > 1
            assert seen <= {
                ("block", "block", "allow", "allow"),
                ("block", "block", "block", "block"),
                ("allow", "allow", "block", "block"),
            }


@pytest.mark.parametrize("from_the_start", [True, False])
def test_a_restriction_that_cannot_be_read_leaves_nothing_allowed(
    registry: Registry, current: Current, clock: Clock, from_the_start: bool
) -> None:
    registry.restrictions.create(ASKER, restriction())
    if not from_the_start:
        current.refresh()
        assert answer(current, clock, NOBODYS) == "allow"
        registry.restrictions.change(ASKER, "R1", 1, "a note", notes="read again")
    break_seal(registry, "R1")
    current.refresh()
    assert current.screener is not None
    assert not current.screener.blocklist.complete
    assert answer(current, clock, NOBODYS) == "flag"
    assert answer(current, clock, "07700 900999", THIRD) == "block"


def test_once_it_can_be_read_again_the_list_is_complete(
    registry: Registry, current: Current, clock: Clock
) -> None:
    registry.restrictions.create(ASKER, restriction())
    with registry.journal.database.read() as connection:
        kept = {id_: sealed for id_, sealed, _ in registry.versions.standing(connection)}["R1"]
    break_seal(registry, "R1")
    current.refresh()
    with registry.journal.database.write() as connection:
        where = restriction_version.c.id == "R1"
        connection.execute(update(restriction_version).where(where).values(sealed=kept))
    registry.restrictions.change(ASKER, "R1", 1, "a note", notes="read again")
    current.refresh()
    assert answer(current, clock, NOBODYS) == "allow"
    assert answer(current, clock) == "block"


def test_without_the_database_the_last_good_list_stays_until_it_is_stale_and_then_recovers(
    registry: Registry, current: Current, clock: Clock
) -> None:
    registry.restrictions.create(ASKER, restriction())
    current.refresh()
    confirmed = current.confirmed_at
    rename = "ALTER TABLE {} RENAME TO {}"
    with registry.journal.database.write() as connection:
        connection.execute(text(rename.format("outbox", "outbox_gone")))
    current.refresh()
    assert current.why_not is not None
    assert current.why_not.startswith("the newest list could not be built: ")
    assert NUMBER not in current.why_not
    assert current.confirmed_at == confirmed
    assert (answer(current, clock), answer(current, clock, NOBODYS)) == ("block", "allow")
    clock.now += current.policy.stale_after + timedelta(minutes=1)
    assert (answer(current, clock), answer(current, clock, NOBODYS)) == ("block", "flag")
    with registry.journal.database.write() as connection:
        connection.execute(text(rename.format("outbox_gone", "outbox")))
    current.refresh()
    assert current.why_not is None
    assert (answer(current, clock), answer(current, clock, NOBODYS)) == ("block", "allow")


def test_restrictions_gone_that_nobody_withdrew_leave_nothing_allowed_until_a_second_person_says_so(
    registry: Registry, current: Current, clock: Clock
) -> None:
    fill(registry, 20)
    current.refresh()
    lose(registry, 2)
    begun = following(registry)
    begun.refresh()
    assert begun.why_not is not None
    assert begun.why_not.startswith("2 restrictions are missing")
    assert (answer(begun, clock, "07700 900999", THIRD), answer(begun, clock, NOBODYS)) == ("block", "flag")
    registry.restrictions.create(ASKER, restriction())
    begun.refresh()
    assert answer(begun, clock, NOBODYS) == "flag", "a change does not settle it"
    (asked,) = registry.approvals.list()
    assert (asked.kind, asked.asked_by) == (SMALLER_LIST, "system")
    confirmed(registry, SECOND, asked.id)
    begun.refresh()
    assert begun.why_not is None
    assert (answer(begun, clock), answer(begun, clock, NOBODYS)) == ("block", "allow")


def test_refused_it_stays_held(registry: Registry, current: Current, clock: Clock) -> None:
    fill(registry, 20)
    current.refresh()
    lose(registry, 2)
    begun = following(registry)
    begun.refresh()
    (asked,) = registry.approvals.list()
    registry.approvals.refuse(SECOND, asked.id)
    begun.refresh()
    assert begun.why_not is not None
    assert answer(begun, clock, NOBODYS) == "flag"


def test_a_start_after_a_start_that_was_held_is_held_as_well(
    registry: Registry, current: Current, clock: Clock
) -> None:
    fill(registry, 20)
    current.refresh()
    lose(registry, 2)
    following(registry).refresh()
    again = following(registry)
    again.refresh()
    assert again.why_not is not None
    assert answer(again, clock, NOBODYS) == "flag"
    (asked,) = registry.approvals.list()
    confirmed(registry, SECOND, asked.id)
    again.refresh()
    third = following(registry)
    third.refresh()
    assert third.why_not is None
    assert answer(third, clock, NOBODYS) == "allow"


def test_restrictions_that_were_withdrawn_are_not_missing(
    registry: Registry, current: Current, clock: Clock
) -> None:
    fill(registry, 20)
    current.refresh()
    asked = registry.restrictions.ask_removal("user:asker", [f"lost-{n}" for n in range(10)], "a mistake")
    confirmed(registry, SECOND, asked.id)
    begun = following(registry)
    begun.refresh()
    assert begun.why_not is None
    assert answer(begun, clock, NOBODYS) == "allow"


def test_the_system_cannot_confirm_for_itself(registry: Registry, current: Current) -> None:
    fill(registry, 20)
    current.refresh()
    lose(registry, 2)
    following(registry).refresh()
    (asked,) = registry.approvals.list()
    machine = type(SECOND)("system", frozenset())
    with pytest.raises(NotAllowedError):
        confirmed(registry, machine, asked.id)


def test_after_any_changes_the_list_is_that_of_a_full_build(
    registry: Registry, current: Current, clock: Clock
) -> None:
    chance = random.Random(7)
    current.refresh()
    for step in range(120):
        _change_something(registry, chance, step)
        if not step % 3:
            current.refresh()
    current.refresh()
    with registry.journal.database.read() as connection:
        restrictions = [registry.versions.effective(*row) for row in registry.versions.standing(connection)]
        register = [registry.register.entry(*row) for row in registry.register.standing(connection)]
    assert len(restrictions) > 5
    assert len(register) > 0
    assert version(current) == compile_blocklist(restrictions, register).version
    built = following(Registry(registry.journal.database, registry.journal.vault, clock))
    built.refresh()
    assert version(built) == version(current)


def _change_something(registry: Registry, chance: random.Random, step: int) -> None:
    prisoners = [HIS, ANOTHER, THIRD, "D4567EF"]
    ids = [one.id for one in registry.versions.page().items]
    kind = chance.randrange(7)
    drawn = restriction(
        f"R{step}",
        f"07700 900{chance.randrange(1000):03}",
        prisoner=tuple(chance.sample(prisoners, 2)),
        scope=chance.choice(("estate", "prisoner")),
        establishment=chance.choice(("LEI", "MRI")),
    )
    latest = registry.versions.get(chance.choice(ids))
    written: Any = None
    if kind in (0, 1):
        registry.restrictions.create(ASKER, drawn)
    elif kind in (2, 3) and latest.state is ListingState.STANDING:
        after = restriction(latest.id, contacts=drawn.contacts, scope=drawn.scope, prisoner=drawn.prisoners)
        written = registry.restrictions.change(ASKER, latest.id, latest.version, "drawn", restriction=after)
    elif kind == 4 and latest.state is ListingState.STANDING:
        written = registry.restrictions.withdraw_request(ASKER, latest.id, latest.version, "1", "drawn")
    elif kind == 5:
        registry.prisoners.move(ASKER, chance.choice(prisoners), chance.choice(("LEI", "MRI", "OUT", None)))
    else:
        written = registry.register.add(ASKER, entry(f"E{step}", f"020 7946 0{step:03}"), "drawn")
    if written is not None and written.approval is not None:
        confirmed(registry, SECOND, written.approval.id)
