"""Prisoner numbers and prison codes: how they are written, for whoever reads or describes one."""

import re
from functools import cache

from matchers import tables

PRISONER_NUMBER = "[A-Z][0-9]{4}[A-Z]{2}"
"""A letter, four digits, two letters, as an expression without anchors."""
PRISON_CODE = "[A-Z]{3}"
"""Three capital letters, as LEI, as an expression without anchors."""

_number, _code = re.compile(PRISONER_NUMBER), re.compile(PRISON_CODE)


def is_prisoner_number(text: str) -> bool:
    """Whether it is one and nothing else."""
    return _number.fullmatch(text) is not None


def is_prison_code(text: str) -> bool:
    """Whether it is one and nothing else."""
    return _code.fullmatch(text) is not None


def prisons_named(text: str) -> frozenset[str]:
    """The codes of the prisons that a text names: "at Leeds I think" names LEI."""
    words = f" {' '.join(_words(text.casefold()))} "
    return frozenset(code for name, code in _names() if name in words)


def prisons_like(text: str) -> frozenset[str]:
    """The codes of the prisons that a text names; where it names none, of those whose name has words that
    begin like each of its own: "lee" gives LEI."""
    begun = [f" {word}" for word in _words(text.casefold()) if word not in _TITLES]
    like = frozenset(code for name, code in _names() if begun and all(word in name for word in begun))
    return prisons_named(text) or like


def every_prison() -> frozenset[str]:
    """The codes of all that are known."""
    return frozenset(_called())


def prison_name(code: str) -> str:
    """What a prison is called, as Leeds, by the first of its names; its code where that is not known."""
    return _called().get(code, code)


_TITLES = frozenset({"hm", "hmp", "hmyoi", "yoi", "prison"})
_words = re.compile(r"[^\W_]+").findall


@cache
def _names() -> tuple[tuple[str, str], ...]:
    listed = [(f" {' '.join(_words(name.casefold()))} ", code) for code, name in tables.rows("prisons")]
    return (*listed, *((f" {code.casefold()} ", code) for code in _called()))


@cache
def _called() -> dict[str, str]:
    return dict(reversed([(code, name) for code, name in tables.rows("prisons")]))
