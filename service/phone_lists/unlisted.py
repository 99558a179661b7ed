"""Which keys ask about numbers that stand on no prisoner's list: a prison asks about those that do."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from sqlalchemy import select

from engine.model import Contact
from service.check.probing import UNLISTED, WITHIN, Probing, Sign
from service.phone_lists.tables import phone_entry
from service.registry import lookup
from service.registry.journal import some_at_once
from service.storage.database import Database
from service.storage.sealing import Vault

EVERY = 5.0
"""Seconds between looks."""


class Unlisted:
    """Looks up what keys dialled, apart from the checks, which do not wait for it."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        probing: Probing,
        is_on: Callable[[], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`is_on` says whether lists are read at all."""
        self._database, self._vault = database, vault
        self._probing, self._is_on, self._monotonic = probing, is_on, monotonic
        self._since = monotonic()
        self._seen: dict[str, tuple[set[bytes], set[bytes]]] = {}
        """By key, what is on a list and what is on none."""

    def step(self) -> int:
        """Look up what was dialled since. Gives 0: there is never more to be done at once."""
        if self._monotonic() - self._since > WITHIN:
            self._since, self._seen = self._monotonic(), {}
        dialled = self._probing.numbers()
        if self._is_on():
            for key, numbers in dialled.items():
                self._look(key, numbers)
        return 0

    def _look(self, key: str, numbers: Collection[str]) -> None:
        digests = {
            digest
            for number in numbers
            for digest in lookup.contact_digests(self._vault, Contact(kind="phone", value=number))
        }
        known = self._listed(sorted(digests))
        on_a_list, on_none = self._seen.setdefault(key, (set(), set()))
        on_a_list |= known
        on_none |= digests - known
        if len(on_none) >= UNLISTED and len(on_none) > len(on_a_list):
            self._probing.found(key, Sign.UNLISTED)

    def _listed(self, digests: list[bytes]) -> set[bytes]:
        found: set[bytes] = set()
        with self._database.read() as connection:
            for some in some_at_once(digests):
                wanted = select(phone_entry.c.number).where(phone_entry.c.number.in_(some))
                found.update(connection.execute(wanted).scalars())
        return found
