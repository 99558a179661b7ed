"""Prisons, courts and police stations: by name, e-mail domain, number and address.

What nobody may restrict at all is told by its name (`public_place`); what is restricted by two people alone,
since it may be where the protected person works, by whose it is (`public_body`).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from matchers import address, phone, tables
from matchers.address import Address
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


def public_body(kind: str, value: str) -> str | None:
    """Whose number, e-mail address or address it is, as "HMP Leeds" or "the police"; None for nobody's known.

    `value` is the number in E.164, the e-mail address in its canonical form, or the address as written.
    """
    if kind == "phone":
        return _numbers().get(value)
    if kind == "email":
        return _of_domain(value)
    return _at_address(value) if kind == "address" else None


def _of_domain(canonical: str) -> str | None:
    domain = canonical.rpartition("@")[2]
    while domain:
        if domain in _domains:
            return _domains[domain]
        domain = domain.partition(".")[2]
    return None


@cache
def _numbers() -> dict[str, str]:
    """Whose each number is, by its E.164 form."""
    return {phone.read(number).e164: whose for _, whose, number in tables.rows("public_numbers")}


@cache
def _addresses() -> dict[str, list[tuple[Address, str]]]:
    """Addresses and whose each is, by the keys that they are found by."""
    found: dict[str, list[tuple[Address, str]]] = {}
    for _, whose, text in tables.rows("public_addresses"):
        listed = address.read(text)
        for key in address.listing_keys(listed):
            found.setdefault(key, []).append((listed, whose))
    return found


@lru_cache(maxsize=1 << 12)  # an import asks when it reads the records of a chunk, and when it files them
def _at_address(text: str) -> str | None:
    given = address.read(text)
    known = _addresses()
    for key in address.probe_keys(given):
        for listed, whose in known.get(key, ()):
            if _is_there(given, listed):
                return whose
    return None


def _is_there(given: Address, listed: Address) -> bool:
    """Whether it is the very place: not a house of its street, or one that shares its postcode.

    Some prisons have a postcode alone, and no street: whoever writes no more than that postcode means them.
    """
    if address.compare(given, listed).level in ("same", "probable"):
        return True
    names_more = given.numbers or given.units or given.building or given.po_box or given.streets
    return not names_more and given.postcode == listed.postcode != ""
