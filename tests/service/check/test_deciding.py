"""The same id again: the same answer, one record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from engine.model import Attempt, Decision
from engine.screener import Screener
from service.check import deciding
from service.errors import UnavailableError
from service.ledger.record import Record
from service.ledger.writer import Outcome
from tests.service.check.running import (
    NUMBER,
    REGISTER,
    RESTRICTION,
    SOLICITOR,
    Answer,
    InForce,
    Running,
    ask,
    blocklist,
    call,
)


def test_fifty_at_once_are_one_record(system: Running) -> None:
    async def go() -> list[Answer]:
        api = system.api()
        return await asyncio.gather(*(ask(api, "call", call("C1", NUMBER)) for _ in range(50)))

    answers = asyncio.run(go())
    assert {(a.status, a.body) for a in answers} == {(200, answers[0].body)}
    assert len(system.decisions()) == 1


def test_fifty_at_once_in_several_processes_are_one_record(system: Running) -> None:
    async def go() -> list[Answer]:
        apis = [system.api() for _ in range(50)]
        return await asyncio.gather(*(ask(api, "call", call("C1", NUMBER)) for api in apis))

    answers = asyncio.run(go())
    assert {(a.status, a.body) for a in answers} == {(200, answers[0].body)}
    assert len(system.decisions()) == 1


@pytest.mark.parametrize("restarted", [False, True], ids=["from memory", "from the ledger"])
def test_the_first_answer_stands_whatever_changed_since(system: Running, restarted: bool) -> None:
    api = system.api()
    first = asyncio.run(ask(api, "call", call("C1", NUMBER), who="reviewer"))
    system.current.screener = _without_restrictions(system)
    if restarted:
        api = system.api()
    second = asyncio.run(ask(api, "call", call("C1", NUMBER), who="reviewer"))
    assert first.body == second.body
    assert len(system.decisions()) == 1
    assert asyncio.run(ask(api, "call", call("C2", NUMBER))).json["decision"] != "block"


@pytest.mark.parametrize("restarted", [False, True], ids=["from memory", "from the ledger"])
def test_another_attempt_by_the_same_id_is_a_conflict(system: Running, restarted: bool) -> None:
    api = system.api()
    asyncio.run(ask(api, "call", call("C1", NUMBER)))
    answer = asyncio.run(ask(system.api() if restarted else api, "call", call("C1")))
    assert (answer.status, answer.json["field"]) == (409, "id")
    assert len(system.decisions()) == 1
    assert asyncio.run(ask(api, "call", call("C1", NUMBER))).status == 200


def test_an_id_is_its_callers_own_and_its_channels(system: Running) -> None:
    api = system.api()
    for name, who, to in (("call", "switch", "1"), ("call", "other", "2"), ("message", "switch", "3")):
        assert asyncio.run(ask(api, name, call("C1", to), who=who)).status == 200
    assert len(system.decisions()) == 3


def test_memory_of_answers_is_bounded_and_the_ledger_remembers(
    system: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "MOST_ANSWERED", 2)
    api = system.api()
    for n in range(5):
        asyncio.run(ask(api, "call", call(f"C{n}", NUMBER)))
    assert len(api.decider._answered) == 2
    assert asyncio.run(ask(api, "call", call("C0", NUMBER))).json["decision"] == "block"
    assert len(system.decisions()) == 5


class Broken:
    """A ledger that fails, each time as it is told, else passes on."""

    def __init__(self, ledger: Any, *errors: Exception) -> None:
        self.ledger, self.errors = ledger, list(errors)

    async def write(
        self, record: Record, key: bytes | None = None, digest: bytes | None = None, *more: Any
    ) -> Outcome:
        await asyncio.sleep(0.01)
        if self.errors:
            raise self.errors.pop(0)
        outcome: Outcome = await self.ledger.write(record, key, digest, *more)
        return outcome


@pytest.mark.parametrize("error", [UnavailableError("the ledger is behind"), OSError(f"INSERT {NUMBER}")])
def test_what_is_not_recorded_is_not_answered(system: Running, error: Exception) -> None:
    system.ledger = Broken(system.ledger, error)

    async def go() -> list[Answer]:
        api = system.api()
        failed = await asyncio.gather(*(ask(api, "call", call("C1", NUMBER)) for _ in range(5)))
        return [*failed, await ask(api, "call", call("C1", NUMBER))]

    *failed, last = asyncio.run(go())
    assert {answer.status for answer in failed} == {503}
    assert all(b"900123" not in answer.body and b"block" not in answer.body for answer in failed)
    assert last.json["decision"] == "block"
    assert len(system.decisions()) == 1


def test_a_batch_is_not_answered_when_one_of_it_is_not_recorded(system: Running) -> None:
    system.ledger = Broken(system.ledger, UnavailableError("the ledger cannot be written"))
    batch = [{**call(f"B{n}"), "channel": "call"} for n in range(3)]
    api = system.api()
    assert asyncio.run(ask(api, "batch", batch, who="officer")).status == 503
    assert asyncio.run(ask(api, "batch", batch, who="officer")).status == 200
    assert len(system.decisions()) == 3


def test_who_gives_up_waiting_spoils_nothing(system: Running) -> None:
    system.ledger = Broken(system.ledger)

    async def go() -> Answer:
        api = system.api()
        first = asyncio.create_task(ask(api, "call", call("C1", NUMBER)))
        await asyncio.sleep(0.002)
        second = asyncio.create_task(ask(api, "call", call("C1", NUMBER)))
        await asyncio.sleep(0.002)
        first.cancel()
        assert (await second).status == 503
        return await ask(api, "call", call("C1", NUMBER))

    assert asyncio.run(go()).json["decision"] == "block"
    assert len(system.decisions()) == 1


def test_no_screener_no_answer(system: Running) -> None:
    api = system.api()
    system.current = InForce(None, "the blocklist is being built")
    for name, body in (("call", call()), ("batch", [])):
        answer = asyncio.run(ask(api, name, body, who="officer"))
        assert (answer.status, answer.json["detail"]) == (503, "the blocklist is being built")
    assert system.decisions() == []


class Raising(Screener):
    def check(self, attempt: Attempt, *more: Any) -> Decision:
        raise RuntimeError(f"cannot read {attempt.to}")


def test_a_screener_that_raises_gives_no_answer(
    system: Running, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert system.current.screener is not None
    system.current.screener = Raising(system.current.screener.blocklist, system.current.screener.policy)
    api = system.api()
    answer = asyncio.run(ask(api, "call", call("C1", NUMBER)))
    assert answer.status == 503
    item = asyncio.run(ask(api, "batch", [{**call("C1", NUMBER), "channel": "call"}], who="officer")).json[0]
    assert (item["index"], item["status"]) == (0, 503)
    told = capsys.readouterr()
    said = answer.body.decode() + told.out + told.err + caplog.text
    assert "RuntimeError" in said
    assert "900123" not in said
    assert system.decisions() == []


def _without_restrictions(system: Running) -> Screener:
    assert system.current.screener is not None
    other = msgspec.structs.replace(RESTRICTION, contacts=RESTRICTION.contacts[1:2])
    return Screener(blocklist([other], [REGISTER]), system.current.screener.policy)


@pytest.mark.parametrize("age", [3600.0, 3600.1, None])
def test_a_channel_closes_when_the_list_is_too_old_for_it(system: Running, age: float | None) -> None:
    system.settings = replace(system.settings, closes_after={"call": 3600.0})
    system.current.age = age
    system.current.screener = system.current.screener and system.current.screener.as_stale()
    api = system.api()

    def asked(channel: str, body: dict[str, Any]) -> tuple[str, str]:
        said = asyncio.run(ask(api, channel, body, who="reviewer")).json
        return said["decision"], said["action"]

    is_closed = age != 3600.0
    open_ = ("flag", "connect_and_alert")
    assert asked("call", call("C1")) == (("block", "refuse") if is_closed else open_)
    assert asked("call", call("C2", NUMBER)) == ("block", "refuse")
    assert asked("call", call("C3", SOLICITOR)) == open_, "a solicitor is reached"
    assert asked("message", call("M1", body="good night")) == ("flag", "hold")
