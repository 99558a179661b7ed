"""`/v1/ledger`: what happened, for auditors. What is sealed in a record is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from matchers.prison import PRISON_CODE, PRISONER_NUMBER
from service.access.model import Principal, Right
from service.access.view import detail_seen
from service.api.shapes import At
from service.errors import InvalidError, NotAllowedError, NotFoundError, NotSignedInError, UnavailableError
from service.ledger import payloads, search
from service.ledger.record import Kind
from service.web.dependencies import needs, system_of
from service.web.problems import problems

if TYPE_CHECKING:
    from service.ledger.search import Row
    from service.system import System

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])

Auditor = Annotated[Principal, Depends(needs(Right.SEE_LEDGER))]
Seq = Annotated[int, Path(ge=1, le=search.LAST_SEQ)]
Text = Annotated[str | None, Query(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
MOST_AT_ONCE = 200

_ERRORS = problems(NotSignedInError, NotAllowedError, InvalidError, UnavailableError)


class RecordAnswer(BaseModel):
    """One record, without what is sealed in it."""

    seq: int
    at: datetime
    kind: Kind
    actor: str
    subject: str
    prisoner: str | None
    establishment: str | None
    channel: str | None
    outcome: str | None
    codes: list[str]
    blocklist: str | None
    policy: str | None
    detail: dict[str, Any]
    hash: str
    """SHA-256 over this record and the hash before it, in hexadecimal digits."""

    @classmethod
    def of(cls, row: Row, detail: dict[str, Any]) -> Self:
        """From the ledger, with as much of its plain part as its reader may see."""
        plain = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls.model_validate(
            plain
            | {
                "codes": row.codes.split(",") if row.codes else [],
                "detail": detail,
                "hash": row.hash.hex(),
            }
        )


@router.get("", responses=_ERRORS)
def find_records(
    request: Request,
    auditor: Auditor,
    kind: Kind | None = None,
    actor: Text = None,
    subject: Text = None,
    prisoner: Annotated[str | None, Query(pattern=f"^{PRISONER_NUMBER}$")] = None,
    establishment: Annotated[str | None, Query(pattern=f"^{PRISON_CODE}$")] = None,
    outcome: Annotated[str | None, Query(pattern="^[a-z_]{1,20}$")] = None,
    code: Annotated[str | None, Query(pattern="^[A-Z_]{1,40}$")] = None,
    since: At | None = None,
    until: At | None = None,
    before_seq: Annotated[int | None, Query(ge=1, le=search.LAST_SEQ)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 50,
) -> list[RecordAnswer]:
    """Records that meet every condition, the newest first; the next page is `before_seq` the last `seq`."""
    with system_of(request).database.read() as connection:
        rows = search.search(
            connection,
            kind=kind,
            actor=actor,
            subject=subject,
            prisoner=prisoner,
            establishment=establishment,
            establishments=auditor.prisons or None,
            outcome=outcome,
            code=code,
            since=since,
            until=until,
            before_seq=before_seq,
            limit=limit,
        )
    return _answers(request, auditor, rows)


@router.get("/{seq}", responses=_ERRORS | problems(NotFoundError))
def read_record(request: Request, seq: Seq, auditor: Auditor) -> RecordAnswer:
    """One record."""
    with system_of(request).database.read() as connection:
        row = search.read(connection, seq)
    if not auditor.covers(row.establishment):
        raise NotFoundError("there is no such record")
    return _answers(request, auditor, [row])[0]


def _answers(request: Request, auditor: Principal, rows: Sequence[Row]) -> list[RecordAnswer]:
    details = details_seen(system_of(request), auditor, rows)
    return [RecordAnswer.of(row, detail) for row, detail in zip(rows, details, strict=True)]


def details_seen(system: System, reader: Principal, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The plain parts of these records, as far as they are the reader's business."""
    named = (id_ for row in rows for id_ in payloads.named_in(row))
    theirs = system.registry.versions.concerning(reader.prisons, named)
    return [detail_seen(msgspec.json.decode(row.detail), reader, theirs.__contains__) for row in rows]
