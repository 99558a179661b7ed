"""Lists follow the restrictions: what should not be on them is found, and what was put right is confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.pin_phone.lists import PhoneSystem
from adapters.pin_phone.reconcile import DriftKind
from benchmarks.phone.phone_system import CLIENT, SECRET, Standing, entry, standing
from engine.policy import read_policy
from service.blocklist.current import Current
from service.ledger import search
from service.operations.metrics import Metrics
from service.phone_lists.figures import PrisonFigures, all_drift, by_prison
from service.phone_lists.lists import ACTOR, PhoneLists
from service.phone_lists.reconciling import Reconciler
from service.phone_lists.tables import phone_drift, phone_entry, phone_list
from service.registry import canaries
from service.registry.registry import Registry
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.registry.listings import (
    ANOTHER,
    ASKER,
    HIS,
    NUMBER,
    SECOND,
    THIRD,
    Clock,
    confirmed,
    restriction,
)
from tests.service.registry.listings import (
    entry as listing,
)

FREE = "020 7946 0018"
R, D, U, S = DriftKind.RESTRICTED, DriftKind.DOUBTFUL, DriftKind.UNPROVEN, DriftKind.SHARED


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with standing(tmp_path_factory.mktemp("phones"), {}) as running:
        yield running


class Kept:
    """A registry, its blocklist, and what reconciles the lists with it."""

    def __init__(self, database: Database, vault: Vault, phones: Standing) -> None:
        self.database, self.phones, self.clock = database, phones, Clock()
        self.registry = Registry(database, vault, self.clock)
        for number in (HIS, ANOTHER, THIRD):
            self.registry.prisoners.move(ASKER, number, "LEI")
        self.system = PhoneSystem(phones.url, CLIENT, SECRET, sleep=lambda seconds: None)
        self.current = Current(self.registry, read_policy(None), write_record=None)
        self.reconciler = self.new_reconciler()

    def new_reconciler(self) -> Reconciler:
        lists = PhoneLists(self.registry, self.system.read)
        return Reconciler(self.registry, self.current, lists, self.clock, every=timedelta(hours=24))

    def restrict(self, id_: str = "R1", *values: str, **changed: object) -> None:
        self.registry.restrictions.create(ASKER, restriction(id_, *values, **changed))

    def step(self) -> int:
        """The blocklist follows the registry, and the lists follow it, until nothing is due."""
        self.current.refresh()
        tried = 0
        while done := self.reconciler.step():
            tried += done
        return tried

    def drift(self) -> list[tuple[str, DriftKind]]:
        return sorted((one.prisoner, one.kind) for one in all_drift(self.registry.journal))

    def of(self, prison: str = "LEI") -> PrisonFigures:
        return next(one for one in by_prison(self.registry.journal) if one.establishment == prison)


@pytest.fixture
def kept(database: Database, vault: Vault, phones: Standing) -> Iterator[Kept]:
    made = Kept(database, vault, phones)
    with made.system:
        yield made


def test_a_restricted_number_on_a_list_is_found_and_confirmed_gone(kept: Kept) -> None:
    kept.phones.put(
        {HIS: [entry(NUMBER, "Ann"), entry(FREE, "His mother")], ANOTHER: [entry("+44" + NUMBER[1:])]}
    )
    kept.restrict()
    kept.step()
    assert kept.drift() == [(HIS, R), (ANOTHER, R)]
    found = kept.of()
    assert (found.applied, found.confirmed, found.on_a_list, found.not_read) == (1, 0, 1, 0)
    assert found.drift == {"restricted": 2}
    assert found.oldest_open is not None

    kept.phones.put({HIS: [entry(FREE, "His mother")], ANOTHER: []})
    assert kept.step() == 0  # the phone system does not say; the day is not over
    kept.clock.now += timedelta(hours=25)
    assert kept.step() == 3
    assert kept.drift() == []
    found = kept.of()
    assert (found.applied, found.confirmed, found.oldest_open) == (1, 1, None)


def test_a_new_restriction_has_the_lists_read_that_it_concerns_and_no_others(kept: Kept) -> None:
    kept.phones.put({HIS: [], ANOTHER: [entry(NUMBER)], THIRD: [entry(FREE)]})
    kept.restrict("R0", "07700 900999", prisoner=THIRD)
    assert kept.step() == 3
    assert kept.drift() == []
    kept.restrict()
    assert kept.of().not_read == 1
    assert kept.step() == 2  # whom it names, and who has the number on his list
    assert kept.drift() == [(ANOTHER, R)]
    assert (kept.of().confirmed, kept.of().not_read) == (2, 0)


def test_a_transfer_has_his_list_read_and_counted_there(kept: Kept) -> None:
    kept.phones.put({HIS: [entry(NUMBER)]})
    kept.restrict()
    kept.step()
    kept.phones.put({HIS: []})  # the new prison made a new list
    kept.registry.prisoners.move(SECOND, HIS, "MDI")
    assert kept.step() == 1
    assert kept.drift() == []
    assert (kept.of("MDI").applied, kept.of("MDI").confirmed, kept.of("LEI").applied) == (1, 1, 0)


def test_a_reception_has_his_list_read(kept: Kept) -> None:
    kept.restrict()
    kept.step()
    kept.phones.put({"D4567EF": [entry(NUMBER)]})
    kept.registry.prisoners.move(SECOND, "D4567EF", "LEI")
    assert kept.step() == 1
    assert kept.drift() == [("D4567EF", R)]


def test_a_flag_of_confidence_holds_once_the_register_has_the_number(kept: Kept) -> None:
    kept.phones.put({HIS: [entry(FREE, "A solicitor", legal=True, relationshipId=28)]})
    kept.restrict()
    kept.step()
    assert kept.drift() == [(HIS, U)]
    asked = kept.registry.register.add(ASKER, listing("E1", FREE), "by telephone").approval
    assert asked is not None
    confirmed(kept.registry, SECOND, asked.id)
    kept.step()
    assert kept.drift() == []


def test_a_number_that_several_get_at_once_is_a_signal_and_ages(kept: Kept) -> None:
    kept.phones.put({HIS: [entry("020 7946 0020")], ANOTHER: [entry("020 7946 0020")]})
    kept.restrict()
    kept.step()
    assert kept.drift() == []  # both had it when their lists were first read
    new = entry(FREE, "A friend")
    kept.phones.put({HIS: [new], ANOTHER: [new]})
    kept.clock.now += timedelta(hours=25)
    kept.step()
    assert kept.drift() == [(HIS, S), (ANOTHER, S)]
    kept.clock.now += timedelta(days=20)
    kept.step()
    assert kept.drift() == []


def test_a_list_that_cannot_be_read_is_not_clean_and_is_tried_again(kept: Kept) -> None:
    kept.phones.put({HIS: [entry(NUMBER)]})
    kept.restrict()
    kept.step()
    kept.phones.put({HIS: []}, broken=[HIS])
    kept.clock.now += timedelta(hours=25)
    kept.step()
    assert kept.drift() == [(HIS, R)]
    assert kept.of().failed == 1
    kept.phones.put({HIS: []})
    kept.clock.now += timedelta(minutes=6)
    assert kept.step() == 1
    assert kept.drift() == []
    assert kept.of().failed == 0


def test_a_list_is_not_clean_that_could_not_be_screened(kept: Kept) -> None:
    """The blocklist is too old to allow anything."""
    kept.phones.put({HIS: [entry(FREE)]})
    kept.restrict()
    kept.current.refresh()
    kept.clock.now += timedelta(days=3)
    kept.reconciler.step()
    found = kept.of()
    assert (found.lists, found.confirmed, found.not_read) == (2, 0, 1)  # those of the others are empty
    assert found.failed == 1


def test_a_change_while_it_was_not_running_is_followed(kept: Kept) -> None:
    kept.phones.put({ANOTHER: [entry(NUMBER)]})
    kept.restrict("R0", FREE)
    kept.step()
    kept.restrict()
    kept.reconciler = kept.new_reconciler()
    kept.step()
    assert kept.drift() == [(ANOTHER, R)]


def test_found_and_gone_are_in_the_ledger_and_nothing_plain_holds_a_number(kept: Kept) -> None:
    kept.phones.put({HIS: [entry(NUMBER, "Rhoswen")]})
    kept.restrict()
    kept.step()
    kept.phones.put({})
    kept.clock.now += timedelta(hours=25)
    kept.step()
    with kept.database.read() as connection:
        records = search.search(connection, actor=ACTOR)
        assert sorted(str(record.outcome) for record in records) == ["drift_gone", "drift_held"]
        kept.phones.put({HIS: [entry(NUMBER, "Rhoswen")]})
    kept.clock.now += timedelta(hours=25)
    kept.step()
    with kept.database.read() as connection:
        for table in (phone_list, phone_entry, phone_drift):
            rows = repr(connection.execute(select(table)).all())
            assert "900123" not in rows
            assert "Rhoswen" not in rows
    (drift,) = all_drift(kept.registry.journal)
    assert kept.reconciler.lists is not None
    opened = kept.reconciler.lists.opened(HIS, drift.number)
    assert opened is not None
    assert (opened.number, opened.name) == (NUMBER, "Rhoswen")


def test_metrics_tell_counts_and_ages_by_prison(kept: Kept) -> None:
    kept.phones.put({HIS: [entry(NUMBER)]})
    kept.restrict()
    kept.step()
    text = Metrics(None, lambda: kept.reconciler.figures).exposition()[0].decode()
    assert 'nocontact_phone_restrictions{establishment="LEI",state="on_a_list"} 1.0' in text
    assert 'nocontact_phone_drift{establishment="LEI",kind="restricted"} 1.0' in text
    assert 'nocontact_phone_age_seconds{establishment="LEI",of="unconfirmed"}' in text
    assert HIS not in text


def test_without_a_phone_system_nothing_is_done(kept: Kept, tmp_path: Path) -> None:
    idle = Reconciler(kept.registry, kept.current, None, kept.clock, every=timedelta(hours=24))
    idle.start()
    assert idle.step() == 0
    assert not idle.is_on
    idle.stop()


def test_nobody_reads_the_list_of_a_canarys_imaginary_prisoner(kept: Kept) -> None:
    kept.restrict()
    kept.step()
    before = kept.of()
    points = {"number": "07700 900901", "beside": "07700 900902"}
    canaries.add(kept.registry, ASKER, "LEI", **points, address="5 Ryecroft Avenue, Barrowhythe, LS2 9AB")
    kept.step()
    kept.clock.now += timedelta(hours=25)
    kept.step()
    with kept.database.read() as connection:
        assert "Z0001QQ" not in set(connection.execute(select(phone_list.c.prisoner)).scalars())
    assert kept.of().applied == before.applied
    assert sum(one.not_read for one in by_prison(kept.registry.journal)) == before.not_read
