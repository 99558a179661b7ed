"""What stands for a line break where there is none: "|", "<br>", a backslash and an n, a bullet, a tab.

Forms, web pages and exports write them between the lines of an address.
"""

from __future__ import annotations

import re


def in_lines(text: str) -> str:
    """The text with a line break for each mark of one."""
    if _MAYBE.search(text) is None:
        return text
    text = _MARK.sub("\n", text)
    return _barred(text) if "|" in text else text


def _barred(text: str) -> str:
    """The text with a line break for each bar, but for one that a scanner made of a letter or a digit.

    A bar between two digits, or beside a digit and a space, is a digit; so is a lone one within a word.
    """
    several = text.count("|") > 1
    return _BAR.sub(lambda bar: "\n" if several or _between_words(text, bar) else bar[0], text)


def _between_words(text: str, bar: re.Match[str]) -> bool:
    before, after = text[: bar.start()][-1:], text[bar.end() :][:1]
    if not (before.isalpha() and after.isalpha()):
        return True
    return before.islower() and after.isupper()


_MAYBE = re.compile(r"[|<\\\u2022\u2023\u25aa\u25cf\u25e6\u00b6\t\v\f\x85]|&#")
_MARK = re.compile(
    r"[ ]*(?:</?(?:br|p|div|li|ul|tr|td|address)\b[^<>]{0,20}>|\\(?:r\\n|[nrt])|&#(?:10|13|xA|x0A|xD);"
    r"|[\u2022\u2023\u25aa\u25cf\u25e6\u00b6\t\v\f\x85])[ ]*",
    re.IGNORECASE,
)
_BAR = re.compile(
    r"(?<![|])[ ]+\|[ ]+|(?<=[^\W\d])\|(?=\w)|(?<=\d)\|(?=[^\W\d])|(?<=[^\W\d])\|[ ]+|(?<=[,.)])[ ]*\|[ ]*"
)
