"""JSON in which an object names a key twice: one reader takes the first, another the last, so nobody may."""

import json
import re
from typing import Any


class RepeatedKeyError(ValueError):
    """A key that stands twice in one object; `key` is its name."""

    def __init__(self, key: str) -> None:
        """The text repeats no value."""
        super().__init__("the same key twice")
        self.key = key

    @property
    def named(self) -> str:
        """The key where it is a field's name, and not something that was written into its place."""
        return self.key if _is_field(self.key) else ""


def refuse_repeated_keys(text: bytes | str) -> None:
    """Raises RepeatedKeyError. What is no JSON at all is for the decoder to say."""
    try:
        _decoder.decode(text if isinstance(text, str) else text.decode())
    except RepeatedKeyError:
        raise
    except (ValueError, RecursionError):
        return


def _pairs(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) > 1 and len({key for key, _ in pairs}) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise RepeatedKeyError(key)
            seen.add(key)


_is_field = re.compile(r"[A-Za-z_]{1,20}", re.ASCII).fullmatch
# Numbers stay as they are written: a long one would end the reading, and what stands behind it be unseen.
_decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=str, parse_float=str)
