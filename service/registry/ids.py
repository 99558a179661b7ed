"""Identifiers of listings: the one thing of them that stands in addresses and in the ledger."""

import secrets

from engine.canary import is_canary
from service.errors import InvalidError
from service.registry.tables import ID

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of an id that is drawn: nothing that is read for something else over the telephone."""
DRAWN = 8
"""Characters behind the dash."""
RESERVED = frozenset({"history", "in-force", "remove", "requests", "reveal", "search", "withdraw"})
"""Words that stand behind an id in an address, or in its place."""


def check_id(id_: str, *, ours: bool = False) -> None:
    """Raises InvalidError for an id that cannot be kept, or asked for in an address; for a canary's, unless
    it is `ours`."""
    if not 0 < len(id_) <= ID or not id_.isprintable() or id_ != id_.strip():
        raise InvalidError(f"not 1 to {ID} printable characters", "id")
    if is_canary(id_) and not ours:
        raise InvalidError("begins as the service's own do", "id")
    parts = id_.split("/")
    if parts[-1] in RESERVED or not {"", ".", ".."}.isdisjoint(parts):
        raise InvalidError("has another meaning in an address", "id")


def drawn_id(prefix: str) -> str:
    """An id that nobody has used: a letter that says of what, and characters that say nothing."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))
