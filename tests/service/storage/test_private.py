"""Folders 0700 and files 0600, those that were there before too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.storage.private import FILE, FOLDER, keep_private


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_what_is_there_and_what_is_made_later_is_the_owners(tmp_path: Path) -> None:
    data, outside = tmp_path / "data", tmp_path / "outside"
    (data / "deeper").mkdir(parents=True)
    outside.write_text("x")
    (data / "deeper" / "old").write_text("x")
    (data / "link").symlink_to(outside)
    keep_private(data)
    (data / "new").write_text("x")
    (data / "newer").mkdir()
    assert [mode(data), mode(data / "deeper"), mode(data / "newer")] == [FOLDER] * 3
    assert [mode(data / "deeper" / "old"), mode(data / "new")] == [FILE] * 2
    assert mode(outside) == 0o644


def test_a_narrower_umask_stays(tmp_path: Path) -> None:
    os.umask(0o177)
    keep_private(tmp_path / "none")
    assert os.umask(0o022) == 0o177
