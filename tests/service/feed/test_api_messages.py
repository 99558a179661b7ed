"""What a node and the centre say to each other: sealed for the centre, and secrets in no log."""

from __future__ import annotations

import pytest

from engine.model import Decision
from service.feed.api_messages import Enrolment, NodeKeys, open_record, seal_record
from service.ledger.payloads import Decided
from service.storage.sealing import SealError

DECIDED = Decided(
    {"to": "07700 900123"},
    Decision(
        id="C1", decision="block", action="refuse", confidential=False, blocklist="sha256:0", reasons=()
    ),
)


def test_what_was_asked_opens_with_the_nodes_key_for_its_own_subject() -> None:
    sealed = seal_record(bytes(32), "attempt/1", DECIDED)
    assert b"900123" not in sealed
    assert open_record(bytes(32), "attempt/1", sealed) == DECIDED
    for key, subject in ((bytes(32), "attempt/2"), (b"1" * 32, "attempt/1")):
        with pytest.raises(SealError):
            open_record(key, subject, sealed)


def test_no_secret_is_in_what_a_log_would_show() -> None:
    keys = NodeKeys(feed_key=b"f" * 32, node_key=b"n" * 32, epoch=2)
    enrolment = Enrolment(
        name="leeds-1",
        prison="LEI",
        centre="https://nocontact.example",
        public_key="",
        token="nck_x",  # noqa: S106
    )
    assert repr(keys) == "NodeKeys(2)"
    assert repr(enrolment) == "Enrolment(leeds-1)"
