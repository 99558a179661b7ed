"""Rows that a list leaves out, so that nobody would miss them: in a state that the program does not know, or
of which no version is the latest.

A list asks for states, and for the latest versions. Whoever can write to the file can take a row out of it
so, and the row's hash says nothing of what is not read. What is found counts as what cannot be read
(`service.storage.unread`): it is named on the list it is missing from, and told in `/health/ready`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Select, Table, select

from service.cases.model import CaseState
from service.cases.outbox import MESSAGE, MessageState
from service.cases.tables import CASE, case_message, case_version
from service.registry.approvals import ApprovalState
from service.registry.journal import APPROVAL, DIRECTORY, MONITORING, PRISONER, REGISTER, RESTRICTION
from service.registry.model import ListingState
from service.registry.tables import (
    approval,
    directory_version,
    monitoring_version,
    prisoner,
    register_version,
    restriction_version,
)
from service.review.model import REVIEW, ItemState
from service.review.tables import review_item
from service.storage.database import Database
from service.storage.sealing import Vault
from service.storage.unread import none_of

EVERY = 600.0
"""Seconds between looks: each goes through every version."""


class Listed(NamedTuple):
    """What a table is of, and what a list of it asks for."""

    of: str
    table: Table
    states: type[StrEnum] | None = None
    has_versions: bool = True


LISTED = (
    Listed(RESTRICTION, restriction_version, ListingState),
    Listed(REGISTER, register_version, ListingState),
    Listed(MONITORING, monitoring_version, ListingState),
    Listed(PRISONER, prisoner),
    Listed(DIRECTORY, directory_version),
    Listed(CASE, case_version, CaseState),
    Listed(MESSAGE, case_message, MessageState, has_versions=False),
    Listed(APPROVAL, approval, ApprovalState, has_versions=False),
    Listed(REVIEW, review_item, ItemState, has_versions=False),
)
_log = structlog.get_logger(__name__)


class LeftOut:
    """Looks for them."""

    def __init__(self, database: Database, vault: Vault) -> None:
        """What is found is noted in the vault."""
        self._database, self._unread = database, vault.unread
        self._told: dict[str, set[str]] = {}
        """What the last look found, by what it is of: forgotten once it is put right."""

    def look(self) -> int:
        """One round. Gives 0: it is done until the next."""
        found: dict[str, set[str]] = {}
        with self._database.read() as connection:
            for listed in LISTED:
                ids = found.setdefault(listed.of, set())
                for wanted in _wanted(listed):
                    ids.update(_named(connection.execute(wanted)))
        for of, ids in found.items():
            before = self._told.get(of, set())
            noted = self._unread.setdefault(of, set())
            noted -= before - ids
            noted |= ids
            if ids - before:
                _log.error("row_missing", kind=of, count=len(ids))
        self._told = found
        return 0


def _wanted(listed: Listed) -> Iterator[Select[Any] | Any]:
    """What a list would leave out: the keys, without the version where there are such."""
    columns = listed.table.c
    keys = [one for one in listed.table.primary_key if not (listed.has_versions and one.name == "version")]
    if listed.states is not None:
        unknown = none_of(columns.state, listed.states)
        yield select(*keys).where(*([columns.latest] if listed.has_versions else []), unknown)
    if listed.has_versions:
        yield select(*keys).except_(select(*keys).where(columns.latest))


def _named(found: Iterable[Any]) -> Iterator[str]:
    return ("/".join(map(str, row)) for row in found)
