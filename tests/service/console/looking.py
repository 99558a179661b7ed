"""What is looked for on pages and in the ledger behind them."""

from __future__ import annotations

import re

from service.access.model import Principal, Role
from service.ledger import search
from tests.service.console.conftest import Console

ADMIN = Principal("user:root", frozenset({Role.ADMIN}), person=True)


def records(console: Console, **wanted: object) -> list[search.Row]:
    with console.system.database.read() as connection:
        return search.search(connection, **wanted)  # type: ignore[arg-type]


def names(text: str, id_: str) -> bool:
    """Whether a page names something by its id, which is short, and may stand in a token by chance."""
    return re.search(rf"(?<![\w+=-]){re.escape(id_)}(?![\w+=-])", text) is not None
