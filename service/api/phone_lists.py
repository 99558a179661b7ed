"""`/v1/phone-lists`: how far the phone system's lists bear the restrictions out, by prison. No numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from service.access.model import Principal, Right
from service.errors import NotAllowedError, NotSignedInError, UnavailableError
from service.phone_lists.figures import by_prison
from service.web.dependencies import needs, system_of
from service.web.problems import problems

router = APIRouter(prefix="/v1/phone-lists", tags=["phone lists"])

Viewer = Annotated[Principal, Depends(needs(Right.SEE_RESTRICTIONS))]


class PrisonLists(BaseModel):
    """One prison. Restrictions count once for each prisoner whom they name."""

    establishment: str | None
    lists: int
    failed: int
    oldest_read: datetime | None
    applied: int
    confirmed: int
    on_a_list: int
    not_read: int
    oldest_open: datetime | None
    drift: dict[str, int]
    """Entries to be put right: restricted, barred, doubtful, unproven, shared."""
    released: int
    """Restricted and doubtful ones that a reviewer lets stand."""


@router.get("", responses=problems(NotSignedInError, NotAllowedError, UnavailableError))
def read_phone_lists(request: Request, viewer: Viewer) -> list[PrisonLists]:
    """Every prison of the caller's."""
    found = by_prison(system_of(request).registry.journal, viewer.prisons)
    return [PrisonLists.model_validate(one, from_attributes=True) for one in found]
