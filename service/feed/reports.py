"""What nodes say of themselves: which have a change, which not and since when, and which are silent."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
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
from service.feed.messages import FeedError, Report, open_report
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


Place = tuple[int, int]
"""Era and number of a change."""


class _Publisher(Protocol):
    """Whoever publishes."""

    @property
    def leads(self) -> bool: ...
    @property
    def place(self) -> Place: ...
    def somebody_has(self, place: Place) -> None:
        """A node has this change."""

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
    canaries: tuple[CanarySeen, ...] = ()
    """The last at each entrance."""
    canary_since: datetime | None = None
    """Since when it should ask any; None where its prison has none."""

    def canary_troubles(self, now: datetime, within: timedelta) -> tuple[str, ...]:
        """What somebody should see to of its canaries; `within` is how long ago the last may be."""
        if not self.canaries and self.canary_since is not None and now - self.canary_since > within:
            return (NEVER,)
        return canaries.troubles(self.canaries, now, within)

    def trouble(self, now: datetime, silent: timedelta) -> str | None:
        """What somebody should see to, where it has lasted for longer than `silent`."""
        if now - (self.heard or self.added) > silent:
            return "silent" if self.heard else "never heard of"
        if self.behind_since is not None and now - self.behind_since > silent:
            return f"behind: {self.why}" if self.why else "behind"
        if self.why and self.refused is None:
            return self.why
        return None


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
        self._written: dict[str, datetime] = {}
        self._pruned: datetime | None = None
        self.states: tuple[NodeState, ...] = ()
        """At the last look."""

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

    def take(
        self,
        given: Iterable[GivenReport],
        place: Place | None = None,
        ahead: Callable[[Place], None] = lambda place: None,
    ) -> bool:
        """Take reports in their order; one that no node made, or an older one, is not taken. Gives whether a
        node says that it cannot go on.

        `place` is where the feed stands. What a node has of another era, or behind that place, is none of the
        changes that are made here: then it has none, and `ahead` is told of the later one.
        """
        standing = {one.name for one in self._nodes.standing()}
        read = [report for one in given if (report := self._opened(one, standing)) is not None]
        if place is not None:
            for report in read:
                if (report.era, report.number) > place:
                    ahead((report.era, report.number))
            read = [_of_this_feed(report, place) for report in read]
        newest: dict[str, Report] = {}
        reached: dict[tuple[str, int], Report] = {}
        for report in read:
            newest[report.node] = max(newest.get(report.node, report), report, key=lambda one: one.counter)
            reached.setdefault((report.node, report.reaches), report)
        now = self._journal.clock()
        with self._journal.database.read() as connection:
            known = {row.node: row for row in connection.execute(select(node_report))}
        news = {name: one for name, one in newest.items() if self._is_news(known.get(name), one, now)}
        if news:
            records = self._canary_records(known, news)
            write = self._journal.write if records else self._journal.database.write
            with write() as connection:
                if records:
                    self._journal.append(connection, records)
                for name, report in news.items():
                    _keep(connection, known.get(name), report, now)
                self._note_reached(connection, known, reached, now)
                self._prune(connection, now)
        return any(report.refused is not None for report in newest.values())

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
            since = _first_with(connection, reaches)
            since_moved = _first_with(connection, moved) if moved > reaches else since
            wanted = select(outbox.c.seq, outbox.c.at).where(outbox.c.seq.in_([reaches, moved]))
            made = {row.seq: row.at for row in connection.execute(wanted)}
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
            _refused.note("of no node")
            return None
        try:
            key = self._journal.vault.node_key(given.node)
            report = open_report(key, given.report, given.node)
            seen = canaries.opened(key, given.node, report.canaries)
            return msgspec.structs.replace(report, canaries=seen)
        except FeedError as error:
            _refused.note(str(error))
            return None

    def _canary_records(self, known: dict[str, Any], news: dict[str, Report]) -> list[Record]:
        """Of each canary that was not stopped, and of the first that was again."""
        records = []
        for name, report in news.items():
            before = canaries.unpack(known[name].canaries if name in known else None)
            for seen in canaries.turned(before, canaries.unpack(report.canaries)):
                tell = _log.info if seen.outcome == "stopped" else _log.error
                tell("canary", node=name, entrance=seen.entrance, outcome=seen.outcome)
                trace = {"entrance": seen.entrance, "form": seen.form, "answer": seen.answer}
                outcome, told = f"canary_{seen.outcome}", {**trace, "asked": seen.at.isoformat()}
                subject = f"{SUBJECT}/{name}"
                record = self._journal.record("system", subject, outcome, kind=Kind.SYSTEM, **told)
                records.append(msgspec.structs.replace(record, blocklist=seen.blocklist or None))
        return records

    def _is_news(self, known: Any, report: Report, now: datetime) -> bool:
        if known is None:
            return True
        if report.counter <= known.counter:
            return False
        same = (report.number, report.reaches, report.refused, report.why, report.canaries, report.own)
        before = (
            known.number,
            known.reaches,
            known.refused,
            known.why,
            known.canaries or b"",
            known.own or "",
        )
        if same != before:
            return True
        return bool(now - known.at >= timedelta(seconds=EVERY))

    def _note_reached(
        self,
        connection: Connection,
        known: dict[str, Any],
        reached: dict[tuple[str, int], Report],
        now: datetime,
    ) -> None:
        rows = [
            {"node": name, "reaches": reaches, "at": now}
            for (name, reaches), report in reached.items()
            if name not in known or (reaches > known[name].reaches and report.counter > known[name].counter)
        ]
        for row in rows:
            this = (node_reached.c.node == row["node"], node_reached.c.reaches == row["reaches"])
            if connection.execute(select(node_reached.c.at).where(*this)).one_or_none() is None:
                connection.execute(insert(node_reached), row)

    def _prune(self, connection: Connection, now: datetime) -> None:
        if self._pruned is None or now - self._pruned > timedelta(hours=1):
            self._pruned = now
            connection.execute(delete(node_reached).where(node_reached.c.at < now - KEPT))


def reading(carrier: FeedCarrier, reports: NodeReports, publisher: _Publisher) -> int:
    """Take what lies there, where this process leads; gives how many. Waits for one up to `PATIENCE`."""
    if not publisher.leads:
        return 0
    given = carrier.reports("0", PATIENCE)
    place = publisher.place
    if given and publisher.leads:
        if reports.take(given, place, publisher.somebody_has):
            publisher.somebody_refuses()
        carrier.forget_reports(given[-1].id)
    return len(given)


def _of_this_feed(report: Report, place: Place) -> Report:
    if report.era == place[0] and report.number <= place[1]:
        return report
    why = report.why or "its list is of another era of the feed"
    return msgspec.structs.replace(report, number=0, reaches=0, why=why)


def _keep(connection: Connection, known: Any, report: Report, now: datetime) -> None:
    values = {
        "at": now,
        "counter": report.counter,
        "number": report.number,
        "reaches": report.reaches,
        "refused": report.refused,
        "why": report.why[:200],
        "blocklist": report.blocklist[:80],
        "age": report.age,
        "waiting": report.waiting,
        "software": report.software[:80],
        "canaries": report.canaries or None,
        "own": report.own[:3] or None,
    }
    if known is None:
        connection.execute(insert(node_report), {"node": report.node, **values})
    else:
        connection.execute(update(node_report).where(node_report.c.node == report.node).values(values))


def _first_with(connection: Connection, reaches: int) -> dict[str, datetime]:
    """When each node was first heard to have a change of the registry."""
    wanted = select(node_reached.c.node, func.min(node_reached.c.at).label("at"))
    found = connection.execute(wanted.where(node_reached.c.reaches >= reaches).group_by(node_reached.c.node))
    return {row.node: row.at for row in found}


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
        canaries=canaries.unpack(said.canaries),
        canary_since=canary,
    )
