"""Backup of a live database into one file, and restore into an empty place.

The archive is a gzipped tar: a manifest with the SHA-256 of each part, a seal over the manifest made with
the master key, the database, and the ledger's checkpoints. **The master key is not in it**: without the key
of the time nobody can restore it or read a protected detail in it, the owner included. What the database has
in the clear, prisoners' numbers and what was decided, is in the clear here too: keep it as you keep that.

Nothing of an archive is used before its seal and its sums were checked, and nothing is left behind in the
target when the ledger in it does not verify.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import io
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

import msgspec
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Connection, MetaData, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from service.feed.eras import BACKUP, RESTORED, restored_detail
from service.ledger import chain, checkpoints, payloads
from service.ledger.heads import Head
from service.ledger.record import Kind, Record
from service.ledger.tables import ledger_head
from service.ledger.verify import ChainReport, verify
from service.migrations import schema
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database, moment_text
from service.storage.sealing import Vault

FORMAT = 1
"""Of the archive."""
MANIFEST, SEAL, DATABASE = "manifest.json", "manifest.seal", "database"
CHECKPOINTS = checkpoints.FILE
LARGEST_MANIFEST = 1 << 16
"""Bytes; read before anything about the archive is known."""
AT_ONCE = 1 << 20
"""Bytes copied at a time."""
DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian puts the server's programs, a folder for each version."""
PATIENCE = 6 * 3600
"""Seconds for pg_dump and pg_restore."""


class BackupError(Exception):
    """A backup that cannot be made or used, and why. Never holds data."""


class PartOf(msgspec.Struct, frozen=True):
    """One file of the archive."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an archive holds."""

    format: int
    made: str
    backend: Literal["sqlite", "postgresql"]
    revision: str
    """The last migration of its database."""
    ledger_seq: int
    ledger_hash: str
    """The end of its ledger, in hexadecimal; empty before the first record."""
    parts: dict[str, PartOf]


def backup(
    database: Database,
    settings: Settings,
    target: Path,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Manifest:
    """Write everything but the master key into `target`, one state of it, while the service goes on.

    The ledger says that it was made, and so does the ledger in it. Raises BackupError, also when the file is
    there already; SealError without the master key.
    """
    if target.exists():
        raise BackupError(f"{target} is there already")
    master = sealing.read_master_key(settings)
    try:
        # A backup that this key cannot open again would be worth nothing: the vault shows it.
        _record(database, sealing.open_vault(database, master), "made", clock())
    except SQLAlchemyError as error:
        raise BackupError(f"the database cannot be written: {type(error).__name__}") from None
    with _workshop(target.parent) as folder:
        # Before the database: a checkpoint that its records do not reach would look as if they were cut off.
        _copy_checkpoints(settings.data / CHECKPOINTS, folder / CHECKPOINTS)
        copy = _copy_sqlite if database.is_sqlite else _copy_postgres
        revision, head = copy(database, folder / DATABASE)
        manifest = Manifest(
            format=FORMAT,
            made=moment_text(clock()),
            backend="sqlite" if database.is_sqlite else "postgresql",
            revision=revision,
            ledger_seq=head.seq if head else 0,
            ledger_hash=head.hash.hex() if head else "",
            parts={name: _part(folder / name) for name in (DATABASE, CHECKPOINTS)},
        )
        _pack(folder, manifest, master)
        _put(folder / "archive", target)
    return manifest


def restore(
    archive: Path, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> tuple[Manifest, ChainReport]:
    """Bring an archive back into an empty data folder and database, and verify its ledger there.

    The ledger then says that it was restored. The master key of the time has to be in place; it is all that
    the data folder may hold. Raises BackupError for a target that is not empty, an archive that is damaged or
    was changed, or a ledger that does not verify: the target is then as it was. Raises SealError without the
    key.
    """
    master = sealing.read_master_key(settings)
    target = Database(settings.url)
    try:
        _refuse_full(target, settings)
        settings.data.mkdir(parents=True, exist_ok=True)
        with _workshop(settings.data) as folder:
            manifest = _unpack(archive, folder, master)
            _refuse_other(manifest, target)
            if target.is_sqlite:
                report = _restore_sqlite(folder, manifest, master, _sqlite_file(target), clock())
            else:
                report = _restore_postgres(folder, manifest, master, target, clock())
            _put(folder / CHECKPOINTS, settings.data / CHECKPOINTS)
    finally:
        target.close()
    return manifest, report


def _refuse_full(target: Database, settings: Settings) -> None:
    """Raises BackupError when there is anything that a restore would hide or mix with."""
    if target.is_sqlite:
        file = _sqlite_file(target)
        for ending in ("", "-wal", "-shm", "-journal"):  # an old log would be played into the new database
            if Path(f"{file}{ending}").exists():
                raise BackupError(f"{file}{ending} is there already")
    elif tables := _tables(target):
        raise BackupError(f"the database is not empty: it has {len(tables)} tables")
    if settings.data.exists():
        key = settings.master_key_file.resolve()
        others = [entry.name for entry in settings.data.iterdir() if entry.resolve() != key]
        if others:
            raise BackupError(f"{settings.data} is not empty: it holds {', '.join(sorted(others)[:5])}")


def _tables(target: Database) -> list[str]:
    try:
        with target.read() as connection:
            return inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        raise BackupError(f"the database cannot be reached: {type(error).__name__}") from None


def _refuse_other(manifest: Manifest, target: Database) -> None:
    backend = target.url.get_backend_name()
    if manifest.backend != backend:
        raise BackupError(f"the archive is of {manifest.backend}, the settings name {backend}")
    if not schema.known(manifest.revision):
        raise BackupError(
            f"the archive is of a newer version ({manifest.revision}): upgrade the program first"
        )


# Copying


def _copy_checkpoints(source: Path, to: Path) -> None:
    """The whole lines of the file; it may be written to at this moment."""
    try:
        held = source.read_bytes()
    except FileNotFoundError:
        held = b""
    to.write_bytes(held[: held.rfind(b"\n") + 1])


def _copy_sqlite(database: Database, to: Path) -> tuple[str, Head | None]:
    """SQLite's own backup: one state, and writers do not wait for it."""
    with (
        closing(sqlite3.connect(f"{_sqlite_file(database).as_uri()}?mode=rw", uri=True)) as source,
        closing(sqlite3.connect(to)) as copy,
    ):
        source.backup(copy)
    copied = Database(f"sqlite:///{to}")
    try:
        with copied.read() as connection:
            found = _revision(connection), chain.head(connection)
    finally:
        copied.close()
    _make_one_file(to)
    return found


def _make_one_file(database: Path) -> None:
    """Take the write-ahead log into the file, so that nothing has to stand beside it."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _copy_postgres(database: Database, to: Path) -> tuple[str, Head | None]:
    """pg_dump, on the very state whose ledger's end goes into the manifest."""
    program = _program("pg_dump")
    with database.read() as connection:
        found = _revision(connection), chain.head(connection)
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        ask = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={to}"]
        _run(program, ask, database.url)
    return found


def _revision(connection: Connection) -> str:
    has = schema.revision_on(connection)
    if has is None:
        raise BackupError("there is nothing to back up: the database has no tables")
    return has


# The archive


def _part(file: Path) -> PartOf:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256")
    return PartOf(file.stat().st_size, digest.hexdigest())


def _seal(master: bytes, manifest: bytes) -> bytes:
    """By which it shows that the manifest was written by somebody with the master key."""
    key = hashlib.blake2b(key=master, person=b"nocontact backup").digest()
    return hmac.digest(key, manifest, "sha256")


def _pack(folder: Path, manifest: Manifest, master: bytes) -> None:
    written = msgspec.json.encode(manifest)
    with (folder / "archive").open("xb") as out:
        with gzip.open(out, "wb", compresslevel=6) as zipped, tarfile.open(fileobj=zipped, mode="w|") as tar:
            for name, held in ((MANIFEST, written), (SEAL, _seal(master, written))):
                tar.addfile(_member(name, len(held)), io.BytesIO(held))
            for name, part in manifest.parts.items():
                with (folder / name).open("rb") as file:
                    tar.addfile(_member(name, part.bytes), file)
        out.flush()
        os.fsync(out.fileno())


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _unpack(archive: Path, folder: Path, master: bytes) -> Manifest:
    """The archive's parts into the folder, each under the name that we know it by, after its checks."""
    try:
        with gzip.open(archive, "rb") as zipped:
            with tarfile.open(fileobj=zipped, mode="r|") as tar:
                members = _members(tar)
                manifest = _read_manifest(members, master)
                for name, part in manifest.parts.items():
                    _take_part(members, folder / name, part)
                if next(members, None) is not None:
                    raise BackupError("the archive holds more than its manifest names")
            while zipped.read(AT_ONCE):  # to the end, where the sum over everything stands
                pass
    except FileNotFoundError:
        raise BackupError(f"{archive} is not there") from None
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BackupError(f"the archive is damaged or cut off ({type(error).__name__})") from None
    return manifest


Members = Iterator[tuple[str, int, IO[bytes]]]


def _members(tar: tarfile.TarFile) -> Members:
    """Name, size and content of each, read in order; nothing is ever extracted by its own name."""
    for member in tar:
        content = tar.extractfile(member) if member.isreg() else None
        if content is None:
            raise BackupError("the archive holds something that is no file")
        yield member.name, member.size, content


def _read_manifest(members: Members, master: bytes) -> Manifest:
    held = _take_short(members, MANIFEST)
    if not hmac.compare_digest(_take_short(members, SEAL), _seal(master, held)):
        raise BackupError("the archive was changed, or was made under another master key")
    try:
        plain = msgspec.json.decode(held)
        if not isinstance(plain, dict) or plain.get("format") != FORMAT:
            raise BackupError("the archive has a format of a newer version: upgrade the program first")
        manifest = msgspec.convert(plain, Manifest)
    except msgspec.MsgspecError:
        raise BackupError("the manifest cannot be read") from None
    if set(manifest.parts) != {DATABASE, CHECKPOINTS}:
        raise BackupError("the manifest names other parts than an archive has")
    return manifest


def _take_short(members: Members, name: str) -> bytes:
    found, size, content = next(members, ("", 0, io.BytesIO()))
    if found != name or size > LARGEST_MANIFEST:
        raise BackupError("not an archive of nocontact")
    return content.read(size)


def _take_part(members: Members, to: Path, part: PartOf) -> None:
    name, size, content = next(members, ("", 0, io.BytesIO()))
    if name != to.name or size != part.bytes:
        raise BackupError(f"the archive is not what its manifest says: {to.name}")
    digest = hashlib.sha256()
    with to.open("xb") as out:
        while chunk := content.read(AT_ONCE):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != part.sha256:
        raise BackupError(f"the archive is not what its manifest says: {to.name}")


# Putting in place


def _restore_sqlite(folder: Path, manifest: Manifest, master: bytes, to: Path, at: datetime) -> ChainReport:
    """Verified beside its place, then moved there whole."""
    copied = Database(f"sqlite:///{folder / DATABASE}")
    try:
        report = _prove(copied, manifest, master, folder / CHECKPOINTS, at)
    finally:
        copied.close()
    _make_one_file(folder / DATABASE)
    to.parent.mkdir(parents=True, exist_ok=True)
    _put(folder / DATABASE, to)
    return report


def _restore_postgres(
    folder: Path, manifest: Manifest, master: bytes, target: Database, at: datetime
) -> ChainReport:
    """Loaded in one transaction, then verified; taken out again when it does not."""
    ask = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(folder / DATABASE)]
    _run(_program("pg_restore"), ask, target.url)
    try:
        return _prove(target, manifest, master, folder / CHECKPOINTS, at)
    except BaseException:
        with target.write() as connection:
            loaded = MetaData()
            loaded.reflect(connection)
            loaded.drop_all(connection)
        raise


def _prove(database: Database, manifest: Manifest, master: bytes, file: Path, at: datetime) -> ChainReport:
    """Bring the tables up to date and verify the ledger. Raises BackupError."""
    with database.read() as connection:
        revision = _revision(connection)
        head = connection.execute(select(ledger_head.c.seq, ledger_head.c.hash)).one_or_none()
    ends = (revision, head.seq if head else 0, head.hash.hex() if head else "")
    if ends != (manifest.revision, manifest.ledger_seq, manifest.ledger_hash):
        raise BackupError("the database in the archive is not the one that its manifest names")
    schema.upgrade(database, master)
    vault = sealing.open_vault(database, master)
    report = verify(database, vault.public_key, file)
    if report.problems:
        first = report.problems[0]
        count = len(report.problems)
        raise BackupError(
            f"the ledger does not verify, {count} problems; the first at {first.seq}: {first.what}"
        )
    _record(database, vault, RESTORED, at)
    return report


def _record(database: Database, vault: Vault, outcome: str, at: datetime) -> None:
    record = Record(at=at, kind=Kind.SYSTEM, actor="system", subject=BACKUP, outcome=outcome)
    with database.write() as connection:
        if outcome == RESTORED:
            record = msgspec.structs.replace(record, detail=payloads.plain(restored_detail(connection)))
        chain.append(connection, vault, [record])


@contextmanager
def _workshop(parent: Path) -> Iterator[Path]:
    """A folder that only this user can enter, on the disk of the target, gone at the end."""
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".nocontact-", dir=parent) as folder:
        yield Path(folder)


def _put(file: Path, to: Path) -> None:
    """Move a file to where nothing stands yet, whole or not at all; on the disk when this returns."""
    file.chmod(0o600)
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
    try:
        os.link(file, to)
    except FileExistsError:
        raise BackupError(f"{to} is there already") from None
    except OSError:  # another disk, or one without links
        with file.open("rb") as source, _new(to) as out:
            shutil.copyfileobj(source, out, AT_ONCE)
            out.flush()
            os.fsync(out.fileno())
    descriptor = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _new(path: Path) -> IO[bytes]:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise BackupError(f"{path} is there already") from None


# Other programs


def _sqlite_file(database: Database) -> Path:
    name = database.url.database
    if not name or name == ":memory:":
        raise BackupError("a database in memory has no backup")
    return Path(name).resolve()


def _program(name: str) -> Path:
    """One of PostgreSQL's programs: the newest of Debian's, or the first on the path."""
    debian = sorted(DEBIAN.glob(f"*/bin/{name}"), key=_major, reverse=True)
    if debian:
        return debian[0]
    if found := shutil.which(name):
        return Path(found)
    raise BackupError(f"{name} is not installed: on Debian, apt-get install postgresql-client")


def _major(program: Path) -> float:
    try:
        return float(program.parent.parent.name)
    except ValueError:
        return 0.0


def _run(program: Path, ask: list[str], url: URL) -> None:
    """Run one against the database; the password goes by the environment, where nobody lists it."""
    _, reached = url.get_dialect()().create_connect_args(url)  # as the service does: several hosts too
    password = reached.pop("password", None)
    reached.pop("context", None)
    server = make_conninfo(**reached)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    command = [str(program), "--no-password", f"--dbname={server}", *ask]
    try:
        done = subprocess.run(  # noqa: S603 - the program is PostgreSQL's, and no shell reads the arguments
            command, env=environment, capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackupError(f"{program.name} could not run: {type(error).__name__}") from None
    if done.returncode:
        # The first line says what could not be done; those after it can quote rows.
        first = done.stderr.decode(errors="replace").partition("\n")[0]
        raise BackupError(f"{program.name} failed: {first[:200]}")
