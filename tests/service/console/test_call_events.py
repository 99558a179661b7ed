"""What a switch tells of a call that is up is tied to its decision, checked, and waits for a reviewer."""

from __future__ import annotations

from typing import Any

import pytest

from service.access.model import Principal, Role
from service.ledger import search
from service.review.shown import Filter
from tests.service.console.conftest import NUMBER, PRISONER, SWITCH, Console
from tests.service.console.test_try_policy import POLICY, confirm
from tests.service.registry.listings import ASKER, SECOND, confirmed, entry

FREE = "020 7946 0018"


class Calling:
    """A switch that has asked about one call, which was allowed."""

    def __init__(self, console: Console) -> None:
        self.console = console
        console.restrict()
        self.client = console.stranger()
        self.client.headers.update(console.key_of(SWITCH))
        self.ask(FREE)

    def ask(self, to: str, id_: str = "C1") -> dict[str, Any]:
        body = {"id": id_, "prisoner": PRISONER, "establishment": "LEI", "to": to}
        answer: dict[str, Any] = self.client.post("/v1/check/call", json=body).json()
        return answer

    def tell(self, kind: str = "diverted", **fields: Any) -> Any:
        event = {"id": "E1", "check": "C1", "kind": kind, "at": "2026-06-01T09:30:00Z", **fields}
        plain = {name: value for name, value in event.items() if value is not None}
        return self.client.post("/v1/events/call", json=plain)

    def items(self) -> list[str]:
        return [item.code for item in self.console.system.reviews.page(Filter())]


def test_an_event_that_names_its_number_twice_is_refused(calling: Calling) -> None:
    said = b'{"id": "E1", "check": "C1", "kind": "keyed", "at": "2026-06-01T09:30:00Z", "to": "1", "to": "2"}'
    answer = calling.client.post(
        "/v1/events/call", content=said, headers={"content-type": "application/octet-stream"}
    )
    assert (answer.status_code, answer.json()["field"]) == (422, "to")


@pytest.fixture
def calling(console: Console) -> Calling:
    return Calling(console)


def test_a_call_diverted_to_a_restricted_number_is_to_be_ended(calling: Calling) -> None:
    answer = calling.tell(to="141 " + NUMBER)
    assert answer.status_code == 200
    assert answer.json() == {"id": "E1", "decision": "block", "action": "refuse", "confidential": False}
    record = calling.console.system.ledger.last_seq
    with calling.console.system.database.read() as connection:
        row = search.read(connection, record)
    assert (row.prisoner, row.establishment, row.channel, row.outcome) == (PRISONER, "LEI", "call", "block")
    assert row.codes == "RESTRICTED_NUMBER,CALL_MOVED"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("diverted", "CALL_MOVED"),
        ("conference", "CALL_MOVED"),
        ("three_way", "CALL_MOVED"),
        ("voice_mismatch", "VOICE_MISMATCH"),
    ],
)
def test_an_event_without_a_number_waits_for_a_reviewer(calling: Calling, kind: str, code: str) -> None:
    answer = calling.tell(kind, score=0.9).json()
    assert (answer["decision"], answer["action"]) == ("flag", "connect_and_alert")
    assert calling.items() == [code]
    item = calling.console.system.reviews.page(Filter())[0]
    opened = calling.console.system.reviews.peek(item.seq)
    assert opened.attempt["to"] == FREE  # tied to the call
    assert opened.decision.reasons[0].steps == (kind.replace("_", " "), "the switch is 90% sure")


def test_digits_keyed_are_checked_as_a_number_and_are_nothing_else(calling: Calling) -> None:
    assert calling.tell("keyed", to="02079460019", id="E2").json()["decision"] == "allow"
    assert calling.tell("keyed", to=NUMBER.replace(" ", ""), id="E3").json()["action"] == "refuse"
    assert calling.items() == []


def test_what_is_keyed_in_a_confidential_call_is_not_looked_at(calling: Calling) -> None:
    registry = calling.console.system.registry
    asked = registry.register.add(ASKER, entry("E1", "020 7946 0099"), "by telephone").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)
    calling.console.system.current.refresh()
    assert calling.ask("020 7946 0099", "C2")["confidential"] is True
    answer = calling.tell("keyed", to=NUMBER, check="C2").json()
    assert (answer["decision"], answer["confidential"]) == ("allow", True)


STRICT = POLICY.replace('flag = "connect_and_alert"', 'flag = "refuse"')


@pytest.mark.parametrize("kind", ["diverted", "conference", "three_way", "voice_mismatch"])
def test_a_confidential_call_that_is_flagged_goes_on_even_where_flagged_calls_are_refused(
    calling: Calling, kind: str
) -> None:
    registry = calling.console.system.registry
    asked = registry.register.add(ASKER, entry("E1", "020 7946 0099"), "by telephone").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)
    confirm(calling.console, STRICT)
    assert calling.ask("020 7946 0099", "C2")["confidential"] is True
    answer = calling.tell(kind, check="C2", id="E2").json()
    assert (answer["decision"], answer["action"]) == ("flag", "connect_and_alert")
    moved = calling.tell(kind, check="C2", id="E5", to=FREE).json()
    assert (moved["action"], moved["confidential"]) == ("connect_and_alert", False)
    assert calling.tell(kind, check="C1", id="E3").json()["action"] == "refuse"
    moved = calling.tell(kind, check="C2", id="E4", to=NUMBER).json()
    assert (moved["decision"], moved["action"]) == ("block", "refuse")


def test_the_same_event_again_is_answered_again_and_recorded_once(calling: Calling) -> None:
    first = calling.tell("conference")
    last = calling.console.system.ledger.last_seq
    assert calling.tell("conference").json() == first.json()
    assert calling.console.system.ledger.last_seq == last
    assert calling.tell("three_way").status_code == 409


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"check": "C404"}, 404, "check"),
        ({"kind": "vanished"}, 422, "kind"),
        ({"kind": None}, 422, "kind"),
        ({"at": "yesterday"}, 422, "at"),
        ({"at": "2026-06-01T09:30:00"}, 422, "at"),
        ({"id": ""}, 422, "id"),
        ({"id": " E1"}, 422, "id"),
        ({"to": " "}, 422, "to"),
        ({"to": "7" * 201}, 422, "to"),
        ({"kind": "keyed"}, 422, "to"),
        ({"score": 1.1}, 422, "score"),
        ({"number": NUMBER}, 422, "number"),
    ],
)
def test_what_is_wrong_is_named(calling: Calling, fields: dict[str, Any], status: int, field: str) -> None:
    answer = calling.tell(**fields)
    assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert "yesterday" not in answer.text
    assert "vanished" not in answer.text
    assert NUMBER not in answer.text


def test_another_switch_knows_nothing_of_the_call(calling: Calling) -> None:
    other = calling.console.stranger()
    other.headers.update(
        calling.console.key_of(Principal("key:other", frozenset({Role.PHONE_SYSTEM}), frozenset()))
    )
    event = {"id": "E1", "check": "C1", "kind": "diverted", "at": "2026-06-01T09:30:00Z"}
    assert other.post("/v1/events/call", json=event).status_code == 404


def test_events_are_counted(calling: Calling) -> None:
    calling.tell()
    text = calling.console.system.metrics.exposition()[0].decode()
    assert 'nocontact_call_events_total{kind="diverted"} 1.0' in text
