"""Pictures: what was decided, how long it took, which rules are to be mended. Each has its table."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from service.access.model import Principal, Right
from service.console.page import HEADERS, PageError, page_needs, show
from service.errors import NotFoundError
from service.review.figures import Figure, figures
from service.web.dependencies import system_of

router = APIRouter(prefix="/pictures", include_in_schema=False)

Watcher = Annotated[Principal, Depends(page_needs(Right.SEE_STATUS))]

PERIODS = (7, 14, 28, 90)
"""Days that can be looked at."""
STANDARD = 14


@router.get("")
def pictures(request: Request, watcher: Watcher) -> Response:
    """All pictures of a period."""
    days = _days(request)
    found = figures(system_of(request).registry.journal, watcher.prisons, days)
    return show(request, "pictures.html", watcher, figures=found, days=days, periods=PERIODS)


@router.get("/{name}.csv")
def table(request: Request, name: str, watcher: Watcher) -> Response:
    """The table of one picture."""
    found = figures(system_of(request).registry.journal, watcher.prisons, _days(request))
    figure = next((one for one in found if one.id == name), None)
    if figure is None:
        raise PageError(NotFoundError("there is no such picture"))
    named = {"content-disposition": f'attachment; filename="{figure.id}.csv"'}
    return Response(as_csv(figure), media_type="text/csv", headers=HEADERS | named)


def as_csv(figure: Figure) -> str:
    """A figure's table."""
    rows = ((label, [f"{value:g}" for value in values]) for label, values in figure.rows)
    return table_as_csv((figure.label, *figure.series), rows)


def table_as_csv(head: Iterable[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A table with a label before each row. No cell can be taken for a formula by a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(map(_plain, head))
    for label, values in rows:
        writer.writerow([_plain(label), *values])
    return out.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _days(request: Request) -> int:
    asked = request.query_params.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else STANDARD
