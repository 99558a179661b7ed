"""Prisons, courts and police stations: in an address by what they are called, of an e-mail by its domain."""

import re

from matchers import tables
from matchers.folding import plain

_PARTS = re.compile(r"[,;\n\r]+")
_DWELLING = re.compile(r"\b(?:flat|apartment|apt)\b")
_FORMER = re.compile(r"\b(?:old|former)\b")
"""What makes the name of a public place one of a dwelling: Flat 3, Crown Court; The Old Police Station."""
_APOSTROPHES = str.maketrans("", "", "'’.")
_domains = dict(tables.rows("public_domains"))
_kinds = [(where, words, what) for where, words, what in tables.rows("public_places")]


def public_place(text: str) -> str | None:
    """What public place an address is of, as "a court"; None for any other.

    A name counts in a part of its own, in front of any number: 12 Crown Court is a street or a building.
    """
    folded = plain(text)[0].casefold().translate(_APOSTROPHES)
    if _DWELLING.search(folded):
        return None
    for part in _PARTS.split(folded):
        name = " ".join(re.split(r"\d", part.strip(), maxsplit=1)[0].replace("/", " ").split())
        if _FORMER.search(name):
            continue
        for where, words, what in _kinds:
            if where == "begins" and f"{name} ".startswith(f"{words} "):
                return what
            if where == "ends" and name.endswith(f" {words}"):
                return what
    return None


def public_email(canonical: str) -> str | None:
    """What public body an e-mail address belongs to, as "the police"; None for any other."""
    domain = canonical.rpartition("@")[2]
    while domain:
        if domain in _domains:
            return _domains[domain]
        domain = domain.partition(".")[2]
    return None
