"""What reviewers did and said: each by her own name, what was taken back left out, notes for who opened."""

from __future__ import annotations

import msgspec
import pytest

from engine.model import ReasonCode
from service.ledger.record import Kind
from service.review.model import REASONS, Outcome
from service.review.said import Act, acts, decisions
from service.storage.sealing import SealError
from tests.service.review.queue_of_one import ANN, BEN, Queue, opened, reason

NEAR = reason(ReasonCode.NEAR_NUMBER, "R1")


def said(queue: Queue, seq: int, *, notes: bool = True) -> list[Act]:
    with queue.registry.journal.database.read() as connection:
        return acts(connection, seq, queue.registry.journal.vault if notes else None)


@pytest.mark.parametrize(("outcome", "code"), [(one, code) for one in Outcome for code in REASONS[one]])
def test_each_reason_is_told_in_the_words_of_its_own_list(queue: Queue, outcome: Outcome, code: str) -> None:
    seq = queue.flag(NEAR)
    queue.reviews.decide(ANN, seq, opened(queue.reviews, ANN, seq), outcome, code, "a note")
    (last, *_) = done = said(queue, seq)
    assert (last.by, last.why, last.has_note, last.note) == (ANN.id, REASONS[outcome][code], True, "a note")
    assert decisions(done) == [last]


def test_notes_are_for_who_opened_the_item_and_a_look_has_none(queue: Queue) -> None:
    seq = queue.flag(NEAR)
    queue.reviews.decide(ANN, seq, opened(queue.reviews, ANN, seq), Outcome.UPHOLD, "restricted", "a note")
    told = [(one.act, one.has_note, one.note) for one in said(queue, seq, notes=False)]
    assert told == [("uphold", True, ""), ("seen", False, ""), ("claimed", False, "")]


def test_what_was_taken_back_does_not_stand_and_is_told_all_the_same(queue: Queue) -> None:
    seq = queue.flag(NEAR)
    queue.reviews.decide(ANN, seq, opened(queue.reviews, ANN, seq), Outcome.ESCALATE, "risk")
    queue.reviews.decide(BEN, seq, opened(queue.reviews, BEN, seq), Outcome.RELEASE, "verified", "rang")
    token = queue.reviews.undo(BEN, seq).token
    queue.reviews.decide(BEN, seq, token, Outcome.UPHOLD, "unclear")
    done = said(queue, seq)
    assert [(one.by, one.act) for one in decisions(done)] == [(ANN.id, "escalated"), (BEN.id, "uphold")]
    assert [one.note for one in done if one.note] == ["rang"]


def test_a_record_that_does_not_say_what_was_decided_is_told_in_any_lists_words(queue: Queue) -> None:
    seq = queue.flag(NEAR)
    journal = queue.registry.journal
    with journal.write() as connection:
        for code in ("child", "of an older list"):
            record = journal.record(
                ANN.id, f"review/{seq}", "asks_second", kind=Kind.REVIEW, reason=code, token=1
            )
            journal.append(connection, [record])
    assert [one.why for one in said(queue, seq)] == ["of an older list", REASONS[Outcome.EXCEPTION]["child"]]


def test_a_note_that_was_changed_is_not_shown_as_hers(queue: Queue) -> None:
    seq = queue.flag(NEAR)
    journal = queue.registry.journal
    with journal.write() as connection:
        record = journal.record(ANN.id, f"review/{seq}", "uphold", kind=Kind.REVIEW, reason="unclear")
        journal.append(connection, [msgspec.structs.replace(record, sealed=b"0" * 40)])
    with pytest.raises(SealError):
        said(queue, seq)
