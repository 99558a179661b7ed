"""The running system: its parts, put together once at the start and handed to whoever answers requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.notifying.govuk_notify import GovukNotify
from adapters.pin_phone.lists import PhoneSystem
from service.access.access import Access
from service.access.sessions import end_at_marks
from service.blocklist.current import Current
from service.blocklist.in_force import make_current, make_registry
from service.cases.cases import Cases
from service.cases.figures import Figures
from service.cases.intake import FormIntake
from service.cases.looking_again import EVERY as LOOK_AGAIN_EVERY
from service.cases.looking_again import LookingAgain
from service.cases.notices import Notices
from service.cases.reminders import FOLLOW_EVERY, Reminders
from service.cases.retention import Retention
from service.cases.rules import BankHolidays
from service.cases.unheld import Unheld
from service.check.asking import Asking
from service.feed.nodes import Nodes
from service.feed.pictures import NodePictures
from service.feed.records import RecordIntake
from service.feed.reports import EVERY as LOOK_AT_NODES_EVERY
from service.feed.reports import NodeReports
from service.feed.serving import Feed, make_feed
from service.ledger import checkpoints, payloads
from service.ledger.keeping import Keeping, to_folder, to_url
from service.ledger.record import Record
from service.ledger.rollback import refuse_rollback
from service.ledger.times import Start, of_service
from service.ledger.writer import LedgerWriter
from service.mail.items import Items
from service.mail.reading import Readers
from service.mail.standing import Standings
from service.mail.trays import Trays
from service.migrations import schema
from service.migrations.schema import SchemaError
from service.operations import health
from service.operations.clock import Clock
from service.operations.metrics import Metrics
from service.operations.missing import EVERY as LOOK_FOR_MISSING_EVERY
from service.operations.missing import LeftOut
from service.operations.repeating import Repeating
from service.phone_lists.held import held as held_on_lists
from service.phone_lists.lists import PhoneLists
from service.phone_lists.reconciling import Reconciler
from service.phone_lists.unlisted import EVERY as UNLISTED_EVERY
from service.phone_lists.unlisted import Unlisted
from service.registry.registry import Registry
from service.review.patterns import Patterns
from service.review.queueing import queue_up
from service.review.reviews import Reviews
from service.review.settling import Settler
from service.review.waiting import EVERY as HELD_EVERY
from service.review.waiting import Waiting
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database
from service.storage.private import keep_private
from service.storage.sealing import Vault

TAKE_IN_EVERY = 5.0
"""Seconds between looks for requests of the public form."""
SEND_EVERY = 60.0
"""Seconds between looks for messages to whoever asked."""
FORGET_EVERY = 600.0
"""Seconds between looks for pictures of envelopes whose time is over."""
HOLD_EVERY = 5.0
"""Seconds in which the keys could be changed after PostgreSQL failed over, before they are held again."""


@dataclass(frozen=True)
class System:
    """Every part, each made with the ones above it."""

    settings: Settings
    clock: Clock
    database: Database
    vault: Vault
    registry: Registry
    ledger: LedgerWriter
    access: Access
    current: Current
    reviews: Reviews
    settler: Settler
    waiting: Waiting
    counting: Repeating
    reconciler: Reconciler
    patterns: Patterns
    asking: Asking
    unlisted: Repeating
    metrics: Metrics
    mail: Items
    trays: Trays
    readers: Readers
    forgetting: Repeating
    cases: Cases
    reminders: Reminders
    reminding: Repeating
    unheld: Unheld
    holding: Repeating
    notices: Notices
    figures: Figures
    retention: Retention
    intake: FormIntake
    taking_in: Repeating
    sending: Repeating
    missing: Repeating
    looking_again: Repeating
    nodes: Nodes
    reports: NodeReports
    records: RecordIntake
    pictures: NodePictures
    looking_at_nodes: Repeating
    feed: Feed | None


def make_system(
    settings: Settings, database: Database, vault: Vault, clock: Callable[[], datetime] | None = None
) -> System:
    """The parts, put together and not started. Raises PolicyError, OSError for a policy that cannot be used,
    ValueError for an issuer that cannot be trusted."""
    clock = Clock.of(clock)
    registry = make_registry(settings, database, vault, clock)
    ledger = LedgerWriter(
        database,
        vault,
        make_keeping(settings, vault),
        most_waiting=settings.most_waiting,
        origin=settings.ledger_origin,
        along=(queue_up(registry.journal), end_at_marks(vault)),
        clock=clock,
    )

    def write_record(record: Record) -> None:
        ledger.write_now(record)

    current = make_current(settings, registry, write_record)
    reviews = Reviews(registry.journal)
    reconciler = make_reconciler(settings, registry, current, clock)
    patterns = Patterns(registry.journal)
    watched: list[System] = []
    metrics = Metrics(lambda: health.state(watched[0]), lambda: reconciler.figures)
    asking = Asking(settings, registry, metrics, patterns.suspect)
    unlisted = Unlisted(database, vault, asking.probing, lambda: reconciler.is_on)
    standings = Standings(vault, reviews)
    longest = timedelta(hours=settings.held_hours)
    waiting = Waiting(
        database, longest, clock, lambda connection, late: held_on_lists(connection, reviews, late)
    )
    keep = timedelta(days=settings.mail_days)
    mail, pictures = Items(database, vault, standings, keep), NodePictures(database, vault, keep)
    access = Access(database, vault, settings, clock, write_record, count=metrics.sign_in)
    cases = Cases(registry, BankHolidays())
    reminders = Reminders(registry)
    unheld = Unheld(registry)
    nodes = Nodes(registry.journal)
    reports = NodeReports(
        registry.journal,
        nodes,
        timedelta(seconds=settings.node_silent),
        timedelta(hours=settings.canary_hours),
    )
    intake = FormIntake(settings.intake, vault.intake_key, cases)
    made = System(
        settings=settings,
        clock=clock,
        database=database,
        vault=vault,
        registry=registry,
        ledger=ledger,
        access=access,
        current=current,
        reviews=reviews,
        settler=Settler(reviews, registry),
        waiting=waiting,
        counting=Repeating("held", waiting.look, HELD_EVERY),
        reconciler=reconciler,
        patterns=patterns,
        asking=asking,
        unlisted=Repeating("unlisted", unlisted.step, UNLISTED_EVERY),
        metrics=metrics,
        mail=mail,
        trays=Trays(registry.journal, standings),
        readers=Readers(settings.mail_readers, zip_codes=settings.mail_zip_codes),
        forgetting=Repeating(
            "mail", lambda: mail.forget(clock.earliest()) + pictures.forget(clock.earliest()), FORGET_EVERY
        ),
        cases=cases,
        reminders=reminders,
        reminding=Repeating("reminders", reminders.step, FOLLOW_EVERY),
        unheld=unheld,
        holding=Repeating("unheld", unheld.step, FOLLOW_EVERY),
        notices=Notices(cases, registry),
        figures=Figures(registry),
        retention=Retention(cases, registry, settings.case_days),
        intake=intake,
        taking_in=Repeating("intake", intake.step, TAKE_IN_EVERY),
        sending=Repeating("outbox", make_sending(settings, cases), SEND_EVERY),
        missing=Repeating("missing", LeftOut(database, vault).look, LOOK_FOR_MISSING_EVERY),
        looking_again=Repeating("looking_again", LookingAgain(registry, cases).step, LOOK_AGAIN_EVERY),
        nodes=nodes,
        reports=reports,
        records=RecordIntake(vault, ledger, metrics),
        pictures=pictures,
        looking_at_nodes=Repeating("nodes", reports.look, LOOK_AT_NODES_EVERY),
        feed=make_feed(settings, registry, current, nodes, reports),
    )
    watched.append(made)
    return made


def make_sending(settings: Settings, cases: Cases) -> Callable[[], int]:
    """A round of sending what whoever asked is told; nothing where the settings name nobody who carries it.

    Raises ValueError where Notify's client is not installed, or a template is missing.
    """
    if settings.notify_key is None:
        return lambda: 0
    email, text = settings.notify_email_template, settings.notify_text_template
    if not (email and text):
        raise ValueError("NOCONTACT_NOTIFY_KEY needs both templates of Notify as well")
    try:
        sender = GovukNotify(settings.notify_key.get_secret_value(), email, text)
    except ImportError:
        raise ValueError("NOCONTACT_NOTIFY_KEY needs Notify's client: install nocontact[notify]") from None
    return lambda: cases.outbox.send(sender)


def make_keeping(settings: Settings, vault: Vault) -> Keeping:
    """Where the settings want checkpoints to be kept."""
    couriers = []
    if settings.checkpoint_folder is not None:
        couriers.append(to_folder(settings.checkpoint_folder))
    if settings.checkpoint_url is not None:
        couriers.append(to_url(settings.checkpoint_url))
    every = settings.checkpoint_seconds
    return Keeping(settings.data, vault.public_key, every=every, couriers=tuple(couriers))


def make_reconciler(
    settings: Settings, registry: Registry, current: Current, clock: Callable[[], datetime]
) -> Reconciler:
    """What keeps the phone system's lists reconciled; idle where the settings name no phone system."""
    lists = None
    if settings.phone_system_url is not None:
        secret = settings.phone_system_client_secret
        phones = PhoneSystem(
            settings.phone_system_url,
            settings.phone_system_client_id,
            secret.get_secret_value() if secret is not None else "",
        )
        lists = PhoneLists(registry, phones.read)
    every = timedelta(hours=settings.phone_lists_hours)
    return Reconciler(registry, current, lists, clock, every=every)


@contextmanager
def running(system: System) -> Iterator[System]:
    """Start every part, and stop each at the end, the ledger last: what waits for the disk is written."""
    with ExitStack() as stack:
        stack.enter_context(system.ledger)
        system.ledger.write_now(of_service(system.clock(), "started", payloads.plain(Start(times_kept=True))))
        stack.callback(lambda: system.ledger.write_now(of_service(system.clock(), "stopped")))
        stack.callback(system.access.close)
        system.current.start()
        stack.callback(system.current.stop)
        if system.feed is not None:
            system.feed.start()
            stack.callback(system.feed.stop)
        system.looking_at_nodes.start()
        stack.callback(system.looking_at_nodes.stop)
        system.settler.start()
        stack.callback(system.settler.stop)
        system.counting.start()
        stack.callback(system.counting.stop)
        system.patterns.start()
        stack.callback(system.patterns.stop)
        system.reconciler.start()
        stack.callback(system.reconciler.stop)
        system.unlisted.start()
        stack.callback(system.unlisted.stop)
        system.forgetting.start()
        stack.callback(system.forgetting.stop)
        system.taking_in.start()
        stack.callback(system.taking_in.stop)
        system.sending.start()
        stack.callback(system.sending.stop)
        system.missing.start()
        stack.callback(system.missing.stop)
        system.reminding.start()
        stack.callback(system.reminding.stop)
        system.holding.start()
        stack.callback(system.holding.stop)
        stack.callback(system.reminders.close)
        system.looking_again.start()
        stack.callback(system.looking_again.stop)
        stack.callback(system.readers.close)
        yield system


@contextmanager
def open_system(settings: Settings) -> Iterator[System]:
    """A running system on the database of the settings.

    Raises as `open_vault` and `make_system`, HeldError while its keys are being changed, and RollbackError
    where a checkpoint shows that an older database was put back.
    """
    keep_private(settings.data)
    database = Database(settings.url, wait=settings.database_wait)
    try:
        # Held first: whoever changes the keys does it before they are read, or not at all.
        with database.held(), ExitStack() as stack:
            holding = Repeating("hold", database.hold_again, HOLD_EVERY)
            holding.start()
            stack.callback(holding.stop)
            vault = open_vault(settings, database)
            refuse_rollback(database, vault.public_key, checkpoints.files(settings))
            with running(make_system(settings, database, vault)) as system:
                yield system
    finally:
        database.close()


def open_vault(settings: Settings, database: Database) -> Vault:
    """The vault of a database that `nocontact init` has made, its tables brought up to date.

    Raises SealError without the right master key, SchemaError for an empty database or a newer one's tables.
    """
    master = sealing.read_master_key(settings)
    if schema.revision(database) is None:  # tables without keys would keep `nocontact init` from making both
        raise SchemaError("there is no database yet: `nocontact init` makes it")
    schema.upgrade(database, master)
    return sealing.open_vault(database, master)
