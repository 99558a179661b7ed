"""The commands of whoever runs the service: making it, starting it, lists in and out, keys, backups."""

from __future__ import annotations

import base64
import getpass
import os
import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import click
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from rich.console import Console
from sqlalchemy import inspect

from engine import dates, saved
from engine.blocklist import Blocklist
from engine.policy import Policy
from engine.screener import Screener
from matchers.prison import PRISON_CODE
from service.access.access import Access
from service.access.model import Principal, Role
from service.blocklist.current import Current
from service.blocklist.in_force import make_current, make_registry
from service.cli.starting import clear_errors, fail, settings_of, settings_to_serve
from service.ledger import chain, checkpoints, rollback
from service.ledger.evidence import ProofError, evidence, older_checkpoint
from service.ledger.record import Kind, Record
from service.ledger.verify import verify as verify_ledger
from service.migrations import schema
from service.operations import backup as backups
from service.operations.verifying import verify_rows
from service.phone_lists.figures import ShownDrift, all_drift
from service.phone_lists.held import DriftState
from service.registry import directory_import, importing
from service.registry.importing import Imported
from service.registry.journal import Journal
from service.registry.registry import Registry
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database
from service.storage.sealing import Vault
from service.system import make_reconciler, open_vault

MOST_SHOWN = 50
"""Lines of errors that are printed."""
_stderr = Console(stderr=True, highlight=False)
_clear_errors = partial(clear_errors, ProofError, backups.BackupError)


def init(data: Path | None) -> None:
    """Make the tables, the master key and the first administrator; print her password, once."""
    settings = settings_of(data)
    with _clear_errors(), _opened(settings) as database:
        with database.read() as connection:
            if inspect(connection).get_table_names():
                fail("there is a database already; nothing was changed")
        master = _master_key(settings)
        schema.make(database, master)
        vault = sealing.open_vault(database, master)
        _write_public_key(settings, vault)
        password = _access(settings, database, vault).make_first_admin()
    _stderr.print(f"The data folder is {settings.data}.", markup=False, soft_wrap=True)
    _stderr.print(
        "Sign in as admin with this password. It is shown this once, and has to be changed:", soft_wrap=True
    )
    print(password)


def serve(data: Path | None) -> None:
    """Answer until told to stop. Prints the address that it listens on."""
    from service.serving import serve as serve_until_stopped  # the other commands need no web server

    with _clear_errors():
        serve_until_stopped(settings_to_serve(data))


def key(data: Path | None, roles: Sequence[Role], prisons: Sequence[str], label: str, days: int) -> None:
    """Make an API key for a machine, and print it once, as the last word."""
    settings = settings_of(data)
    if not all(re.fullmatch(PRISON_CODE, code) for code in prisons):
        fail("--prison: not a prison's code, three capital letters")
    with _clear_errors(), _opened(settings) as database:
        vault = open_vault(settings, database)
        identifier = f"{_name_of(label)}-{secrets.token_hex(3)}"
        made = _access(settings, database, vault).keys.create(
            _operator(), identifier, roles, prisons, label=label, days=days
        )
    print(f"{made.key.id}, until {dates.day_of(made.key.expires_at)}: {made.secret}")


def intake_key(data: Path | None) -> None:
    """Print the public key with which the public form seals, in base64."""
    settings = settings_of(data)
    with _clear_errors(), _opened(settings) as database:
        key = open_vault(settings, database).intake_key.public_key()
    print(base64.b64encode(key.public_bytes_raw()).decode())


def import_(data: Path | None, file: str, *, confidential: bool, replace: bool) -> None:
    """Take restrictions into the registry, or entries into the confidential register."""
    settings = settings_of(data)
    take = importing.import_register if confidential else importing.import_restrictions
    with _clear_errors(), ExitStack() as stack:
        source = _source(file, stack)
        database = stack.enter_context(_opened(settings))
        done = take(_registry(settings, database), _operator().id, source, replace=replace)
    _tell(done)
    if done.errors or not done.lines:
        raise click.exceptions.Exit(1)


def import_prisoners(data: Path | None, file: str) -> None:
    """Take prisoners into the directory."""
    settings = settings_of(data)
    with _clear_errors(), ExitStack() as stack:
        source = _source(file, stack)
        registry = _registry(settings, stack.enter_context(_opened(settings)))
        done = directory_import.import_prisoners(registry, _operator().id, source)
    _tell(done)
    if done.errors or not done.lines:
        raise click.exceptions.Exit(1)


def export(data: Path | None, *, confidential: bool) -> None:
    """Write every restriction in force to standard output, in the clear. Status 1 where one is missing."""
    settings = settings_of(data)
    give = importing.export_register if confidential else importing.export_restrictions
    with _clear_errors(), _opened(settings) as database:
        done = give(_registry(settings, database), _operator().id, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    _stderr.print(f"{done.written:,} written")
    for id_ in done.unread:
        _stderr.print(f"{id_}: cannot be read, and is not in it", markup=False, soft_wrap=True)
    if done.unread:
        raise click.exceptions.Exit(1)


def verify(data: Path | None, checkpoint_file: Path | None, public_key: Path | None) -> None:
    """Check that no record of the ledger was changed, removed, put elsewhere or cut off, and that every row
    is as it was written and as the ledger says; say where."""
    settings = settings_of(data)
    with _clear_errors(), _opened(settings) as database:
        vault = None if public_key and not _has_master_key(settings) else open_vault(settings, database)
        trusted = _public_key(public_key) if public_key else open_vault(settings, database).public_key
        files = [checkpoint_file] if checkpoint_file else _kept(settings)
        if not files:
            _stderr.print("no checkpoint file: a database brought back from before would not show")
        report = verify_ledger(database, trusted, *files)
        faults = [] if vault is None else verify_rows(database, vault)
    if vault is None:
        _stderr.print("no master key: the ledger is verified, and not the rows of the other tables")
    for problem in report.problems:
        print(f"record {problem.seq}: {problem.what}")
    for fault in faults:
        print(f"{fault.table} {fault.key}: {fault.what}")
    if report.settled:
        _stderr.print(
            f"{report.settled:,} checkpoints are of a ledger that was given up: an accepted rollback"
        )
    print(f"{report.records:,} records, {len(report.problems) + len(faults):,} problems")
    if report.problems or faults:
        raise click.exceptions.Exit(1)


def _has_master_key(settings: Settings) -> bool:
    return settings.key is not None or settings.master_key_file.exists()


def _kept(settings: Settings) -> list[Path]:
    return [file for file in checkpoints.files(settings) if file.exists()]


def accept_rollback(data: Path | None, why: str) -> None:
    """Record that an older database was put back on purpose; the service starts on it from then on."""
    settings = settings_of(data)
    with _clear_errors(), _opened(settings) as database, database.held(alone=True):
        vault = open_vault(settings, database)
        found = rollback.accept(database, vault, checkpoints.files(settings), why, _operator().id, _now())
    _stderr.print(f"Recorded: {found}", markup=False, soft_wrap=True)


def proof(data: Path | None, seq: int, file: Path, since: Path | None) -> None:
    """Write what proves one record to somebody outside. That is recorded as a view."""
    settings = settings_of(data)
    with _clear_errors(), _opened(settings) as database:
        vault = open_vault(settings, database)
        older = older_checkpoint(since, vault) if since else None
        viewed = Record(
            at=_now(), kind=Kind.VIEW, actor=_operator().id, subject=f"ledger/{seq}", outcome="proved"
        )
        with database.read() as connection:
            made = evidence(connection, vault, seq, older)  # a record that is not there was not viewed
        with database.write() as connection:
            chain.append(connection, vault, [viewed])
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(msgspec.json.format(msgspec.json.encode(made)) + b"\n")
    _stderr.print(f"{file}: record {seq:,}, {len(made.path)} hashes", markup=False, soft_wrap=True)


def reconcile(data: Path | None, prisoners: Sequence[str]) -> None:
    """Read lists in the phone system now; print what is to be put right, as JSON Lines without numbers."""
    settings = settings_of(data)
    if settings.phone_system_url is None:
        fail("no phone system: set NOCONTACT_PHONE_SYSTEM_URL")
    with _clear_errors(), _opened(settings) as database:
        registry = _registry(settings, database)
        current, _ = _in_force(settings, registry)
        done = make_reconciler(settings, registry, current, _now).now(prisoners)
        for drift in all_drift(registry.journal, prisoners):
            if drift.state is not DriftState.RELEASED:
                print(_drift_line(drift))
    _stderr.print(f"{done.read:,} lists read, {done.failed:,} failed; {done.found:,} new, {done.gone:,} gone")
    if done.failed:
        raise click.exceptions.Exit(1)


def _drift_line(drift: ShownDrift) -> str:
    plain = {
        "prisoner": drift.prisoner,
        "establishment": drift.establishment,
        "kind": drift.kind.value,
        "state": drift.state.value,
        "since": drift.found_at.isoformat(),
        "codes": drift.codes,
        "restrictions": drift.restrictions,
    }
    return msgspec.json.encode(plain).decode()


def save_blocklist(data: Path | None, file: Path) -> None:
    """Write the blocklist in force into a file, for a switch that has to answer when no node does.

    A list that lost restrictions is written as the service would hold it, with exit status 1.
    """
    with in_force(data) as now:
        now.journal.saw(now.by.id, "blocklist", "saved to a file for a switch")
        new = file.with_name(f"{file.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(saved.save(now.blocklist, now.policy))
        new.replace(file)
    _stderr.print(f"{file}: {now.blocklist.version}", markup=False, soft_wrap=True)
    if not now.blocklist.complete:
        raise click.exceptions.Exit(1)


def backup(data: Path | None, file: Path) -> None:
    """Write everything but the master key into one file, while the service goes on."""
    settings = settings_of(data)
    with _clear_errors(), _opened(settings) as database:
        manifest = backups.backup(database, settings, file)
    _stderr.print(f"{file}: the ledger up to record {manifest.ledger_seq:,}", markup=False, soft_wrap=True)


def restore(data: Path | None, file: Path) -> None:
    """Bring a backup back into an empty data folder and database. The master key has to be in its place."""
    settings = settings_of(data)
    with _clear_errors():
        manifest, report = backups.restore(file, settings)
    _stderr.print(f"back as of {manifest.made}: {report.records:,} records, and the ledger verifies")
    _stderr.print("where there are nodes: bring back what was done since, then nocontact feed-anew --why …")


def rotate(data: Path | None, new_key_file: Path) -> None:
    """Make a new data key, which seals from now on, and wrap every one under a new master key.

    Refused while a service runs on it: that could not open what is sealed with a key it does not know.
    """
    settings = settings_of(data)
    with _clear_errors(), _opened(settings) as database, database.held(alone=True):
        old, new = sealing.read_master_key(settings), sealing.new_master_key()
        vault = sealing.open_vault(database, old)
        sealing.write_master_key(new_key_file, new)
        try:
            with database.write() as connection:
                sealing.rotate(connection, old, new)
                chain.append(connection, vault, [_record("keys", "rotated")])
        except BaseException:
            new_key_file.unlink()
            raise
    _stderr.print(f"Start the service with NOCONTACT_KEY_FILE={new_key_file}", markup=False, soft_wrap=True)


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.url)
    try:
        yield database
    finally:
        database.close()


class AtWork(NamedTuple):
    """What a command works with that changes who may come in."""

    settings: Settings
    journal: Journal
    access: Access
    by: Principal


@contextmanager
def at_work(data: Path | None) -> Iterator[AtWork]:
    """The database of the settings, opened; what goes wrong is told in one line."""
    settings = settings_of(data)
    with _clear_errors(), _opened(settings) as database:
        vault = open_vault(settings, database)
        access = _access(settings, database, vault)
        yield AtWork(settings, Journal(database, vault, _now), access, _operator())


class ListNow(NamedTuple):
    """The list and the policy as the service would hold them now."""

    settings: Settings
    journal: Journal
    blocklist: Blocklist
    policy: Policy
    by: Principal


@contextmanager
def in_force(data: Path | None) -> Iterator[ListNow]:
    """What is in force, to be looked at; what goes wrong is told in one line."""
    settings = settings_of(data)
    with _clear_errors(), _opened(settings) as database:
        registry = _registry(settings, database)
        _, screener = _in_force(settings, registry)
        yield ListNow(settings, registry.journal, screener.blocklist, screener.policy, _operator())


def _registry(settings: Settings, database: Database) -> Registry:
    registry = make_registry(settings, database, open_vault(settings, database), _now)
    registry.start()
    return registry


def _in_force(settings: Settings, registry: Registry) -> tuple[Current, Screener]:
    """The list as the service would hold it now, to be looked at; what it lost is told."""
    current = make_current(settings, registry)
    current.refresh()
    screener = current.screener
    if screener is None:
        fail(current.why_not or "there is no blocklist")
    if not screener.blocklist.complete:
        why = current.why_not or "restrictions cannot be read"
        _stderr.print(f"nocontact: nothing is allowed on this list: {why}", markup=False, soft_wrap=True)
    return current, screener


def _access(settings: Settings, database: Database, vault: Vault) -> Access:
    def write_record(record: Record) -> None:
        with database.write() as connection:
            chain.append(connection, vault, [record])

    return Access(database, vault, settings, _now, write_record)


def _operator() -> Principal:
    """Whoever runs the command: has the database and its key, so may do all of it."""
    return Principal(id=f"operator:{getpass.getuser()}", roles=frozenset({Role.ADMIN}), name="operator")


def _record(subject: str, outcome: str) -> Record:
    return Record(
        at=_now(),
        kind=Kind.SYSTEM,
        actor=_operator().id,
        subject=subject,
        outcome=outcome,
    )


def _master_key(settings: Settings) -> bytes:
    """The key that is there, else a new one in its file."""
    if settings.key is not None or settings.master_key_file.exists():
        return sealing.read_master_key(settings)
    made = sealing.new_master_key()
    sealing.write_master_key(settings.master_key_file, made)
    return made


def _write_public_key(settings: Settings, vault: Vault) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    (settings.data / "ledger.pem").write_bytes(vault.public_key_pem)


def _public_key(file: Path) -> Ed25519PublicKey:
    try:
        found = load_pem_public_key(file.read_bytes())
    except (ValueError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PublicKey):
        fail(f"{file}: not an Ed25519 public key in PEM")
    return found


def _source(file: str, stack: ExitStack) -> BinaryIO:
    return sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))


def _name_of(label: str) -> str:
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in label.lower())
    return plain.strip("-")[:30] or "key"


def _tell(done: Imported) -> None:
    for error in done.errors[:MOST_SHOWN]:
        _stderr.print(f"nocontact: {error}", markup=False, soft_wrap=True)
    if len(done.errors) > MOST_SHOWN:
        _stderr.print(f"nocontact: … and {len(done.errors) - MOST_SHOWN:,} more")
    for note in done.notes[:MOST_SHOWN]:
        _stderr.print(f"nocontact: {note}", markup=False, soft_wrap=True)
    if len(done.notes) > MOST_SHOWN:
        _stderr.print(f"nocontact: … and {len(done.notes) - MOST_SHOWN:,} more notes")
    counts = f"{done.added:,} added, {done.changed:,} changed, {done.unchanged:,} as they were"
    _stderr.print(f"{done.lines:,} lines: {counts}, {done.removed:,} removed, {len(done.errors):,} errors")
    if done.held:
        _stderr.print(f"{done.held:,} wait for a second person: they hold until then")


def _now() -> datetime:
    return datetime.now(UTC)
