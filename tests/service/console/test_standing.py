"""What became of an attempt: the caller asks under its own id, and learns of nobody else's."""

from __future__ import annotations

from service.access.model import Principal, Role
from service.review.model import UNDO, Outcome
from tests.service.console.conftest import SWITCH, Console
from tests.service.review.queue_of_one import opened

ANN = Principal("oidc:ann", frozenset({Role.REVIEWER}), person=True)


def test_a_held_attempt_is_let_go_or_stopped_by_its_reviewer(console: Console) -> None:
    console.restrict()
    reviews, client = console.system.reviews, console.visitor(Role.PHONE_SYSTEM, name="switch").client
    first, second = console.flag("one"), console.flag("two")
    console.attempt("blocked")
    console.attempt("allowed", to="020 7946 0018")
    switch = console.key_of(SWITCH)

    def state(identifier: str) -> str:
        answer = console.stranger().get(f"/v1/reviews/call/{identifier}", headers=switch)
        return str(answer.json().get("state", answer.status_code))

    assert [state(name) for name in ("one", "blocked", "allowed", "never")] == [
        "held",
        "stopped",
        "allowed",
        "404",
    ]
    reviews.decide(ANN, first, opened(reviews, ANN, first), Outcome.RELEASE, "verified")
    reviews.decide(ANN, second, reviews.claim(ANN, second).token, Outcome.UPHOLD, "restricted")
    assert state("one") == "held"
    console.clock.ahead += UNDO
    assert (state("one"), state("two")) == ("released", "stopped")
    assert client.get("/v1/reviews/call/one").status_code == 404, "another caller's id"
