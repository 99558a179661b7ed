"""What rows of the outbox mean for a list: which restrictions are to be looked at, and what else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from service.registry.approvals import Approval, ApprovalState
from service.registry.journal import APPROVAL, MONITORING, POLICY, PRISONER, REGISTER, RESTRICTION, OutboxRow
from service.registry.registry import Registry
from service.storage.rows import ChangedRowError
from service.storage.sealing import SealError

SMALLER_LIST = "smaller_list"
"""What the approval of a list that lost restrictions is called."""
SUBJECT = "blocklist"
"""Of the ledger's records that say which list is in force, and of that approval."""


class WhatChanged(NamedTuple):
    """What changed, by its kind: ids, and whether at all where all of it is read anew."""

    restrictions: set[str]
    moved: set[str]
    """Prisoners."""
    approvals: set[str]
    register: bool
    monitoring: bool
    policy: bool

    @property
    def anything(self) -> bool:
        """Whether a list could be another one by it."""
        return any(self)


def changed(rows: Iterable[OutboxRow]) -> WhatChanged:
    """What these rows say."""
    ids: dict[str, set[str]] = {}
    for row in rows:
        ids.setdefault(row.kind, set()).add(row.id)
    return WhatChanged(
        ids.get(RESTRICTION, set()),
        ids.get(PRISONER, set()),
        ids.get(APPROVAL, set()),
        REGISTER in ids,
        MONITORING in ids or PRISONER in ids,
        POLICY in ids,
    )


def naming(registry: Registry, connection: Connection, moved: Collection[str]) -> set[str]:
    """The restrictions that name, by any of his numbers, a prisoner who was moved."""
    numbers = {number for one in moved for number in registry.prisoners.group(one)}
    return set(registry.versions.naming(connection, numbers)) if numbers else set()


def accepted(registry: Registry) -> set[str]:
    """Restrictions of which two people said that it is right that they are missing."""
    ids = set[str]()
    for one in registry.approvals.list(state=ApprovalState.CONFIRMED, subject=SUBJECT):
        if payload := agreed(registry, one):
            ids.update(msgspec.msgpack.decode(payload, type=list[str]))
    return ids


def agreed(registry: Registry, asked: Approval) -> bytes | None:
    """What two people agreed to; None where its row was changed, whatever that says."""
    try:
        return registry.approvals.payload(asked)
    except (ChangedRowError, SealError):
        return None
