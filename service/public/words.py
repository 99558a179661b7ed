"""The form's texts in each language: English as it stands in the source, Welsh from its catalogue.

The catalogue is read as it is at the start. In it `fuzzy` marks what a translator has still to check.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel.messages.pofile import read_po

Language = Literal["en", "cy"]
Say = Callable[..., str]
"""A text in one language, its `%(name)s` filled in."""

CATALOGUE = Path(__file__).parent / "locale" / "cy.po"


def _(text: str) -> str:
    """Marks a text that is said in each language; it is translated where it is shown."""
    return text


@cache
def words(language: Language) -> Say:
    """The texts of a language; what has no translation is said in English."""
    table: dict[str, str] = {}
    if language == "cy":
        with CATALOGUE.open("rb") as file:
            table = {str(one.id): str(one.string) for one in read_po(file, locale="cy") if one.string}

    def say(text: str, **values: Any) -> str:
        found = table.get(text, text)
        return found % values if values else found

    return say
