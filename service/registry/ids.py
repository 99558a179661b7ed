"""Identifiers of listings, and prisoner numbers: what of them stands in addresses and in the ledger."""

import secrets
from collections.abc import Collection, Iterator

from engine.canary import is_canary, is_imaginary
from engine.model import Restriction
from matchers.prison import is_prisoner_number
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


def is_person(number: str) -> bool:
    """Whether it is a prisoner's number, and not that of an imaginary one, who is asked for by canaries: what
    is done in his name concerns nobody, and what is listed for him is held against no phone list."""
    return is_prisoner_number(number) and not is_imaginary(number)


def check_person(number: str, field: str) -> None:
    """Raises InvalidError for a number that is no person's."""
    if not is_prisoner_number(number):
        raise InvalidError("not a prisoner number (a letter, four digits, two letters)", field)
    if not is_person(number):
        raise InvalidError("no prisoner's number: it is one of the service's own, for canaries", field)


def check_people(restriction: Restriction, known: Collection[str] = ()) -> None:
    """The same of everybody whom a restriction names, or makes an exception for; of others than `known`."""
    for field, number in _people(restriction):
        if number not in known:
            check_person(number, field)


def people(restriction: Restriction) -> set[str]:
    """Everybody whom a restriction names, or makes an exception for, by number."""
    return {number for _, number in _people(restriction)}


def _people(restriction: Restriction) -> Iterator[tuple[str, str]]:
    is_list = not isinstance(restriction.prisoner, str)
    for n, number in enumerate(restriction.prisoners):
        yield f"prisoner[{n}]" if is_list else "prisoner", number
    for n, exemption in enumerate(restriction.exceptions):
        yield f"exceptions[{n}].prisoner", exemption.prisoner


def drawn_id(prefix: str) -> str:
    """An id that nobody has used: a letter that says of what, and characters that say nothing."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))
