"""What the registry's routes share: texts with their limits, and a restriction without its details."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from fastapi import Path, Query, Response
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from engine import dates
from engine.listing import LONGEST_CONTACT, MOST_CONTACTS
from matchers.prison import PRISON_CODE, PRISONER_NUMBER
from service.errors import InvalidError
from service.registry.approvals import ApprovalState
from service.registry.model import ListingState
from service.registry.tables import ID

if TYPE_CHECKING:
    from service.registry.approvals import Approval
    from service.registry.model import RestrictionVersion

LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""A text of one line."""
LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""A text of several: tabs and line ends, and no other control character."""
NUMBER = f"^{PRISONER_NUMBER}$"
"""A prisoner number."""
PRISON = f"^{PRISON_CODE}$"
"""A prison code."""
LONGEST_TEXT = 4_000
"""Characters of a reason, a note, a justification."""
DEEPEST = 4
"""Objects within objects of a court order."""

_small_text = re.compile(rf"{LINES[:-1]}\Z").match


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("string_too_short", "blank")
    return text


def _is_printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise PydanticCustomError("string_pattern_mismatch", "not printable")
    return text


def _is_day(text: str) -> str:
    try:
        dates.starts(text)
    except ValueError:
        raise PydanticCustomError("datetime_parsing", "not ISO 8601") from None
    return text


def _is_iso(text: object) -> object:
    """Refuse a number, which pydantic would take for seconds. Raises ValueError."""
    if isinstance(text, str) and text.count("-") >= 2:
        return text
    raise ValueError("not an ISO 8601 time")


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # in a zone east of Greenwich, in the year 1
        raise PydanticCustomError("datetime_parsing", "beyond the calendar") from None


def _one_or_many(value: Any, read: Callable[[Any], list[str]]) -> list[str]:
    """A text alone is a list of one; what is wrong with it is told without a place in a list."""
    if not isinstance(value, str):
        return read(value)
    try:
        return read([value])
    except ValidationError:
        raise PydanticCustomError("string_pattern_mismatch", "not in the right form") from None


def _as_one_or_many(pattern: str, most: int) -> WithJsonSchema:
    one = {"type": "string", "pattern": pattern}
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": most}]})


def _is_court_order(value: Any) -> Any:
    whole = isinstance(value, str | bool | dict) or value is None
    if not whole or not _is_small(value, DEEPEST):
        raise PydanticCustomError("court_order", "not a text, a small object or true")
    return value


def _is_small(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and _small_text(value) is not None and _is_unicode(value)
    if isinstance(value, int | float):
        return abs(value) < 2**53  # what JSON has everywhere; not a number is not
    if isinstance(value, dict | list):
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        return depth > 0 and len(parts) <= 100 and all(_is_small(part, depth - 1) for part in parts)
    return value is None


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=LINES)]
Reason = Annotated[
    str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=LINES), AfterValidator(_not_blank)
]
Value = Annotated[
    str, Field(min_length=1, max_length=LONGEST_CONTACT, pattern=LINES), AfterValidator(_not_blank)
]
"""A contact point; an address has several lines."""
Short = Annotated[str, Field(max_length=200, pattern=LINE)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE), AfterValidator(_not_blank)]
Identifier = Annotated[str, Field(min_length=1, max_length=ID, pattern=LINE), AfterValidator(_is_printable)]
PrisonerNumber = Annotated[str, Field(pattern=NUMBER)]
PrisonCode = Annotated[str, Field(pattern=PRISON)]
PrisonerNumbers = Annotated[
    list[PrisonerNumber],
    Field(min_length=1, max_length=MOST_CONTACTS),
    WrapValidator(_one_or_many),
    _as_one_or_many(NUMBER, MOST_CONTACTS),
]
"""One number, or a list of them."""
PrisonCodes = Annotated[
    list[PrisonCode],
    Field(min_length=1, max_length=MOST_CONTACTS),
    WrapValidator(_one_or_many),
    _as_one_or_many(PRISON, MOST_CONTACTS),
]
CourtOrder = Annotated[
    Any,
    AfterValidator(_is_court_order),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": LONGEST_TEXT, "pattern": LINES},
                {"type": "boolean"},
                {"type": "object", "maxProperties": 50},
                {"type": "null"},
            ]
        }
    ),
]
Day = Annotated[
    str,
    Field(max_length=40, json_schema_extra={"anyOf": [{"format": "date"}, {"format": "date-time"}]}),
    AfterValidator(_is_day),
]
At = Annotated[AwareDatetime, BeforeValidator(_is_iso), AfterValidator(_in_utc)]
"""A moment that is asked about."""
VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]

IdInPath = Annotated[str, Path(min_length=1, max_length=ID, pattern=LINE)]
After = Annotated[str, Query(max_length=ID, pattern=LINE)]
"""The last id of the page before."""


@contextmanager
def inside(field: str, *beside: str) -> Iterator[None]:
    """Errors about a listing that is a field of the body name that field too; those `beside` it do not."""
    try:
        yield
    except InvalidError as error:
        if error.field in beside:
            raise
        where = f"{field}.{error.field}" if error.field else field
        raise InvalidError(error.detail, where) from None


class Strict(BaseModel):
    """A body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class RequestAnswer(BaseModel):
    """A request behind a restriction, without who made it."""

    id: str
    agency: str
    received: str | None
    withdrawn: str | None


class RestrictionAnswer(BaseModel):
    """A restriction without names, numbers, addresses, notes and reasons."""

    id: str
    version: int
    at: datetime
    author: str
    confirmed_by: str | None
    state: ListingState
    prisoners: list[str]
    scope: Literal["estate", "prisoner"]
    establishments: list[str]
    pathway: int | None
    since: str | None
    until: str | None
    court_order: bool
    contacts: dict[str, int]
    """How many there are of each kind."""
    exceptions: int
    requests: list[RequestAnswer]
    review: str | None
    warnings: list[str] = []

    @classmethod
    def of(cls, version: RestrictionVersion, warnings: tuple[str, ...] = ()) -> Self:
        """From a version."""
        document, restriction = version.document, version.document.restriction
        return cls(
            id=version.id,
            version=version.version,
            at=version.at,
            author=version.author,
            confirmed_by=version.confirmed_by,
            state=version.state,
            prisoners=list(restriction.prisoners),
            scope=restriction.scope,
            establishments=list(restriction.establishments),
            pathway=restriction.pathway,
            since=restriction.from_,
            until=restriction.until,
            court_order=restriction.has_court_order,
            contacts=dict(Counter(str(contact.kind) for contact in restriction.contacts)),
            exceptions=len(restriction.exceptions),
            requests=[
                RequestAnswer(id=one.id, agency=one.agency, received=one.received, withdrawn=one.withdrawn)
                for one in document.requests
            ],
            review=document.review,
            warnings=list(warnings),
        )


class ApprovalAnswer(BaseModel):
    """A change that waits, or waited, for a second person; without its details."""

    id: str
    kind: str
    subject: str
    base: int
    establishment: str | None
    asked_by: str
    asked_at: datetime
    state: ApprovalState
    decided_by: str | None
    decided_at: datetime | None
    loosens: list[str]
    warnings: list[str] = []
    """What its author should know of it; nobody else is told."""
    unread: bool = False
    """Whether what it would change cannot be read: nobody can confirm it, and it is refused."""

    @classmethod
    def of(cls, approval: Approval, warnings: tuple[str, ...] = ()) -> Self:
        """From the approval; `warnings` are for who has just asked for it."""
        fields = {name: getattr(approval, name, None) for name in cls.model_fields}
        lists = {"loosens": list(approval.loosens), "warnings": list(warnings)}
        return cls.model_validate(fields | lists | {"unread": approval.is_unread})


def not_kept(response: Response) -> None:
    """Have nobody keep the answer."""
    response.headers["cache-control"] = "no-store"
