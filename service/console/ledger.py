"""The ledger: finding records again, one record with its proof, and whether the whole of it verifies."""

from __future__ import annotations

import re
import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Request, Response

from engine import dates
from engine.model import ReasonCode
from matchers.prison import PRISON_CODE, PRISONER_NUMBER
from service.access.model import Principal, Right
from service.api.ledger import details_seen
from service.console.page import OurForm, PageError, go, number_in, page_needs, show, words
from service.console.restriction_form import iso_day
from service.errors import ConflictError, InvalidError, NotFoundError, ServiceError
from service.ledger import chain, checkpoints, search
from service.ledger.proof import prove
from service.ledger.record import Kind
from service.ledger.verify import ChainReport, verify
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/ledger", include_in_schema=False)

Reader = Annotated[Principal, Depends(page_needs(Right.SEE_LEDGER))]
Seq = Annotated[int, Path(ge=1, le=search.LAST_SEQ)]

SHOWN_AT_ONCE = 50
MOST_VERIFIED = 100_000
"""Records that are verified while somebody waits for the page: some seconds."""
PROBLEMS_SHOWN = 50

_FORMS = {
    "actor": (re.compile(r"[^\x00-\x1f\x7f]{1,200}"), "Who: at most 200 characters"),
    "subject": (re.compile(r"[^\x00-\x1f\x7f]{1,300}"), "What it is about: at most 300 characters"),
    "prisoner": (re.compile(PRISONER_NUMBER), "Prisoner number: as A1234BC"),
    "establishment": (re.compile(PRISON_CODE), "Prison: a code of three letters, as LEI"),
    "outcome": (re.compile(r"[a-z_]{1,20}", re.ASCII), "Outcome: one word, as block"),
    "code": (re.compile(r"[A-Z_]{1,40}", re.ASCII), "Reason: choose one"),
}
"""What each field of the search may hold, and what is said where it holds something else."""
_UPPER = frozenset({"prisoner", "establishment"})
_verifying = threading.Lock()


@router.get("")
def find(request: Request, reader: Reader) -> Response:
    """Records that meet every condition, the newest first."""
    given = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    number = given.pop("seq", "")
    if (seq := number_in(number, digits=18)) is not None:
        return go(f"/ledger/{seq}")
    wanted, errors = _conditions(given)
    if number:
        errors.append({"text": "Record: a number", "href": "#seq"})
    rows: list[search.Row] = []
    if not errors:
        with system_of(request).database.read() as connection:
            rows = search.search(
                connection, establishments=reader.prisons or None, limit=SHOWN_AT_ONCE + 1, **wanted
            )
    more = rows[SHOWN_AT_ONCE - 1].seq if len(rows) > SHOWN_AT_ONCE else None
    shown = {name: value for name, value in given.items() if name in _NAMES}
    return show(
        request,
        "ledger.html",
        reader,
        status=422 if errors else 200,
        errors=errors,
        rows=rows[:SHOWN_AT_ONCE],
        given=shown,
        next=None if more is None else urlencode({**shown, "before": more}),
        kinds=[(kind.value, words(kind.value)) for kind in Kind],
        codes=[(code.value, words(code.value)) for code in ReasonCode],
        most_verified=MOST_VERIFIED,
    )


@router.post("/verify")
def verify_all(request: Request, form: OurForm, reader: Reader) -> Response:
    """The whole ledger, where it is not too long for a page."""
    system = system_of(request)
    with system.database.read() as connection:
        head = chain.head(connection)
    count = head.seq if head else 0
    if count > MOST_VERIFIED:
        return show(request, "ledger_verified.html", reader, count=count, most=MOST_VERIFIED, report=None)
    if not _verifying.acquire(blocking=False):
        raise PageError(ConflictError("it is being verified for somebody else: try again in a moment"))
    try:
        report, with_file = _verify(system)
    finally:
        _verifying.release()
    return show(
        request,
        "ledger_verified.html",
        reader,
        count=count,
        report=report,
        problems=report.problems[:PROBLEMS_SHOWN],
        with_file=with_file,
    )


@router.get("/{seq}")
def read_record(request: Request, seq: Seq, reader: Reader) -> Response:
    """One record, and what proves that it is as it was written."""
    system = system_of(request)
    try:
        with system.database.read() as connection:
            row = search.read(connection, seq)
            if not reader.covers(row.establishment):
                raise NotFoundError("there is no such record")
            proof = prove(connection, system.vault.public_key, seq)
            head = chain.head(connection)
    except ServiceError as error:
        raise PageError(error) from None
    return show(
        request,
        "ledger_record.html",
        reader,
        row=row,
        codes=[words(code) for code in row.codes.split(",") if code],
        detail=_plain(*details_seen(system, reader, [row])),
        proof=proof,
        has_next=head is not None and seq < head.seq,
    )


def _conditions(given: dict[str, str]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """What to search for, and what cannot be used of it."""
    wanted: dict[str, Any] = {}
    errors: list[dict[str, str]] = []
    for name, read in _NAMES.items():
        if name not in given:
            continue
        try:
            wanted[_ARGUMENTS.get(name, name)] = read(name, given[name])
        except InvalidError as error:
            place = f"#filter-{name}" if name in ("kind", "code") else f"#{name}"
            errors.append({"text": error.detail, "href": place})
    return wanted, errors


def _text(name: str, value: str) -> str:
    form, said = _FORMS[name]
    value = value.upper() if name in _UPPER else value
    if not form.fullmatch(value):
        raise InvalidError(said, name)
    return value


def _kind(name: str, value: str) -> Kind:
    try:
        return Kind(value)
    except ValueError:
        raise InvalidError("What happened: choose one", name) from None


def _day(name: str, value: str) -> datetime:
    """The beginning of a day in the United Kingdom; of the next one for `to`, which is included."""
    try:
        day = date.fromisoformat(iso_day(value)) + timedelta(days=1 if name == "to" else 0)
        return datetime.combine(day, time(), dates.UK).astimezone(UTC)
    except (ValueError, OverflowError):
        said = "To" if name == "to" else "From"
        raise InvalidError(f"{said}: a real date, for example 27/3/2026", name) from None


def _before(name: str, value: str) -> int:
    if (seq := number_in(value, digits=18)) is None:
        raise InvalidError("There is no such page", name)
    return seq


_NAMES = {
    "kind": _kind,
    **dict.fromkeys(_FORMS, _text),
    "from": _day,
    "to": _day,
    "before": _before,
}
"""The fields of the search, each with what reads it."""
_ARGUMENTS = {"from": "since", "to": "until", "before": "before_seq"}


def _plain(found: dict[str, Any]) -> list[tuple[str, str]]:
    """What else stands in a record, for people: names and values."""
    return [(words(str(name)), _said(value)) for name, value in found.items()]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == [] or value == "":
        return "none"
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_said(one)}" for name, one in value.items())
    return str(value)


def _verify(system: System) -> tuple[ChainReport, bool]:
    """The report, and whether the file of checkpoints was there to hold the ledger against."""
    key, files = system.vault.public_key, checkpoints.files(system.settings)
    try:
        return verify(system.database, key, *files), True
    except OSError:
        return verify(system.database, key), False
