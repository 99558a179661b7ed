"""Whoever escalated an item does not decide on it, whatever others decide and take back in between."""

from __future__ import annotations

import pytest

from engine.model import ReasonCode
from service.access.model import Principal, Role
from service.errors import NotAllowedError
from service.review.model import Outcome
from service.review.reviews import Reviews
from service.review.shown import Filter
from tests.service.review.queue_of_one import ANN, BEN, Queue, opened, reason

CAL = Principal("oidc:cal", frozenset({Role.REVIEWER}), person=True)
OTHER_FLAG = reason(ReasonCode.NUMBER_CLASS, None)


def escalate(reviews: Reviews, who: Principal, seq: int) -> None:
    reviews.decide(who, seq, opened(reviews, who, seq), Outcome.ESCALATE, "risk")


def require_out(reviews: Reviews, who: Principal, seq: int) -> None:
    assert reviews.takes_another(who, reviews.get(who, seq))
    assert reviews.claim_next(who, Filter()) is None
    with pytest.raises(NotAllowedError, match="you escalated it"):
        reviews.claim(who, seq)


def test_who_escalated_stays_out(queue: Queue) -> None:
    reviews, seq = queue.reviews, queue.flag(OTHER_FLAG)
    escalate(reviews, ANN, seq)
    reviews.decide(BEN, seq, opened(reviews, BEN, seq), Outcome.UPHOLD, "restricted")
    reviews.skip(BEN, seq, reviews.undo(BEN, seq).token)
    require_out(reviews, ANN, seq)
    escalate(reviews, BEN, seq)  # to a third one
    for who in (ANN, BEN):
        require_out(reviews, who, seq)
    assert not reviews.takes_another(CAL, reviews.get(CAL, seq))
    claimed = reviews.claim_next(CAL, Filter())
    assert claimed is not None
    assert claimed.seq == seq
    reviews.decide(CAL, seq, claimed.token, Outcome.UPHOLD, "restricted")


def test_nor_is_he_the_second_reviewer(queue: Queue) -> None:
    seq = queue.flag(reason(ReasonCode.NEAR_NUMBER, "UNKNOWN"))  # of a restriction that is gone: guarded
    reviews = queue.reviews
    escalate(reviews, ANN, seq)
    reviews.decide(BEN, seq, opened(reviews, BEN, seq), Outcome.RELEASE, "verified")
    require_out(reviews, ANN, seq)
    with pytest.raises(NotAllowedError, match="you would let it go"):
        reviews.claim(BEN, seq)
    reviews.decide(CAL, seq, opened(reviews, CAL, seq), Outcome.RELEASE, "verified")
