"""Each entrance asked for real: the node's check, the gate of texts, the mailroom's folder."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest

from adapters.canaries import probes
from adapters.canaries.canary import CanaryQuestion, Draw
from adapters.canaries.probes import CheckProbe, FolderProbe, GateProbe
from adapters.check_client.client import Client
from adapters.mailroom import hot_folder
from adapters.mailroom.client import Mailroom
from adapters.mailroom.envelope import understand
from adapters.mailroom.hot_folder import HotFolder
from adapters.mailroom.images import open_pages
from adapters.mailroom.ocr import RapidReader
from engine.model import Channel, Restriction, Verdict
from tests.adapters.canaries.listed import CANARY, Listed, restriction
from tests.adapters.mailroom.dropping import Answers
from tests.adapters.messaging.conftest import ended, played, scene
from tests.adapters.pin_phone.sip.exchange import stand_in

NOT_ON_IT: list[Restriction] = []
ON_IT = [restriction()]


def draw(seed: int = 1) -> Draw:
    return Draw(CANARY, random.Random(seed))


class Every(random.Random):
    """Chooses the first kind, and then each of what there is to choose from in turn."""

    def __init__(self, kind: int) -> None:
        super().__init__(0)
        self.kind, self.place, self.of = kind, 0, 1

    def choice(self, options: Sequence[object]) -> object:  # type: ignore[override]
        if len(options) == 2 and callable(options[0]):
            return options[self.kind]
        self.of = len(options)
        return options[self.place % self.of]


@pytest.mark.parametrize("kind", [0, 1])
@played
async def test_the_gate_reads_and_refuses_disguises_of_every_kind(kind: int) -> None:
    listed, chance = Listed(ON_IT), Every(kind)
    every = Draw(CANARY, chance)
    with stand_in(listed.answer) as (url, _):
        async with scene(Client([url], "a-key", timeout=5)) as played_at:
            probe = GateProbe("127.0.0.1", played_at.port)
            while chance.place < chance.of:
                question, outcome, words = await probe.ask(every)
                assert (outcome, words) == ("stopped", "status 0x45"), question
                chance.place += 5
            assert played_at.carrier.texts == []
    assert len(listed.decided) == len(range(0, chance.of, 5)), "each was read and asked about"
    assert {one.decision for one in listed.decided} <= {"block", "flag"}
    assert {one.reasons[0].restriction for one in listed.decided} == {restriction().id}


@played
async def test_a_gate_that_lets_it_through_is_found_out_and_one_without_a_carrier_has_no_answer() -> None:
    with stand_in(Listed(NOT_ON_IT).answer) as (url, _):
        async with scene(Client([url], "a-key", timeout=5)) as played_at:
            probe = GateProbe("127.0.0.1", played_at.port)
            assert (await probe.ask(draw()))[1:] == ("let_through", "status 0x00")
            played_at.carrier.status = 0x08
            assert (await probe.ask(draw(2)))[1:] == ("unanswered", "status 0x08")


def answered(listed: Listed, channel: Channel, body: dict[str, str]) -> tuple[int, bytes]:
    return listed.answer({"channel": channel} | body)


@pytest.mark.parametrize("channel", ["call", "message", "letter"])
def test_the_check_is_asked_as_the_channel_asks_it(channel: Channel) -> None:
    for restrictions, outcome in ((ON_IT, "stopped"), (NOT_ON_IT, "let_through")):
        answer_to = partial(answered, Listed(restrictions), channel)
        with stand_in(answer_to) as (url, _):
            answer = asyncio.run(CheckProbe(url, "a-key", channel).ask(draw(3)))
        assert answer.outcome == outcome, answer
    with stand_in(lambda body: (503, b"{}")) as (url, _):
        assert asyncio.run(CheckProbe(url, "a-key", channel).ask(draw()))[1:] == ("unanswered", "HTTP 503")


def watched(folder: Path, answers: Answers, probe: FolderProbe) -> probes.CanaryAnswer:
    """What the probe hears of a folder that a program watches."""

    async def both() -> probes.CanaryAnswer:
        service = Mailroom("http://service", "no key", "LEI-1", httpx.MockTransport(answers))
        watching = asyncio.create_task(HotFolder(folder, service, 1).run())
        try:
            return await probe.ask(draw(5))
        finally:
            await ended(watching)

    return asyncio.run(both())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hot_folder, "SETTLED", 0.05)
    monkeypatch.setattr(hot_folder, "EVERY", 0.05)
    monkeypatch.setattr(probes, "LOOK_EVERY", 0.02)


def left_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_envelope_that_is_drawn_is_read_for_sure_and_stopped_and_nothing_of_it_is_left(
    quick: None, tmp_path: Path
) -> None:
    reader = RapidReader()

    def read(picture: bytes) -> Verdict:
        (page,) = open_pages(picture)
        found = understand(reader.read(np.asarray(page)))
        assert (found.prisoner, found.doubts) == (CANARY.prisoner, ())
        return Listed(ON_IT).asked(CANARY, CanaryQuestion("letter", "", found.to)).decision

    answer = watched(tmp_path, Answers(read), FolderProbe(tmp_path))
    assert answer.outcome == "stopped"
    assert left_in(tmp_path) == []


def test_an_envelope_that_is_let_through_is_found_out(quick: None, tmp_path: Path) -> None:
    answer = watched(tmp_path, Answers(lambda _: "allow"), FolderProbe(tmp_path))
    assert answer[1:] == ("let_through", "allow, post")
    assert left_in(tmp_path) == []


def test_a_folder_that_nobody_watches_and_a_service_that_takes_nothing_give_no_answer(
    quick: None, tmp_path: Path
) -> None:
    alone = asyncio.run(FolderProbe(tmp_path, patience=0.1).ask(draw()))
    assert alone[1:] == ("unanswered", "it lies in the folder")
    refused = watched(tmp_path, Answers(lambda _: 422), FolderProbe(tmp_path))
    assert refused[1:] == ("unanswered", "not taken by the service")
    assert left_in(tmp_path) == []
