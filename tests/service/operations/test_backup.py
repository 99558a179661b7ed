"""A backup of a live database comes back whole and verified, or not at all."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from sqlalchemy import inspect, make_url, select, text

from service.ledger import chain, checkpoints, heads
from service.ledger.keeping import Keeping
from service.ledger.record import ledger
from service.ledger.verify import verify
from service.ledger.writer import LedgerWriter
from service.migrations import schema
from service.operations import backup as backups
from service.operations.backup import BackupError, Manifest, backup, restore
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database
from service.storage.sealing import SealError, Vault
from tests.service import postgres
from tests.service.databases import MASTER
from tests.service.ledger.records import fill, record

RECORDS = 20
WITH_BACKUP = RECORDS + 1
"""The ledger in a backup says that it was made."""


class Place(NamedTuple):
    """Where to back up from and to."""

    database: Database
    vault: Vault
    settings: Settings
    archive: Path


def settings_of(folder: Path, url: str | None, master: bytes = MASTER) -> Settings:
    """Settings of a data folder that holds its master key and nothing else."""
    sealing.write_master_key(folder / "master.key", master)
    return Settings(data=folder, database_url=url, _env_file=None)  # type: ignore[call-arg]


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the server that runs, where no others are installed."""
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{postgres._programs()}")


@pytest.fixture
def place(database: Database, vault: Vault, tmp_path: Path) -> Place:
    """A database with a few records and a checkpoint."""
    fill(database, vault, RECORDS)
    settings = settings_of(tmp_path / "data", database.url.render_as_string(hide_password=False))
    with database.read() as connection:
        head = chain.head(connection)
    assert head is not None
    checkpoints.add(settings.data / checkpoints.FILE, heads.to_note(head, vault.public_key))
    return Place(database, vault, settings, tmp_path / "backups" / "monday.tar.gz")


@pytest.fixture
def empty(place: Place, tmp_path: Path) -> Callable[[], Settings]:
    """Makes an empty target on the same kind of server; on PostgreSQL in place of what was there."""

    def make() -> Settings:
        if place.database.is_sqlite:
            return settings_of(tmp_path / "target", None)
        with place.database.write() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        return settings_of(tmp_path / "target", place.settings.url)

    return make


def is_empty(settings: Settings) -> bool:
    """Whether nothing was put there but the key."""
    if settings.database_url is not None:
        database = Database(settings.url)
        with database.read() as connection:
            tables = inspect(connection).get_table_names()
        database.close()
        if tables:
            return False
    return [entry.name for entry in settings.data.iterdir()] == ["master.key"]


def test_what_was_backed_up_comes_back(place: Place, empty: Callable[[], Settings]) -> None:
    manifest = backup(place.database, place.settings, place.archive)
    target = empty()
    restored, report = restore(place.archive, target)
    assert restored == manifest
    assert (report.records, report.problems) == (WITH_BACKUP, [])
    assert (manifest.ledger_seq, manifest.revision) == (WITH_BACKUP, schema.head())
    database = Database(target.url)
    try:
        vault = sealing.open_vault(database, MASTER)
        assert vault.digest("phone", "x") == place.vault.digest("phone", "x")
        assert verify(database, vault.public_key, target.data / checkpoints.FILE).problems == []
        assert schema.differences(database) == []
        with database.read() as connection:
            said = connection.execute(select(ledger.c.outcome).where(ledger.c.subject == "backup"))
            assert list(said.scalars()) == ["made", "restored"]
    finally:
        database.close()
    held = (place.settings.data / checkpoints.FILE).read_bytes()
    assert (target.data / checkpoints.FILE).read_bytes() == held


def test_a_backup_while_others_write_is_one_state(
    place: Place, empty: Callable[[], Settings], tmp_path: Path
) -> None:
    writer = LedgerWriter(
        place.database,
        place.vault,
        Keeping(place.settings.data, place.vault.public_key),
        most_waiting=100,
    )
    stop = threading.Event()

    def write() -> None:
        number = 1_000
        while not stop.is_set():
            writer.write_now(record(number))
            number += 1

    with writer:
        busy = threading.Thread(target=write)
        busy.start()
        try:
            taken = [
                backup(place.database, place.settings, tmp_path / "backups" / f"{n}.tar.gz") for n in range(3)
            ]
        finally:
            stop.set()
            busy.join()
    assert taken[0].ledger_seq < taken[2].ledger_seq
    _, report = restore(tmp_path / "backups" / "2.tar.gz", empty())
    assert report.records == taken[2].ledger_seq


def test_only_its_owner_can_read_it_and_the_key_is_not_in_it(place: Place) -> None:
    backup(place.database, place.settings, place.archive)
    assert place.archive.stat().st_mode & 0o777 == 0o600
    held = gzip.decompress(place.archive.read_bytes())
    assert MASTER not in held
    assert base64.b64encode(MASTER) not in held
    assert [entry.name for entry in place.archive.parent.iterdir()] == [place.archive.name]


def test_an_older_backup_is_not_overwritten(place: Place) -> None:
    place.archive.parent.mkdir()
    place.archive.write_bytes(b"older")
    with pytest.raises(BackupError, match="there already"):
        backup(place.database, place.settings, place.archive)
    assert place.archive.read_bytes() == b"older"


def test_a_key_of_another_database_backs_nothing_up(place: Place, tmp_path: Path) -> None:
    other = settings_of(tmp_path / "other", place.settings.url, bytes(32))
    with pytest.raises(SealError):
        backup(place.database, other, place.archive)
    assert not place.archive.exists()


def test_a_target_that_is_not_empty_is_refused(place: Place, empty: Callable[[], Settings]) -> None:
    backup(place.database, place.settings, place.archive)
    with pytest.raises(BackupError, match=r"already|not empty"):
        restore(place.archive, place.settings)
    target = empty()
    (target.data / "blocklist.bin").write_bytes(b"of another database")
    with pytest.raises(BackupError, match="not empty"):
        restore(place.archive, target)
    assert (target.data / "blocklist.bin").read_bytes() == b"of another database"


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.99, "a byte short"])
def test_a_cut_off_archive_is_refused(place: Place, empty: Callable[[], Settings], kept: float | str) -> None:
    backup(place.database, place.settings, place.archive)
    held = place.archive.read_bytes()
    place.archive.write_bytes(held[:-1] if isinstance(kept, str) else held[: int(len(held) * kept)])
    target = empty()
    with pytest.raises(BackupError):
        restore(place.archive, target)
    assert is_empty(target)


def test_an_archive_under_another_key_is_refused(
    place: Place, empty: Callable[[], Settings], tmp_path: Path
) -> None:
    backup(place.database, place.settings, place.archive)
    target = empty()
    other = settings_of(tmp_path / "stranger", target.database_url, bytes(32))
    with pytest.raises(BackupError, match="another master key"):
        restore(place.archive, other)
    assert is_empty(other)


def members(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def pack(archive: Path, held: dict[str, bytes], kinds: dict[str, bytes] | None = None) -> None:
    """An archive of these members; `kinds` makes one a link, say."""
    archive.unlink(missing_ok=True)
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in held.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.type = (kinds or {}).get(name, tarfile.REGTYPE)
            member.linkname = "/etc/passwd" if name in (kinds or {}) else ""
            tar.addfile(member, io.BytesIO(content))


def resealed(held: dict[str, bytes], **parts: bytes) -> dict[str, bytes]:
    """The archive with other parts, as somebody with the master key could make it."""
    manifest = msgspec.json.decode(held[backups.MANIFEST], type=Manifest)
    named = {
        name: backups.PartOf(len(content), hashlib.sha256(content).hexdigest())
        for name, content in {**{name: held[name] for name in manifest.parts}, **parts}.items()
    }
    written = msgspec.json.encode(msgspec.structs.replace(manifest, parts=named))
    seal = backups._seal(MASTER, written)
    return {backups.MANIFEST: written, backups.SEAL: seal, **{n: {**held, **parts}[n] for n in named}}


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


TAMPERINGS: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "another database": lambda held: {**held, "database": flip(held["database"])},
    "other checkpoints": lambda held: {**held, checkpoints.FILE: b"{}\n"},
    "no checkpoints": lambda held: {name: held[name] for name in held if name != checkpoints.FILE},
    "another manifest": lambda held: {
        **held,
        backups.MANIFEST: held[backups.MANIFEST].replace(b'"ledger_seq":21', b'"ledger_seq":20'),
    },
    "no seal": lambda held: {name: held[name] for name in held if name != backups.SEAL},
    "one more": lambda held: {**held, "../../escaped": b"x"},
    "in the place of the manifest": lambda held: {"/tmp/escaped": b"{}", **held},  # noqa: S108
    "a manifest beyond measure": lambda held: {**held, backups.MANIFEST: b" " * (1 << 20)},
    "sums of its own": lambda held: {
        **resealed(held, database=flip(held["database"])),
        backups.SEAL: held[backups.SEAL],
    },
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_an_archive_that_was_changed_is_refused(
    place: Place, empty: Callable[[], Settings], tmp_path: Path, how: str
) -> None:
    backup(place.database, place.settings, place.archive)
    before = members(place.archive)
    after = TAMPERINGS[how](before)
    assert after != before
    pack(place.archive, after)
    target = empty()
    with pytest.raises(BackupError):
        restore(place.archive, target)
    assert is_empty(target)
    assert not list(tmp_path.rglob("escaped"))


def test_a_link_in_an_archive_is_not_followed(place: Place, empty: Callable[[], Settings]) -> None:
    backup(place.database, place.settings, place.archive)
    held = members(place.archive)
    target = empty()
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE):
        pack(place.archive, {**held, "database": b""}, {"database": kind})
        with pytest.raises(BackupError):
            restore(place.archive, target)
        assert is_empty(target)


def test_a_ledger_that_does_not_verify_is_not_put_in_place(
    place: Place, empty: Callable[[], Settings]
) -> None:
    with place.database.write() as connection:
        connection.execute(text("UPDATE ledger SET outcome = 'allow' WHERE seq = 7"))
    backup(place.database, place.settings, place.archive)
    target = empty()
    with pytest.raises(BackupError, match="the first at 7"):
        restore(place.archive, target)
    assert is_empty(target)


def test_checkpoints_beyond_the_database_are_told(place: Place, empty: Callable[[], Settings]) -> None:
    backup(place.database, place.settings, place.archive)
    held = members(place.archive)
    fill(place.database, place.vault, 1)
    with place.database.read() as connection:
        head = chain.head(connection)
    assert head is not None
    checkpoints.add(place.settings.data / checkpoints.FILE, heads.to_note(head, place.vault.public_key))
    newer = (place.settings.data / checkpoints.FILE).read_bytes()
    pack(place.archive, resealed(held, **{checkpoints.FILE: newer}))
    target = empty()
    with pytest.raises(BackupError, match="cut off"):
        restore(place.archive, target)
    assert is_empty(target)


def test_an_archive_for_the_other_server_is_refused(place: Place, tmp_path: Path) -> None:
    backup(place.database, place.settings, place.archive)
    if place.database.is_sqlite:
        pytest.skip("the other way round needs no second server")
    target = settings_of(tmp_path / "target", None)
    with pytest.raises(BackupError, match="of postgresql"):
        restore(place.archive, target)
    assert is_empty(target)


def test_the_servers_programs_reach_what_the_service_reaches(tmp_path: Path) -> None:
    """With several hosts of which one takes writes, they went to whatever is on this machine."""
    program, told = tmp_path / "pg_dump", tmp_path / "told"
    program.write_text(f'#!/bin/sh\necho "$@" "$PGPASSWORD" > {told}\n')
    program.chmod(0o700)
    hosts = "host=first.example:5432&host=second.example:5433&target_session_attrs=read-write"
    backups._run(program, [], make_url(f"postgresql+psycopg://nocontact:s%40cret@/register?{hosts}"))
    said = told.read_text().split()
    assert {"host=first.example,second.example", "port=5432,5433", "target_session_attrs=read-write"} <= {
        *said
    }
    assert (said[-1], told.read_text().count("s@cret")) == ("s@cret", 1)


def test_without_the_servers_programs_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    if place.database.is_sqlite:
        pytest.skip("SQLite needs none")
    monkeypatch.setattr(backups, "DEBIAN", Path("/nowhere"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BackupError, match="postgresql-client"):
        backup(place.database, place.settings, place.archive)
    assert not place.archive.exists()
