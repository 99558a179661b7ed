"""What is told of cases in numbers, and that a number leads to nobody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select

from service.access.model import Principal, Role
from service.cases.cases import Cases
from service.cases.figures import FEWEST, Figures, Months, count_anew, published
from service.cases.tables import case_figure
from service.public.asked import Asker
from service.registry.registry import Registry
from service.review.figures import Figure
from tests.service.cases.asking import HIS, OFFICER, approved, asked
from tests.service.cases.test_retention import sealed_as_before

YEAR = Months("2026-04", "2027-03")


def told(cases: Cases, by: Principal = OFFICER) -> dict[str, dict[str, tuple[float, ...]]]:
    """Every figure: its rows by their labels."""
    return {one.id: dict(one.rows) for one in Figures(cases._registry).told(by, YEAR)}


def test_a_case_is_counted_once_as_its_last_step_has_it(cases: Cases) -> None:
    case = approved(cases)
    cases.serve(OFFICER, case.id, case.version, "by the wing's officer", refused=True)
    police = Asker(who="police", name="Bevis Carradine")
    refused = cases.key_in(OFFICER, asked("UPC-3333-3333", asker=police), "email", "")
    cases.refuse(OFFICER, refused.id, refused.version, "no prisoner is meant")
    found = told(cases)
    assert found["months"]["2026-05"] == (2, 1, 1, 0)
    assert found["states"] == {"in_force": (1, 0), "refused": (1, 0)}
    assert found["channels"] == {"telephone": (1, 0), "email": (1, 0)}
    assert found["askers"] == {"self": (1, 0), "police": (1, 0)}
    assert [values for _, values in sorted(found["pathways"].items())] == [(0, 0), (1, 1), (0, 0), (0, 0)]
    assert found["notices"]["told, would not take it"] == (1,)
    (in_force, median, longest), *_ = found["times"].values()
    assert (in_force, median) == (1, longest)


def test_a_report_is_counted_by_the_route_that_was_found(cases: Cases) -> None:
    made = cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "")
    made = cases.confirm_prisoner(OFFICER, made.id, made.version, HIS, "known")
    assert told(cases)["reports"] == {"": (1, 0, 0, 0)}
    cases.close(OFFICER, made.id, made.version, outcome="a phone", route="illegal_mobile", referred="today")
    assert told(cases)["reports"] == {"illegal_mobile": (0, 0, 1, 0)}


def test_only_the_readers_prisons_are_counted(cases: Cases, registry: Registry) -> None:
    registry.prisoners.move(OFFICER, HIS, "LEI")
    approved(cases)
    cases.key_in(OFFICER, asked("UPC-3333-3333"), "email", "")
    of = {
        prison: Principal("user:of", frozenset({Role.CASE_OFFICER}), frozenset({prison}), person=True)
        for prison in ("LEI", "MDI")
    }
    assert told(cases)["prisons"] == {"LEI": (1, 1, 0), "": (1, 0, 0)}
    assert told(cases, of["LEI"])["prisons"] == {"LEI": (1, 1, 0)}
    assert told(cases, of["MDI"])["prisons"] == {}


def test_cases_of_before_are_counted_as_they_stand(cases: Cases) -> None:
    approved(cases)
    journal = cases._journal
    with journal.write() as connection:
        before = connection.execute(select(case_figure)).all()
        sealed_as_before(connection, journal.vault)
        count_anew(connection, journal.vault)
        assert connection.execute(select(case_figure)).all() == before


def test_what_is_counted_holds_codes_alone_and_leads_to_no_case(cases: Cases) -> None:
    case = approved(cases, replace(asked(), asker=Asker(who="self", name="Maren Thistlewood")))
    with cases._journal.database.read() as connection:
        (row,) = connection.execute(select(case_figure)).all()
    said = " ".join(map(str, row))
    assert not [one for one in (case.id, HIS, "Maren", "07700", str(case.seq)) if one in said.split()]


@given(st.lists(st.integers(0, 30), max_size=8))
def test_what_is_published_tells_of_no_fewer_than_five_nor_what_is_missing_from_a_sum(
    numbers: list[int],
) -> None:
    figure = Figure("any", "", "", ("n",), tuple((str(at), (number,)) for at, number in enumerate(numbers)))
    shown = [value for _, (value,) in published(figure)]
    missing = [number for number, value in zip(numbers, shown, strict=True) if value is None]
    assert not [value for value in shown if value is not None and 0 < value < FEWEST]
    assert len(missing) != 1 or not [number for number in numbers if number >= FEWEST]
    assert all(value is None or value == number for number, value in zip(numbers, shown, strict=True))


def test_a_time_is_published_with_five_cases_or_not_at_all() -> None:
    figure = Figure("times", "", "", ("in force", "median", "longest"), (("a", (4, 9, 9)), ("b", (5, 0, 1))))
    assert published(figure) == [("a", (None, None, None)), ("b", (5, 0, 1))]


def test_a_year_runs_over_its_end() -> None:
    assert Months.financial_year(2026).each() == [
        *(f"2026-{month:02}" for month in range(4, 13)),
        "2027-01", "2027-02", "2027-03",
    ]  # fmt: skip


def test_what_is_kept_follows_each_change_of_a_case(cases: Cases) -> None:
    kept = Figures(cases._registry)
    before = kept.told(OFFICER, YEAR)
    case = cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "")
    assert kept.told(OFFICER, YEAR) == Figures(cases._registry).told(OFFICER, YEAR) != before
    approved(cases)
    cases.refuse(OFFICER, case.id, case.version, "it was not him")
    assert kept.told(OFFICER, YEAR) == Figures(cases._registry).told(OFFICER, YEAR)
    assert kept.told(Principal("user:mdi", OFFICER.roles, frozenset({"MDI"})), YEAR) != kept.told(
        OFFICER, YEAR
    )
