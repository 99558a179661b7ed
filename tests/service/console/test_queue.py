"""The queue: claim, decide, second reviewer, lease, undo; by two people at once, and through the pages."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from engine.model import ProtectedPerson
from service.access.model import Principal, Role
from service.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.ledger import search
from service.ledger.record import Kind
from service.review.model import LEASE, UNDO, ItemState, Outcome
from service.review.shown import Filter
from tests.service.console.conftest import NUMBER, PRISONER, Console, Visitor
from tests.service.registry.listings import confirmed
from tests.service.review.queue_of_one import opened

ANN = Principal("oidc:ann", frozenset({Role.REVIEWER}), person=True)
BEN = Principal("oidc:ben", frozenset({Role.REVIEWER}), person=True)
LEEDS = Principal("oidc:leeds", frozenset({Role.REVIEWER}), frozenset({"LEI"}), person=True)


@pytest.fixture
def flagged(console: Console) -> int:
    """The number of a flag that waits."""
    console.restrict()
    return console.flag()


def acts(console: Console, seq: int) -> list[tuple[str, str | None]]:
    with console.system.database.read() as connection:
        rows = search.search(connection, subject=f"review/{seq}", limit=50)
    return [(row.actor, row.outcome) for row in reversed(rows)]


# ── what comes in ───────────────────────────────────────────────────────────────────────────────────────


def test_a_flag_waits_and_an_allow_or_a_block_does_not(console: Console) -> None:
    console.restrict()
    console.attempt("allowed", to="020 7946 0018")
    console.attempt("blocked")
    seq = console.flag("flagged")
    (item,) = console.system.reviews.page(Filter())
    assert (item.seq, item.code, item.state, item.guarded) == (seq, "NEAR_NUMBER", ItemState.OPEN, False)
    assert (item.prisoner, item.establishment, item.channel) == (PRISONER, "LEI", "call")


def test_pathway_1_and_court_orders_come_first_and_are_guarded(console: Console) -> None:
    console.restrict()
    plain = console.flag("one")
    console.restrict(id="R2", prisoner="X2345BC", pathway=1)
    grave = console.flag("two", prisoner="X2345BC")
    console.restrict(id="R3", prisoner="X3456BC", court_order="T2025/001")
    order = console.flag("three", prisoner="X3456BC")
    items = console.system.reviews.page(Filter())
    assert [item.seq for item in items] == [grave, order, plain]
    assert [item.guarded for item in items] == [True, True, False]


def test_a_page_goes_on_where_the_last_one_ended(console: Console) -> None:
    console.restrict()
    seqs = [console.flag(f"C{number}") for number in range(5)]
    reviews = console.system.reviews
    first = reviews.page(Filter(), limit=3)
    last = first[-1]
    rest = reviews.page(Filter(), after=(last.gravity, last.at, last.seq), limit=3)
    assert [item.seq for item in (*first, *rest)] == seqs


def test_staff_of_one_prison_see_its_items_alone(console: Console) -> None:
    console.restrict()
    here, there = console.flag("one"), console.flag("two", establishment="MDI")
    reviews = console.system.reviews
    assert [item.seq for item in reviews.page(Filter(LEEDS.prisons))] == [here]
    with pytest.raises(NotFoundError):
        reviews.claim(LEEDS, there)
    assert reviews.counts(LEEDS, Filter(LEEDS.prisons), timedelta(days=1)).total == 1


# ── claiming ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_claimed_item_is_nobody_elses_for_ten_minutes(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    assert reviews.claim(ANN, flagged).held_by(console.clock()) == ANN.id
    with pytest.raises(ConflictError, match="somebody else"):
        reviews.claim(BEN, flagged)
    console.clock.ahead += LEASE
    assert reviews.claim(BEN, flagged).claimed_by == BEN.id


def test_who_comes_back_after_somebody_else_claimed_it_is_refused(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    old = reviews.claim(ANN, flagged)
    console.clock.ahead += LEASE
    new = reviews.claim(BEN, flagged)
    with pytest.raises(ConflictError):
        reviews.decide(ANN, flagged, old.token, Outcome.RELEASE, "verified")
    assert reviews.decide(BEN, flagged, new.token, Outcome.UPHOLD, "restricted").state is ItemState.DECIDED


def test_an_older_token_of_ones_own_is_refused_too(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    old, new = opened(reviews, ANN, flagged), opened(reviews, ANN, flagged)
    with pytest.raises(ConflictError):
        reviews.decide(ANN, flagged, old, Outcome.RELEASE, "verified")
    reviews.decide(ANN, flagged, new, Outcome.RELEASE, "verified")


def test_of_many_reviewers_at_once_one_gets_it(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    got: list[str] = []
    start = threading.Barrier(8)

    def claim(name: str) -> None:
        start.wait()
        try:
            got.append(reviews.claim(Principal(name, ANN.roles, person=True), flagged).claimed_by or "")
        except ConflictError:
            got.append("refused")

    threads = [threading.Thread(target=claim, args=(f"oidc:{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got.count("refused") == 7


def test_the_next_item_is_the_first_that_nobody_has(console: Console) -> None:
    console.restrict()
    first, second = console.flag("one"), console.flag("two")
    reviews = console.system.reviews
    taken = [reviews.claim_next(who, Filter()) for who in (ANN, BEN, ANN)]
    assert [item and item.seq for item in taken] == [first, second, None]


def test_a_skipped_item_is_recorded_and_goes_back(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    reviews.skip(ANN, flagged, reviews.claim(ANN, flagged).token)
    assert reviews.claim(BEN, flagged).claimed_by == BEN.id
    assert (ANN.id, "skipped") in acts(console, flagged)


def test_who_may_not_review_claims_nothing(console: Console, flagged: int) -> None:
    with pytest.raises(NotAllowedError):
        console.system.reviews.claim(Principal("oidc:x", frozenset({Role.AUDITOR}), person=True), flagged)


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_decision_takes_effect_after_thirty_seconds(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    assert standing(console, flagged) == "held"
    reviews.decide(ANN, flagged, opened(reviews, ANN, flagged), Outcome.RELEASE, "verified")
    assert standing(console, flagged) == "held"
    console.clock.ahead += UNDO
    assert standing(console, flagged) == "released"


def test_until_then_it_can_be_taken_back_by_who_decided(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    reviews.decide(ANN, flagged, opened(reviews, ANN, flagged), Outcome.RELEASE, "verified")
    with pytest.raises(ConflictError):
        reviews.undo(BEN, flagged)
    back = reviews.undo(ANN, flagged)
    assert (back.state, back.claimed_by, back.outcome) == (ItemState.OPEN, ANN.id, None)
    reviews.decide(ANN, flagged, back.token, Outcome.UPHOLD, "restricted")
    console.clock.ahead += UNDO
    with pytest.raises(ConflictError, match="too late"):
        reviews.undo(ANN, flagged)
    assert standing(console, flagged) == "stopped"


@pytest.mark.parametrize(
    ("outcome", "reason", "note", "field"),
    [
        (Outcome.UPHOLD, "", "", "reason"),
        (Outcome.UPHOLD, "verified", "", "reason"),
        (Outcome.RELEASE, "other", "  ", "note"),
        (Outcome.RELEASE, "verified", "x" * 2001, "note"),
    ],
)
def test_a_decision_needs_a_reason_from_the_list(
    console: Console, flagged: int, outcome: Outcome, reason: str, note: str, field: str
) -> None:
    reviews = console.system.reviews
    token = reviews.claim(ANN, flagged).token
    with pytest.raises(InvalidError) as refused:
        reviews.decide(ANN, flagged, token, outcome, reason, note)
    assert refused.value.field == field
    assert reviews.get(ANN, flagged).state is ItemState.OPEN


def test_what_is_escalated_goes_to_the_top(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    later = console.flag("later")
    reviews.decide(ANN, later, reviews.claim(ANN, later).token, Outcome.ESCALATE, "risk")
    assert [item.seq for item in reviews.page(Filter())] == [later, flagged]


def standing(console: Console, seq: int) -> str:
    with console.system.database.read() as connection:
        return console.system.reviews.stood(connection, [seq])[seq].standing


def guarded(console: Console) -> int:
    console.restrict(pathway=1)
    return console.flag()


def test_pathway_1_is_let_go_by_two_people_alone(console: Console) -> None:
    seq, reviews = guarded(console), console.system.reviews
    asked = reviews.decide(ANN, seq, opened(reviews, ANN, seq), Outcome.RELEASE, "verified")
    assert asked.state is ItemState.SECOND
    console.clock.ahead += timedelta(hours=1)
    assert standing(console, seq) == "held"
    with pytest.raises(NotAllowedError, match="somebody else"):
        reviews.claim(ANN, seq)
    assert reviews.claim_next(ANN, Filter()) is None
    done = reviews.decide(BEN, seq, opened(reviews, BEN, seq), Outcome.RELEASE, "verified")
    assert (done.state, done.decided_by, done.second_by) == (ItemState.DECIDED, ANN.id, BEN.id)
    console.clock.ahead += UNDO
    assert standing(console, seq) == "released"


def test_the_second_reviewer_may_uphold_it(console: Console) -> None:
    seq, reviews = guarded(console), console.system.reviews
    reviews.decide(ANN, seq, opened(reviews, ANN, seq), Outcome.RELEASE, "verified")
    reviews.decide(BEN, seq, reviews.claim(BEN, seq).token, Outcome.UPHOLD, "restricted")
    console.clock.ahead += UNDO
    assert standing(console, seq) == "stopped"


def test_pathway_1_is_upheld_by_one(console: Console) -> None:
    seq, reviews = guarded(console), console.system.reviews
    done = reviews.decide(ANN, seq, reviews.claim(ANN, seq).token, Outcome.UPHOLD, "restricted")
    assert done.state is ItemState.DECIDED


def test_an_exception_is_asked_for_once_it_is_in_effect(console: Console) -> None:
    console.restrict(scope="prisoner", establishment="LEI")
    seq = console.attempt(to=NUMBER, prisoner="X9876BC")
    reviews, approvals = console.system.reviews, console.system.registry.approvals
    reviews.decide(ANN, seq, opened(reviews, ANN, seq), Outcome.EXCEPTION, "relative")
    console.system.settler.settle()
    assert not approvals.list()
    console.clock.ahead += UNDO
    console.system.settler.settle()
    (asked,) = approvals.list()
    assert (asked.subject, asked.asked_by, asked.loosens) == ("R1", ANN.id, ("an exception is added",))
    confirmed(console.system.registry, BEN, asked.id)
    console.system.current.refresh()
    assert console.system.current.screener is not None
    console.attempt("again", to=NUMBER, prisoner="X9876BC")
    with console.system.database.read() as connection:
        (row,) = search.search(connection, kind=Kind.DECISION, limit=1)
    assert row.outcome == "allow"


def test_everything_is_recorded_with_who_did_it(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    item = reviews.claim(ANN, flagged)
    reviews.open(ANN, item, "to decide")
    reviews.decide(ANN, flagged, item.token, Outcome.RELEASE, "verified", "rang her")
    assert acts(console, flagged) == [(ANN.id, "claimed"), (ANN.id, "seen"), (ANN.id, "release")]


def test_nobody_lets_go_what_he_has_not_opened_himself(console: Console, flagged: int) -> None:
    reviews = console.system.reviews
    opened(reviews, ANN, flagged)
    console.clock.ahead += LEASE
    token = reviews.claim(BEN, flagged).token
    for outcome, why in ((Outcome.RELEASE, "verified"), (Outcome.EXCEPTION, "relative")):
        with pytest.raises(ConflictError, match="open its details first") as refused:
            reviews.decide(BEN, flagged, token, outcome, why)
        assert refused.value.field == "outcome"
    assert reviews.get(BEN, flagged).state is ItemState.OPEN
    assert reviews.decide(BEN, flagged, token, Outcome.UPHOLD, "restricted").state is ItemState.DECIDED


# ── the pages ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_reviewer_takes_looks_decides_and_undoes(console: Console, flagged: int) -> None:
    ann = console.visitor(Role.REVIEWER, name="ann")
    assert f"/queue/{flagged}" in ann.get("/queue").text
    where = ann.post("/queue/next").headers["location"]
    assert where == f"/queue/{flagged}"
    page = ann.get(where).text
    assert "900124" not in page
    assert "900123" not in page
    shown = ann.post(f"{where}/show", why="review").text
    assert "07700 90012<mark>4</mark>" in shown
    assert "07700 90012<mark>3</mark>" in shown
    token = page.split('name="token" value="')[1].partition('"')[0]
    answer = ann.post(f"{where}/decide", token=token, outcome="release", reason="release:not_same_number")
    assert answer.status_code == 303
    assert "Undo" in ann.get(where).text
    assert ann.post(f"{where}/undo").status_code == 303
    assert console.system.reviews.get(ANN, flagged).state is ItemState.OPEN


def test_each_reviewers_reason_and_note_stand_by_her_own_name(console: Console) -> None:
    seq = guarded(console)
    where = f"/queue/{seq}"
    ann, ben = (console.visitor(Role.REVIEWER, name=name) for name in ("ann", "ben"))

    def decides(who: Visitor, outcome: str, reason: str, note: str) -> str:
        who.post(f"{where}/claim")
        page = who.post(f"{where}/show", why="review").text
        token = page.split('name="token" value="')[1].partition('"')[0]
        fields = {"token": token, "outcome": outcome, "reason": f"{outcome}:{reason}", "note": note}
        assert who.post(f"{where}/decide", **fields).status_code == 303
        return page

    decides(ann, "release", "not_same_number", "rang the office <b>")
    hidden = ben.get(where).text
    assert "Another number. By oidc:ann" in hidden
    assert "With a note, shown with the details." in hidden
    assert "rang the office" not in hidden
    assert "Note: rang the office &lt;b&gt;" in decides(ben, "exception", "relative", "her brother, checked")
    page = ben.post(f"{where}/show", why="once more").text
    assert "Success" not in page  # the banner of what the page did itself
    said = page.partition("Decided:")[2].partition("</section>")[0]
    first, second = said.index("Another number. By oidc:ann"), said.index("A close relative")
    assert first < said.index("rang the office &lt;b&gt;") < second < said.index("her brother, checked")
    history = page.partition("This item</h2>")[2]
    assert history.index("her brother, checked") < history.index("rang the office")
    assert ben.post(f"{where}/undo").status_code == 303
    standing = ben.get(where).text.partition("A second reviewer is needed")[2].partition("</section>")[0]
    assert ("Another number. By oidc:ann" in standing, "A close relative" in standing) == (True, False)


def test_markup_in_a_name_or_a_number_is_shown_as_text(console: Console) -> None:
    evil = "<script>alert(1)</script>"
    console.restrict(protected=ProtectedPerson(name=f"Rhoswen {evil} Tallantyre"))
    seq = console.attempt(
        channel="message", to="07700 900456", body=f"tell Rhoswen Tallantyre {evil} 07700 900123"
    )
    page = console.visitor(Role.REVIEWER).post(f"/queue/{seq}/show", why=evil)
    assert page.status_code == 200
    assert "&lt;script&gt;" in page.text
    assert evil not in page.text


def test_a_decision_that_cannot_be_made_says_so_on_the_page(console: Console, flagged: int) -> None:
    ann, ben = (console.visitor(Role.REVIEWER, name=name) for name in ("ann", "ben"))
    ann.post(f"/queue/{flagged}/claim")
    assert ben.post(f"/queue/{flagged}/claim").status_code == 409
    fields = {"token": "1", "outcome": "release", "reason": "", "note": "<b>kept"}
    answer = ann.post(f"/queue/{flagged}/decide", **fields)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "&lt;b&gt;kept" in answer.text
    empty = ann.post(
        f"/queue/{flagged}/decide", **{**fields, "outcome": "", "reason": "uphold:other", "note": ""}
    )
    assert all(f'href="#{place}"' in empty.text for place in ("outcome-1", "note"))
    fields = {"token": "", "outcome": "uphold", "reason": "uphold:restricted"}
    assert ann.post(f"/queue/{flagged}/decide", **fields).status_code == 409


def test_no_such_item_is_a_page_that_says_so(console: Console) -> None:
    ann = console.visitor(Role.REVIEWER)
    assert ann.get("/queue/99999").status_code == 404
    assert ann.get("/queue?after=nonsense").status_code == 404
    assert ann.get("/queue?after=1.99999999999999999999.1.1").status_code == 404
    assert ann.get(f"/queue?after={'9' * 30}.1.1.1").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.REVIEWER])
def test_only_reviewers_see_the_queue(console: Console, flagged: int, role: Role) -> None:
    visitor = console.visitor(role)
    for path in ("/queue", f"/queue/{flagged}", "/queue/counts"):
        assert visitor.get(path).status_code == 403
    for path in ("next", f"{flagged}/claim", f"{flagged}/decide", f"{flagged}/show", f"{flagged}/undo"):
        assert visitor.post(f"/queue/{path}").status_code == 403


def test_reasons_are_those_of_the_channel_and_of_the_decision(console: Console, flagged: int) -> None:
    ann = console.visitor(Role.REVIEWER, name="ann")
    ann.post(f"/queue/{flagged}/claim")
    page = ann.get(f"/queue/{flagged}")
    assert "release:not_same_number" in page.text
    assert "release:not_same_place" not in page.text
    for reason in ("release:not_same_place", "release:restricted"):
        fields = {"token": "1", "outcome": "release", "reason": reason}
        answer = ann.post(f"/queue/{flagged}/decide", **fields)
        assert answer.status_code == 422
        assert 'id="reason-error"' in answer.text


def test_what_somebody_escalated_goes_to_somebody_else(console: Console, flagged: int) -> None:
    ann, ben = (console.visitor(Role.REVIEWER, name=name) for name in ("ann", "ben"))
    ann.post(f"/queue/{flagged}/claim")
    fields = {"token": "1", "outcome": "escalate", "reason": "escalate:risk"}
    assert ann.post(f"/queue/{flagged}/decide", **fields).status_code == 303
    assert ann.post("/queue/next").headers["location"] == "/queue"
    refused = ann.post(f"/queue/{flagged}/claim")
    assert refused.status_code == 403
    assert "You escalated it: it takes somebody else" in refused.text
    assert "Take the next item" in ann.get(f"/queue/{flagged}").text
    assert ben.post("/queue/next").headers["location"] == f"/queue/{flagged}"
