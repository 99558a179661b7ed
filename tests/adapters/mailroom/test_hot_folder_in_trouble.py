"""What is in the way of a hot folder is counted, told in words, and gone on with."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from adapters.mailroom import hot_folder
from tests.adapters.mailroom.dropping import FIRST, Answers, Clock, ends, passes, put


def test_folders_and_links_are_left_and_counted_aloud_when_their_number_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hot = Answers().hot(tmp_path)
    put(tmp_path, ".hidden.png", FIRST)
    put(tmp_path, "Thumbs.db", FIRST)
    (tmp_path / "Tallantyre").mkdir()
    put(tmp_path / "Tallantyre", "one.png", FIRST)
    passes(hot, 3)
    (tmp_path / "link.png").symlink_to(tmp_path / "Tallantyre" / "one.png")
    os.mkfifo(tmp_path / "fifo.png")
    passes(hot, 3)
    assert capsys.readouterr().err.splitlines() == [
        "left where they are, unread: 1 folders",
        "left where they are, unread: 1 devices, 1 folders, 1 links",
    ]
    assert not any(ends(tmp_path).values())


@pytest.mark.parametrize("name", ["one.heic", "one.HIF", "one.avif", "one.webp", "one.gif", "one.bmp"])
def test_every_kind_of_picture_is_taken_under_its_own_ending(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, FIRST)
    passes(Answers().hot(tmp_path))
    assert ends(tmp_path)["allow"] == [name, f"{name}.json"]


@pytest.mark.parametrize("name", ["scan", "scan.jp2", "scan.jpg_", "scan.doc", "scan." + "x" * 240])
def test_a_file_of_any_other_ending_is_taken_after_a_minute(tmp_path: Path, name: str) -> None:
    clock = Clock()
    hot = Answers().hot(tmp_path, clock)
    put(tmp_path, name, FIRST)
    assert passes(hot, 3) == [(0, None)] * 3
    clock.now += hot_folder.LEFT
    assert passes(hot, 1) == [(1, None)]
    picture, told = ends(tmp_path)["allow"]
    assert (name.startswith(picture), told) == (True, f"{picture}.json")
    assert json.loads((tmp_path / "allow" / told).read_bytes())["file"] == name


def test_a_name_that_the_file_system_does_not_take_twice_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir = os.mkdir

    def short(path: Path, *given: Any, **options: Any) -> None:
        if len(Path(path).name) > 100:
            raise OSError(errno.ENAMETOOLONG, "too long")
        mkdir(path, *given, **options)

    monkeypatch.setattr(os, "mkdir", short)
    put(tmp_path, "b" * 120 + ".png", FIRST)
    passes(Answers().hot(tmp_path))
    assert ends(tmp_path)["allow"] == ["letter.png", "letter.png.json"]
    told = json.loads((tmp_path / "allow" / "letter.png.json").read_bytes())
    assert told["file"] == "b" * 120 + ".png"


def test_a_picture_that_may_not_be_moved_keeps_no_other_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def guarded(source: Path, target: Path) -> None:
        if Path(source).name.startswith("locked"):
            raise PermissionError(errno.EACCES, "no")
        rename(source, target)

    monkeypatch.setattr(os, "rename", guarded)
    for name in ("locked.png", "locked too.png", "other.png", "third.png"):
        put(tmp_path, name, FIRST)
    hot = Answers().hot(tmp_path)
    assert passes(hot)[1] == (2, "2 pictures wait: this program may not read or move it")
    monkeypatch.undo()
    assert passes(hot, 1) == [(2, None)]


def test_a_full_disk_is_told_and_gone_on_with_when_it_empties(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", "b.png", "c.png"):
        put(tmp_path, name, name.encode())
    service = Answers()
    hot = service.hot(tmp_path)
    fsync = os.fsync

    def full(number: int) -> None:
        if os.readlink(f"/proc/self/fd/{number}").endswith(".json.new"):
            raise OSError(errno.ENOSPC, "full")
        fsync(number)

    monkeypatch.setattr(os, "fsync", full)
    assert passes(hot)[1] == (0, "a picture waits: the disk is full")
    assert len(service.asked) == 1
    monkeypatch.setattr(os, "fsync", fsync)
    assert passes(hot, 1) == [(3, None)]
    assert len(ends(tmp_path)["allow"]) == 6


@pytest.mark.parametrize("end", ["allow", ".taking"])
def test_a_folder_that_cannot_be_made_is_told_and_gone_on_with_when_it_can(tmp_path: Path, end: str) -> None:
    put(tmp_path, "a.png", FIRST)
    in_the_way = put(tmp_path, end, b"a file")
    hot = Answers().hot(tmp_path)
    told = "the folder cannot be read or written: another file lies in its place"
    assert passes(hot) == [(0, told)] * 2
    in_the_way.unlink()
    assert passes(hot)[1] == (1, None)
