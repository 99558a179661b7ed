"""Figures of cases as the department is asked for them: counts and times of the reader's prisons, no names.

What is counted of a case stands in a row of its own, in codes, under a keyed hash of its id, and is written
with each version: so nothing sealed is opened to count a hundred thousand.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from engine import dates
from service.access.model import Principal, Right
from service.cases.model import HOLDING, OPEN, ROUTES, Case, CaseDocument, CaseState
from service.cases.rules import PATHWAYS
from service.cases.tables import CASE, case_figure, case_version
from service.registry.following import Following
from service.registry.journal import some_at_once
from service.registry.registry import Registry
from service.review.figures import Figure
from service.storage.sealing import SealError, Vault

EVER_IN_FORCE = frozenset({*HOLDING, CaseState.ENDED})
"""States of which a restriction stands, or stood."""
FEWEST = 5
"""What is published tells of no fewer cases than this."""
NOTICES = {
    "served": "told",
    "refused": "told, would not take it",
    "held": "held",
    "waiting": "not told yet",
}
AT_ONCE = 500
"""Documents opened at once."""


class Months(NamedTuple):
    """A period: the first and the last month, as 2026-05."""

    first: str
    last: str

    @classmethod
    def up_to(cls, day: date) -> Months:
        """Twelve months, of which the last is the day's."""
        return cls(_month(day.year, day.month - 11), _month(day.year, day.month))

    @classmethod
    def financial_year(cls, year: int) -> Months:
        """April to March."""
        return cls(_month(year, 4), _month(year + 1, 3))

    def each(self) -> list[str]:
        """Every month of it."""
        year, month = int(self.first[:4]), int(self.first[5:])
        found = []
        while (name := _month(year, month)) <= self.last:
            found.append(name)
            month += 1
        return found


def _month(year: int, month: int) -> str:
    """`month` may be outside of 1 to 12."""
    years, of_year = divmod(month - 1, 12)
    return f"{year + years:04}-{of_year + 1:02}"


# ── what is kept of each case ───────────────────────────────────────────────────────────────────────────────


def keep(connection: Connection, vault: Vault, case: Case) -> None:
    """Count a case as its latest version is, in the transaction that writes the version."""
    row = counted(vault, case)
    connection.execute(delete(case_figure).where(case_figure.c.id == row["id"]))
    connection.execute(insert(case_figure), [row])


def counted(vault: Vault, case: Case) -> dict[str, Any]:
    """What is counted of a case: codes, and nothing that anybody wrote."""
    document = case.document
    considered, received = document.consideration, _moment(document.asked.at)
    is_in_force = case.state in EVER_IN_FORCE and considered is not None
    hours = None
    if is_in_force and considered is not None and received is not None:
        approved = _moment(considered.at)
        hours = None if approved is None else max(0, int((approved - received).total_seconds() // 3600))
    return {
        "id": key(vault, case.id),
        "month": f"{dates.day_of(received or case.at):%Y-%m}",
        "establishment": case.establishment,
        "kind": case.kind,
        "channel": document.channel,
        "who": document.asked.asker.who,
        "state": case.state.value,
        "pathway": considered.pathway if considered is not None and is_in_force else None,
        "hours": hours,
        "notice": _notice(document) if case.state in EVER_IN_FORCE else None,
        "route": _route(document.route),
        "police": bool(document.referred.strip()),
    }


def _route(said: str | None) -> str | None:
    """Nothing that somebody wrote is in a figure: it counts as another route."""
    return said if not said or said in ROUTES else "other"


def key(vault: Vault, id_: str) -> bytes:
    """Under what a case is counted."""
    return vault.digest("case_figure", id_)


def told(connection: Connection, vault: Vault, ids: Collection[str] | None) -> set[bytes]:
    """Of these cases, or of all, the keys of those of which the prisoner was told."""
    wanted = select(case_figure.c.id).where(case_figure.c.notice.in_(("served", "refused")))
    if ids is not None:
        wanted = wanted.where(case_figure.c.id.in_([key(vault, id_) for id_ in ids]))
    return set(connection.execute(wanted).scalars())


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _notice(document: CaseDocument) -> str:
    notice = document.notice
    if notice.served is not None:
        return "refused" if notice.refused else "served"
    return "held" if notice.held_because else "waiting"


def count_anew(connection: Connection, vault: Vault) -> None:
    """Count every case from its latest version; one that cannot be opened is left out."""
    decoder = msgspec.msgpack.Decoder(CaseDocument)
    connection.execute(delete(case_figure))
    # Read by name, as the columns of other steps may not be there yet.
    names = ("id", "version", "seq", "at", "author", "kind", "urgency", "due", "assigned", "prisoner")
    wanted = [case_version.c[name] for name in (*names, "establishment", "restriction", "state", "sealed")]
    last = ""
    while True:
        after = (case_version.c.latest, case_version.c.id > last)
        found = connection.execute(
            select(*wanted).where(*after).order_by(case_version.c.id).limit(AT_ONCE)
        ).all()
        if not found:
            return
        last = found[-1].id
        for row in found:
            plain = {name: value for name, value in row._mapping.items() if name not in ("state", "sealed")}
            try:
                document = decoder.decode(vault.open(bytes(row.sealed), f"case/{row.id}/{row.version}"))
            except (SealError, msgspec.DecodeError):
                continue
            case = Case(**plain, state=CaseState(row.state), document=document)
            connection.execute(insert(case_figure), [counted(vault, case)])


# ── what is told ────────────────────────────────────────────────────────────────────────────────────────────


ASKED = {
    "standing": ("month", "kind", "state"),
    "coming": ("kind", "channel", "who"),
    "approved": ("pathway", "state", "notice"),
    "times": ("month", "hours"),
    "reports": ("route", "state", "police"),
    "prisons": ("establishment", "kind", "state"),
}
"""By which columns cases are counted together."""
_OF = {
    "approved": case_figure.c.notice.is_not(None),
    "times": case_figure.c.hours.is_not(None),
    "reports": case_figure.c.kind == "continuing",
}
"""Which of them, where it is not all."""
_ROWS = {name: msgspec.defstruct(name, [*columns, ("cases", int)]) for name, columns in ASKED.items()}
MOST_KEPT = 2_000
"""Counts of one month in some prisons that are kept."""
Counted = list[Any]
"""Rows with the columns of one of ASKED, and `cases`."""
OfMonth = dict[str, Counter[tuple[Any, ...]]]
"""By the name of ASKED: how many cases have which codes."""


class Figures:
    """Counts cases, and counts a month anew when one of its cases changed. Safe to share between threads."""

    def __init__(self, registry: Registry) -> None:
        """Has counted nothing yet."""
        self._registry = registry
        self._followed: Following | None = None
        self._kept: dict[tuple[frozenset[str], str], OfMonth] = {}
        self._following = threading.Lock()

    def told(self, by: Principal, months: Months) -> list[Figure]:
        """All of them, of what was received in a period. A case counts in the prison in which its prisoner
        was at its last step; where nobody knew, it counts for who sees every prison alone.

        Raises NotAllowedError.
        """
        by.require(Right.HANDLE_CASES)
        with self._following:
            self._follow()
            of_months = [self._of_month(by.prisons, month) for month in months.each()]
        asked = {name: _together(name, of_months) for name in ASKED}
        return [
            _by_month(asked["standing"], months),
            _by_state(asked["standing"]),
            _by(asked["coming"], "channels", "How it came", "channel"),
            _by(asked["coming"], "askers", "Who asked", "who"),
            _pathways(asked["approved"]),
            _times(asked["times"], months),
            _notices(asked["approved"]),
            _reports(asked["reports"]),
            _prisons(asked["prisons"]),
        ]

    def _of_month(self, prisons: frozenset[str], month: str) -> OfMonth:
        kept = self._kept.pop((prisons, month), None)
        if kept is None:
            where = [case_figure.c.month == month]
            if prisons:
                where.append(case_figure.c.establishment.in_(sorted(prisons)))
            with self._registry.journal.database.read() as connection:
                kept = {name: _count(connection, name, where) for name in ASKED}
        self._kept[prisons, month] = kept  # the last that was asked for is the last that is forgotten
        if len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        return kept

    def _follow(self) -> None:
        """Forget the months of which a case changed; the month of a case is that of its receipt for good, but
        that an earlier version counted the first hour of a month in summer for the one before."""
        if self._followed is None:
            self._followed = Following(self._registry)
        vault = self._registry.journal.vault
        for ids in self._followed.changed():
            keys = [key(vault, id_) for id_ in ids.get(CASE, ())]
            changed = set[str]()
            with self._registry.journal.database.read() as connection:
                for some in some_at_once(keys):
                    wanted = select(case_figure.c.month).where(case_figure.c.id.in_(some))
                    for month in connection.execute(wanted).scalars():
                        changed |= {month, _month(int(month[:4]), int(month[5:]) - 1)}
            self._kept = {one: rows for one, rows in self._kept.items() if one[1] not in changed}


def _count(connection: Connection, name: str, where: list[ColumnElement[bool]]) -> Counter[tuple[Any, ...]]:
    columns = [case_figure.c[one] for one in ASKED[name]]
    only = [_OF[name]] if name in _OF else []
    wanted = select(*columns, func.count()).where(*where, *only).group_by(*columns)
    return Counter({tuple(row[:-1]): row[-1] for row in connection.execute(wanted)})


def _together(name: str, of_months: Iterable[OfMonth]) -> Counted:
    """The counts of several months in one."""
    summed: Counter[tuple[Any, ...]] = Counter()
    for one in of_months:
        summed.update(one[name])
    return [_ROWS[name](*codes, cases) for codes, cases in summed.items()]


def _sum(rows: Iterable[Any], **wanted: object) -> int:
    return sum(
        row.cases for row in rows if all(getattr(row, name) == value for name, value in wanted.items())
    )


def _in_force(rows: Iterable[Any], states: Collection[str] = EVER_IN_FORCE, **wanted: object) -> int:
    return _sum([row for row in rows if row.state in states], **wanted)


def _by_month(rows: Counted, months: Months) -> Figure:
    of_month = defaultdict(list)
    for row in rows:
        of_month[row.month].append(row)
    return Figure(
        "months",
        "By month of receipt",
        "Month",
        ("requests", "refused", "in force, also if ended since", "reports"),
        tuple(
            (
                month,
                (
                    _sum(of_month[month], kind="stop"),
                    _sum(of_month[month], kind="stop", state=CaseState.REFUSED),
                    _in_force(of_month[month]),
                    _sum(of_month[month], kind="continuing"),
                ),
            )
            for month in months.each()
        ),
    )


def _by_state(rows: Counted) -> Figure:
    states = [state for state in CaseState if _sum(rows, state=state)]
    told = tuple(
        (state.value, (_sum(rows, state=state, kind="stop"), _sum(rows, state=state, kind="continuing")))
        for state in states
    )
    return Figure("states", "How they stand now", "State", ("requests", "reports"), told)


def _by(rows: Counted, id_: str, title: str, column: str) -> Figure:
    codes = sorted({getattr(row, column) for row in rows})
    told = tuple(
        (code, tuple(_sum(rows, **{column: code, "kind": kind}) for kind in ("stop", "continuing")))
        for code in codes
    )
    return Figure(id_, title, title, ("requests", "reports"), told)


def _pathways(rows: Counted) -> Figure:
    told = tuple(
        (
            f"{pathway}: {text}",
            (_sum(rows, pathway=pathway), _in_force(rows, HOLDING, pathway=pathway)),
        )
        for pathway, text in PATHWAYS.items()
    )
    return Figure("pathways", "Approved on which pathway", "Pathway", ("approved", "in force now"), told)


def _times(rows: Counted, months: Months) -> Figure:
    of_month: dict[str, Counter[int]] = defaultdict(Counter)
    whole: Counter[int] = Counter()
    for row in rows:
        of_month[row.month][row.hours] += row.cases
        whole[row.hours] += row.cases
    told = [(month, of_month[month]) for month in months.each() if of_month[month]]
    if told:
        told.insert(0, ("the whole period", whole))
    return Figure(
        "times",
        "From receipt to in force, in hours",
        "Month of receipt",
        ("in force", "median", "longest"),
        tuple((label, (hours.total(), _median(hours), max(hours))) for label, hours in told),
        note="In whole hours, nights and weekends too.",
    )


def _median(hours: Counter[int]) -> int:
    """The middle one; of two the lower."""
    passed = 0
    for value in sorted(hours):
        passed += hours[value]
        if 2 * passed >= hours.total():
            return value
    raise ValueError("the median of nothing")


def _notices(rows: Counted) -> Figure:
    told = tuple((text, (_sum(rows, notice=code),)) for code, text in NOTICES.items())
    return Figure("notices", "Whether the prisoner was told", "Notice", ("cases",), told)


def _reports(rows: Counted) -> Figure:
    of_route = defaultdict(list)
    for row in rows:
        of_route[_route(row.route) or ""].append(row)
    told = tuple(
        (
            route,
            (
                sum(row.cases for row in of_route[route] if row.state in OPEN),
                _sum(of_route[route], state=CaseState.CLOSED, police=False),
                _sum(of_route[route], state=CaseState.CLOSED, police=True),
                _sum(of_route[route], state=CaseState.REFUSED),
            ),
        )
        for route in sorted(of_route)
    )
    series = ("looked into", "closed", "closed, gone to the police", "refused")
    return Figure("reports", "Reports that contact goes on, by route found", "Route", series, told)


def _prisons(rows: Counted) -> Figure:
    of_prison = defaultdict(list)
    for row in rows:
        of_prison[row.establishment or ""].append(row)
    told = tuple(
        (
            prison,
            (
                _sum(of_prison[prison], kind="stop"),
                _in_force(of_prison[prison], HOLDING),
                _sum(of_prison[prison], kind="continuing"),
            ),
        )
        for prison in sorted(of_prison)
    )
    return Figure("prisons", "By prison", "Prison", ("requests", "in force now", "reports"), told)


# ── what is published ───────────────────────────────────────────────────────────────────────────────────────


def published(figure: Figure) -> list[tuple[str, tuple[float | None, ...]]]:
    """The rows with None for what tells of fewer than five cases.

    Where one number of a column is left out, the next smallest is as well: else it is what is missing from
    the sum, which another table has. A time is left out with the number of cases that it is of.
    """
    if figure.id == "times":
        return [
            (label, values if values[0] >= FEWEST else (None,) * len(values)) for label, values in figure.rows
        ]
    columns = [_left_out([values[at] for _, values in figure.rows]) for at in range(len(figure.series))]
    return [(label, tuple(column[at] for column in columns)) for at, (label, _) in enumerate(figure.rows)]


def _left_out(numbers: list[float]) -> list[float | None]:
    few = {at for at, number in enumerate(numbers) if 0 < number < FEWEST}
    more = [at for at, number in enumerate(numbers) if number >= FEWEST]
    if len(few) == 1 and more:
        few.add(min(more, key=lambda at: numbers[at]))
    return [None if at in few else number for at, number in enumerate(numbers)]
