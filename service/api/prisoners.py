"""`/v1/prisoners`: where somebody is, and which numbers are one person's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from service.access.model import Principal, Right
from service.api.shapes import NUMBER, PrisonCode, PrisonerNumber, Strict
from service.errors import (
    NotFoundError,
)
from service.registry.prisoners import Prisoner, Prisoners
from service.web.dependencies import needs, system_of
from service.web.problems import READ, WRITE, problems

router = APIRouter(prefix="/v1/prisoners", tags=["prisoners"])

Reader = Annotated[Principal, Depends(needs(Right.SEE_RESTRICTIONS))]
Editor = Annotated[Principal, Depends(needs(Right.EDIT_PRISONERS))]
Number = Annotated[str, Path(pattern=NUMBER)]

_READ = (*READ, NotFoundError)
_WRITE = (*WRITE, NotFoundError)


class Place(Strict):
    """Where somebody is: a prison code, OUT, TRN, DEC (died), or null for not known."""

    establishment: PrisonCode | None


class Merge(Strict):
    """The number that survives."""

    into: PrisonerNumber


class PrisonerAnswer(BaseModel):
    """One version of what is known of a number."""

    number: str
    version: int
    at: datetime
    author: str
    establishment: str | None
    merged_into: str | None
    numbers: list[str]
    """Every number of the same person."""

    @classmethod
    def of(cls, prisoner: Prisoner) -> Self:
        """From the registry."""
        fields = {name: getattr(prisoner, name) for name in cls.model_fields}
        return cls.model_validate(fields | {"numbers": list(prisoner.numbers)})


@router.get("/{number}", responses=problems(*_READ))
def read_prisoner(request: Request, number: Number, reader: Reader) -> PrisonerAnswer:
    """Where he is."""
    found = _prisoners(request).get(number)
    if not reader.covers(found.establishment):
        raise NotFoundError("nobody knows this prisoner")
    return PrisonerAnswer.of(found)


@router.get("/{number}/history", responses=problems(*_READ))
def read_history(request: Request, number: Number, reader: Reader) -> list[PrisonerAnswer]:
    """Where he was, the newest first."""
    history = _prisoners(request).history(number)
    if not reader.covers(history[0].establishment):
        raise NotFoundError("nobody knows this prisoner")
    return [PrisonerAnswer.of(one) for one in history]


@router.put("/{number}", responses=problems(*_WRITE))
def move_prisoner(request: Request, number: Number, body: Place, editor: Editor) -> PrisonerAnswer:
    """Note where he is; restrictions of scope `prisoner` follow."""
    moved = _prisoners(request).move(editor, number, body.establishment)
    system_of(request).current.wake()
    return PrisonerAnswer.of(moved)


@router.post("/{number}/merge", responses=problems(*_WRITE))
def merge_prisoner(request: Request, number: Number, body: Merge, editor: Editor) -> PrisonerAnswer:
    """Note that this number is another one's: what names either holds for both. Gives the survivor."""
    merged = _prisoners(request).merge(editor, number, body.into)
    system_of(request).current.wake()
    return PrisonerAnswer.of(merged)


def _prisoners(request: Request) -> Prisoners:
    return system_of(request).registry.prisoners
