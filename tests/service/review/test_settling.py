"""What follows from a decision: which exception is asked for, of whom, and once."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import update

from engine.model import Exemption, ReasonCode
from service.ledger.record import ledger
from service.registry.approvals import Approval
from service.review.model import ItemState, Outcome
from service.review.settling import Settler
from service.storage import unread
from tests.service.registry.listings import ASKER, HIS, NUMBER, confirmed, exempt, restriction
from tests.service.review.queue_of_one import ANN, BEN, OTHER, Queue, opened, reason

DIALLED = "07700 900124"
LISTED = reason(ReasonCode.RESTRICTED_NUMBER, "R1", NUMBER)
NEAR = reason(ReasonCode.NEAR_NUMBER, "R1", OTHER)


def settle(queue: Queue) -> int:
    return Settler(queue.reviews, queue.registry).settle()


def asked(queue: Queue) -> list[Approval]:
    return queue.registry.approvals.list()


def granted(queue: Queue, restriction_id: str = "R1") -> tuple[Exemption, ...]:
    """The exceptions of a restriction once everything that waits is confirmed."""
    for approval in asked(queue):
        confirmed(queue.registry, BEN, approval.id)
    return queue.registry.versions.get(restriction_id).document.restriction.exceptions


@pytest.mark.parametrize("outcome", [Outcome.UPHOLD, Outcome.RELEASE])
def test_any_other_decision_is_settled_once_and_asks_for_nothing(queue: Queue, outcome: Outcome) -> None:
    seq = queue.flag(LISTED)
    queue.decide(seq, outcome)
    assert (settle(queue), settle(queue)) == (1, 0)
    assert queue.reviews.get(ANN, seq).state is ItemState.SETTLED
    assert asked(queue) == []


def test_a_decision_of_which_the_attempt_cannot_be_read_waits_and_the_others_are_settled(
    queue: Queue,
) -> None:
    bad, good = queue.flag(LISTED), queue.flag(LISTED)
    for seq in (bad, good):
        queue.decide(seq, Outcome.EXCEPTION)
    with queue.registry.journal.database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == bad).values(sealed=b"\0" * 40))
    assert settle(queue) == 1
    assert queue.reviews.get(ANN, good).state is ItemState.SETTLED
    assert queue.reviews.get(ANN, bad).state is ItemState.DECIDED
    assert unread.counts(queue.registry.journal.vault) == {"review": 1}


def test_nothing_is_done_while_it_can_be_taken_back(queue: Queue) -> None:
    seq = queue.flag(LISTED)
    queue.reviews.decide(ANN, seq, opened(queue.reviews, ANN, seq), Outcome.EXCEPTION, "relative")
    assert settle(queue) == 0
    assert asked(queue) == []


def test_the_exception_is_for_this_prisoner_and_the_listed_contact_point(queue: Queue) -> None:
    seq = queue.flag(LISTED, to="0044 7700 900123")
    queue.decide(seq, Outcome.EXCEPTION)
    assert settle(queue) == 1
    (one,) = asked(queue)
    assert (one.kind, one.subject, one.loosens) == ("change", "R1", ("an exception is added",))
    assert granted(queue) == (Exemption(prisoner=HIS, contact=NUMBER, note=f"review/{seq}"),)
    assert queue.registry.versions.get("R1").document.reason == f"review/{seq}"


@pytest.mark.parametrize("found", [NEAR, reason(ReasonCode.EXTRA_DIGITS, "R1")])
def test_where_no_listed_contact_point_was_met_it_is_for_what_was_dialled(
    queue: Queue, found: object
) -> None:
    queue.decide(queue.flag(found, to=DIALLED), Outcome.EXCEPTION)  # type: ignore[arg-type]
    settle(queue)
    assert [one.contact for one in granted(queue)] == [DIALLED]


@pytest.mark.parametrize(("given", "contact"), [(DIALLED, DIALLED), ("Sarah Jones", "020 7946 0018")])
def test_for_somebody_on_his_list_it_is_for_the_number_that_was_met(
    queue: Queue, given: str, contact: str
) -> None:
    met = msgspec.structs.replace(NEAR, given=given)
    asked = {"id": "K1", "prisoner": HIS, "name": "Sarah Jones", "numbers": ["020 7946 0018", DIALLED]}
    queue.decide(queue.flag(met, asked=asked, channel="contact"), Outcome.EXCEPTION)
    settle(queue)
    assert [one.contact for one in granted(queue)] == [contact]


@pytest.mark.parametrize("reasons", [(LISTED, NEAR), (NEAR, LISTED)])
def test_of_several_reasons_the_one_at_the_listed_contact_point_counts(
    queue: Queue, reasons: tuple[object, ...]
) -> None:
    queue.decide(queue.flag(*reasons, to=DIALLED), Outcome.EXCEPTION)  # type: ignore[arg-type]
    settle(queue)
    assert [one.contact for one in granted(queue)] == [NUMBER]


def test_each_restriction_that_was_met_is_asked_about_and_none_that_is_not_there(queue: Queue) -> None:
    queue.registry.restrictions.create(ASKER, restriction("R2"))
    queue.registry.restrictions.create(ASKER, restriction("R3"))
    met = [LISTED, reason(ReasonCode.RESTRICTED_NUMBER, "R2", NUMBER)]
    gone = [reason(ReasonCode.RESTRICTED_NUMBER, id_, NUMBER) for id_ in ("gone", None)]
    queue.decide(
        queue.flag(*met, *gone), Outcome.EXCEPTION, ANN, BEN
    )  # what is gone is guarded as the gravest
    settle(queue)
    assert sorted(one.subject for one in asked(queue)) == ["R1", "R2"]


def test_a_second_reviewer_has_asked_for_it(queue: Queue) -> None:
    queue.registry.restrictions.create(ASKER, restriction("R2", pathway=1))
    seq = queue.flag(reason(ReasonCode.RESTRICTED_NUMBER, "R2", NUMBER))
    queue.decide(seq, Outcome.EXCEPTION, ANN, BEN)
    settle(queue)
    assert [one.asked_by for one in asked(queue)] == [BEN.id]


def test_the_exceptions_that_were_there_stay(queue: Queue) -> None:
    queue.registry.restrictions.create(ASKER, restriction("R2", exceptions=exempt("B2345CD")))
    queue.decide(queue.flag(reason(ReasonCode.RESTRICTED_NUMBER, "R2", NUMBER)), Outcome.EXCEPTION)
    settle(queue)
    assert [one.prisoner for one in granted(queue, "R2")] == ["B2345CD", HIS]


def test_an_exception_that_is_there_is_not_asked_for_again(queue: Queue) -> None:
    queue.registry.restrictions.create(ASKER, restriction("R2", exceptions=exempt(HIS)))
    queue.decide(queue.flag(reason(ReasonCode.RESTRICTED_NUMBER, "R2", NUMBER)), Outcome.EXCEPTION)
    assert settle(queue) == 1
    assert asked(queue) == []


def test_for_a_prisoner_whom_nobody_knows_there_is_no_exception(queue: Queue) -> None:
    seq = queue.flag(LISTED, prisoner=None)
    queue.decide(seq, Outcome.EXCEPTION)
    assert settle(queue) == 1
    assert asked(queue) == []
    assert queue.reviews.get(ANN, seq).state is ItemState.SETTLED


def test_a_reason_that_holds_what_was_dialled_and_no_restriction_asks_for_nothing(queue: Queue) -> None:
    queue.decide(queue.flag(reason(ReasonCode.UNUSABLE_NUMBER, None), to=DIALLED), Outcome.EXCEPTION)
    assert settle(queue) == 1
    assert asked(queue) == []
