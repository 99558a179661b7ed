"""The form's texts in each language: English as it stands in the source, Welsh from its catalogue.

The catalogue is read as it is at the start. In it `fuzzy` marks what a translator has still to check.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["en", "cy"]
Say = Callable[..., str]
"""A text in one language, its `%(name)s` filled in."""

CATALOGUE = Path(__file__).parent / "locale" / "cy.po"


def _(text: str) -> str:
    """Marks a text that is said in each language; it is translated where it is shown."""
    return text


def catalogue(po: str) -> dict[str, str]:
    """What a catalogue has a translation of. One text has one: ours has no plurals and no contexts.

    Read here, as `babel`, which keeps it, takes a tenth of the form's start to be loaded.
    """
    texts: list[dict[str, str]] = []
    kind = ""
    for line in po.splitlines():
        if line.startswith("msgid "):
            texts.append({})
        if line.startswith(("msgid ", "msgstr ")):
            kind, line = line.split(" ", 1)
            texts[-1][kind] = ""
        if line.startswith('"'):
            texts[-1][kind] += ast.literal_eval(line)
    return {one["msgid"]: one["msgstr"] for one in texts if one["msgid"] and one["msgstr"]}


@cache
def words(language: Language) -> Say:
    """The texts of a language; what has no translation is said in English."""
    table: dict[str, str] = {}
    if language == "cy":
        table = catalogue(CATALOGUE.read_text("utf-8"))

    def say(text: str, **values: Any) -> str:
        found = table.get(text, text)
        return found % values if values else found

    return say
