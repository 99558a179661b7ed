"""What nodes say of themselves: which have a change, which not and since when, and which are silent."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

import msgspec
import structlog
from sqlalchemy import Connection, delete, func, insert, select, update

from engine.canary import MARK, prison_of
from service.feed import canaries
from service.feed.canaries import NEVER, CanarySeen
from service.feed.carrier import FeedCarrier, GivenReport
from service.feed.comparing import FeedHere, compared
from service.feed.installations import MOST, Key, SaidLast, keep, summed_up
from service.feed.messages import TROUBLES, FeedError, Report, open_report
from service.feed.nodes import SUBJECT, EnrolledNode, Nodes
from service.feed.tables import feed_change, node_reached, node_report
from service.ledger.record import Kind, Record
from service.operations.sparing import Sparing
from service.registry.journal import Journal
from service.registry.model import ListingState
from service.registry.tables import outbox, restriction_version

PATIENCE = 1.0
"""Seconds that the reader waits for a report before it looks whether it is to stop."""
EVERY = 5.0
"""Seconds between looks at all nodes; and between two writings of a report that says nothing new."""
KEPT = timedelta(days=90)
"""How long it is known since when a node had a change."""

_log = structlog.get_logger(__name__)
_refused = Sparing("report_refused", level="warning")


class _Publisher(FeedHere, Protocol):
    """Whoever publishes."""

    @property
    def leads(self) -> bool: ...
    def somebody_refuses(self) -> None:
        """A node cannot go on."""


class NodeState(msgspec.Struct, frozen=True, kw_only=True):
    """A node as it was last heard of."""

    name: str
    prison: str
    added: datetime
    heard: datetime | None = None
    """By the centre's clock; None where it never said anything."""
    number: int = 0
    reaches: int = 0
    behind_since: datetime | None = None
    """When the first change was made that it has not got; None where it has all."""
    refused: int | None = None
    why: str = ""
    blocklist: str = ""
    age: float = 0.0
    waiting: int = 0
    software: str = ""
    own: str = ""
    """The prison whose restrictions alone it holds, beside the estate's; "" where it holds all."""
    installations: int = 1
    """That answer under its name; what is told of it is what all of them have."""
    troubles: tuple[str, ...] = ()
    """What else troubles it: codes of `service.feed.messages.TROUBLES`."""
    canaries: tuple[CanarySeen, ...] = ()
    """The last at each entrance, of each installation."""
    canary_since: datetime | None = None
    """Since when it should ask any; None where its prison has none."""

    def canary_troubles(self, now: datetime, within: timedelta) -> tuple[str, ...]:
        """What somebody should see to of its canaries; `within` is how long ago the last may be."""
        if not self.canaries and self.canary_since is not None and now - self.canary_since > within:
            return (NEVER,)
        return canaries.troubles(self.canaries, now, within)

    def trouble(self, now: datetime, silent: timedelta) -> str | None:
        """What somebody should see to. Silence, and what it lacks, where that has lasted for longer than
        `silent`."""
        told = [TROUBLES.get(one, "something that this version does not know") for one in self.troubles]
        if self.installations > 1:
            told.insert(0, f"{self.installations} installations under one name")
        if now - (self.heard or self.added) > silent:
            told.append("silent" if self.heard else "never heard of")
        elif self.behind_since is not None and now - self.behind_since > silent:
            told.append(f"behind: {self.why}" if self.why else "behind")
        elif self.why and self.refused is None:
            told.append(self.why)
        return "; ".join(dict.fromkeys(told)) or None


class Missing(msgspec.Struct, frozen=True):
    """A node that has not got a change."""

    name: str
    prison: str
    since: datetime
    """When the change was made, or the node added where that was later."""
    heard: datetime | None


class HeldIn(NamedTuple):
    """Which nodes have to hold a restriction, of those that hold one prison's alone beside the estate's."""

    prisons: Collection[str] | None = None
    """Those in these; None for all of them."""
    since: int = 0
    """The change of the registry that last moved one of its prisoners: such a node has it from there on."""

    def by(self, own: str) -> bool:
        """Whether a node has to that holds this prison's alone; "" is for one that holds all."""
        return not own or self.prisons is None or own in self.prisons


EVERYWHERE = HeldIn()


class Reached(msgspec.Struct, frozen=True):
    """Where a change of the registry is in force."""

    have: int
    of: int
    """Nodes that have to have it."""
    missing: tuple[Missing, ...]
    since: datetime | None
    """Since when it was everywhere; None where it is not, or that is too long ago to be known."""
    left_out: int = 0
    """Nodes that hold other prisons' alone, and let nobody through who is not theirs."""
    not_now: str | None = None
    """Why it stops nothing at this moment, though nodes have it; None where it does."""

    @property
    def everywhere(self) -> bool:
        """Whether every node has it."""
        return not self.missing


class NodeReports:
    """Takes the reports, and answers from them. Safe to share between threads."""

    def __init__(
        self, journal: Journal, nodes: Nodes, silent: timedelta, canaries_within: timedelta = timedelta.max
    ) -> None:
        """A node that is silent or behind for longer than `silent` is an alarm, and so is one that asked no
        canary within `canaries_within`."""
        self._journal, self._nodes, self.silent = journal, nodes, silent
        self.canaries_within = canaries_within
        self._pruned: datetime | None = None
        self.states: tuple[NodeState, ...] = ()
        """At the last look."""
        self.refused = 0
        """Reports that were not taken, since the start."""

    def look(self) -> int:
        """See how all nodes are. Gives 0: there is never more to be done at once."""
        self.states = tuple(self.now())
        return 0

    @property
    def troubles(self) -> list[tuple[NodeState, str]]:
        """At the last look, what somebody should see to."""
        now = self._journal.clock()
        found = ((one, one.trouble(now, self.silent)) for one in self.states)
        return [(one, trouble) for one, trouble in found if trouble is not None]

    @property
    def trouble_words(self) -> tuple[str, ...]:
        """The same, for an alarm."""
        return tuple(f"{one.name} {trouble}" for one, trouble in self.troubles)

    @property
    def canary_words(self) -> tuple[str, ...]:
        """At the last look, what somebody should see to of canaries, for an alarm."""
        now, within = self._journal.clock(), self.canaries_within
        return tuple(f"{one.name} {what}" for one in self.states for what in one.canary_troubles(now, within))

    def take(self, given: Iterable[GivenReport], feed: FeedHere | None = None) -> bool:
        """Take reports in their order; one that no node made, or that was taken before, is not taken. Gives
        whether a node says that it cannot go on.

        What a node says that it has counts where it is of this `feed`; without one, always.
        """
        standing = {one.name for one in self._nodes.standing()}
        with self._journal.database.read() as connection:
            said = SaidLast(connection)
        heard: list[Key] = []
        newest: dict[Key, Report] = {}
        for one in given:
            report = self._opened(one, standing)
            if report is None or not self._is_new(report, said, newest):
                continue
            key = (report.node, report.instance)
            heard.append(key)
            newest[key] = report
        refuses = any(report.refused is not None for report in newest.values())
        if feed is not None:
            newest = {key: _compared(report, feed, said.of(key)) for key, report in newest.items()}
        with self._journal.database.read() as connection:
            known = {row.node: row for row in connection.execute(select(node_report))}
        now = self._journal.clock()
        news = [one for key, one in newest.items() if _is_news(known.get(one.node), said.of(key), one, now)]
        if news:
            records = self._canary_records(said, news)
            write = self._journal.write if records else self._journal.database.write
            with write() as connection:
                if records:
                    self._journal.append(connection, records)
                keep(connection, heard, news, now)
                for name, report in {report.node: report for report in news}.items():
                    _keep(connection, name in known, report, summed_up(connection, report))
                self._prune(connection, now)
        return refuses

    def now(self) -> list[NodeState]:
        """Every node that is not withdrawn, by name."""
        nodes = self._nodes.standing()
        with self._journal.database.read() as connection:
            said = {row.node: row for row in connection.execute(select(node_report))}
            made = connection.execute(
                select(feed_change.c.number, feed_change.c.at).order_by(feed_change.c.number)
            ).all()
            since = _since_canaries(connection)
        return [_state(one, said.get(one.name), made, since.get(one.prison)) for one in nodes]

    def standing(self, reaches: int, held: HeldIn = EVERYWHERE) -> Reached | None:
        """Where a change of the registry (`outbox.seq`) is in force; None without nodes.

        `held` says which nodes have to hold what it is about.
        """
        nodes = self._nodes.standing()
        if not nodes:
            return None
        moved = max(reaches, held.since)
        with self._journal.database.read() as connection:
            said = {row.node: row for row in connection.execute(select(node_report))}
            wanted = select(outbox.c.seq, outbox.c.at).where(outbox.c.seq.in_([reaches, moved]))
            made = {row.seq: row.at for row in connection.execute(wanted)}
            since = _first_with(connection, reaches, made)
            since_moved = _first_with(connection, moved, made) if moved > reaches else since
        now = self._journal.clock()
        missing: list[Missing] = []
        older: list[datetime | None] = []
        left_out = 0
        for one in nodes:
            has = said.get(one.name)
            own = (has.own or "") if has is not None else ""
            if not held.by(own):
                left_out += 1
                continue
            change = moved if own else reaches
            at = made.get(change, now)
            if has is None or has.reaches < change:
                heard = has.at if has is not None else None
                missing.append(Missing(one.name, one.prison, max(at, one.added), heard))
            if one.added <= at:
                older.append((since_moved if own else since).get(one.name))
        is_known = bool(older) and None not in older and now - made.get(reaches, now) < KEPT
        everywhere = max((at for at in older if at), default=None) if is_known and not missing else None
        of = len(nodes) - left_out
        return Reached(of - len(missing), of, tuple(missing), everywhere, left_out)

    def _opened(self, given: GivenReport, standing: set[str]) -> Report | None:
        if given.node not in standing:
            self._refuse("of no node")
            return None
        try:
            key = self._journal.vault.node_key(given.node)
            report = open_report(key, given.report, given.node)
            seen = canaries.opened(key, given.node, report.canaries)
            return msgspec.structs.replace(report, canaries=seen)
        except FeedError as error:
            self._refuse(str(error))
            return None

    def _is_new(self, report: Report, said: SaidLast, newest: dict[Key, Report]) -> bool:
        """Whether it was not taken before, nor one that its installation made later."""
        key = (report.node, report.instance)
        row, later = said.of(key), newest.get(key)
        if row is None and later is None:
            others = {one for one in newest if one[0] == report.node and said.of(one) is None}
            if len(said.of_node(report.node)) + len(others) >= MOST:
                self._refuse("of more installations than one node has")
                return False
        if report.counter <= max(row.counter if row is not None else -1, later.counter if later else -1):
            self._refuse("taken before, or an older one")
            return False
        return True

    def _refuse(self, why: str) -> None:
        self.refused += 1
        _refused.note(why)

    def _canary_records(self, said: SaidLast, news: Iterable[Report]) -> list[Record]:
        """Of each canary that was not stopped, and of the first that was again."""
        records = []
        for report in news:
            name, last = report.node, said.of((report.node, report.instance))
            before = canaries.unpack(last.canaries if last is not None else None)
            for seen in canaries.turned(before, canaries.unpack(report.canaries)):
                tell = _log.info if seen.outcome == "stopped" else _log.error
                tell("canary", node=name, entrance=seen.entrance, outcome=seen.outcome)
                trace = {"entrance": seen.entrance, "form": seen.form, "answer": seen.answer}
                outcome, told = f"canary_{seen.outcome}", {**trace, "asked": seen.at.isoformat()}
                subject = f"{SUBJECT}/{name}"
                record = self._journal.record("system", subject, outcome, kind=Kind.SYSTEM, **told)
                records.append(msgspec.structs.replace(record, blocklist=seen.blocklist or None))
        return records

    def _prune(self, connection: Connection, now: datetime) -> None:
        if self._pruned is None or now - self._pruned > timedelta(hours=1):
            self._pruned = now
            connection.execute(delete(node_reached).where(node_reached.c.at < now - KEPT))


def reading(carrier: FeedCarrier, reports: NodeReports, publisher: _Publisher) -> int:
    """Take what lies there, where this process leads; gives how many. Waits for one up to `PATIENCE`."""
    if not publisher.leads:
        return 0
    given = carrier.reports("0", PATIENCE)
    if given and publisher.leads:
        if reports.take(given, publisher):
            publisher.somebody_refuses()
        carrier.forget_reports(given[-1].id)
    return len(given)


def _compared(report: Report, feed: FeedHere, said: Any) -> Report:
    return compared(report, feed, (said.number, said.hash) if said is not None and said.hash else None)


def _is_news(known: Any, said: Any, report: Report, now: datetime) -> bool:
    """Whether it is written down: what says nothing new is now and then."""
    if known is None or said is None or now - said.at >= timedelta(seconds=EVERY):
        return True
    before = (said.number, said.reaches, said.hash, said.ended, said.canaries or b"")
    if before != (report.number, report.reaches, report.hash, report.ended, report.canaries):
        return True
    told = (known.refused, known.why, known.troubles or "", known.own or "")
    return bool(told != (report.refused, report.why[:200], _codes(report), report.own[:3]))


def _keep(connection: Connection, is_known: bool, report: Report, summed: dict[str, Any]) -> None:
    values = {
        "counter": report.counter,
        "refused": report.refused,
        "why": report.why[:200],
        "blocklist": report.blocklist[:80],
        "age": report.age,
        "waiting": report.waiting,
        "software": report.software[:80],
        "own": report.own[:3] or None,
        "troubles": _codes(report) or None,
        **summed,
    }
    if not is_known:
        connection.execute(insert(node_report), {"node": report.node, **values})
    else:
        connection.execute(update(node_report).where(node_report.c.node == report.node).values(values))


def _codes(report: Report) -> str:
    """The codes that it told, each once; whatever is none, as one that is not known."""
    codes = (one if one in TROUBLES else "other" for one in report.troubles[: len(TROUBLES) + 1])
    return " ".join(dict.fromkeys(codes))


def _first_with(connection: Connection, reaches: int, made: dict[int, datetime]) -> dict[str, datetime]:
    """When each node was first heard to have a change: not before that was made."""
    wanted = select(node_reached.c.node, func.min(node_reached.c.at).label("at"))
    these = wanted.where(node_reached.c.reaches >= reaches)
    if reaches in made:
        these = these.where(node_reached.c.at >= made[reaches])
    return {row.node: row.at for row in connection.execute(these.group_by(node_reached.c.node))}


def _since_canaries(connection: Connection) -> dict[str, datetime]:
    """Since when each prison has a canary."""
    table = restriction_version
    is_standing = (table.c.latest, table.c.state == ListingState.STANDING.value)
    wanted = select(table.c.id, table.c.at).where(*is_standing, table.c.id.like(f"{MARK}%"))
    return {prison_of(row.id): row.at for row in connection.execute(wanted.order_by(table.c.at.desc()))}


def _state(one: EnrolledNode, said: Any, made: Sequence[Any], canary: datetime | None) -> NodeState:
    number = said.number if said is not None else 0
    first = bisect_right(made, number, key=attrgetter("number"))
    lacking = made[first].at if first < len(made) else None
    canary = max(canary, one.added) if canary else None
    if said is None:
        since = max(lacking, one.added) if lacking else None
        return NodeState(
            name=one.name, prison=one.prison, added=one.added, behind_since=since, canary_since=canary
        )
    return NodeState(
        name=one.name,
        prison=one.prison,
        added=one.added,
        heard=said.at,
        number=number,
        reaches=said.reaches,
        behind_since=max(lacking, one.added) if lacking else None,
        refused=said.refused,
        why=said.why,
        blocklist=said.blocklist,
        age=said.age,
        waiting=said.waiting,
        software=said.software,
        own=said.own or "",
        installations=said.installations or 1,
        troubles=tuple((said.troubles or "").split()),
        canaries=canaries.unpack(said.canaries),
        canary_since=canary,
    )
