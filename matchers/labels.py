"""A label beside a number, whose digit is none of the number's: (home 2), (O2)."""

import re

_EXTENSION = r"x|ext|extn|extension|option|pin|then|dial|press"
_LABEL = rf"[(\[]\s*(?:O2|(?!(?:{_EXTENSION})\b)[A-Za-z][A-Za-z' ]{{0,30}}\s*\d{{0,2}})\s*[)\]]"
_BEHIND = re.compile(rf"(?:\s*{_LABEL}|\s+O2)+\s*$", re.IGNORECASE)
_BEFORE = re.compile(rf"^\s*(?:{_LABEL}\s*|O2\s+)+", re.IGNORECASE)


def without_labels(text: str) -> str:
    """The text without labels in brackets, or a network's name, at its beginning and end.

    What would be dialled further, as an extension, is no label.
    """
    if "2" not in text and "(" not in text and "[" not in text:
        return text
    return _BEFORE.sub("", _BEHIND.sub("", text))
