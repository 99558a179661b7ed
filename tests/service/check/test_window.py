"""Messages before a restart: how many and how old are filled in again, and whose."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from engine.model import Attempt
from engine.window import MessageWindow
from service.check import window
from service.check.api import CheckAPI
from service.check.requests import request_key
from service.ledger.record import Kind, Record
from tests.service.check.running import NOW, NUMBER, PRISONER, Running, ask, call

TO = "07700 900777"


def say(api: CheckAPI, name: str, body: str, who: str = "switch", **more: Any) -> None:
    answer = asyncio.run(ask(api, "message", call(name, TO, body=body, **more), who=who))
    assert answer.status == 200


def before(system: Running, last: str = "M9", **recalled: Any) -> tuple[str, ...]:
    """What a restarted service knows that this prisoner has said to that number."""
    filled = window.recall(system.database, system.vault, recalled.pop("now", NOW))
    asked = Attempt(id=last, channel="message", to=TO, prisoner=PRISONER, body="and")
    return seen(filled, asked, system)


def seen(filled: MessageWindow, asked: Attempt, system: Running) -> tuple[str, ...]:
    return filled.before(asked, request_key(system.vault, "key:switch", "message", asked.id))


def test_the_last_messages_are_filled_in_again_oldest_first(system: Running) -> None:
    api = system.api()
    for name, body in (("M1", "one"), ("M2", "two"), ("M3", "three")):
        say(api, name, body)
    assert before(system) == ("one", "two", "three")


def test_an_empty_ledger_leaves_an_empty_window(system: Running) -> None:
    assert before(system) == ()


def test_a_message_asked_about_again_is_not_held_against_itself(system: Running) -> None:
    api = system.api()
    say(api, "M1", "one")
    say(api, "M2", "two")
    assert before(system, "M2") == ("one",)


def test_another_callers_message_of_that_id_is_another_message(system: Running) -> None:
    say(system.api(), "M1", "one", who="other")
    assert before(system, "M1") == ("one",)


def test_letters_and_calls_are_no_messages(system: Running) -> None:
    api = system.api()
    asyncio.run(ask(api, "letter", call("L1", "Ann Lee\n7 Low Road\nYork", body="one"), who="reviewer"))
    asyncio.run(ask(api, "call", call("C1", TO, body="two")))
    say(api, "M1", "three")
    assert before(system) == ("three",)


def test_only_the_newest_are_filled_in(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    api = system.api()
    for name, body in (("M1", "one"), ("M2", "two"), ("M3", "three")):
        say(api, name, body)
    monkeypatch.setattr(window, "MOST_RECALLED", 2)
    assert before(system) == ("two", "three")


@pytest.mark.parametrize(("records", "known"), [(1, ("two",)), (2, ("one", "two"))])
def test_only_the_end_of_the_ledger_is_searched(
    system: Running, monkeypatch: pytest.MonkeyPatch, records: int, known: tuple[str, ...]
) -> None:
    api = system.api()
    say(api, "M1", "one")
    say(api, "M2", "two")
    monkeypatch.setattr(window, "RECORDS_SEARCHED", records)
    assert before(system) == known


def test_a_message_of_two_weeks_ago_is_filled_in_and_an_older_one_is_not(system: Running) -> None:
    say(system.api(), "M1", "one")
    assert before(system, now=NOW + window.RECALLED_FOR) == ("one",)
    assert before(system, now=NOW + window.RECALLED_FOR + timedelta(seconds=1)) == ()


def test_what_is_no_decision_is_passed_over(system: Running, capsys: pytest.CaptureFixture[str]) -> None:
    say(system.api(), "M1", "one")
    pattern = Record(
        at=NOW,
        kind=Kind.SYSTEM,
        actor="system",
        subject="pattern/1",
        channel="message",
        outcome="found",
        detail=b"{}",
    )
    asyncio.run(system.ledger.write(pattern))
    assert before(system) == ("one",)
    assert "messages_not_recalled" not in capsys.readouterr().err


def test_messages_that_cannot_be_read_are_counted_and_the_others_filled_in(
    system: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = system.api()
    for name, body in (("M1", "one"), ("M2", "two"), ("M3", "three"), ("M4", "four")):
        say(api, name, body)
    spoilt = [row.sealed for row in system.decisions()][1:3]
    opened = type(system.vault).open

    def open_(self: Any, sealed: bytes, context: str) -> bytes:
        return opened(self, b"0" * len(sealed) if sealed in spoilt else sealed, context)

    monkeypatch.setattr(type(system.vault), "open", open_)
    assert before(system) == ("one", "four")
    told = capsys.readouterr().err
    assert '"messages_not_recalled"' in told
    assert "2" in told.split("count")[1].split("}")[0].split(",")[0]
    assert "900123" not in told


def test_a_service_begins_with_the_window_of_its_own_clock(system: Running) -> None:
    api = system.api()
    say(api, "M1", f"remember {NUMBER[:6]}")
    second = asyncio.run(ask(system.api(), "message", call("M2", TO, body=f"and {NUMBER[6:]}")))
    assert second.json["decision"] == "flag"
