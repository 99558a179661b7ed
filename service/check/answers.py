"""What stands in an answer: a decision as far as its caller may see it, or an error in its place."""

from __future__ import annotations

import msgspec

from service.access.view import ShortDecision, ShownDecision


class ItemError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands in the place of an attempt of a batch that got no decision."""

    index: int
    """Its place in the batch, from 0."""
    error: str
    status: int
    """The HTTP status that it would have got by itself."""
    field: str | None = None


Answer = ShownDecision | ShortDecision | ItemError

encode = msgspec.json.Encoder().encode
