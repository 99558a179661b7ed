"""Whoever holds what was flagged is told what was decided, each once, in order, and nothing of another's."""

from __future__ import annotations

from typing import Any

from service.access.model import Principal, Role
from service.review import settled
from service.review.model import UNDO, Outcome
from tests.service.console.conftest import SWITCH, Console
from tests.service.review.queue_of_one import ANN, WHY, opened

MESSAGE = {"channel": "message", "body": "hello"}
OTHER = Principal("key:other", frozenset({Role.PHONE_SYSTEM}))


def decide(console: Console, seq: int, outcome: Outcome) -> None:
    reviews = console.system.reviews
    reviews.decide(ANN, seq, opened(reviews, ANN, seq), outcome, WHY[outcome])
    console.clock.ahead += UNDO
    console.system.settler.settle()


def told(console: Console, key: dict[str, str], after: int = 0, channel: str = "message") -> Any:
    answer = console.stranger().get(f"/v1/reviews/{channel}", params={"after": after}, headers=key)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_is_decided_is_told_to_who_holds_it_from_where_he_left_off(console: Console) -> None:
    console.restrict()
    console.system.settler.stop()
    key, other = console.key_of(SWITCH), console.key_of(OTHER)
    seqs = [console.flag(f"M{number}", **MESSAGE) for number in range(4)]
    console.flag("C1")
    assert told(console, key) == {"settled": [], "after": 0, "more": False}
    decide(console, seqs[2], Outcome.RELEASE)
    decide(console, seqs[0], Outcome.UPHOLD)
    first = told(console, key)
    assert first["settled"] == [{"id": "M2", "state": "released"}, {"id": "M0", "state": "stopped"}]
    assert told(console, key, first["after"]) == {"settled": [], "after": first["after"], "more": False}
    decide(console, seqs[1], Outcome.RELEASE)
    assert told(console, key, first["after"])["settled"] == [{"id": "M1", "state": "released"}]
    assert told(console, other)["settled"] == []
    assert told(console, other)["after"] == told(console, key)["after"]
    assert told(console, key, channel="call")["settled"] == []


def test_who_knows_a_number_that_a_restored_service_has_not_is_sent_back_to_the_first(
    console: Console,
) -> None:
    console.restrict()
    console.system.settler.stop()
    key = console.key_of(SWITCH)
    decide(console, console.flag("M1", **MESSAGE), Outcome.RELEASE)
    later = console.system.ledger.last_seq + 1_000
    for channel in ("call", "message", "contact"):
        assert told(console, key, later, channel) == {"settled": [], "after": 0, "more": True}
    assert told(console, key, 0)["settled"] == [{"id": "M1", "state": "released"}]


def test_nothing_is_told_before_it_is_in_effect(console: Console) -> None:
    console.restrict()
    seq, reviews = console.flag("M1", **MESSAGE), console.system.reviews
    reviews.decide(ANN, seq, opened(reviews, ANN, seq), Outcome.RELEASE, "verified")
    console.system.settler.settle()
    assert told(console, console.key_of(SWITCH))["settled"] == []


def test_a_look_takes_in_so_many_and_says_that_there_are_more(console: Console, monkeypatch: Any) -> None:
    monkeypatch.setattr(settled, "LOOKED_AT", 2)
    console.restrict()
    console.system.settler.stop()
    key = console.key_of(SWITCH)
    for number in range(3):
        decide(console, console.flag(f"M{number}", **MESSAGE), Outcome.RELEASE)
    first = told(console, key)
    assert ([one["id"] for one in first["settled"]], first["more"]) == (["M0", "M1"], True)
    rest = told(console, key, first["after"])
    assert ([one["id"] for one in rest["settled"]], rest["more"]) == (["M2"], False)


def test_a_contact_that_a_prisoner_asked_for_is_told_of_likewise(console: Console) -> None:
    console.restrict()
    console.system.settler.stop()
    key = console.key_of(SWITCH)
    asked = {"id": "K1", "prisoner": "X1234BC", "name": "A Friend", "numbers": ["07700 900124"]}
    answer = console.stranger().post("/v1/check/contact", json=asked, headers=key)
    assert answer.json()["decision"] == "flag", answer.text

    def state() -> str:
        return str(console.stranger().get("/v1/reviews/contact/K1", headers=key).json()["state"])

    assert state() == "held"
    decide(console, console.system.ledger.last_seq, Outcome.RELEASE)
    assert state() == "released"
    assert told(console, key, channel="contact")["settled"] == [{"id": "K1", "state": "released"}]
