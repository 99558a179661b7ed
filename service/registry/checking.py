"""What a restriction has to be before it is taken in from somebody."""

from __future__ import annotations

from engine import dates
from engine.jsonl import InputError, check_restriction
from engine.model import Restriction
from service.errors import InvalidError
from service.registry.ids import check_id, check_people, people
from service.registry.model import PointTold


def checked(
    restriction: Restriction, before: Restriction | None = None, *, ours: bool = False
) -> tuple[Restriction, tuple[PointTold, ...]]:
    """A restriction every part of which can be used, and what its author should know of how it was read.
    `before` is the one that it follows.

    Raises InvalidError that names the first part that cannot be used.
    """
    try:
        read = check_restriction(restriction)
    except InputError as error:
        raise InvalidError(error.what, error.field) from None
    if read.problems:
        raise InvalidError(read.problems[0].what, read.problems[0].field)
    check_id(restriction.id, ours=ours)
    if not ours:
        check_people(restriction, people(before) if before else ())
    places = {f"contacts[{n}].value": n for n in range(len(restriction.contacts))}
    told = ((places[one.field], one.what) for one in read.told)
    return read.restriction, tuple(
        PointTold(place, f": {what}", restriction.contacts[place].value, ".value") for place, what in told
    )


def check_pathway(pathway: int | None, justification: str, review: str | None) -> None:
    """Pathway 4 has to say why it is necessary and proportionate, and when that is looked at again."""
    if review is not None:
        try:
            dates.starts(review)
        except ValueError:
            raise InvalidError("not an ISO 8601 date", "review") from None
    if pathway != 4:
        return
    if not justification.strip():
        raise InvalidError("required on pathway 4", "justification")
    if review is None:
        raise InvalidError("required on pathway 4", "review")
