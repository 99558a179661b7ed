"""How a piece of a page looks beside the rest: struck out, raised, small, or as pale as what is behind it.

Read off a tag, its attributes and its style, without a browser: what is not told is as it was around it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class Apart(StrEnum):
    """How a piece is set apart from its neighbours: a reader may count it in, or not."""

    STRUCK = "struck"
    RAISED = "raised"
    SMALL = "small"


class Colours(NamedTuple):
    """Red, green and blue of the letters and of what is behind them."""

    letters: tuple[int, int, int] = (0, 0, 0)
    behind: tuple[int, int, int] = (255, 255, 255)

    @property
    def is_faint(self) -> bool:
        """Whether nobody sees the letters."""
        return all(abs(one - other) <= FAINT for one, other in zip(self.letters, self.behind, strict=True))


FAINT = 40
"""Of 255: what differs by no more in each colour is seen by nobody who does not look for it."""
_TAGS = {
    **dict.fromkeys(("s", "strike", "del"), Apart.STRUCK),
    **dict.fromkeys(("sup", "sub"), Apart.RAISED),
    "small": Apart.SMALL,
}
_STYLES = {
    Apart.STRUCK: re.compile(r"line-through", re.I),
    Apart.RAISED: re.compile(r"vertical-align\s*:\s*(?:super|sub|-?[1-9])", re.I),
    Apart.SMALL: re.compile(
        r"font(?:-size)?\s*:[^;]{0,60}?(?<![\d.])(?:0?\.[0-6]\d*(?:r?em|ex|ch)|[0-7](?:\.\d+)?px|[0-5](?:\.\d+)?pt"
        r"|[1-5]?\d(?:\.\d+)?%|x{1,2}-small|smaller)",
        re.I,
    ),
}
_COLOUR = re.compile(r"(?<![-\w])(color|background(?:-color)?)\s*:\s*([^;]{1,80})", re.I)
_HEX = re.compile(r"#?([0-9a-f]{3,8})", re.I)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})(%?)[\s,]+(\d{1,3})%?[\s,]+(\d{1,3})", re.I)
_NAMES = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "azure": (240, 255, 255),
    "mintcream": (245, 255, 250),
    "ghostwhite": (248, 248, 255),
    "whitesmoke": (245, 245, 245),
    "floralwhite": (255, 250, 240),
    "aliceblue": (240, 248, 255),
    "seashell": (255, 245, 238),
    "honeydew": (240, 255, 240),
    "lightyellow": (255, 255, 224),
    "lightcyan": (224, 255, 255),
    "navy": (0, 0, 128),
    "blue": (0, 0, 255),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "lime": (0, 255, 0),
    "yellow": (255, 255, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "maroon": (128, 0, 0),
    "purple": (128, 0, 128),
    "orange": (255, 165, 0),
}
"""CSS Color 4, 6.1: the sixteen of old, and those that are nearly white."""


def apart(tag: str, attributes: dict[str, str | None], style: str) -> frozenset[Apart]:
    """How an element is set apart."""
    found = apart_by_style(style)
    if tag in _TAGS:
        found |= {_TAGS[tag]}
    size = (attributes.get("size") or "").strip()
    return found | {Apart.SMALL} if tag == "font" and (size in ("0", "1") or size[:1] == "-") else found


def apart_by_style(style: str) -> frozenset[Apart]:
    """The same of what a style declares."""
    return frozenset(how for how, told in _STYLES.items() if told.search(style))


def coloured(around: Colours, attributes: dict[str, str | None], style: str) -> Colours:
    """The colours of an element within one that has those around it."""
    told = [("background", attributes.get("bgcolor") or ""), ("color", attributes.get("color") or "")]
    for what, value in (*told, *_COLOUR.findall(style)):
        if (colour := _colour(value)) is not None:
            around = around._replace(**{"letters" if what.lower() == "color" else "behind": colour})
    return around


def _colour(value: str) -> tuple[int, int, int] | None:
    word = value.strip().lower().removesuffix("!important").strip()
    if read := _RGB.match(word):
        red, green, blue = (int(read[place]) * (255 if read[2] else 100) // 100 for place in (1, 3, 4))
        return red, green, blue
    if read := _HEX.fullmatch(word):
        digits = read[1] if len(read[1]) >= 6 else "".join(2 * digit for digit in read[1][:3])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    return _NAMES.get(word)
