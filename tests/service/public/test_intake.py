"""The intake: files that are whole or not there, within bounds, that nobody else can look at."""

from __future__ import annotations

import os
import resource
import stat
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path

import pytest

from service.public.intake import IntakeFolder, IntakeFullError


def intake(folder: Path, most: int = 10, most_bytes: int = 1_000) -> IntakeFolder:
    return IntakeFolder(folder, most=most, most_bytes=most_bytes)


def test_what_is_put_in_is_there_whole_under_a_name_that_says_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "to be made" / "intake"
    intake(folder).put(b"sealed")
    (file,) = folder.iterdir()
    assert file.read_bytes() == b"sealed"
    assert len(file.stem) == 32
    assert file.suffix == ".asked"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert stat.S_IMODE(folder.stat().st_mode) & 0o7777 == 0o2770


@pytest.mark.parametrize(("most", "most_bytes"), [(3, 1_000), (100, 21)])
def test_the_bounds_hold_however_many_come_at_once(tmp_path: Path, most: int, most_bytes: int) -> None:
    made = intake(tmp_path, most, most_bytes)
    refused: list[bool] = []

    def put() -> None:
        try:
            made.put(b"sealed.")
        except IntakeFullError:
            refused.append(True)

    threads = [threading.Thread(target=put) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(list(tmp_path.iterdir())), len(refused)) == (3, 9)
    with pytest.raises(IntakeFullError):
        made.require_room()
    next(tmp_path.iterdir()).unlink()
    made.put(b"sealed.")


def put_as_others_do(folder: str) -> int:
    """From another process: how many of five requests were taken in."""
    made, taken = intake(Path(folder), 12), 0
    for _ in range(5):
        with suppress(IntakeFullError):
            made.put(b"sealed.")
            taken += 1
    return taken


def test_the_bounds_hold_for_several_processes_together(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, get_context("forkserver")) as others:
        taken = sum(others.map(put_as_others_do, [str(tmp_path)] * 4))
    assert (taken, len(list(tmp_path.iterdir()))) == (12, 12)


def test_what_waits_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        (tmp_path / f"{number}.asked").write_bytes(bytes(100))
    made, measured = intake(tmp_path, most=100), Counter[str]()
    size = IntakeFolder._size

    def measure(self: IntakeFolder, name: str) -> int:
        measured[name] += 1
        return size(self, name)

    monkeypatch.setattr(IntakeFolder, "_size", measure)
    for _ in range(3):
        made.require_room()
    assert measured == dict.fromkeys((f"{number}.asked" for number in range(9)), 1)
    with pytest.raises(IntakeFullError):
        made.put(bytes(101))
    (tmp_path / "1.asked").unlink()
    made.put(bytes(101))


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """The disk takes no more of a file: as when it is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path: Path) -> None:
    made = intake(tmp_path, most_bytes=1 << 20)
    with files_no_longer_than(4_096), pytest.raises(IntakeFullError):
        made.put(bytes(100_000))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_no_room(tmp_path: Path) -> None:
    folder = tmp_path / "intake"
    made = intake(folder)
    folder.rmdir()
    for act in (made.require_room, lambda: made.put(b"sealed")):
        with pytest.raises(IntakeFullError):
            act()


def test_what_a_killed_process_had_begun_is_swept_up_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    old, new, whole = tmp_path / ".a.part", tmp_path / ".b.part", tmp_path / "c.asked"
    for file in (old, new, whole):
        file.write_bytes(b"x")
    for file in (old, whole):
        os.utime(file, (1, 1))
    intake(tmp_path)
    assert sorted(tmp_path.iterdir()) == [new, whole]
