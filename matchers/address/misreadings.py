"""What a character of a damaged postcode may be, read once from `tables/postcode_misreadings.tsv`.

By its place in the postcode's grammar: a digit, a letter, or one of the last two letters. Two ask: the reader
of envelopes, which puts a postcode right before anything is looked up, and the comparison with a listed one.
"""

from __future__ import annotations

from typing import Final, Literal, cast

from matchers.address.vocabulary import rows

Place = Literal["digit", "letter", "last letter"]

_ROWS: Final = list(rows("postcode_misreadings"))


def _for_reader() -> dict[tuple[Place, str], tuple[tuple[str, int], ...]]:
    found: dict[tuple[Place, str], tuple[tuple[str, int], ...]] = {}
    for place, read, meant, cost, _ in _ROWS:
        if cost != "-":
            key = cast(Place, place), read
            found[key] = (*found.get(key, ()), (meant, int(cost)))
    return found


FOR_READER: Final = _for_reader()
"""By place and the character read: each character meant and its cost: 1, or 2 where few would read it so."""

AS_DIGIT: Final = {read: meant for place, read, meant, _, cost in _ROWS if place == "digit" and cost != "-"}
"""The likeliest digit for a character, in the comparison."""

AS_LETTER: Final = {read: meant for place, read, meant, _, cost in _ROWS if place == "letter" and cost != "-"}
"""The likeliest letter for a character, in the comparison."""
