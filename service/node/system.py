"""A running node: the parts that checks need, with a list that is followed, not built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

import structlog
from prometheus_client import Gauge
from sqlalchemy import inspect

from engine.policy import read_policy
from service.access.access import Access
from service.access.sessions import end_at_marks
from service.check.asking import Asking
from service.feed.api_messages import Enrolment, NodeKeys
from service.feed.redis_address import RedisAddress, read_address
from service.ledger import checkpoints, payloads
from service.ledger.keeping import Keeping
from service.ledger.record import Record
from service.ledger.rollback import refuse_rollback
from service.ledger.times import Start, of_service
from service.ledger.writer import LedgerWriter
from service.mail.reading import Readers
from service.mail.standing import Standings
from service.mail.trays import Trays
from service.migrations import schema
from service.node.canaries import NodeCanaries
from service.node.centre_line import CentreLine
from service.node.decisions_back import EVERY as DECISIONS_EVERY
from service.node.decisions_back import DecisionsBack
from service.node.following import Follower
from service.node.forwarding import EVERY, Forwarder
from service.node.held import Freshness, ListHeld, Workers
from service.node.kept import KeptFeed
from service.node.keys import NodeKeyring, read_public_key
from service.node.letters import NodeItems
from service.node.list_in_force import FollowedList
from service.node.pictures import EVERY as PICTURES_EVERY
from service.node.pictures import PictureForwarder
from service.node.telling import Telling
from service.node.troubles import NodeTroubles
from service.operations import health
from service.operations.clock import Clock
from service.operations.metrics import Metrics
from service.operations.repeating import Repeating
from service.registry.journal import Journal
from service.review.queueing import queue_here
from service.review.reviews import Reviews
from service.review.waiting import EVERY as HELD_EVERY
from service.review.waiting import Waiting
from service.settings import Settings
from service.storage import sealing
from service.storage.database import HELD_BY_NODE, Database
from service.storage.private import keep_private
from service.storage.sealing import Vault

START = Start(times_kept=True, queued_elsewhere=False)
"""Said, since a node of before kept none of its flags in a queue of its own."""
FORGET_EVERY = 600.0
"""Seconds between looks for what was read on letters whose time is over."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class FollowedWhereabouts:
    """Where prisoners are, as the feed says."""

    followed: ListHeld

    def where_is(self, prisoner: str | None) -> str | None:
        """The prison; None when nobody knows. Of a number that was merged, that of the one it became."""
        have = self.followed.followed
        return have.prisoners.where_is(prisoner) if have is not None else None

    def knows(self, prisoner: str) -> bool:
        """Whether anybody noted where this prisoner is."""
        return self.followed.followed is not None and prisoner in self.followed.followed.prisoners


@dataclass(frozen=True)
class NoCases:
    """Cases are at the centre."""

    count: int = 0


@dataclass(frozen=True)
class NoIntake:
    """Requests of the public come in at the centre."""

    unreadable: int = 0
    trouble: str | None = None


@dataclass(frozen=True)
class NoNodes:
    """Nodes report to the centre; canaries are this one's own."""

    canaries: NodeCanaries
    states: tuple[object, ...] = ()
    trouble_words: tuple[str, ...] = ()
    refused: int = 0

    @property
    def canary_words(self) -> tuple[str, ...]:
        """What is wrong with them."""
        return self.canaries.troubles


@dataclass(frozen=True)
class NodeSystem:
    """Every part."""

    settings: Settings
    clock: Clock
    database: Database
    vault: Vault
    registry: FollowedWhereabouts
    ledger: LedgerWriter
    access: Access
    current: FollowedList
    asking: Asking
    metrics: Metrics
    follower: Follower
    line: CentreLine
    forwarder: Forwarder
    forwarding: Repeating
    reviews: Reviews
    waiting: Waiting
    mail: NodeItems
    trays: Trays
    readers: Readers
    beside: tuple[Repeating, ...]
    """What is done again and again beside the answers and the forwarding."""
    canaries: NodeCanaries
    reports: NoNodes
    workers: Workers | None = None
    """To whom the list is handed, where others answer by it."""
    unheld: NoCases = field(default_factory=NoCases)
    intake: NoIntake = field(default_factory=NoIntake)
    feed: None = None


GAUGES: dict[str, tuple[str, Callable[[NodeSystem], float]]] = {
    "nocontact_node_change": ("The feed's last change in force.", lambda node: node.current.number),
    "nocontact_node_ahead": ("Changes that the centre has more.", lambda node: node.current.ahead),
    "nocontact_node_unheard_seconds": ("Since the centre was heard.", lambda node: node.current.unheard),
    "nocontact_node_clock_apart_seconds": (
        "By which its clock is ahead of the centre's.",
        lambda node: node.clock.apart.total_seconds(),
    ),
    "nocontact_node_not_forwarded": (
        "Decisions that the centre has not got.",
        lambda node: node.forwarder.waiting(),
    ),
    "nocontact_node_pictures_waiting": (
        "Pictures of held letters that the centre has not got.",
        lambda node: node.mail.pictures_waiting(),
    ),
}
"""What a node has of metrics beside the service's."""


@contextmanager
def open_node(
    settings: Settings,
    enrolment: Enrolment,
    freshness: Freshness | None = None,
    workers: Callable[[Vault], Workers] | None = None,
) -> Iterator[NodeSystem]:
    """A running node on its data folder, which is made where there is none.

    `workers` makes, of the node's vault, what hands the list to the processes that answer by it; they read
    in `freshness` how old it is.

    Raises SealError and WithdrawnError where it has no keys, HeldError where another runs on the folder,
    RollbackError where an older one was put back, ValueError for an address that is none.
    """
    keyring = NodeKeyring(enrolment, settings)
    keys = keyring.first()
    keep_private(settings.data)
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{settings.data / 'nocontact.db'}", wait=settings.database_wait)
    try:
        with database.held(alone=True, otherwise=HELD_BY_NODE):
            vault = _vault(database, keys.node_key)
            refuse_rollback(database, vault.public_key, checkpoints.files(settings))
            handing = workers(vault) if workers is not None else None
            made = _make(settings, enrolment, keys, keyring, database, vault, freshness, handing)
            with _running(made) as system:
                yield system
    finally:
        database.close()


def _vault(database: Database, node_key: bytes) -> Vault:
    """The node's own, whose master key is the centre's word. Its tables are made at the first start."""
    with database.read() as connection:
        is_new = not inspect(connection).get_table_names()
    if is_new:
        schema.make(database, node_key)
    else:
        schema.upgrade(database, node_key)
    return sealing.open_vault(database, node_key)


def _make(
    settings: Settings,
    enrolment: Enrolment,
    keys: NodeKeys,
    keyring: NodeKeyring,
    database: Database,
    vault: Vault,
    freshness: Freshness | None,
    workers: Workers | None,
) -> NodeSystem:
    freshness = freshness or Freshness()
    clock = Clock(elsewhere=freshness.elsewhere)
    keeping = Keeping(settings.data, vault.public_key, every=settings.checkpoint_seconds)
    ledger = LedgerWriter(
        database,
        vault,
        keeping,
        most_waiting=settings.most_waiting,
        origin=settings.ledger_origin,
        along=(queue_here(vault), end_at_marks(vault)),
        clock=clock,
    )

    def write_record(record: Record) -> None:
        ledger.write_now(record)

    current = FollowedList(
        read_public_key(enrolment),
        keys.feed_key,
        KeptFeed(settings.data, vault),
        read_policy(settings.policy.read_bytes() if settings.policy else None),
        fixed=settings.policy is not None,
        smaller=settings.smaller_list,
        silent=settings.node_silent,
        freshness=freshness,
        workers=workers,
        prison=enrolment.prison if settings.node_holds == "own" else "",
    )
    line = CentreLine(enrolment)
    forwarder = Forwarder(line, keys.node_key, database, vault, settings.data, lambda: current.era)
    journal = Journal(database, vault, clock)
    reviews = Reviews(journal)
    standings = Standings(vault, reviews)
    mail = NodeItems(database, vault, standings, timedelta(days=settings.mail_days))
    waiting = Waiting(database, timedelta(hours=settings.held_hours), clock, lambda connection, late: ())
    pictures = PictureForwarder(line, keys.node_key, mail, lambda: forwarder.until)
    back = DecisionsBack(line, keys.node_key, journal, settings.data, lambda: current.era)
    canaries = NodeCanaries(
        settings.data,
        clock,
        timedelta(hours=settings.canary_hours),
        lambda: current.screener.blocklist.version if current.screener else "",
        write_record,
    )
    readers = Readers(settings.mail_readers, zip_codes=settings.mail_zip_codes)
    tried = {
        "centre": Repeating("forwarding", forwarder.step, EVERY),
        "pictures": Repeating("pictures", pictures.step, PICTURES_EVERY),
        "settled": Repeating("decisions", back.step, DECISIONS_EVERY),
        "held": Repeating("held", waiting.look, HELD_EVERY),
        "mail": Repeating("mail", lambda: mail.forget(clock.earliest()), FORGET_EVERY),
    }
    forwarding, *beside = tried.values()
    url = settings.redis_url
    follower = Follower(
        enrolment.name,
        keys.node_key,
        current,
        partial(_connect, read_address(url.get_secret_value())) if url is not None else None,
        Telling(settings.data),
        keys=keyring.feed_key_anew,
        waiting=forwarder.waiting,
        canaries_seen=lambda: canaries.packed,
        snapshot_url=settings.snapshot_url,
        software=version("nocontact"),
        troubles=NodeTroubles(ledger, current, readers, tried, most_waiting=settings.most_waiting),
        clock=clock,
    )
    registry = FollowedWhereabouts(current)
    watched: list[NodeSystem] = []
    metrics = Metrics(lambda: health.state(watched[0]))
    made = NodeSystem(
        settings=settings,
        clock=clock,
        database=database,
        vault=vault,
        registry=registry,
        ledger=ledger,
        access=Access(database, vault, settings, clock, write_record, count=metrics.sign_in),
        current=current,
        asking=Asking(settings, registry, metrics, _tell),
        metrics=metrics,
        follower=follower,
        line=line,
        forwarder=forwarder,
        forwarding=forwarding,
        reviews=reviews,
        waiting=waiting,
        mail=mail,
        trays=Trays(journal, standings),
        readers=readers,
        beside=tuple(beside),
        canaries=canaries,
        reports=NoNodes(canaries),
        workers=workers,
    )
    watched.append(made)
    _add_gauges(made)
    return made


def _connect(address: RedisAddress, patience: float) -> Any:
    """A client of Redis, which is loaded once somebody asks for it: a start does not wait for that."""
    from service.feed.carrier import connect

    return connect(address, patience)


def _add_gauges(system: NodeSystem) -> None:
    for name, (says, value) in GAUGES.items():
        Gauge(name, says, registry=system.metrics.registry).set_function(partial(value, system))
    system.metrics.registry.register(system.canaries)


@contextmanager
def _running(system: NodeSystem) -> Iterator[NodeSystem]:
    """Start every part, and stop each at the end, the ledger last."""
    with ExitStack() as stack:
        stack.enter_context(system.ledger)
        system.ledger.write_now(of_service(system.clock(), "started", payloads.plain(START)))
        stack.callback(lambda: system.ledger.write_now(of_service(system.clock(), "stopped")))
        stack.callback(system.access.close)
        system.current.start()
        system.follower.start()
        stack.callback(system.follower.stop)
        stack.callback(system.line.close)
        for each in (system.forwarding, *system.beside):
            each.start()
            stack.callback(each.stop)
        stack.callback(system.readers.close)
        yield system


def _tell(key: str, words: str) -> None:
    """Of a key that asks as no prison does: the centre sees its decisions, the log says it here."""
    _log.warning("probing", key=key)
