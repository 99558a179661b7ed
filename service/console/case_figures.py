"""Figures of cases: how many, how fast, and what came of them. Each has its table."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from engine import dates
from service.cases.figures import FEWEST, Months, published
from service.cases.model import CaseState
from service.console.case_keying import HOW, WHO
from service.console.handling import Officer
from service.console.page import HEADERS, PageError, show, words
from service.console.pictures import table_as_csv
from service.errors import NotFoundError
from service.review.figures import Figure
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases/figures", include_in_schema=False)


YEARS = 5
"""Financial years that can be looked at."""
LABELS: dict[str, dict[str, str]] = {
    "states": {state.value: words(state.value) for state in CaseState},
    "channels": {"form": "The form", "email": "E-mail", "telephone": "Telephone"},
    "askers": {str(who): text for who, text in WHO.items()},
    "reports": {"": "not noted", "none": "none was found"} | {str(how): text for how, text in HOW.items()},
    "prisons": {"": "not known"},
}
"""Codes in words."""
NOT_TOLD = "[c]"
"""What stands for a number that is left out of what is published, as official statistics have it."""


@router.get("")
def case_figures(request: Request, officer: Officer) -> Response:
    """All figures of a period."""
    year, months = _period(request)
    found = [_in_words(one) for one in system_of(request).figures.told(officer, months)]
    this = _this_year(request)
    return show(
        request,
        "case_figures.html",
        officer,
        figures=found,
        months=months,
        year=year,
        years=[(str(one), f"April {one} to March {one + 1}") for one in range(this, this - YEARS, -1)],
        fewest=FEWEST,
    )


@router.get("/{name}.csv")
def case_table(request: Request, name: str, officer: Officer) -> Response:
    """The table of one figure; for publication it tells nothing of fewer than five cases."""
    year, months = _period(request)
    found = system_of(request).figures.told(officer, months)
    figure = next((_in_words(one) for one in found if one.id == name), None)
    if figure is None:
        raise PageError(NotFoundError("there is no such figure"))
    is_published = request.query_params.get("for") == "publication"
    shown = published(figure) if is_published else figure.rows
    rows = (
        (label, [NOT_TOLD if value is None else f"{value:.0f}" for value in values])
        for label, values in shown
    )
    text = table_as_csv((figure.label, *figure.series), rows)
    called = f"cases-{name}-{year or months.last}{'-published' if is_published else ''}.csv"
    named = {"content-disposition": f'attachment; filename="{called}"'}
    return Response(text, media_type="text/csv", headers=HEADERS | named)


def _period(request: Request) -> tuple[str, Months]:
    """The financial year that is asked for, or the last twelve months."""
    asked, this = request.query_params.get("year", ""), _this_year(request)
    if asked in map(str, range(this - YEARS + 1, this + 1)):
        return asked, Months.financial_year(int(asked))
    return "", Months.up_to(dates.day_of(system_of(request).clock()))


def _this_year(request: Request) -> int:
    today = dates.day_of(system_of(request).clock())
    return today.year - (today.month < 4)


def _in_words(figure: Figure) -> Figure:
    labels = LABELS.get(figure.id, {})
    return figure._replace(rows=tuple((labels.get(label, label), values) for label, values in figure.rows))
