"""Versions of restrictions as they are read, found and about to be written."""

from __future__ import annotations

from typing import NamedTuple

from service.registry.model import Document, RestrictionVersion


class Page(NamedTuple):
    """Some of many. `next` is what to ask for behind, None at the end; `unread` are the ids among them that
    cannot be read."""

    items: tuple[RestrictionVersion, ...]
    next: str | None
    unread: tuple[str, ...] = ()


class Drafted(NamedTuple):
    """A version that is about to be written. `before` is the version that it follows, 0 for none."""

    id: str
    before: int
    document: Document
    outcome: str
    confirmed_by: str | None = None


class FoundVersions(NamedTuple):
    """Latest versions, and the ids of those that cannot be read: nobody knows what these say."""

    versions: list[RestrictionVersion]
    unread: list[str]


class StoredVersion(NamedTuple):
    """A latest version as it is in the database."""

    id: str
    sealed: bytes
    version: int
    stands: bool
    """What its row says."""
    holds: bool
    """Whether the row is as the service wrote it, and the ledger knows of no later version."""

    def is_less_than(self, known: int) -> bool:
        """Whether it says less than a version that is known, 0 for none: then that stays in force."""
        return known > 0 and not (self.holds and self.version >= known)
