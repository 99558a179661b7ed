"""The next change of the feed: what the list in force says of everything that the outbox names.

The list is the centre's own, as it stands; what changed in it is read off the outbox as `service.blocklist`
reads it. Nothing is read from the registry a second time, so a node can have no other list than the centre.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple, cast

import msgspec

from engine.blocklist import FORMAT as INDEX_FORMAT
from engine.blocklist import Blocklist, Index
from engine.listing import ConfidentialListing, Listing
from engine.model import ConfidentialEntry, Restriction
from engine.screener import Screener
from service.blocklist.changed import WhatChanged, accepted, changed, naming
from service.feed.messages import START, Change, SnapshotHead
from service.registry.prisoners import Whereabouts
from service.registry.registry import Registry

MOST_CARRIED = 10_000
"""Rows of the outbox in one change, some 5 MB. Beyond, a link is left out and nodes take the snapshot."""

UNKNOWN = "f" * 64
"""What a change stands behind where a link was left out: nobody has it."""


class FeedLink(NamedTuple):
    """The last link of the chain."""

    number: int = 0
    hash: str = START
    reaches: int = 0
    restrictions: int = 0
    era: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """What of two links is the later one."""
        return self.era, self.number


class InForce(NamedTuple):
    """The centre's list, its policy, and the change of the registry that is in it."""

    screener: Screener
    reaches: int

    @property
    def restrictions(self) -> int:
        """How many it has."""
        return len(self.screener.blocklist.restricted)


def next_change(
    registry: Registry, now: InForce, last: FeedLink, at: datetime, *, whole: bool
) -> Change | None:
    """What is otherwise in the list than at the last link; None where nothing is.

    `whole` says the register, everybody's monitoring and the policy in any case, as a publisher does that
    begins: nobody told it what was published before.
    """
    rows = registry.changes_since(last.reaches, MOST_CARRIED + 1)
    is_much = len(rows) > MOST_CARRIED
    what = changed(row for row in rows if row.seq <= now.reaches)
    if not (whole or is_much or what.anything):
        return None
    blocklist = now.screener.blocklist
    link = Change(
        era=last.era,
        number=last.number + 1,
        before=last.hash,
        reaches=now.reaches,
        at=at.timestamp(),
        complete=blocklist.complete,
        restrictions=now.restrictions,
        fewer_is_right=_is_accounted_for(registry, now, last),
    )
    if is_much or not last.number:
        return msgspec.structs.replace(link, number=last.number + 2, before=UNKNOWN)
    ids = _concerned(registry, what)
    put = {id_: restriction for id_ in ids if (restriction := listed(blocklist, id_)) is not None}
    return msgspec.structs.replace(
        link,
        put=tuple(put[id_] for id_ in sorted(put)),
        gone=tuple(sorted(ids - put.keys())),
        register=_register(blocklist) if whole or what.register else None,
        heightened=dict(blocklist.heightened) if whole or what.monitoring else None,
        prisoners=_whereabouts(registry, what.moved),
        policy=now.screener.policy if whole or what.policy else None,
    )


def snapshot_head(
    registry: Registry, now: InForce, link: FeedLink, at: datetime, links: Mapping[int, str]
) -> SnapshotHead:
    """The head of a snapshot of the list at a link; `links` are the last ones up to it."""
    return SnapshotHead(
        era=link.era,
        links=dict(links),
        number=link.number,
        hash=link.hash,
        reaches=link.reaches,
        at=at.timestamp(),
        restrictions=now.restrictions,
        prisoners=registry.prisoners.everybody(),
        policy=now.screener.policy,
        fewer_is_right=now.screener.blocklist.complete,
        index_format=INDEX_FORMAT,
    )


def _concerned(registry: Registry, what: WhatChanged) -> set[str]:
    """The restrictions that may be otherwise."""
    ids = set(what.restrictions)
    if what.approvals:
        ids |= accepted(registry)
    with registry.journal.database.read() as connection:
        return ids | naming(registry, connection, what.moved)


def listed(blocklist: Blocklist, id_: str) -> Restriction | None:
    """A restriction as a compiled list has it; None where it is not in it."""
    restricted = cast("Index[Listing]", blocklist.restricted)
    rows = restricted.rows_named(id_)
    return restricted.listing(rows[0]).restriction if rows else None


def _register(blocklist: Blocklist) -> tuple[ConfidentialEntry, ...]:
    register = cast("Index[ConfidentialListing]", blocklist.confidential)
    return tuple(register.listing(row).entry for row in range(register.rows))


def _whereabouts(registry: Registry, moved: Collection[str]) -> Whereabouts | None:
    if not moved:
        return None
    known = registry.prisoners.everybody()
    numbers = {number for one in moved for number in registry.prisoners.group(one)}
    return {number: known[number] for number in sorted(numbers) if number in known}


def _is_accounted_for(registry: Registry, now: InForce, last: FeedLink) -> bool:
    """Whether a list that became smaller by much did so by what was written: the ledger says it of each."""
    missing = last.restrictions - now.restrictions
    if missing <= 0 or missing < registry.smaller_list * last.restrictions:
        return False
    with registry.journal.database.read() as connection:
        growth = registry.versions.growth(connection, last.reaches)
    return now.restrictions >= last.restrictions + growth
