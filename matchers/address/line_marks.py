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

    A lone bar between two letters or two digits is one of them, unless a capital begins a word behind it. One
    between a digit and a space is a digit.
    """
    several = any(not _within(text, bar) for bar in _BAR.finditer(text)) and text.count("|") > 1
    several = several or len(re.findall(r"[^\W\d]{3}\|[^\W\d]{3}", text)) > 1
    return _BAR.sub(lambda bar: bar[0] if _within(text, bar) and not several else "\n", text)


def _within(text: str, bar: re.Match[str]) -> bool:
    """Whether a bar may be a letter or a digit of a word or a number."""
    before, after = text[: bar.start()][-1:], text[bar.end() :][:1]
    if before.isdecimal() and after.isdecimal():
        return True
    return before.isalpha() and after.isalpha() and not (before.islower() and after.isupper())


_MAYBE = re.compile(r"[|<\\\u2022\u2023\u25aa\u25cf\u25e6\u00b6\t\v\f\x85]|&#")
_MARK = re.compile(
    r"[ ]*(?:</?(?:br|p|div|li|ul|tr|td|address)\b[^<>]{0,20}>|\\(?:r\\n|[nrt])|&#(?:10|13|xA|x0A|xD);"
    r"|[\u2022\u2023\u25aa\u25cf\u25e6\u00b6\t\v\f\x85])[ ]*",
    re.IGNORECASE,
)
_BAR = re.compile(r"(?<![|])[ ]+\|[ ]+|(?<=\w)\|(?=\w)|(?<=[^\W\d])\|[ ]+|(?<=[,.)])[ ]*\|[ ]*")
