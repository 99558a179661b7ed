"""What a node decided is in the centre's ledger once, and its flags in the queue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from engine.model import Attempt, Decision, Reason, ReasonCode, Verdict
from service.feed.api_messages import (
    RECORDS_PATH,
    LedgerPlace,
    NodeRecord,
    NodeRecords,
    RecordsTaken,
    seal_record,
)
from service.ledger import payloads
from service.ledger.payloads import Decided, DecisionDetail
from service.review.tables import review_item
from service.storage.sealing import Vault
from tests.service.api.calling import ADMIN, Service

AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
ASKED = Attempt(id="C1", channel="call", prisoner="A1234BC", establishment="LEI", to="07700 900123")
NAME = "leeds-1"
VERDICTS: tuple[Verdict, ...] = ("allow", "block", "flag")


@pytest.fixture
def token(service: Service) -> str:
    """The node's."""
    system = service.system
    return system.nodes.add(ADMIN, system.access, NAME, "LEI", "https://nocontact.example").token


def decision(verdict: Verdict = "flag") -> Decision:
    reason = Reason(
        code=ReasonCode.NEAR_NUMBER,
        decision=verdict,
        restriction="R1",
        given="07700 900123",
        listed="07700 900124",
    )
    action = {"flag": "connect_and_alert", "block": "refuse", "allow": "connect"}[verdict]
    reasons = () if verdict == "allow" else (reason,)
    return msgspec.convert(
        {"id": "C1", "decision": verdict, "action": action, "confidential": False, "blocklist": "sha256:5f",
         "reasons": [msgspec.to_builtins(one) for one in reasons]},
        Decision,
    )  # fmt: skip


def record(vault: Vault, seq: int, verdict: Verdict = "flag", **changed: Any) -> NodeRecord:
    subject = f"attempt/{seq:032x}"
    plain = msgspec.to_builtins(ASKED)
    made = NodeRecord(
        seq=seq,
        at=AT,
        actor="key:lei-phones",
        subject=subject,
        prisoner=ASKED.prisoner,
        establishment="LEI",
        channel="call",
        outcome=verdict,
        sealed=seal_record(vault.node_key(NAME), subject, Decided(plain, decision(verdict))),
    )
    return msgspec.structs.replace(made, **changed)


def send(service: Service, token: str, *records: NodeRecord) -> RecordsTaken:
    """What became of them, wherever the ledger ends."""
    return msgspec.structs.replace(send_after(service, token, None, *records), until=None)


def send_after(service: Service, token: str, until: LedgerPlace | None, *records: NodeRecord) -> RecordsTaken:
    body = msgspec.json.encode(NodeRecords(list(records), until))
    answer = service.nobody().post(RECORDS_PATH, content=body, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=RecordsTaken)


def in_queue(service: Service) -> int:
    with service.system.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(review_item)).scalar_one())


def test_decisions_come_into_the_ledger_once_and_flags_into_the_queue(service: Service, token: str) -> None:
    vault = service.system.vault
    some = [record(vault, seq, verdict) for seq, verdict in enumerate(VERDICTS, 1)]
    assert send(service, token, *some) == RecordsTaken([1, 2, 3])
    again = [record(vault, seq, verdict) for seq, verdict in enumerate(VERDICTS, 1)]
    assert send(service, token, *again) == RecordsTaken([1, 2, 3]), "sealed anew, and the same"
    found = service.records(actor=f"node:{NAME}/key:lei-phones")
    assert [one.outcome for one in found] == ["allow", "block", "flag"]
    assert in_queue(service) == 1
    detail = msgspec.json.decode(found[2].detail, type=DecisionDetail)
    assert (detail.node, detail.decided, detail.restrictions) == (NAME, AT, ["R1"])
    assert payloads.attempt_of(vault, found[2].subject, found[2].sealed) == ASKED
    assert b"900123" not in found[2].sealed


def test_what_cannot_be_opened_is_refused_and_the_others_are_recorded(service: Service, token: str) -> None:
    vault = service.system.vault
    other = record(
        vault, 1, sealed=seal_record(vault.node_key("leeds-2"), f"attempt/{1:032x}", Decided({}, decision()))
    )
    no_attempt = record(
        vault, 2, sealed=seal_record(vault.node_key(NAME), f"attempt/{2:032x}", Decided({}, decision()))
    )
    taken = send(service, token, other, no_attempt, record(vault, 3))
    assert taken.recorded == [3]
    assert [one.seq for one in taken.refused] == [1, 2]


def test_one_that_says_something_else_of_the_same_moment_is_told(service: Service, token: str) -> None:
    vault = service.system.vault
    send(service, token, record(vault, 1, "flag"))
    changed = record(vault, 1, "allow")
    assert [one.seq for one in send(service, token, changed).refused] == [1]
    assert in_queue(service) == 1


def test_what_counts_is_what_was_sealed(service: Service, token: str) -> None:
    send(service, token, record(service.system.vault, 1, "block", outcome="allow", codes=""))
    (found,) = service.records(actor=f"node:{NAME}/key:lei-phones")
    assert (found.outcome, found.codes) == ("block", "NEAR_NUMBER")


def test_a_body_that_is_none_is_refused(service: Service, token: str) -> None:
    answer = service.nobody().post(RECORDS_PATH, content=b"[]", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 400


def test_each_answer_says_where_the_ledger_ends_and_whether_it_has_the_place_that_the_node_knows(
    service: Service, token: str
) -> None:
    vault = service.system.vault
    first = send_after(service, token, None, record(vault, 1))
    assert first.is_known
    assert first.until is not None
    assert send_after(service, token, first.until).is_known, "and asked with nothing to send"
    second = send_after(service, token, first.until, record(vault, 2))
    assert second.is_known
    assert second.until is not None
    assert second.until.seq > first.until.seq
    for other in (
        LedgerPlace(second.until.seq + 1_000, second.until.hash),
        LedgerPlace(second.until.seq, first.until.hash),
        LedgerPlace(first.until.seq, second.until.hash),
    ):
        lacks = send_after(service, token, other, record(vault, 2))
        assert (lacks.recorded, lacks.is_known, lacks.until) == ([2], False, second.until)
    assert in_queue(service) == 2, "once"
