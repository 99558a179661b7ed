"""What records hold beside their columns, in every version that was written."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine.model import Attempt, Decision
from service.check.requests import ContactBody
from service.ledger import payloads
from service.ledger.payloads import Decided, DecisionDetail, ListDetail, PatternDetail, Tried
from service.storage.sealing import SealError, Vault

SUBJECT = "attempt/ab"
CALL = Attempt(id="c1", channel="call", to="07700 900123", prisoner="A1234BC")
ANSWER: dict[str, Any] = {
    "id": "c1",
    "decision": "block",
    "action": "refuse",
    "blocklist": "b1",
    "confidential": False,
    "reasons": [],
}


@pytest.fixture
def vault() -> Vault:
    return Vault({1: bytes(32)}, bytes(range(32)), bytes(32))


def sealed(vault: Vault, plain: Any) -> bytes:
    """As a program of any date would have sealed it."""
    return vault.seal(msgspec.msgpack.encode(plain), f"ledger/{SUBJECT}")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'{"restrictions":["R1"],"action":"refuse","confidential":false}', Tried(["R1"], None)),
        (
            b'{"restrictions":["R1"],"action":"refuse","confidential":false,"contact":"ab01"}',
            Tried(["R1"], "ab01"),
        ),
        (
            b'{"restrictions":[],"action":"hold","confidential":false,"shadow":"allow","contact":"ab01"}',
            Tried([], "ab01"),
        ),
        (b'{"attempt":7}', Tried([], None)),
        (b'{"restrictions":["R1"],"action":"refuse","confidential":false,"later":[1]}', Tried(["R1"], None)),
    ],
    ids=["first", "with the contact", "with the shadow", "pattern", "later than this program"],
)
def test_the_plain_part_is_read_in_every_version(written: bytes, read: Tried) -> None:
    assert payloads.tried(written) == read


def test_a_decision_is_written_as_its_version_says() -> None:
    assert payloads.plain(DecisionDetail(["R1"], "refuse", False)) == (
        b'{"restrictions":["R1"],"action":"refuse","confidential":false}'
    )
    assert payloads.plain(DecisionDetail([], "hold", False, "allow", "ab01")) == (
        b'{"restrictions":[],"action":"hold","confidential":false,"shadow":"allow","contact":"ab01"}'
    )
    assert payloads.plain(PatternDetail(7)) == b'{"attempt":7}'


def test_loose_values_are_written_in_the_order_of_their_names() -> None:
    assert payloads.plain({"scope": "estate", "contacts": 2}) == b'{"contacts":2,"scope":"estate"}'


def test_the_list_in_force_is_read_as_it_was_written() -> None:
    written = b'{"restrictions":40,"register":3,"change":99}'
    assert payloads.list_in_force(written) == ListDetail(40, 3, 99)
    assert payloads.plain(ListDetail(40, 3, 99)) == written


def test_what_was_asked_and_answered_is_opened_together_and_apart(vault: Vault) -> None:
    answer = msgspec.convert(ANSWER, Decision)
    kept = payloads.seal(vault, SUBJECT, Decided(CALL, answer))
    assert payloads.attempt_of(vault, SUBJECT, kept) == CALL
    assert payloads.decision_of(vault, SUBJECT, kept) == answer
    opened = payloads.decided(vault, SUBJECT, kept)
    assert opened.attempt["to"] == CALL.to
    assert opened.decision == answer


def test_the_shortest_attempt_that_was_ever_written_is_read(vault: Vault) -> None:
    attempt = {"id": "c1", "channel": "call", "to": "07700 900123", "prisoner": "A1234BC"}
    kept = sealed(vault, {"attempt": attempt, "decision": ANSWER})
    assert payloads.attempt_of(vault, SUBJECT, kept) == CALL


def test_values_that_this_program_does_not_know_are_passed_over_beside_the_attempt(vault: Vault) -> None:
    attempt = msgspec.to_builtins(CALL)
    kept = sealed(vault, {"attempt": attempt, "decision": ANSWER | {"later": 1}, "later": 1})
    assert payloads.attempt_of(vault, SUBJECT, kept) == CALL
    assert payloads.decision_of(vault, SUBJECT, kept).decision == "block"


def test_an_attempt_of_a_later_program_is_not_read_as_less_than_it_was(vault: Vault) -> None:
    kept = sealed(vault, {"attempt": msgspec.to_builtins(CALL) | {"later": 1}, "decision": ANSWER})
    with pytest.raises(SealError):
        payloads.attempt_of(vault, SUBJECT, kept)


def test_one_half_is_read_where_the_other_cannot_be(vault: Vault) -> None:
    kept = sealed(vault, {"attempt": {"channel": "telegraph"}, "decision": ANSWER})
    assert payloads.decision_of(vault, SUBJECT, kept).action == "refuse"
    with pytest.raises(SealError, match=f"cannot be read: {SUBJECT}"):
        payloads.attempt_of(vault, SUBJECT, kept)
    kept = sealed(vault, {"attempt": msgspec.to_builtins(CALL), "decision": {"decision": "perhaps"}})
    assert payloads.attempt_of(vault, SUBJECT, kept) == CALL
    with pytest.raises(SealError):
        payloads.decision_of(vault, SUBJECT, kept)


def test_a_contact_that_was_asked_about_is_opened_as_plain_data(vault: Vault) -> None:
    contact = ContactBody(id="k1", prisoner="A1234BC", name="Orla Quillfeather", numbers=("07700 900123",))
    kept = payloads.seal(vault, SUBJECT, Decided(contact, msgspec.convert(ANSWER, Decision)))
    assert payloads.decided(vault, SUBJECT, kept).attempt["id"] == "k1"


def test_a_reason_is_sealed_as_its_text_for_its_own_record_alone(vault: Vault) -> None:
    kept = payloads.seal(vault, "review/7", "a complaint, “urgent”")
    assert vault.open(kept, "ledger/review/7").decode() == "a complaint, “urgent”"
    with pytest.raises(SealError):
        vault.open(kept, "ledger/review/8")


def test_what_is_no_payload_says_nothing_of_what_is_in_it(vault: Vault) -> None:
    kept = vault.seal(b"07700 900123", f"ledger/{SUBJECT}")
    with pytest.raises(SealError) as error:
        payloads.decided(vault, SUBJECT, kept)
    assert "900123" not in str(error.value)
