"""Restricted addresses as the engine holds them, and what it answers to a letter, in each reading of both."""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.addresses.streets import Row, written
from engine.blocklist import compile_blocklist
from engine.model import Contact, ProtectedPerson, Restriction
from matchers.address import Address, Comparison, compare, readings

Pair = tuple[str, Address, Address]
"""The listed row's identifier, a reading of the letter, one of the listing."""


class Restricted:
    """A share of an estate's addresses, each a restriction of its own."""

    def __init__(self, rows: list[Row], seed: int, share: float = 0.33) -> None:
        rng = random.Random(seed)
        self.texts = {row["uprn"]: written(row) for row in rows if rng.random() < share}
        self._list = compile_blocklist(
            Restriction(
                id=uprn,
                prisoner="A1234AA",
                protected=ProtectedPerson(name="Marigold Fenwick"),
                contacts=(Contact(kind="address", value=text),),
            )
            for uprn, text in self.texts.items()
        ).restricted

    def pairs(self, text: str) -> Iterator[Pair]:
        """Every two readings that are compared because of a letter."""
        for given in readings(text):
            if given.usable:
                for reference, listed in self._list.addresses(given):
                    yield self._list.listing(reference.row).restriction.id, given, listed

    def answers(self, text: str, flag: float = 0.0) -> dict[str, Comparison]:
        """The best answer to a letter of each listed address that was looked at."""
        found: dict[str, Comparison] = {}
        for uprn, given, listed in self.pairs(text):
            one = compare(given, listed, flag=flag)
            found[uprn] = max(one, found.get(uprn, one), key=lambda each: each.rank)
        return found
