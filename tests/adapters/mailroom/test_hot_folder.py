"""Pictures that a scanner drops end in the right folder, each once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.mailroom import hot_folder
from adapters.mailroom.client import Mailroom, MailroomError, Result
from adapters.mailroom.hot_folder import HotFolder
from adapters.mailroom.scans import KINDS
from benchmarks.mail.soak import Dropped, is_done, soak
from benchmarks.mail.soak import count as count_soak
from engine.model import Verdict
from service.access.model import Role
from tests.adapters.mailroom.drawing import encoded, envelope
from tests.adapters.mailroom.dropping import (
    FIRST,
    NOBODY,
    SECOND,
    Answers,
    Clock,
    begun,
    ends,
    passes,
    paused,
    put,
)
from tests.service.running import service_in

RESTRICTED = ("Ms R Tallantyre", "14 Larkmead Street", "Ambermouth", "LS1 4AB")
"""The address of the tests' restriction."""
ELSEWHERE = ("Mr J Brown", "7 Quarry Lane", "Otherstead", "LS9 9ZZ")
SENDER = ("From: T Vance X1234BC", "HMP Leeds")


def settled(hot: HotFolder) -> list[Path]:
    """What waits a second after the first look."""
    hot.waiting()
    clock: Clock = hot._clock  # type: ignore[assignment]
    clock.now += hot_folder.SETTLED
    return hot.waiting()


@pytest.fixture(scope="module")
def mailroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A machine of the mailroom, at a real service."""
    with service_in(tmp_path_factory.mktemp("mail")) as service, service.key(Role.MAILROOM) as machine:
        yield machine


def beside(folder: Path) -> dict[str, Any]:
    """The only answer there is."""
    [path] = folder.glob("*/*.json")
    return dict(json.loads(path.read_bytes()))


def take_all(folder: Path, machine: httpx.Client, tray: str) -> list[Result | None]:
    key = machine.headers["authorization"].split()[1]

    async def run() -> list[Result | None]:
        async with Mailroom(str(machine.base_url), key, tray) as service:
            await service.begin()
            hot = HotFolder(folder, service, clock=Clock())
            return [await hot.take(path) for path in settled(hot)]

    return asyncio.run(run())


def test_real_envelopes_are_read_and_a_real_service_decides(mailroom: httpx.Client, tmp_path: Path) -> None:
    put(tmp_path, "restricted.png", encoded(envelope(RESTRICTED, SENDER)))
    put(tmp_path, "elsewhere.jpg", encoded(envelope(ELSEWHERE, SENDER), "JPEG"))
    put(tmp_path, "blank.tif", encoded(envelope(()), "TIFF"))
    put(tmp_path, "broken.pdf", b"%PDF-1.7 nonsense")
    put(tmp_path, "empty.png", b"")
    put(tmp_path, "disguised.png", b"MZ" + bytes(500))
    results = {one.file: one for one in take_all(tmp_path, mailroom, "real") if one}
    assert ends(tmp_path)["allow"] == ["elsewhere.jpg", "elsewhere.jpg.json"]
    assert ends(tmp_path)["block"] == ["restricted.png", "restricted.png.json"]
    held = [name for name in ends(tmp_path)["flag"] if not name.endswith(".json")]
    assert held == ["blank.tif", "broken.pdf", "disguised.png", "empty.png"]
    assert results["broken.pdf"].problem == "broken: it cannot be read to its end"
    assert results["disguised.png"].problem == f"not a {KINDS}"
    beside = (tmp_path / "block" / "restricted.png.json").read_text()
    assert json.loads(beside)["decision"] == "block"
    for secret in ("Larkmead", "Tallantyre", "LS1"):
        assert secret not in beside


def test_a_file_counts_as_whole_when_two_looks_a_second_apart_see_no_change(tmp_path: Path) -> None:
    clock = Clock()
    hot = Answers().hot(tmp_path, clock)
    path = put(tmp_path, "young.png", b"half")
    assert hot.waiting() == []
    clock.now += 0.5
    assert hot.waiting() == []
    put(tmp_path, "young.png", b"both halves")
    clock.now += 0.5
    assert hot.waiting() == []
    clock.now += 1.0
    assert hot.waiting() == [path]


@pytest.mark.parametrize(("data", "time"), [(b"longer", 1e9), (b"first", 1e9 + 0.004)])
def test_another_length_or_another_time_is_a_change(tmp_path: Path, data: bytes, time: float) -> None:
    hot = Answers().hot(tmp_path)
    os.utime(put(tmp_path, "young.png", FIRST), (1e9, 1e9))
    hot.waiting()
    os.utime(put(tmp_path, "young.png", data), (time, time))
    assert settled(hot) == [tmp_path / "young.png"]
    os.utime(put(tmp_path, "young.png", FIRST), (1e9, 1e9))
    assert hot.waiting() == []


@pytest.mark.parametrize("time", [0, 1e8, 4e9])
def test_the_clock_of_a_scanner_makes_no_difference(tmp_path: Path, time: float) -> None:
    path = put(tmp_path, "ahead.png", b"half")
    os.utime(path, (time, time))
    hot = Answers().hot(tmp_path)
    assert hot.waiting() == []
    assert settled(hot) == [path]


def test_a_picture_that_is_replaced_while_the_service_is_asked_does_not_end_on_the_others_answer(
    tmp_path: Path,
) -> None:
    put(tmp_path, "scan.png", FIRST)

    def decide(data: bytes) -> Verdict:
        if data == FIRST:
            put(tmp_path, "scan.png", SECOND)
        return "allow" if data == FIRST else "block"

    hot = Answers(decide).hot(tmp_path)
    passes(hot)
    assert (tmp_path / "allow" / "scan.png").read_bytes() == FIRST
    assert (tmp_path / "scan.png").read_bytes() == SECOND
    passes(hot)
    [other] = (tmp_path / "block").glob("*.png")
    assert other.read_bytes() == SECOND
    assert (tmp_path / "block" / f"{other.name}.json").exists()


def test_a_picture_that_changes_after_the_look_waits_again(tmp_path: Path) -> None:
    service = Answers()
    hot = service.hot(tmp_path)
    put(tmp_path, "scan.png", FIRST)
    [path] = settled(hot)
    put(tmp_path, "scan.png", b"half of the second")
    assert asyncio.run(hot.take(path)) is None
    assert path.exists()
    assert service.asked == []


def test_a_picture_that_is_replaced_at_the_moment_of_its_renaming_waits_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Answers()
    hot = service.hot(tmp_path)
    put(tmp_path, "scan.png", FIRST)
    [path] = settled(hot)
    rename = os.rename

    def replaced(source: Path, target: Path) -> None:
        put(tmp_path, "scan.png", b"half")
        rename(source, target)

    monkeypatch.setattr(os, "rename", replaced)
    assert asyncio.run(hot.take(path)) is None
    assert service.asked == []
    monkeypatch.undo()
    passes(hot)
    assert service.asked == [b"half"]
    assert ends(tmp_path)["allow"] == ["scan.png", "scan.png.json"]


def test_a_picture_that_is_written_on_while_the_service_is_asked_is_asked_about_again(tmp_path: Path) -> None:
    writing = put(tmp_path, "scan.png", b"half").open("ab", buffering=0)

    def decide(data: bytes) -> Verdict:
        if data == b"half":
            writing.write(b" and half")
        return "flag" if data == b"half" else "allow"

    service = Answers(decide)
    passes(service.hot(tmp_path), 4)
    writing.close()
    assert service.asked == [b"half", b"half and half"]
    assert ends(tmp_path) == {"allow": ["scan.png", "scan.png.json"], "block": [], "flag": []}


def test_while_nobody_answers_a_picture_waits_and_is_taken_up_at_the_next_start(tmp_path: Path) -> None:
    put(tmp_path, "one.png", FIRST)

    async def run() -> None:
        async with Mailroom(NOBODY, "no key", "nobody") as service:
            hot = HotFolder(tmp_path, service, clock=Clock())
            [path] = settled(hot)
            with pytest.raises(MailroomError, match="cannot be reached"):
                await hot.take(path)

    asyncio.run(run())
    assert begun(tmp_path) == ["one.png"]
    assert not any(ends(tmp_path).values())
    passes(Answers().hot(tmp_path))
    assert beside(tmp_path)["file"] == "one.png"
    assert ends(tmp_path)["allow"] == ["one.png", "one.png.json"]
    assert list((tmp_path / ".taking").iterdir()) == []


NAMES = {
    os.fsdecode(b"Z\xfcrich.png"): "Z%FCrich.png",
    "Zürich.png": "Z%C3%BCrich.png",
    " space in front.png": "%20space in front.png",
    "line\nbreak\x7f.png": "line%0Abreak%7F.png",
    "100%.png": "100%25.png",
    "a" * 251 + ".png": "a" * 251 + ".png",
    "ü" * 125 + ".png": "%C3%BC" * 125 + ".png",
}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_file_of_any_name_ends_with_its_ending_and_is_named_in_printable_ascii(
    mailroom: httpx.Client, tmp_path: Path, name: str
) -> None:
    put(tmp_path, name, b"%PDF-1.7 nonsense")
    [result] = take_all(tmp_path, mailroom, "names")
    assert result is not None
    assert result.file == beside(tmp_path)["file"] == NAMES[name]
    [path] = (tmp_path / "flag").glob("*.png")
    assert path.name == name if len(os.fsencode(name)) < 200 else name.startswith(path.stem)
    assert (tmp_path / "flag" / f"{path.name}.json").exists()


def test_a_file_that_vanishes_between_two_looks_at_it_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "gone.png", FIRST)
    put(tmp_path, "here.png", SECOND)
    hot = Answers().hot(tmp_path)
    stat = Path.stat

    def vanishing(path: Path, **options: bool) -> os.stat_result:
        if path.name == "gone.png":
            path.unlink(missing_ok=True)
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", vanishing)
    assert passes(hot) == [(0, None), (1, None)]


def test_a_file_that_vanishes_before_its_turn_ends_nothing(tmp_path: Path) -> None:
    put(tmp_path, "a.png", FIRST)
    put(tmp_path, "b.png", SECOND)

    def decide(_: bytes) -> Verdict:
        (tmp_path / "b.png").unlink()
        return "allow"

    assert passes(Answers(decide).hot(tmp_path), 3) == [(0, None), (1, None), (0, None)]


def test_the_program_is_told_of_a_new_picture_and_looks_by_itself_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hot = Answers().hot(tmp_path)

    async def waited(new: Callable[[], object]) -> float:
        began = time.monotonic()
        waiting = asyncio.create_task(hot._something_new())
        await asyncio.sleep(0.3)  # until the watch has begun
        new()
        await waiting
        return time.monotonic() - began

    monkeypatch.setattr(hot_folder, "EVERY", 30.0)
    assert asyncio.run(waited(lambda: put(tmp_path, "one.png", FIRST))) < 15
    monkeypatch.setattr(hot_folder, "EVERY", 0.5)
    assert asyncio.run(waited(lambda: None)) < 15
    tmp_path.joinpath("one.png").unlink()
    tmp_path.rmdir()
    assert asyncio.run(waited(lambda: None)) < 15


def test_a_folder_that_cannot_be_reached_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, away = tmp_path / "scans", tmp_path / "away"
    hot = Answers().hot(folder)
    steps: list[Callable[[], object]] = [
        folder.mkdir,
        lambda: put(folder, "one.png", FIRST),
        lambda: folder.rename(away),
        lambda: away.rename(folder),
        lambda: None,
    ]
    assert paused(hot, monkeypatch, steps) == [2, 1, 1, 2, 1, 1]
    assert ends(folder)["allow"] == ["one.png", "one.png.json"]


def test_the_same_picture_again_is_one_item_and_every_file_is_kept(
    mailroom: httpx.Client, tmp_path: Path
) -> None:
    data = encoded(envelope(ELSEWHERE, SENDER))
    results = []
    for name in ("scan.png", "scan.png", "other.png"):
        put(tmp_path, name, data)
        results += take_all(tmp_path, mailroom, "again")
    assert len({one.id for one in results if one}) == 1
    assert mailroom.get("/v1/mail/trays/again").json()["items"] == 1
    pictures = [name for name in ends(tmp_path)["allow"] if name.endswith(".png")]
    assert len(pictures) == 3
    assert {f"{name}.json" for name in pictures} <= set(ends(tmp_path)["allow"])


@pytest.mark.parametrize("end", ["allow", "flag"])
def test_the_answer_to_a_picture_that_was_taken_away_by_hand_is_kept(tmp_path: Path, end: str) -> None:
    (tmp_path / end).mkdir()
    (tmp_path / end / "one.png.json").write_text("another's")
    put(tmp_path, "one.png", FIRST)
    passes(Answers().hot(tmp_path))
    assert (tmp_path / end / "one.png.json").read_text() == "another's"
    [picture] = (tmp_path / "allow").glob("*.png")
    assert picture.name != "one.png"
    assert (tmp_path / "allow" / f"{picture.name}.json").exists()


def test_a_picture_that_was_put_into_an_end_by_hand_is_not_written_over(tmp_path: Path) -> None:
    put(tmp_path, "one.png", FIRST)

    def decide(_: bytes) -> Verdict:
        put(tmp_path / "allow", "one.png", SECOND)
        return "allow"

    hot = Answers(decide).hot(tmp_path)
    assert passes(hot)[1] == (0, "a picture waits: another file lies in its place")
    assert (tmp_path / "allow" / "one.png").read_bytes() == SECOND
    assert begun(tmp_path) == ["one.png"]
    (tmp_path / "allow" / "one.png").unlink()
    passes(hot, 1)
    assert (tmp_path / "allow" / "one.png").read_bytes() == FIRST


class PowerCut(BaseException):
    """Nothing of the program runs any more."""


STEPS = ("mkdir", "rename", "replace", "fsync", "rmdir", "scandir")


def cut_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut the power before the nth step on the disk, and before every later one."""
    steps = count()

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def one(*given: Any, **options: Any) -> Any:
            if next(steps) >= step:
                raise PowerCut
            return real(*given, **options)

        return one

    for name in STEPS:
        monkeypatch.setattr(os, name, counted(getattr(os, name)))


def test_a_power_cut_at_any_step_leaves_one_picture_with_one_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, is_cut = 0, True
    while is_cut:
        folder = tmp_path / str(step)
        folder.mkdir()
        put(folder, "one.png", FIRST)
        service = Answers(lambda _: "flag")
        cut_at(step, monkeypatch)
        try:
            passes(service.hot(folder), 3)
            is_cut = False
        except PowerCut:
            pass
        monkeypatch.undo()
        service.decide = lambda _: "allow"  # an officer was quicker
        passes(service.hot(folder), 3)
        found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        end = found[0].split("/")[0]
        assert found == [f"{end}/one.png", f"{end}/one.png.json"], step
        assert json.loads((folder / end / "one.png.json").read_bytes())["decision"] == end
        assert list((folder / ".taking").iterdir()) == []
        step += 1
    assert step > 10


def test_the_answer_is_on_the_disk_before_the_picture_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "one.png", FIRST)
    done: list[str] = []

    def noted(name: str, real: Callable[..., Any], which: Callable[..., str]) -> None:
        def one(*given: Any, **options: Any) -> Any:
            done.append(f"{name} {which(*given)}")
            return real(*given, **options)

        monkeypatch.setattr(os, name, one)

    def target(_: Path, to: Path) -> str:
        return str(to.relative_to(tmp_path))

    def opened(number: int) -> str:
        return str(Path(os.readlink(f"/proc/self/fd/{number}")).relative_to(tmp_path))

    noted("rename", os.rename, target)
    noted("replace", os.replace, target)
    noted("fsync", os.fsync, opened)
    passes(Answers().hot(tmp_path))
    kept = [line for line in done if line != "fsync ."]
    assert kept == [
        "rename .taking/one.png/one.png",
        "fsync .taking/one.png",
        "fsync .taking",
        "fsync .taking/one.png/one.png",
        "fsync .taking/one.png/.json.new",
        "replace allow/one.png.json",
        "fsync allow",
        "rename allow/one.png",
        "fsync allow",
        "fsync .taking/one.png",
    ]


def test_a_folder_that_cannot_be_synchronised_is_used_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "one.png", FIRST)
    fsync = os.fsync

    def only_files(number: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{number}"):
            raise OSError(errno.EINVAL, "not for folders")
        fsync(number)

    monkeypatch.setattr(os, "fsync", only_files)
    assert passes(Answers().hot(tmp_path))[1] == (1, None)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "scans", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / ".taking").mkdir()
    target = put(outside, "elsewhere.png", FIRST)
    (folder / "link.png").symlink_to(target)
    (folder / ".taking" / "link.png").symlink_to(outside)
    assert settled(Answers().hot(folder)) == []


def test_a_picture_that_comes_while_the_soak_looks_is_waited_for(tmp_path: Path) -> None:
    class Coming(Future[Dropped]):
        def done(self) -> bool:
            put(tmp_path, "last.png", FIRST)
            return True

    assert not is_done(tmp_path, Coming())


def test_the_soak_tells_what_waits_from_what_is_lost(tmp_path: Path) -> None:
    for end in hot_folder.ENDS:
        (tmp_path / end).mkdir()
    put(tmp_path, "one.png", FIRST)
    outcome = count_soak(tmp_path, [Dropped(Counter([FIRST, SECOND]), Counter(), 0)], 0, 0, 0.0)
    assert (outcome.waiting, outcome.lost, outcome.is_whole) == (1, 1, False)


def test_kills_of_the_program_and_of_the_service_lose_and_double_nothing(tmp_path: Path) -> None:
    outcome = soak(tmp_path, 120, every=4)
    assert outcome.is_whole, outcome
    assert outcome.kills >= 3, outcome
    assert outcome.replaced > 0, outcome
