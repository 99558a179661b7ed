"""Metrics for Prometheus, without anybody's details: labels are channels, decisions, codes and versions.

A decision is counted in plain dictionaries, so that it costs the answer next to nothing; they become metrics
when somebody asks for them.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from service.phone_lists.figures import PrisonFigures
from service.review.waiting import Held

BUCKETS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds. From what the screener takes to what a caller on the telephone notices; 10 ms is the budget."""


class ServiceState(msgspec.Struct, frozen=True, kw_only=True):
    """What the service is like at the moment, as far as metrics and health tell it."""

    blocklist: str | None = None
    """The version in force; None when there is none."""
    policy: str | None = None
    restrictions: int = 0
    register: int = 0
    usable: bool = False
    """Whether an allow may rest on the blocklist, but for its age."""
    confirmed_seconds: float | None = None
    """Since it was last known to be current."""
    stale_after_seconds: float = 0.0
    why_not: str | None = None
    """Why the next blocklist is not in force: it could not be built, or waits for a second person."""
    ledger_waiting: int = 0
    ledger_wait_seconds: float = 0.0
    """How long the first of them has waited."""
    ledger_seq: int = 0
    ledger_failure: str | None = None
    checkpoint_failure: str | None = None
    most_waiting: int = 0
    rows_refused: dict[str, int] = {}
    """Rows that were read since the start and are not as the service wrote them, by table."""
    rows_unread: dict[str, int] = {}
    """What could not be read when it was last tried, by what it is of."""
    held: tuple[Held, ...] = ()
    """What nobody has decided, by channel."""
    clock_trouble: str | None = None
    """What is wrong with the clock."""
    cases_unheld: int = 0
    """Cases that say that they are in force, and are not held by their restriction."""
    requests_unreadable: int = 0
    """Files of the public form's intake that could not be opened since the start."""
    intake_trouble: str | None = None
    """What the last look into it failed with."""
    now: datetime | None = None
    """By the service's clock."""
    nodes: int = 0
    """Nodes in the prisons."""
    reports_refused: int = 0
    """Of nodes, that were not taken since the start: made by nobody, or taken before."""
    node_troubles: tuple[str, ...] = ()
    """Of those whom something troubles, the name and what it is."""
    canary_troubles: tuple[str, ...] = ()
    """Canaries that were let through, had no answer, or were not asked for too long."""
    feed_trouble: str | None = None
    """Why the newest list is not carried to them."""
    feed_number: int = 0
    """The last change that was published from here; 0 where another process publishes."""


class _Latency:
    """A histogram in plain numbers."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0


class Metrics:
    """Counts, and the text of `/metrics`. Safe to share between threads."""

    def __init__(
        self,
        state: Callable[[], ServiceState] | None = None,
        phone_lists: Callable[[], Sequence[PrisonFigures]] = tuple,
    ) -> None:
        """Both are asked at each scrape."""
        self._state = state
        self._phone_lists = phone_lists
        self._lock = threading.Lock()
        self._reasons: dict[tuple[str, str, str], int] = {}
        self._decisions: dict[tuple[str, str], int] = {}
        self._latency: dict[str, _Latency] = {}
        self._sign_ins: dict[tuple[str, str], int] = {}
        self._refused: dict[tuple[str, int], int] = {}
        self._events: dict[tuple[str], int] = {}
        self._unknown: dict[tuple[str], int] = {}
        self._forwarded: dict[tuple[str, str], int] = {}
        self._probing: dict[tuple[str], int] = {}
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(_Collector(self.collect))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def decision(self, channel: str, decision: str, codes: Iterable[str], seconds: float) -> None:
        """Count one answered attempt: its reasons, each once, and the seconds from request to answer."""
        with self._lock:
            both = (channel, decision)
            self._decisions[both] = self._decisions.get(both, 0) + 1
            for code in codes:
                key = (channel, decision, code)
                self._reasons[key] = self._reasons.get(key, 0) + 1
            latency = self._latency.get(channel)
            if latency is None:
                latency = self._latency[channel] = _Latency()
            latency.counts[bisect_left(BUCKETS, seconds)] += 1
            latency.total += seconds

    def sign_in(self, way: str, outcome: str) -> None:
        """Count one: `way` is "password", "oidc", "token" or "key"; `outcome` "accepted" or "refused"."""
        with self._lock:
            self._sign_ins[way, outcome] = self._sign_ins.get((way, outcome), 0) + 1

    def refused(self, channel: str, status: int) -> None:
        """Count a check that got no decision, by the HTTP status that it got."""
        with self._lock:
            self._refused[channel, status] = self._refused.get((channel, status), 0) + 1

    def event(self, kind: str) -> None:
        """Count an event of a call."""
        with self._lock:
            self._events[(kind,)] = self._events.get((kind,), 0) + 1

    def forwarded(self, node: str, outcome: str) -> None:
        """Count a decision of a node that came into the ledger."""
        with self._lock:
            self._forwarded[node, outcome] = self._forwarded.get((node, outcome), 0) + 1

    def unknown_prisoner(self, channel: str) -> None:
        """Count a check about a prisoner whom the service does not know."""
        with self._lock:
            self._unknown[(channel,)] = self._unknown.get((channel,), 0) + 1

    def probing(self, sign: str) -> None:
        """Count a key that asks as no prison does."""
        with self._lock:
            self._probing[(sign,)] = self._probing.get((sign,), 0) + 1

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """The body of `/metrics` and its content type, for the request's `Accept`."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def collect(self) -> Iterator[Metric]:
        """Everything that was counted, then what the state is."""
        with self._lock:
            decisions, reasons = dict(self._decisions), dict(self._reasons)
            latency = {channel: (list(one.counts), one.total) for channel, one in self._latency.items()}
            sign_ins, refused = dict(self._sign_ins), dict(self._refused)
            events, forwarded = dict(self._events), dict(self._forwarded)
            unknown, probing = dict(self._unknown), dict(self._probing)
        yield _counter("nocontact_decisions", "Attempts answered.", ["channel", "decision"], decisions)
        yield _counter(
            "nocontact_reasons", "Reasons given for them.", ["channel", "decision", "code"], reasons
        )
        yield _counter(
            "nocontact_checks_refused", "Checks that got no decision.", ["channel", "status"], refused
        )
        yield _histogram(latency)
        yield _counter(
            "nocontact_sign_ins", "People and machines that signed in.", ["way", "outcome"], sign_ins
        )
        yield _counter("nocontact_call_events", "What switches told of calls.", ["kind"], events)
        yield _counter(
            "nocontact_unknown_prisoners",
            "Checks about prisoners whom the service does not know.",
            ["channel"],
            unknown,
        )
        yield _counter(
            "nocontact_node_decisions", "Decisions taken over from nodes.", ["node", "decision"], forwarded
        )
        yield _counter("nocontact_probing", "Keys that asked as no prison does.", ["sign"], probing)
        if self._state is not None:
            yield from _state_metrics(self._state())
        yield from _phone_metrics(self._phone_lists())


class _Collector:
    """What the registry asks for metrics."""

    def __init__(self, collect: Callable[[], Iterator[Metric]]) -> None:
        self.collect = collect


def _counter(name: str, says: str, labels: list[str], counts: Mapping[Any, int]) -> Metric:
    family = CounterMetricFamily(name, says, labels=labels)
    for values, count in counts.items():
        family.add_metric([str(value) for value in values], count)
    return family


def _histogram(latency: dict[str, tuple[list[int], float]]) -> Metric:
    family = HistogramMetricFamily(
        "nocontact_check_seconds", "From a request to its answer, the disk included.", labels=["channel"]
    )
    for channel, (counts, total) in latency.items():
        cumulative, so_far = [], 0
        for bound, count in zip([*map(str, BUCKETS), "+Inf"], counts, strict=True):
            so_far += count
            cumulative.append((bound, float(so_far)))
        family.add_metric([channel], cumulative, total)
    return family


def _state_metrics(state: ServiceState) -> Iterator[Metric]:
    yield InfoMetricFamily(
        "nocontact_in_force",
        "Versions that decide.",
        {"blocklist": state.blocklist or "", "policy": state.policy or ""},
    )
    yield _gauge("nocontact_blocklist_usable", "1 when an allow may rest on it.", float(state.usable))
    if state.confirmed_seconds is not None:
        yield _gauge(
            "nocontact_blocklist_age_seconds", "Since it was known to be current.", state.confirmed_seconds
        )
    yield _gauge("nocontact_blocklist_stale_after_seconds", "Where allows end.", state.stale_after_seconds)
    yield _gauge("nocontact_blocklist_restrictions", "Restrictions in force.", state.restrictions)
    yield _gauge("nocontact_blocklist_register", "Entries of the confidential register.", state.register)
    yield _gauge(
        "nocontact_blocklist_held_back", "1 when the next list is not in force.", state.why_not is not None
    )
    yield _gauge("nocontact_ledger_waiting", "Records not on the disk yet.", state.ledger_waiting)
    yield _gauge("nocontact_ledger_wait_seconds", "How long the first has waited.", state.ledger_wait_seconds)
    yield _gauge("nocontact_ledger_records", "The last record's number.", state.ledger_seq)
    yield _gauge("nocontact_ledger_failed", "1 when it cannot be written.", state.ledger_failure is not None)
    yield from _held_metrics(state.held, state.now or datetime.now(UTC))
    refused = {(table,): count for table, count in state.rows_refused.items()}
    yield _counter("nocontact_rows_refused", "Rows changed in the database.", ["table"], refused)
    unread = GaugeMetricFamily("nocontact_rows_unread", "What cannot be read.", labels=["of"])
    for of, count in state.rows_unread.items():
        unread.add_metric([of], count)
    yield unread
    yield _gauge("nocontact_cases_unheld", "In force by their word alone.", state.cases_unheld)
    yield _gauge("nocontact_nodes", "Nodes in the prisons.", state.nodes)
    yield _gauge("nocontact_nodes_late", "Silent, behind or in trouble.", len(state.node_troubles))
    yield _counter("nocontact_node_reports_refused", "Reports not taken.", [], {(): state.reports_refused})
    yield _gauge("nocontact_canary_alarms", "Not stopped, or not asked.", len(state.canary_troubles))
    yield _gauge("nocontact_feed_number", "The last change published from here.", state.feed_number)
    yield _gauge(
        "nocontact_feed_failed", "1 when it is not carried to the nodes.", state.feed_trouble is not None
    )
    yield _gauge(
        "nocontact_checkpoints_failed", "1 when the file is behind.", state.checkpoint_failure is not None
    )


def _held_metrics(held: Sequence[Held], now: datetime) -> Iterator[Metric]:
    """What waits for reviewers. A channel of which nothing is held has no lines."""
    counts = GaugeMetricFamily("nocontact_held", "Flags that nobody has decided.", labels=["channel"])
    late = GaugeMetricFamily("nocontact_held_late", "Of these, held for too long.", labels=["channel"])
    ages = GaugeMetricFamily("nocontact_held_seconds", "How long the oldest is held.", labels=["channel"])
    for one in held:
        counts.add_metric([one.channel], one.count)
        late.add_metric([one.channel], one.late)
        ages.add_metric([one.channel], max(0.0, (now - one.oldest).total_seconds()))
    yield from (counts, late, ages)


def _phone_metrics(prisons: Sequence[PrisonFigures]) -> Iterator[Metric]:
    """How far the phone system's lists bear the restrictions out; nothing where no lists are read."""
    if not prisons:
        return
    lists = GaugeMetricFamily("nocontact_phone_lists", "Lists.", labels=["establishment", "state"])
    pairs = GaugeMetricFamily(
        "nocontact_phone_restrictions", "For each prisoner named.", labels=["establishment", "state"]
    )
    drift = GaugeMetricFamily(
        "nocontact_phone_drift", "Entries to be put right.", labels=["establishment", "kind"]
    )
    ages = GaugeMetricFamily(
        "nocontact_phone_age_seconds",
        "Of the oldest list, and of the oldest restriction that is not confirmed.",
        labels=["establishment", "of"],
    )
    now = datetime.now(UTC)
    for one in prisons:
        place = one.establishment or ""
        lists.add_metric([place, "read"], one.lists)
        lists.add_metric([place, "failed"], one.failed)
        for name in ("confirmed", "on_a_list", "not_read"):
            pairs.add_metric([place, name], getattr(one, name))
        for kind, count in sorted(one.drift.items()):
            drift.add_metric([place, kind], count)
        for name, at in (("list", one.oldest_read), ("unconfirmed", one.oldest_open)):
            if at is not None:
                ages.add_metric([place, name], (now - at).total_seconds())
    yield from (lists, pairs, drift, ages)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=float(value))
