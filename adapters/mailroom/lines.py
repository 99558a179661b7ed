"""Lines of writing on a picture, as a reader gives them. Another reader is one more class like `Reader`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from adapters.mailroom.images import Picture


class Character(msgspec.Struct, frozen=True, array_like=True):
    """One character of a line: how likely it is, and what else it may be, the likeliest first."""

    chance: float
    others: tuple[tuple[str, float], ...] = ()
    """Another character, or "" for none at all, and its chance."""


class Line(msgspec.Struct, frozen=True):
    """One line as it was read. `text` is a protected detail."""

    text: str
    confidence: float
    """0 to 1, the reader's own: the mean of its characters."""
    left: float
    top: float
    width: float
    height: float
    """Pixels, in the picture set straight."""
    characters: tuple[Character, ...] = ()
    """One for each character of `text`; none from a reader that does not tell."""

    def __repr__(self) -> str:
        return f"Line({len(self.text)} characters, {self.confidence:.2f})"

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.top + self.height


class Reader(Protocol):
    """Anything that reads writing."""

    def read(self, picture: Picture) -> tuple[Line, ...]:
        """Its lines from top to bottom, as if the picture were straight."""
        ...
