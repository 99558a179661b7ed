"""What the service says to a picture, or fails to: it is asked again, or the picture goes to flag."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from adapters.mailroom import client, hot_folder
from adapters.mailroom.client import Mailroom
from adapters.mailroom.hot_folder import HotFolder
from tests.adapters.mailroom.dropping import (
    FIRST,
    NOBODY,
    SECOND,
    Answers,
    Clock,
    Enough,
    answer,
    begun,
    ends,
    passes,
    paused,
    put,
)


@pytest.mark.parametrize("trouble", [401, 403, 404, 429, 500, 503, 302, httpx.ConnectError("")], ids=str)
def test_when_the_service_is_the_trouble_the_pass_stops_and_the_pauses_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: int | Exception
) -> None:
    for name in range(20):
        put(tmp_path, f"{name}.png", b"%d" % name)
    service = Answers(lambda _: trouble)
    hot = service.hot(tmp_path)

    def comes_back() -> None:
        service.decide = lambda _: "allow"

    steps = [lambda: None] * 7 + [comes_back, lambda: None]
    assert paused(hot, monkeypatch, steps) == [1, 2, 4, 8, 16, 32, 60, 60, 1, 1]
    assert len(service.asked) == 7 + 20
    assert len(ends(tmp_path)["allow"]) == 40


def test_the_pauses_are_short_again_when_something_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.png", FIRST)
    hot = Answers(lambda data: 500 if data == FIRST else "allow").hot(tmp_path)
    steps: list[Callable[[], object]] = [lambda: None] * 5
    steps[3] = lambda: put(tmp_path, "b.png", SECOND)
    assert paused(hot, monkeypatch, steps) == [1, 2, 4, 8, 16, 1]


def test_a_tray_that_cannot_be_begun_is_tried_again_more_and_more_rarely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ["hot_folder", str(tmp_path), "--node", NOBODY, "--tray", "MDI-1", "--key-file"]
    monkeypatch.setattr("sys.argv", [*given, str(put(tmp_path, "key", b"no key"))])
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 7:
            raise Enough

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(Enough):
        hot_folder.main()
    assert pauses == [2, 4, 8, 16, 32, 60, 60]


def test_one_picture_that_is_always_too_much_for_the_service_does_not_hold_up_the_others(
    tmp_path: Path,
) -> None:
    put(tmp_path, "a.png", FIRST)
    put(tmp_path, "b.png", SECOND)
    hot = Answers(lambda data: 500 if data == FIRST else "allow").hot(tmp_path)
    passes(hot, 5)
    assert ends(tmp_path)["allow"] == ["b.png", "b.png.json"]
    assert begun(tmp_path) == ["a.png"]


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_a_picture_that_is_refused_goes_to_flag_with_the_reason_and_the_rest_goes_on(
    tmp_path: Path, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, "a.png", FIRST)
    put(tmp_path, "b.png", SECOND)
    assert passes(Answers(lambda data: status if data == FIRST else "allow").hot(tmp_path))[1] == (2, None)
    assert ends(tmp_path)["flag"] == ["a.png", "a.png.json"]
    assert ends(tmp_path)["allow"] == ["b.png", "b.png.json"]
    told = json.loads((tmp_path / "flag" / "a.png.json").read_bytes())
    assert told["problem"].startswith(f"refused with status {status} ")
    assert (told["decision"], told["action"]) == ("flag", "hold")
    assert capsys.readouterr().err == "1 went to flag/ that the tray does not count\n"


def test_empty_and_too_long_files_go_to_flag_and_are_said_not_to_be_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (client, hot_folder):
        monkeypatch.setattr(module, "LONGEST_FILE", 1024 * 1024)
    put(tmp_path, "empty.png", b"")
    put(tmp_path, "long.png", bytes(1024 * 1024 + 1))
    put(tmp_path, "longest.png", bytes(1024 * 1024))
    service = Answers()
    passes(service.hot(tmp_path), 4)
    assert len(service.asked) == 1
    problems = {path.name: json.loads(path.read_bytes())["problem"] for path in tmp_path.glob("flag/*.json")}
    assert problems == {"empty.png.json": "empty", "long.png.json": "longer than 1 MB"}
    assert capsys.readouterr().err == "2 went to flag/ that the tray does not count\n"


@pytest.mark.parametrize(
    "wrong",
    [{"decision": "allow", "action": "hold"}, {"decision": "flag", "action": "post"}, {"decision": "no"}],
)
def test_what_is_no_answer_lets_nothing_through(tmp_path: Path, wrong: dict[str, str]) -> None:
    put(tmp_path, "one.png", FIRST)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer(**wrong)))
    hot = HotFolder(tmp_path, Mailroom("http://service", "no key", "MDI-1", transport), clock=Clock())
    assert passes(hot)[1] == (0, "a picture waits: not an answer of the service")
    assert not any(ends(tmp_path).values())
