"""A folder that a scanner drops pictures into, and a service in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.mailroom import hot_folder
from adapters.mailroom.client import Mailroom
from adapters.mailroom.hot_folder import HotFolder
from engine.model import Verdict

NOBODY = "http://127.0.0.1:9"
FIRST, SECOND = b"first", b"second"
"""Contents of pictures, where nobody reads them."""


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Answers:
    """In the service's place: what was asked, in its order, and an answer to each."""

    def __init__(self, decide: Callable[[bytes], Verdict | int | Exception] = lambda _: "allow") -> None:
        """`decide` gives the decision, a status, or what goes wrong."""
        self.decide = decide
        self.asked: list[bytes] = []
        self.names: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.content)
        self.names.append(request.headers["x-file-name"])
        decided = self.decide(request.content)
        if isinstance(decided, Exception):
            raise decided
        if isinstance(decided, int):
            return httpx.Response(decided, json={"detail": "no"})
        action = {"allow": "post", "block": "stop", "flag": "hold"}[decided]
        return httpx.Response(200, json=answer(id=request.content.hex(), decision=decided, action=action))

    def hot(self, folder: Path, clock: Callable[[], float] | None = None, at_once: int = 1) -> HotFolder:
        """The program's side, as after a start."""
        service = Mailroom("http://service", "no key", "MDI-1", httpx.MockTransport(self))
        return HotFolder(folder, service, at_once, clock or Clock())


def answer(**changed: Any) -> dict[str, Any]:
    usual = {"id": "A", "tray": "MDI-1", "place": 1, "decision": "allow", "action": "post"}
    return usual | {"confidence": 1.0, "doubts": [], "problem": None} | changed


def passes(hot: HotFolder, number: int = 2) -> list[tuple[int, str | None]]:
    """So many passes, each a second after the last; the first only looks."""
    clock: Clock = hot._clock  # type: ignore[assignment]

    async def run() -> list[tuple[int, str | None]]:
        done = []
        for _ in range(number):
            done.append(await hot.take_all())
            clock.now += hot_folder.SETTLED
        return done

    return asyncio.run(run())


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def ends(folder: Path) -> dict[str, list[str]]:
    return {name: sorted(p.name for p in (folder / name).iterdir()) for name in ("allow", "block", "flag")}


def begun(folder: Path) -> list[str]:
    """What lies in `.taking/`, without what it is in."""
    return sorted(path.name for path in (folder / ".taking").rglob("*") if path.is_file())


class Enough(Exception):  # noqa: N818
    """Of pauses."""


def paused(
    hot: HotFolder, monkeypatch: pytest.MonkeyPatch, between: Iterable[Callable[[], object]]
) -> list[float]:
    """How long the program waits, and what happens in each pause, until all has happened."""
    clock: Clock = hot._clock  # type: ignore[assignment]
    pauses: list[float] = []
    steps = iter(between)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.now += seconds
        step = next(steps, None)
        if step is None:
            raise Enough
        step()

    async def nothing_new() -> None:
        await sleep(hot_folder.EVERY)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(hot, "_something_new", nothing_new)
    with pytest.raises(Enough):
        asyncio.run(hot.run())
    return pauses
