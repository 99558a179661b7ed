"""The file of the kept list is believed as it was written, by this key, and not otherwise."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from engine.blocklist import Blocklist, compile_blocklist
from service.blocklist import kept
from service.blocklist.kept import FILE, Origins
from service.storage import sealing
from service.storage.sealing import Vault
from tests.service.blocklist.lists import OTHER_NUMBER
from tests.service.databases import MASTER, sqlite_in
from tests.service.registry.listings import (
    HIS,
    NUMBER,
    entry,
    restriction,
)

ORIGINS = Origins({"R1": 3}, {"E1": 1}, {HIS: ("LEI", None)})


def other_vault() -> Vault:
    """One with keys of its own."""
    return Vault({1: bytes(range(32))}, bytes(32), bytes(range(1, 33)))


def a_list(*numbers: str) -> Blocklist:
    return compile_blocklist([restriction("R1", *(numbers or (NUMBER,)))], [entry()])


@pytest.fixture(scope="module")
def own_vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """A vault that examples share."""
    return sealing.open_vault(sqlite_in(tmp_path_factory.mktemp("vault")), MASTER)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, own_vault: Vault) -> Path:
    """A kept list that examples share."""
    folder = tmp_path_factory.mktemp("kept")
    kept.keep(folder, own_vault, a_list(), ORIGINS)
    return folder / FILE


@contextmanager
def writing_at_most(size: int) -> Iterator[None]:
    """A file of this process that grows beyond so many bytes is an error, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def refused(folder: Path, vault: Vault, content: bytes) -> bool:
    """Whether the file is not believed, with a line in the log that tells nothing of what is in it."""
    (folder / FILE).write_bytes(content)
    with capture_logs() as lines:
        found = kept.load(folder, vault)
    assert all(
        line["event"] == "kept_list_refused" and set(line) == {"event", "error", "log_level"}
        for line in lines
    )
    return found is None and len(lines) == 1


def test_what_is_kept_is_read_back(own_vault: Vault, tmp_path: Path) -> None:
    blocklist = a_list(NUMBER, OTHER_NUMBER)
    kept.keep(tmp_path, own_vault, blocklist, ORIGINS)
    found = kept.load(tmp_path, own_vault)
    assert found is not None
    assert found.blocklist.version == blocklist.version
    assert found.origins == ORIGINS
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_nothing_is_told_where_there_is_none(own_vault: Vault, tmp_path: Path) -> None:
    with capture_logs() as lines:
        assert kept.load(tmp_path, own_vault) is None
    assert lines == []


def test_it_holds_nobodys_details(file: Path) -> None:
    content = file.read_bytes()
    assert not [one for one in (b"Sarah", b"Jones", b"900123", HIS.encode(), b"Wright") if one in content]


def test_of_another_key_it_is_refused(file: Path, tmp_path: Path) -> None:
    assert refused(tmp_path, other_vault(), file.read_bytes())


def test_signed_by_another_key_it_is_refused(own_vault: Vault, tmp_path: Path) -> None:
    """Sealed by the right key, signed by another: who has the one has not the other."""

    class Signing:
        seal = staticmethod(own_vault.seal)
        sign = staticmethod(other_vault().sign)

    kept.keep(tmp_path, Signing(), a_list(), ORIGINS)  # type: ignore[arg-type]
    assert refused(tmp_path, own_vault, (tmp_path / FILE).read_bytes())


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_with_any_byte_changed_it_is_refused(
    file: Path, own_vault: Vault, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    assert refused(tmp_path, own_vault, bytes(content))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_cut_off_or_with_more_behind_it_is_refused(
    file: Path, own_vault: Vault, tmp_path: Path, data: st.DataObject
) -> None:
    content = file.read_bytes()
    changed = data.draw(
        st.integers(0, len(content) - 1).map(lambda end: content[:end])
        | st.binary(min_size=1, max_size=50).map(lambda more: content + more)
        | st.binary(max_size=300)
    )
    assert refused(tmp_path, own_vault, changed)


def test_a_sealed_and_signed_something_else_is_refused(own_vault: Vault, tmp_path: Path) -> None:
    good = a_list()
    for plain in (b"", b"\xff" * 8, bytes(8), (3).to_bytes(8, "big") + b"\xc1\xc1\xc1" + b"no list"):
        sealed = own_vault.seal(plain, "blocklist/kept")
        signed = kept._MAGIC + own_vault.sign(kept._signed(sealed)) + sealed
        assert refused(tmp_path, own_vault, signed), plain
    head = msgspec.msgpack.encode(ORIGINS)
    other = own_vault.seal(len(head).to_bytes(8, "big") + head + bytes(40), "blocklist/kept")
    assert refused(tmp_path, own_vault, kept._MAGIC + own_vault.sign(kept._signed(other)) + other)
    assert good.usable


def test_a_folder_in_its_place_is_refused(own_vault: Vault, tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with capture_logs() as lines:
        assert kept.load(tmp_path, own_vault) is None
    assert [line["event"] for line in lines] == ["kept_list_refused"]


def test_what_cannot_be_written_whole_leaves_the_last_one(own_vault: Vault, tmp_path: Path) -> None:
    kept.keep(tmp_path, own_vault, a_list(), ORIGINS)
    before = (tmp_path / FILE).read_bytes()
    with writing_at_most(300), pytest.raises(OSError, match="too large") as raised:
        kept.keep(tmp_path, own_vault, a_list(OTHER_NUMBER), ORIGINS)
    assert raised.value.errno == errno.EFBIG
    assert (tmp_path / FILE).read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]


def test_what_a_killed_process_left_half_written_is_taken_away(own_vault: Vault, tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, others, alive = (tmp_path / f"{FILE}.{name}" for name in (ended.pid, "copy", os.getppid()))
    for one in (left, others, alive):
        one.write_bytes(b"half")
    kept.keep(tmp_path, own_vault, a_list(), ORIGINS)
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / FILE, others, alive])
