"""The switch when the check fails: no restricted number rings, whatever goes wrong."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT
from benchmarks.phone import scenarios
from benchmarks.phone.scenarios import Within
from benchmarks.phone.switch import Carrier, Switch, carrier_in, dial, dialled, start_dialling, switch_in
from tests.adapters.pin_phone.sip.exchange import (
    EXTENSIONS,
    FREE,
    NAMED,
    OTHER,
    RESTRICTED,
    SAMARITANS,
    Answering,
    answer_of,
    call,
    exchange_in,
    stand_in,
)
from tests.adapters.pin_phone.sip.wire import Phone, Request, carrier_by_hand
from tests.service.running import wait_for_list

PATIENT = {"NC_TIMEOUT": "3000"}
"""Where being late is not what is tried: a busy machine fails nothing."""
CALLS = [call(RESTRICTED), call(FREE), call(SAMARITANS), call("116 123".replace(" ", "-"))]
GARBAGE: dict[str, Answering] = {
    "an error": lambda body: (500, b"{}"),
    "no right": lambda body: (403, b'{"title": "Refused", "status": 403}'),
    "a page": lambda body: (200, b"<html>connect</html>"),
    "nothing": lambda body: (200, b""),
    "half an answer": lambda body: (200, answer_of(body)[:-12]),
    "another's answer": lambda body: (200, answer_of(body, id="another")),
    "an answer without an id": lambda body: (200, b'{"action": "connect", "decision": "allow"}'),
    "an action that it does not know": lambda body: (200, answer_of(body, action="connect_please")),
    "an action that is no text": lambda body: (200, answer_of(body, action=True)),
    "a list": lambda body: (200, b"[" + answer_of(body) + b"]"),
    "far too much": lambda body: (200, b" " * 1_000_000 + answer_of(body)),
    "a redirect": lambda body: (302, answer_of(body)),
}


@contextmanager
def asking(service: str, folder: Path, **choices: str) -> Iterator[tuple[Switch, Carrier]]:
    """A switch that asks there, and its carrier."""
    with (
        carrier_in(folder / "carrier") as carrier,
        switch_in(folder / "switch", service, "a-key", EXTENSIONS, carrier.port, choices=choices) as switch,
    ):
        yield switch, carrier


def only_confidential_rang(switch: Switch, carrier: Carrier, folder: Path) -> None:
    done = dial(switch, CALLS, folder)
    heard = {one.name: (one.status, one.note) for one in done.heard}
    assert heard == {
        RESTRICTED: (503, "check-unavailable"),
        FREE: (503, "check-unavailable"),
        SAMARITANS: (200, ""),
        "116-123": (200, ""),
    }
    assert carrier.rang() == [SAMARITANS, SAMARITANS]
    for number in (RESTRICTED, FREE):
        assert number not in switch.log


def test_a_service_that_is_down(tmp_path: Path) -> None:
    with asking("http://127.0.0.1:9", tmp_path) as (switch, carrier):
        only_confidential_rang(switch, carrier, tmp_path / "phones")


def test_a_service_that_is_slow(tmp_path: Path) -> None:
    """It would allow everything, but not in time; and the phone does not wait for it."""
    with (
        stand_in(lambda body: (200, answer_of(body)), seconds=0.9) as (url, asked),
        asking(url, tmp_path, NC_TIMEOUT="300") as (switch, carrier),
    ):
        only_confidential_rang(switch, carrier, tmp_path / "phones")
        assert len(asked) == len(CALLS)
        time.sleep(1.2)  # the late answers come to nothing
        assert len(carrier.rang()) == 2


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_a_service_that_answers_garbage(tmp_path: Path, answer: Answering) -> None:
    with stand_in(answer) as (url, _), asking(url, tmp_path, **PATIENT) as (switch, carrier):
        only_confidential_rang(switch, carrier, tmp_path / "phones")


def test_what_is_heard_of_an_outage_is_chosen_in_one_place(tmp_path: Path) -> None:
    choices = {"NC_UNAVAILABLE_CODE": "480", "NC_UNAVAILABLE_PHRASE": "Later"}
    with asking("http://127.0.0.1:9", tmp_path, **choices) as (switch, _):
        (heard,) = dial(switch, [call(FREE)], tmp_path / "phones").heard
        assert (heard.status, heard.note) == (480, "check-unavailable")


def test_a_check_that_hangs_holds_up_no_other_call(tmp_path: Path) -> None:
    """While one prisoner's checks hang, another's calls are answered."""

    def answer(body: dict[str, str]) -> tuple[int, bytes]:
        if body["prisoner"] == NAMED.prisoner:
            time.sleep(3)
        return 200, answer_of(body)

    with stand_in(answer) as (url, _), asking(url, tmp_path, **PATIENT) as (switch, _):
        calls = [call(FREE, one, f"{one.prisoner} {n}") for n in range(20) for one in (NAMED, OTHER)]
        done = dial(switch, calls, tmp_path / "phones", rate=20)
        heard = {(one.name.split()[0], one.status) for one in done.heard}
        assert heard == {(NAMED.prisoner, 503), (OTHER.prisoner, 200)}
        assert len(done.heard) == len(calls)


def test_a_retransmission_asks_once(tmp_path: Path) -> None:
    with (
        stand_in(lambda body: (200, answer_of(body)), seconds=0.2) as (url, asked),
        asking(url, tmp_path, NC_TIMEOUT="2000") as (switch, carrier),
    ):
        dial(switch, [call(FREE, name=str(n)) for n in range(5)], tmp_path / "phones")
        assert len(carrier.rang()) == 5
        assert len(asked) == len({body["id"] for body in asked}) == 5
        assert {body["to"] for body in asked} == {FREE}


def test_who_hangs_up_while_the_check_is_under_way_rings_nobody(tmp_path: Path) -> None:
    with (
        stand_in(lambda body: (200, answer_of(body)), seconds=0.6) as (url, asked),
        asking(url, tmp_path, NC_TIMEOUT="2000") as (switch, carrier),
    ):
        run = start_dialling(switch, [call(FREE)], tmp_path / "phones", scenario=scenarios.impatient())
        run.wait(30)
        done = dialled(tmp_path / "phones")
        assert [one.status for one in done.heard] == [487]
        assert done.failed == 0, done.said
        assert len(asked) == 1
        assert carrier.rang() == []


def test_the_called_side_hangs_up_and_the_phone_hears_it(tmp_path: Path) -> None:
    with (
        stand_in(lambda body: (200, answer_of(body))) as (url, _),
        carrier_in(tmp_path / "carrier", hangs_up=True) as carrier,
        switch_in(tmp_path / "switch", url, "a-key", EXTENSIONS, carrier.port, choices=PATIENT) as switch,
    ):
        start_dialling(switch, [call(FREE)], tmp_path / "phones", scenario=scenarios.patient()).wait(30)
        done = dialled(tmp_path / "phones")
        assert [(one.step, one.status) for one in done.heard] == [(0, 200), (1, 200)]
        assert done.failed == 0, done.said


def test_a_digit_is_held_back_while_the_check_is_unavailable(tmp_path: Path) -> None:
    """The call is up; what completes a number is not passed on unanswered."""

    def answer(body: dict[str, str]) -> tuple[int, bytes]:
        if body["to"] == RESTRICTED:
            return 500, b""
        return 200, answer_of(body)

    with stand_in(answer) as (url, _), asking(url, tmp_path, **PATIENT) as (switch, carrier):
        within = [Within("INFO", digit) for digit in RESTRICTED]
        done = dial(switch, [call(FREE)], tmp_path / "phones", within=within)
        assert [one.status for one in done.heard] == [200] * 11 + [503]
        assert len(carrier.came()) == 10


def test_a_service_that_is_killed_and_comes_back(tmp_path: Path) -> None:
    """Calls go on all the while: none that is restricted rings, all that are free ring while it is up."""
    with exchange_in(tmp_path) as exchange:
        service, switch, carrier = exchange.service, exchange.switch, exchange.carrier
        calls = [call(RESTRICTED, NAMED, "restricted"), call(FREE, OTHER, "free")]
        running = start_dialling(switch, calls, tmp_path / "phones", rate=20, count=240)
        time.sleep(3)
        service.started.process.send_signal(signal.SIGKILL)
        service.started.process.wait()
        time.sleep(2)
        port = service.url.rpartition(":")[2]
        settings = serving.environment(service.data) | {"NOCONTACT_PORT": port}
        again = serving.start([*NOCONTACT, "serve"], settings, service.log)
        try:
            service.started = again
            wait_for_list(service)
            assert running.wait(60) is not None
            done = dialled(tmp_path / "phones")
            after = dial(switch, calls * 10, tmp_path / "after")
        finally:
            service.stop()
        statuses = {
            name: {one.status for one in done.heard if one.name == name} for name in ("restricted", "free")
        }
        assert statuses == {"restricted": {603, 503}, "free": {200, 503}}
        assert len(done.heard) == 240
        assert (
            sorted((one.name, one.status) for one in after.heard)
            == [("free", 200)] * 10 + [("restricted", 603)] * 10
        )
        assert set(carrier.rang()) == {FREE}


def test_a_switch_that_is_restarted_within_a_call_lets_it_end_and_nothing_new_begin(tmp_path: Path) -> None:
    """The switch knows the call no more; by the seal in its route it still knows whose it is."""
    with (
        stand_in(lambda body: (200, answer_of(body))) as (url, _),
        carrier_by_hand() as carrier,
        switch_in(tmp_path / "switch", url, "a-key", EXTENSIONS, carrier.port, choices=PATIENT) as switch,
    ):
        there = ("127.0.0.1", switch.port)
        call = Phone(there, NAMED).dial(f"sip:{FREE}@wing.example")
        before = len(carrier.since(0))
        with restarted(switch):
            assert call.ask("REFER", headers=(f"Refer-To: <sip:{FREE}@wing.example>",)) == 481
            assert call.ask("BYE", by=Phone(there, OTHER)) == 481
            assert call.ask("BYE", tag="invented") == 481
            assert carrier.since(before) == []
            assert call.ask("BYE") == 200
            assert [one.method for one in carrier.since(before)] == ["BYE"]


@contextmanager
def restarted(switch: Switch) -> Iterator[None]:
    """The switch ended and started again, for the block."""
    switch.process.terminate()
    switch.process.wait()
    (switch.folder / "kamailio_ctl").unlink(missing_ok=True)
    with (switch.folder / "kamailio.log").open("ab") as log:
        again = subprocess.Popen(
            switch.process.args, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=switch.folder
        )
    try:
        while not answers(switch):
            time.sleep(0.02)
        yield
    finally:
        again.terminate()
        again.wait()


def answers(switch: Switch) -> bool:
    """Whether it takes messages: it opens its control socket before it listens."""
    ping = Request("OPTIONS", f"sip:127.0.0.1:{switch.port}")
    try:
        return Phone(("127.0.0.1", switch.port), NAMED).ask(ping, proves=False, seconds=0.3).status == 200
    except (TimeoutError, ConnectionRefusedError):
        return False
