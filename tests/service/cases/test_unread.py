"""A row that cannot be read is its own trouble: every round, list and search goes on with the others, and
staff are told of it."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import Table, delete, select, update

from engine.model import Contact
from engine.policy import read_policy
from service.access.model import Principal
from service.cases import rules
from service.cases.already import DOUBT
from service.cases.bundle import Bundles
from service.cases.bundle_pdf import as_pdf
from service.cases.cases import Cases
from service.cases.consequences import consequences
from service.cases.looking_again import LookingAgain
from service.cases.looking_back import look_back
from service.cases.model import CaseState
from service.cases.notices import Notices
from service.cases.outbox import AFTER, CONCERN, HERS, UNREAD, MessageState
from service.cases.reminders import Reminders
from service.cases.standing_by import NOT_KNOWN
from service.cases.tables import case_key, case_message, case_version
from service.errors import ConflictError, NotFoundError
from service.ledger import payloads, search
from service.ledger.record import Kind, ledger
from service.public.asked import Sought
from service.registry.directory_import import import_prisoners
from service.registry.importing import export_restrictions
from service.registry.registry import Registry
from service.registry.tables import approval, directory_version, register_version, restriction_version
from service.storage import unread
from service.storage.rows import ChangedRowError
from service.storage.sealing import SealError
from tests.service.cases.asking import HERS as HER_NUMBER
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, THIRD, approved, asked, considered
from tests.service.cases.test_outbox import POLICE, Post
from tests.service.registry.listings import Clock, confirmed, entry, phones, restriction

BROKEN = {"sealed": b"\0" * 40}


def broken(registry: Registry, table: object, id_: str) -> None:
    """Its sealed part is not what it was."""
    with registry.journal.database.write() as connection:
        connection.execute(update(table).where(table.c.id == id_).values(BROKEN))  # type: ignore[attr-defined, arg-type]


def without_key(registry: Registry, id_: str) -> None:
    """The key of a case is lost, and nobody destroyed it."""
    with registry.journal.database.write() as connection:
        connection.execute(delete(case_key).where(case_key.c.id == id_))


def test_a_message_that_cannot_be_read_is_told_and_the_others_are_sent(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    ids = [cases.key_in(OFFICER, asked(asker=POLICE), "telephone", "").id for _ in range(4)]
    broken(registry, case_message, ids[0])
    without_key(registry, ids[1])
    clock.now += AFTER
    post = Post()
    assert cases.outbox.send(post) == 2
    assert {one.reference for one in post.taken} == {f"{id_}-1" for id_ in ids[2:]}
    assert unread.counts(registry.journal.vault) == {"message": 2}
    left = cases.outbox.unsent(OFFICER)
    assert {(one.case, one.state, one.message.held_because) for one in left} == {
        (id_, MessageState.HELD, UNREAD) for id_ in ids[:2]
    }
    (told,) = cases.outbox.of_case(ids[0])  # its case's page stands all the same
    assert told.is_unread
    with pytest.raises(ChangedRowError):
        cases.outbox.mark_sent(OFFICER, cases.get(OFFICER, ids[0]), 1, "by e-mail")


def test_a_message_whose_noting_fails_stops_no_other(cases: Cases, registry: Registry, clock: Clock) -> None:
    for _ in range(2):
        cases.key_in(OFFICER, asked(asker=POLICE), "telephone", "")
    clock.now += AFTER

    class Tampering(Post):
        def send(self, message: object) -> None:
            super().send(message)  # type: ignore[arg-type]
            if len(self.taken) == 1:  # its row is changed past the service while it is sent
                broken(registry, case_message, self.taken[0].reference.rpartition("-")[0])

    post = Tampering()
    assert cases.outbox.send(post) == 1
    assert len(post.taken) == 2
    assert unread.counts(registry.journal.vault) == {"message": 1}
    assert cases.outbox.send(post) == 0
    assert len(post.taken) == 2


def test_a_message_that_is_put_right_is_not_sent_by_a_case_that_was_approved_as_a_concern(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = considered(cases, asked(asker=POLICE))
    whole = _sealed(registry, case_message, case.id)
    broken(registry, case_message, case.id)
    case = cases.approve(OFFICER, case.id, case.version, PATHWAYS[4]).case
    _put_right(registry, case_message, case.id, whole)
    (told,) = cases.outbox.of_case(case.id)
    assert (told.state, told.message.held_because, told.is_for_good) == (MessageState.HELD, CONCERN, True)
    assert cases.outbox.unsent(OFFICER) == []
    for act in (cases.outbox.mark_sent, cases.outbox.release):
        with pytest.raises(ConflictError):
            act(OFFICER, case, 1, "by e-mail")
    clock.now += AFTER
    post = Post()
    assert (cases.outbox.send(post), post.taken) == (0, [])


def test_a_message_to_what_is_listed_as_hers_since_is_not_sent(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = cases.key_in(OFFICER, asked(asker=POLICE), "telephone", "")
    case = cases.confirm_prisoner(OFFICER, case.id, case.version, HIS, "his number")
    (told,) = cases.outbox.of_case(case.id)
    assert told.state is MessageState.WAITING
    cases.list_contacts(OFFICER, case.id, case.version, (Contact(kind="email", value=POLICE.email),))
    clock.now += AFTER
    assert cases.outbox.send(Post()) == 0
    (told,) = cases.outbox.of_case(case.id)
    assert (told.state, told.message.held_because) == (MessageState.HELD, HERS)


def test_nothing_is_sent_of_a_case_that_cannot_be_read(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    bad, good = (cases.key_in(OFFICER, asked(asker=POLICE), "telephone", "") for _ in range(2))
    broken(registry, case_version, bad.id)
    clock.now += AFTER
    post = Post()
    assert cases.outbox.send(post) == 1
    assert [one.reference for one in post.taken] == [f"{good.id}-1"]
    (told,) = cases.outbox.of_case(bad.id)
    assert told.is_unread


def test_a_case_that_cannot_be_read_is_listed_as_that(cases: Cases, registry: Registry) -> None:
    bad, good = (cases.key_in(OFFICER, asked(), "telephone", "") for _ in range(2))
    broken(registry, case_version, bad.id)
    assert {(one.id, one.is_unread) for one in cases.page(OFFICER)} == {(bad.id, True), (good.id, False)}
    assert unread.counts(registry.journal.vault) == {"case": 1}


def test_whoever_was_not_found_is_looked_for_beside_a_case_that_cannot_be_read(
    cases: Cases, registry: Registry
) -> None:
    again = LookingAgain(registry, cases)
    sought = asked(sought=Sought(name="Dave Harris"))
    made = [cases.key_in(OFFICER, sought, "telephone", "") for _ in range(3)]
    bad, *good = sorted(
        (cases.not_found(OFFICER, one.id, one.version, "nobody like that") for one in made),
        key=lambda one: one.id,
    )
    whole = _sealed(registry, case_version, bad.id)
    broken(registry, case_version, bad.id)
    received(registry, "A1234BC,David Harris,,LEI")
    assert again.step() == len(good)
    _put_right(registry, case_version, bad.id, whole)
    received(registry, "B1111BB,Osric Venn,,LEI")  # it was put right: who came in meanwhile is told
    assert again.step() == 1
    assert cases.get(OFFICER, bad.id).document.come_in == ("A1234BC",)


def test_an_entry_of_the_directory_that_cannot_be_read_stops_neither_a_search_nor_an_import(
    cases: Cases, registry: Registry
) -> None:
    received(registry, "A1234BC,David Harris,,LEI", "A1234BD,David Harris,,LEI")
    broken(registry, directory_version, "A1234BC")
    sought = Sought(name="Dave Harris")
    assert [one.number for one in cases.candidates.every(sought)] == ["A1234BD"]
    assert unread.counts(registry.journal.vault) == {"directory": 1}
    received(registry, "A1234BC,David Harris,,LEI", "A1234BF,David Harris,,LEI")
    assert [one.number for one in cases.candidates.every(sought)] == ["A1234BD", "A1234BF"]
    assert unread.counts(registry.journal.vault) == {"directory": 1}


def test_notices_go_on_beside_what_cannot_be_read(cases: Cases, registry: Registry) -> None:
    bad, unlisted, good = (approved(cases, asked(f"UPC-{n}")) for n in range(3))
    broken(registry, case_version, bad.id)
    broken(registry, restriction_version, unlisted.id)
    (rows,) = Notices(cases, registry).outstanding(THIRD).prisons.values()
    assert {one.case.id: bool(one.why_not) for one in rows} == {
        bad.id: True,
        unlisted.id: True,
        good.id: False,
    }


def test_he_is_not_told_beside_a_case_of_which_nobody_knows_whether_that_is_a_danger(
    cases: Cases, registry: Registry
) -> None:
    first = approved(cases)
    second = considered(cases)
    consideration = first.document.consideration
    assert consideration is not None
    joined = cases.join(OFFICER, second.id, second.version, first.id, consideration).case
    assert not list(cases.untold_because(joined))
    broken(registry, case_version, first.id)
    assert any(first.id in what for _, what in cases.untold_because(joined))


def test_a_restriction_of_his_that_cannot_be_read_stops_no_other_persons_protection(
    cases: Cases, registry: Registry
) -> None:
    bad = approved(cases, asked("UPC-1"))
    office = phones("020 7946 0321")
    listed = registry.register.add(OFFICER, entry("E1", contacts=office), "the Law Society").approval
    assert listed is not None
    confirmed(registry, SECOND, listed.id)
    broken(registry, restriction_version, bad.id)
    broken(registry, register_version, "E1")
    case = considered(cases, asked("UPC-2"), (*HER_NUMBER, *office))
    assert cases.asked_already(OFFICER, case) == []
    assert cases.doubts(case) == (DOUBT.format(bad.id),)
    with pytest.raises(ConflictError, match="nobody knows"):  # it may stand behind it already
        cases.refuse(OFFICER, case.id, case.version, "nobody knows him")
    done = cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    assert registry.versions.get(case.id).document.stands
    assert done.case.state is CaseState.IN_FORCE
    assert DOUBT.format(bad.id) in done.warnings
    assert any("may stand in restriction" in one for one in done.warnings)
    other = considered(cases, asked("UPC-3"))
    joined = cases.join(OFFICER, other.id, other.version, case.id, PATHWAYS[2])
    assert DOUBT.format(bad.id) in joined.warnings
    report = cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "")
    report = cases.confirm_prisoner(OFFICER, report.id, report.version, HIS, "his number")
    assert cases.link(OFFICER, report.id, report.version, case.id).restriction == case.id
    restriction = registry.versions.get(case.id).document.restriction
    looked = look_back(registry.journal, OFFICER, restriction, read_policy())
    told = consequences(registry, OFFICER, restriction, looked, case.id)
    assert [one.unread for one in told] == [1, 0]


def test_of_its_own_restriction_a_case_does_not_go_on_unread(cases: Cases, registry: Registry) -> None:
    case = considered(cases)
    registry.restrictions.create(OFFICER, rules.restriction_of(case.id, case.document))
    broken(registry, restriction_version, case.id)
    with pytest.raises(ConflictError, match="cannot be read"):
        cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])


def test_reminders_go_on_beside_a_restriction_that_cannot_be_read(cases: Cases, registry: Registry) -> None:
    bad, good = (approved(cases, asked(f"UPC-{n}")) for n in range(2))
    broken(registry, restriction_version, bad.id)
    registry.prisoners.move(Principal("key:import", frozenset()), HIS, "OUT")
    reminders = Reminders(registry)
    assert [one.restriction for one in reminders.due(OFFICER)] == [good.id]
    assert unread.counts(registry.journal.vault) == {"restriction": 1}


def _sealed(registry: Registry, table: Table, id_: str) -> dict[int, bytes]:
    with registry.journal.database.read() as connection:
        found = connection.execute(table.select().where(table.c.id == id_))
        return {row.version: row.sealed for row in found}


def _put_right(registry: Registry, table: Table, id_: str, whole: dict[int, bytes]) -> None:
    with registry.journal.database.write() as connection:
        for version, sealed in whole.items():
            this = (table.c.id == id_, table.c.version == version)
            connection.execute(update(table).where(*this).values(sealed=sealed))


def received(registry: Registry, *lines: str) -> None:
    """Some prisoners come in."""
    import_prisoners(
        registry, "operator:test", BytesIO("\n".join(("number,name,born,prison", *lines)).encode())
    )


def test_a_destroyed_cases_messages_are_no_trouble(cases: Cases, registry: Registry) -> None:
    case = considered(cases)
    case = cases.refuse(OFFICER, case.id, case.version, "nobody knows him")
    without_key(registry, case.id)
    with registry.journal.database.write() as connection:
        connection.execute(
            update(case_version).where(case_version.c.id == case.id).values(state=CaseState.DESTROYED.value)
        )
    assert cases.outbox.unsent(OFFICER) == []
    assert unread.counts(registry.journal.vault) == {}


def test_an_approval_that_cannot_be_read_is_refused_and_asked_for_again(registry: Registry) -> None:
    registry.restrictions.create(OFFICER, restriction("R1"))
    first = registry.restrictions.withdraw_request(OFFICER, "R1", 1, "1", "she asked").approval
    assert first is not None
    registry.approvals.view(SECOND, first.id, "to confirm")
    broken(registry, approval, first.id)
    (told,) = registry.approvals.list(subject="R1", by=SECOND)
    assert (told.id, told.is_unread, told.loosens) == (first.id, True, ())
    for act in (registry.approvals.confirm, registry.approvals.view):
        with pytest.raises(ConflictError, match="cannot be read"):
            act(SECOND, first.id, "seen")
    assert registry.versions.get("R1").document.stands
    refused = registry.approvals.refuse(SECOND, first.id, "nobody can read it")
    assert (refused.state, refused.decided_by, refused.is_unread) == ("refused", SECOND.id, True)
    with registry.journal.database.read() as connection:
        (who,) = search.actors_of(connection, f"approval/{first.id}", Kind.CHANGE, "refused")
        sealed = connection.execute(select(ledger.c.sealed).order_by(ledger.c.seq.desc())).scalars().first()
    assert who == SECOND.id
    said = payloads.text(registry.journal.vault, f"approval/{first.id}", sealed or b"")
    assert said == "nobody can read it"
    again = registry.restrictions.withdraw_request(OFFICER, "R1", 1, "1", "she asked").approval
    assert again is not None
    broken(registry, approval, again.id)
    last = registry.restrictions.withdraw_request(OFFICER, "R1", 1, "1", "once more").approval
    assert last is not None
    assert [one.id for one in registry.approvals.list(subject="R1")] == [last.id], "the unread one gave way"
    assert not confirmed(registry, SECOND, last.id).is_unread
    assert not registry.versions.get("R1").document.stands


def test_a_bundle_says_what_cannot_be_read(cases: Cases, registry: Registry) -> None:
    case = approved(cases)
    cases.view(OFFICER, case, "to look at it")
    broken(registry, restriction_version, case.id)
    with registry.journal.database.write() as connection:
        this = (case_version.c.id == case.id, case_version.c.version == 1)
        connection.execute(update(case_version).where(*this).values(BROKEN))
    made = Bundles(cases, registry).make(OFFICER, case.id, "court", "asked for")
    unread_of = [f"case {case.id}, version 1", f"restriction {case.id}, version 1"]
    assert made.contents["cannot_be_read"] == unread_of
    assert [one["document"] is None for one in made.contents["versions"]] == [True, False, False, False]
    assert as_pdf(made).startswith(b"%PDF")
    assert cases.why_not_in_force(case) == NOT_KNOWN.format(case.id)
    with pytest.raises(ConflictError, match="cannot be read"):
        cases.serve(OFFICER, case.id, case.version, "a letter")


def test_an_export_names_what_cannot_be_read(registry: Registry) -> None:
    for id_ in ("R1", "R2"):
        registry.restrictions.create(OFFICER, restriction(id_))
    broken(registry, restriction_version, "R1")
    out = BytesIO()
    assert export_restrictions(registry, "operator:test", out) == (1, ["R1"])
    assert out.getvalue().startswith(b'{"id":"R2"')


def test_one_of_another_prison_is_not_told_to_be_there(registry: Registry) -> None:
    registry.restrictions.create(OFFICER, restriction("R1", establishment="LEI"))
    broken(registry, restriction_version, "R1")
    for prison, raised in (("LEI", SealError), ("MDI", NotFoundError)):
        with pytest.raises(raised):
            registry.versions.get("R1", prisons=[prison])
        assert registry.versions.page(prisons=[prison]).unread == (("R1",) if prison == "LEI" else ())
        assert not registry.versions.concerning([prison], ["R1"])
        assert registry.versions.may_concern([prison], ["R1"]) == ({"R1"} if prison == "LEI" else set())
