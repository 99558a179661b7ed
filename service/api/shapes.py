"""What the registry's routes share: texts with their limits, and a restriction without its details."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from fastapi import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.registry.approvals import Answer
from service.registry.model import State
from service.registry.tables import ID

if TYPE_CHECKING:
    from service.registry.approvals import Approval
    from service.registry.model import RestrictionVersion

LONGEST_TEXT = 4_000
"""Characters of a reason, a note, a justification."""


def _is_text(text: str) -> str:
    """Raises ValueError for what no database keeps."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has a character that is no text")
    return text


def _is_printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("not printable")
    return text


Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_is_text)]
Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S"), AfterValidator(_is_text)]
Short = Annotated[str, Field(max_length=200), AfterValidator(_is_text)]
Identifier = Annotated[str, Field(min_length=1, max_length=ID), AfterValidator(_is_printable)]
PrisonerNumber = Annotated[str, Field(pattern="^[A-Z][0-9]{4}[A-Z]{2}$")]
PrisonCode = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Day = Annotated[
    str, Field(max_length=40, json_schema_extra={"anyOf": [{"format": "date"}, {"format": "date-time"}]})
]
VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


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
    state: State
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
            court_order=bool(restriction.court_order),
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
    state: Answer
    decided_by: str | None
    decided_at: datetime | None
    loosens: list[str]

    @classmethod
    def of(cls, approval: Approval) -> Self:
        """From the approval."""
        fields = {name: getattr(approval, name) for name in cls.model_fields}
        return cls.model_validate(fields | {"loosens": list(approval.loosens)})


def not_kept(response: Response) -> None:
    """Have nobody keep the answer."""
    response.headers["cache-control"] = "no-store"
