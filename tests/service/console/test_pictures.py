"""Pictures: their numbers are those of the ledger and the queue, and show nobody's details."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access.model import Principal, Role
from service.console.pictures import as_csv
from service.review.figures import Figure, figures
from service.review.model import Outcome
from service.review.shown import Filter
from tests.service.console.conftest import NAME, NUMBER, Console
from tests.service.review.queue_of_one import opened

ANN = Principal("oidc:ann", frozenset({Role.REVIEWER}), person=True)
NAMES = ("decisions", "ages", "times", "release-rate", "near-misses", "in-force")


def found(console: Console, name: str, prisons: tuple[str, ...] = ()) -> Figure:
    return next(one for one in figures(console.system.registry.journal, prisons, 14) if one.id == name)


@pytest.fixture
def morning(console: Console) -> Console:
    """Two flags, one released; a block; an allow; a flag at another prison."""
    console.restrict()
    reviews = console.system.reviews
    first = console.flag("one")
    console.flag("two")
    console.attempt("blocked")
    console.attempt("allowed", to="020 7946 0018")
    console.flag("elsewhere", establishment="MDI", prisoner="X2345BC")
    console.restrict(id="R2", prisoner="X2345BC")
    reviews.decide(ANN, first, opened(reviews, ANN, first), Outcome.RELEASE, "not_same_number")
    return console


def test_decisions_are_counted_by_day_and_channel(morning: Console) -> None:
    ((label, counts),) = found(morning, "decisions").rows
    assert label.endswith(" call")
    assert sum(counts) == 5
    assert counts[2] == 1
    ((_, counts),) = found(morning, "decisions", ("LEI",)).rows
    assert sum(counts) == 4


def test_what_waits_has_an_age(morning: Console) -> None:
    waiting = len(morning.system.reviews.page(Filter()))
    assert dict(found(morning, "ages").rows)["under an hour"] == (waiting,)
    morning.clock.ahead += timedelta(hours=30)
    assert dict(found(morning, "ages").rows)["1 to 3 days"] == (waiting,)


def test_a_released_reason_shows_its_rate(morning: Console) -> None:
    assert found(morning, "release-rate").rows == (("Near number", (100.0, 1.0)),)


def test_near_misses_are_counted_by_prisoner(morning: Console) -> None:
    rows = dict(found(morning, "near-misses").rows)
    assert rows["X1234BC"] == (2.0,)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.PHONE_SYSTEM, Role.NODE)])
def test_every_picture_has_its_table_and_its_file(morning: Console, role: Role) -> None:
    visitor = morning.visitor(role)
    page = visitor.get("/pictures?days=7")
    assert page.status_code == 200
    assert page.text.count("<svg") >= 4
    for secret in (NUMBER, NAME, "Tallantyre", "900124"):
        assert secret not in page.text
    for name in NAMES:
        answer = visitor.get(f"/pictures/{name}.csv")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert visitor.get("/pictures/nothing.csv").status_code == 404
    assert visitor.get("/pictures?days=' OR 1").status_code == 200


def test_the_phone_system_sees_no_picture(console: Console) -> None:
    assert console.visitor(Role.PHONE_SYSTEM).get("/pictures").status_code == 403


def test_no_cell_of_a_file_is_a_formula() -> None:
    figure = Figure("x", "X", "=label", ("@series",), (("+1", (1.0,)), ("-A", (2.5,)), ("plain", (3.0,))))
    assert as_csv(figure).splitlines() == ["'=label,'@series", "'+1,1", "'-A,2.5", "plain,3"]
