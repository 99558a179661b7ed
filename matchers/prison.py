"""Prisoner numbers and prison codes: how they are written, for whoever reads or describes one."""

import re

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
