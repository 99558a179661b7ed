"""A case is destroyed at its time, by two people, and nothing of it can be opened after that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, select, text

from service.access.model import Principal, Role
from service.cases import keys
from service.cases.cases import Cases
from service.cases.model import Case, CaseState
from service.cases.retention import Retention
from service.cases.rules import COOLING_OFF
from service.cases.tables import case_key, case_version
from service.errors import ConflictError, NotAllowedError
from service.ledger.verify import verify
from service.migrations import schema
from service.operations.verifying import verify_rows
from service.registry.registry import Registry
from service.storage import rows, sealing
from service.storage.database import Database
from service.storage.sealing import SealError, Vault
from tests.service.cases.asking import OFFICER, REVIEWER, SECOND, THIRD, approved, asked, considered
from tests.service.databases import MASTER
from tests.service.registry.listings import Clock, confirmed

KEPT = 30
"""Days."""


@pytest.fixture
def retention(cases: Cases, registry: Registry) -> Retention:
    """Cases are kept for a month."""
    return Retention(cases, registry, KEPT)


def refused(cases: Cases) -> Case:
    """A case that is over."""
    case = considered(cases)
    return cases.refuse(OFFICER, case.id, case.version, "not the person herself")


def destroyed(cases: Cases, retention: Retention, registry: Registry, clock: Clock) -> Case:
    """A case of which nothing is left."""
    case = refused(cases)
    clock.now += timedelta(days=KEPT)
    asked_for = retention.propose(OFFICER, case.id, case.version, "its time is over")
    confirmed(registry, SECOND, asked_for.id)
    return cases.get(OFFICER, case.id)


def test_two_people_destroy_what_is_over_and_nothing_of_it_is_opened_again(
    cases: Cases, retention: Retention, registry: Registry, clock: Clock
) -> None:
    vault, database = registry.journal.vault, registry.journal.database
    case = refused(cases)
    assert retention.why_not(case) == "it is kept until 1/7/2026"
    with pytest.raises(ConflictError, match="kept until"):
        retention.propose(OFFICER, case.id, case.version, "its time is over")
    clock.now += timedelta(days=KEPT)
    asked_for = retention.propose(OFFICER, case.id, case.version, "its time is over")
    with database.read() as connection:
        wrapped = connection.execute(select(case_key.c.sealed)).scalar_one()
        versions = connection.execute(select(case_version).order_by(case_version.c.version)).all()
    with pytest.raises(NotAllowedError, match="second person"):
        confirmed(registry, OFFICER, asked_for.id)
    assert cases.get(OFFICER, case.id).document.asked == asked()
    confirmed(registry, SECOND, asked_for.id)
    left = cases.get(OFFICER, case.id)
    assert left.state is CaseState.DESTROYED
    assert "Thistlewood" not in repr(cases.history(left))
    with database.read() as connection:
        kept = {row.version: row.sealed for row in connection.execute(select(case_version))}
        assert connection.execute(select(case_key)).all() == []
    for row in versions:  # the same in the table as in any copy of it
        assert kept[row.version] == row.sealed
        assert keys.open_(vault, wrapped, case.id, keys.place(case.id, row.version), row.sealed)
        with pytest.raises(SealError):
            keys.open_(vault, None, case.id, keys.place(case.id, row.version), row.sealed)
        with pytest.raises(SealError):
            vault.open(row.sealed, keys.place(case.id, row.version))
    with pytest.raises(ConflictError, match="destroyed"):
        cases.note(OFFICER, case.id, left.version, "more")
    assert not verify(database, vault.public_key).problems
    assert verify_rows(database, vault) == []


def test_what_is_deleted_is_not_left_in_the_file(
    cases: Cases, retention: Retention, registry: Registry, clock: Clock, tmp_path: Path
) -> None:
    database = registry.journal.database
    if not database.is_sqlite:
        pytest.skip("PostgreSQL cleans up by itself, later")
    with database.write() as connection:
        connection.execute(insert(case_key), {"id": "C-22222222", "sealed": b"\xa5KEY OF A CASE\xa5" * 4})
    with database.write() as connection:
        keys.destroy(connection, "C-22222222")
    with database.read() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).all()
        file = Path(connection.execute(text("PRAGMA database_list")).one().file)
    assert b"KEY OF A CASE" not in file.read_bytes()


def test_what_is_not_over_or_whose_restriction_stands_is_not_destroyed(
    cases: Cases, retention: Retention, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    clock.now += timedelta(days=10 * KEPT)
    assert retention.why_not(case) == "the case is in force: it is not over"
    report = cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "")
    report = cases.confirm_prisoner(OFFICER, report.id, 1, "A1234BC", "she knows it")
    report = cases.link(OFFICER, report.id, report.version, case.id)
    report = cases.close(OFFICER, report.id, report.version, outcome="he rang", route="call")
    clock.now += timedelta(days=KEPT)
    assert retention.why_not(report) == f"restriction {case.id} still stands"
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she herself")
    case = cases.call_back(OFFICER, case.id, case.version, "alone", "no")
    clock.now += COOLING_OFF
    waits = cases.end(SECOND, case.id, case.version, "as asked").approval
    assert waits is not None
    confirmed(registry, THIRD, waits)
    case = cases.end(SECOND, case.id, case.version, "as asked").case
    assert case.state is CaseState.ENDED
    assert (retention.why_not(case) or "").startswith("it is kept until")
    assert retention.why_not(report) is None
    clock.now += timedelta(days=KEPT)
    assert retention.why_not(case) is None


def test_what_was_changed_meanwhile_is_not_destroyed(
    cases: Cases, retention: Retention, registry: Registry, clock: Clock
) -> None:
    case = refused(cases)
    clock.now += timedelta(days=KEPT)
    asked_for = retention.propose(OFFICER, case.id, case.version, "its time is over")
    noted = cases.note(OFFICER, case.id, case.version, "the court asks for it")
    assert retention.until(noted) == retention.until(case)  # a note does not make its time longer
    with pytest.raises(ConflictError, match="changed"):
        confirmed(registry, SECOND, asked_for.id)
    with pytest.raises(NotAllowedError):
        retention.propose(REVIEWER, case.id, noted.version, "its time is over")
    elsewhere = Principal("user:far", frozenset({Role.CASE_OFFICER}), frozenset({"MDI"}), person=True)
    assert not registry.approvals.concerns(elsewhere, asked_for)
    assert cases.get(OFFICER, case.id).document.asked == asked()


def test_a_lost_key_is_told_by_verify(cases: Cases, registry: Registry) -> None:
    case = considered(cases)
    journal = registry.journal
    with journal.database.write() as connection:
        keys.destroy(connection, case.id)
    with pytest.raises(SealError, match="gone"):
        cases.get(OFFICER, case.id)
    assert [(one.table, one.key) for one in verify_rows(journal.database, journal.vault)] == [
        ("case_key", case.id)
    ]


def test_a_case_opens_after_the_master_key_was_changed(cases: Cases, registry: Registry) -> None:
    case = considered(cases)
    with registry.journal.database.write() as connection:
        sealing.rotate(connection, MASTER, bytes(32))
    journal = registry.journal._replace(vault=sealing.open_vault(registry.journal.database, bytes(32)))
    again = Registry(journal.database, journal.vault, journal.clock)
    assert Cases(again).get(OFFICER, case.id) == case
    assert Cases(again).note(OFFICER, case.id, case.version, "seen").document.notes


def test_cases_of_before_are_sealed_anew_with_keys_of_their_own(
    cases: Cases, retention: Retention, registry: Registry, clock: Clock, vault: Vault, database: Database
) -> None:
    case, other = refused(cases), considered(cases, asked("UPC-3333-3333"))
    with database.write() as connection:
        sealed_as_before(connection, vault)
        connection.execute(text("DROP TABLE case_key"))
        connection.execute(text("UPDATE case_version SET state = 'ended' WHERE id = :id"), {"id": other.id})
        schema.run(connection, _upgrade, MASTER)
    assert cases.get(OFFICER, case.id) == case
    clock.now += timedelta(days=KEPT)
    asked_for = retention.propose(OFFICER, case.id, case.version, "its time is over")
    confirmed(registry, SECOND, asked_for.id)
    assert cases.get(OFFICER, case.id).state is CaseState.DESTROYED
    assert {one.table for one in verify_rows(database, vault)} == {"case_version"}  # still the forged one


def sealed_as_before(connection: Connection, vault: Vault) -> None:
    """Seal every version by the vault itself."""
    wrapped = {row.id: row.sealed for row in connection.execute(select(case_key))}
    for row in connection.execute(select(case_version)).all():
        plain = keys.open_(vault, wrapped[row.id], row.id, keys.place(row.id, row.version), row.sealed)
        this = (case_version.c.id == row.id, case_version.c.version == row.version)
        sealed = vault.seal(plain, keys.place(row.id, row.version))
        rows.update(connection, vault, case_version, this, {"sealed": sealed})


def _upgrade(config: Config) -> None:
    """That one step, whatever stands before and after it."""
    step = ScriptDirectory.from_config(config).get_revision(STEP)
    command.stamp(config, str(step.down_revision))
    command.upgrade(config, STEP)
    command.stamp(config, "head")


STEP = "0008"
