"""Real calls through a real switch: what the phone heard, and what rang on the other side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.phone.scenarios import Within
from benchmarks.phone.switch import Extension, dial
from tests.adapters.pin_phone.sip.exchange import (
    EXTENSIONS,
    FREE,
    NAMED,
    OTHER,
    RESTRICTED,
    SAMARITANS,
    STRANGER,
    Exchange,
    call,
    exchange_in,
)

ANNOUNCEMENT = "<urn:nocontact:announcement:number-not-available>"
BLOCKED = {
    "as it is listed": RESTRICTED,
    "+44": "+447700900123",
    "00": "00447700900123",
    "+44(0)": "+44(0)7700900123",
    "withheld with 141": "141" + RESTRICTED,
    "shown with 1470": "1470" + RESTRICTED,
    "by text relay": "18002" + RESTRICTED,
    "dots between": "0.7.7.0.0-900-123",
    "hidden by escapes": "%30%37700900123",
    "an extension behind": RESTRICTED + "%2355",
    "a pause and digits behind": RESTRICTED + ",,123",
    "a parameter behind": RESTRICTED + "%3Bext=12",  # SIPp's file of calls has ; between its fields
    "routed behind another": FREE + "%3Brn=+447700900123",
    "a subaddress of another": FREE + "%3Bisub=07700900123",
    "an extension of another": FREE + "%3Bext=07700900123",
    "behind another": FREE + "%23" + RESTRICTED,
}


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with exchange_in(tmp_path_factory.mktemp("exchange")) as running:
        yield running


def rung(exchange: Exchange, before: int) -> list[str]:
    return exchange.carrier.rang()[before:]


def test_restricted_numbers_are_refused_however_they_are_dialled(exchange: Exchange, tmp_path: Path) -> None:
    before = len(exchange.carrier.rang())
    calls = [
        call(dialled, one, f"{how} from {one.name}") for how, dialled in BLOCKED.items() for one in EXTENSIONS
    ]
    done = dial(exchange.switch, calls, tmp_path / "phones")
    heard = {one.name: one for one in done.heard}
    assert heard.keys() == {one.name for one in calls}
    assert {(one.status, one.note, one.announcement) for one in heard.values()} == {
        (603, "refused", ANNOUNCEMENT)
    }
    assert rung(exchange, before) == []


def test_what_may_ring_rings_as_it_was_dialled(exchange: Exchange, tmp_path: Path) -> None:
    before = len(exchange.carrier.rang())
    near = "07700900124"
    calls = [call(FREE), call("141" + FREE), call(near), call(SAMARITANS), call(FREE, STRANGER, "a stranger")]
    done = dial(exchange.switch, calls, tmp_path / "phones", rate=1)
    assert [one.status for one in done.heard] == [200] * len(calls)
    assert done.failed == 0, done.said
    assert rung(exchange, before) == [FREE, "141" + FREE, near, SAMARITANS, FREE]
    assert exchange.carrier.alerted() == [near]  # one digit from a restricted number of his own


@pytest.mark.parametrize("dialled", ["hello", "-", "%00", "%2A%23", "x" * 300])
def test_what_cannot_be_read_does_not_ring(exchange: Exchange, tmp_path: Path, dialled: str) -> None:
    before = len(exchange.carrier.rang())
    (heard,) = dial(exchange.switch, [call(dialled)], tmp_path / "phones").heard
    assert heard.status in (603, 503, 484, 414, 400), heard
    assert rung(exchange, before) == []


def test_a_phone_that_does_not_prove_itself_gets_nowhere(exchange: Exchange, tmp_path: Path) -> None:
    before = len(exchange.carrier.rang())
    wrong = Extension(NAMED.name, "a guess", NAMED.prisoner, NAMED.establishment)
    unknown = Extension("4711", "", "X1234BC", "LEI")
    done = dial(
        exchange.switch,
        [call(SAMARITANS, wrong, "wrong"), call(SAMARITANS, unknown, "unknown")],
        tmp_path / "a",
    )
    assert {(one.name, one.status) for one in done.heard} == {("wrong", 407), ("unknown", 407)}
    assert rung(exchange, before) == []


def test_the_prisoner_is_who_the_phone_belongs_to(exchange: Exchange, tmp_path: Path) -> None:
    """One digit off is a flag for the named prisoner alone."""
    near = "07700900125"
    before = len(exchange.carrier.alerted())
    dial(exchange.switch, [call(near, NAMED, "named"), call(near, OTHER, "other")], tmp_path / "phones")
    assert exchange.carrier.alerted()[before:] == [near]


def test_a_hold_goes_through_and_another_number_within_the_call_is_checked(
    exchange: Exchange, tmp_path: Path
) -> None:
    before = len(exchange.carrier.came())
    within = [
        Within("INVITE", ""),
        Within("INVITE", RESTRICTED),
        Within("REFER", "141" + RESTRICTED),
        Within("REFER", "02079460019"),
    ]
    done = dial(exchange.switch, [call(FREE)], tmp_path / "phones", within=within)
    assert [one.status for one in done.heard] == [200, 200, 603, 603, 202]
    came = exchange.carrier.came()[before:]
    assert [method for method, _ in came] == ["INVITE", "REFER"]
    assert "02079460019" in came[1][1]


@pytest.mark.parametrize(
    "keyed",
    [RESTRICTED, "9" + RESTRICTED, "7700900123", "27700900123", "447700900123", "55500447700900123"],
)
def test_the_digit_that_completes_a_restricted_number_is_held_back(
    exchange: Exchange, tmp_path: Path, keyed: str
) -> None:
    before = len(exchange.carrier.came())
    within = [Within("INFO", digit) for digit in keyed + "1"]
    done = dial(exchange.switch, [call(FREE)], tmp_path / "phones", within=within)
    statuses = [one.status for one in done.heard[1:]]
    assert statuses == [200] * (len(keyed) - 1) + [603, 603]  # and nothing after it
    assert [digit for _, digit in exchange.carrier.came()[before:]] == list(keyed[:-1])


def test_digits_of_other_numbers_pass(exchange: Exchange, tmp_path: Path) -> None:
    keyed = "02079460019" + "1234"
    done = dial(exchange.switch, [call(FREE)], tmp_path / "phones", within=[Within("INFO", d) for d in keyed])
    assert {one.status for one in done.heard} == {200}


def test_no_call_is_lost_and_none_let_through_that_must_not_ring(exchange: Exchange, tmp_path: Path) -> None:
    before = len(exchange.carrier.rang())
    calls = [call(FREE, one, f"free {n}") for n in range(60) for one in (NAMED, OTHER)]
    calls += [call(RESTRICTED, one, f"restricted {n}") for n in range(30) for one in (NAMED, OTHER)]
    done = dial(exchange.switch, calls, tmp_path / "phones", rate=40)
    assert done.failed == 0, done.said
    assert {one.name.split()[0]: one.status for one in done.heard} == {"free": 200, "restricted": 603}
    assert len(done.heard) == len(calls)
    assert rung(exchange, before) == [FREE] * 120


def test_the_switch_writes_no_number_down(exchange: Exchange, tmp_path: Path) -> None:
    dial(exchange.switch, [call(RESTRICTED), call(FREE), call("%00")], tmp_path / "phones")
    for number in (RESTRICTED, RESTRICTED[1:], FREE, FREE[1:]):
        assert number not in exchange.switch.log
    assert NAMED.prisoner not in exchange.switch.log
