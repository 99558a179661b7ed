"""A canary dialled at a real switch: refused in every form; where it would ring, ended at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator

import pytest

from adapters.canaries.canary import Draw
from adapters.canaries.disguises import ways_of_dialling
from adapters.canaries.switch import Phone, SwitchProbe, _is_dialled
from benchmarks.phone.scenarios import REALM
from benchmarks.phone.switch import Extension, switch_in
from tests.adapters.canaries.listed import CANARY, Listed, restriction
from tests.adapters.canaries.test_probes import Every
from tests.adapters.pin_phone.sip.exchange import stand_in
from tests.adapters.pin_phone.sip.wire import Carrier, carrier_by_hand

EXTENSION = Extension("9001", "canary-secret", CANARY.prisoner, CANARY.prison)


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SwitchProbe, Carrier, list[Listed]]]:
    """A switch that asks whatever list stands last, and its carrier."""
    listed = [Listed([restriction()])]
    with (
        stand_in(lambda body: listed[-1].answer(body)) as (url, _),
        carrier_by_hand() as carrier,
        switch_in(
            tmp_path_factory.mktemp("canary") / "switch",
            url,
            "a-key",
            [EXTENSION],
            carrier.port,
            choices={"NC_TIMEOUT": "3000"},
        ) as running,
    ):
        yield (
            SwitchProbe(Phone("127.0.0.1", running.port, REALM, EXTENSION.name, EXTENSION.password)),
            carrier,
            listed,
        )


def test_the_canary_is_refused_in_forms_of_every_kind(
    at: tuple[SwitchProbe, Carrier, list[Listed]],
) -> None:
    switch, carrier, _ = at
    chance = Every(0)
    draw = Draw(CANARY, chance)
    while chance.place < chance.of:
        answer = asyncio.run(switch.ask(draw))
        assert (answer.outcome, answer.words[:3]) == ("stopped", "603"), answer
        chance.place += 5
    assert chance.of > 30

    assert carrier.came == []


@pytest.mark.parametrize("answers", [True, False])
def test_one_that_rings_is_found_out_and_ended_at_once(
    at: tuple[SwitchProbe, Carrier, list[Listed]], answers: bool
) -> None:
    switch, carrier, listed = at
    listed.append(Listed([]))
    carrier.came.clear()
    if not answers:
        carrier.says["INVITE"] = ""  # it rings, and nobody takes it
    try:
        answer = asyncio.run(switch.ask(Draw(CANARY, random.Random(2))))
    finally:
        carrier.says.clear()
        listed.pop()
    assert answer.outcome == "let_through", answer
    until = time.monotonic() + 5
    while not {"BYE", "CANCEL"} & {one.method for one in carrier.came} and time.monotonic() < until:
        time.sleep(0.01)
    assert {"BYE", "CANCEL"} & {one.method for one in carrier.came}


def test_a_switch_whose_check_is_away_or_that_is_not_there_gives_no_answer(
    at: tuple[SwitchProbe, Carrier, list[Listed]], monkeypatch: pytest.MonkeyPatch
) -> None:
    switch, _, listed = at

    class Away(Listed):
        def answer(self, body: dict[str, str]) -> tuple[int, bytes]:
            return 500, b"{}"

    listed.append(Away([]))
    try:
        answer = asyncio.run(switch.ask(Draw(CANARY, random.Random(3))))
    finally:
        listed.pop()
    assert (answer.outcome, answer.words[:3]) == ("unanswered", "503"), answer
    monkeypatch.setattr("adapters.canaries.switch.ANSWERED_WITHIN", 0.1)
    nobody = SwitchProbe(Phone("127.0.0.1", 9, REALM, "9001", "secret"))
    with pytest.raises(OSError):  # noqa: PT011 - refused, or no answer in time: both are
        asyncio.run(nobody.ask(Draw(CANARY, random.Random(3))))


def test_many_forms_can_be_dialled() -> None:
    forms = [way for way in ways_of_dialling() if _is_dialled(way.apply("07700900901")[0])]
    assert {way.kind for way in forms} >= {"plainly", "with the country code", "behind one dialling code"}
