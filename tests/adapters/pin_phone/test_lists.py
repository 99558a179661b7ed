"""Lists are read from a phone system over HTTP, and what cannot be used is told by field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.pin_phone.lists import ListedNumber, PhoneSystem, PhoneSystemError
from adapters.pin_phone.reconcile import (
    Drift,
    DriftKind,
    PrisonerList,
    Screened,
    canonical,
    drift_of,
    read_lists,
)
from benchmarks.phone.phone_system import CLIENT, SECRET, Standing, entry, standing

RESTRICTED = "+447700900123"
SAMARITANS = canonical("116 123")


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with standing(tmp_path_factory.mktemp("phones"), {}) as running:
        yield running


@pytest.fixture
def system(phones: Standing) -> Iterator[PhoneSystem]:
    with PhoneSystem(phones.url, CLIENT, SECRET, sleep=lambda seconds: None) as found:
        yield found


def screen(prisoner: str, prison: str | None, one: ListedNumber) -> Screened:
    number = canonical(one.number)
    if number == RESTRICTED:
        return Screened("block", False, ("RESTRICTED_NUMBER",), ("R1",))
    if number.startswith("+4470"):
        return Screened("flag", False, ("NUMBER_CLASS",))
    return Screened("allow", number == SAMARITANS)


def read_all(system: PhoneSystem, *prisoners: str) -> list[PrisonerList]:
    return sorted(
        read_lists([(one, "LEI") for one in prisoners], system.read, screen), key=lambda lst: lst.prisoner
    )


def test_a_list_is_read_as_it_stands(phones: Standing, system: PhoneSystem) -> None:
    rows = [
        entry("07700 900123", "Ann", callAllowed=False),
        entry("020 7946 0018", "A solicitor", legal=True, relationshipId=28),
        entry("116 123", "Samaritans", callAllowed="Y", legal="N", relationshipId="26", unknown=[1]),
    ]
    phones.put({"X1234BC": rows})
    found = system.read("X1234BC")
    assert [(one.number, one.callable, one.legal, one.claims_confidence) for one in found] == [
        ("07700 900123", False, False, False),
        ("020 7946 0018", True, True, True),
        ("116 123", True, False, True),
    ]
    assert system.read("A0000AA") == ()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (entry("07700 900123", id=None), "entry 0: id"),
        (entry("07700 900123", phoneNumber=None), "phoneNumber"),
        (entry("07700 900123", phoneNumber=" "), "phoneNumber"),
        (entry("07700 900123", phoneNumber="7" * 101), "phoneNumber"),
        (entry("07700 900123", callAllowed="perhaps"), "callAllowed"),
        (entry("07700 900123", legal=[]), "legal"),
        (entry("07700 900123", relationshipId="friend"), "relationshipId"),
        (["07700 900123"], "entry 0"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_repeated(
    phones: Standing, system: PhoneSystem, row: Any, field: str
) -> None:
    phones.put({"X1234BC": [row]})
    with pytest.raises(PhoneSystemError, match=field) as error:
        system.read("X1234BC")
    assert "900123" not in str(error.value)


def test_a_token_that_ran_out_is_renewed(phones: Standing, system: PhoneSystem) -> None:
    phones.put({"X1234BC": [entry("116 123")]})
    assert len(system.read("X1234BC")) == 1
    used = system._token
    phones.put({"X1234BC": [entry("116 123")]}, revoked=[used])
    assert len(system.read("X1234BC")) == 1
    assert system._token != used


def test_a_wrong_secret_is_told(phones: Standing) -> None:
    with (
        PhoneSystem(phones.url, CLIENT, "wrong") as system,
        pytest.raises(PhoneSystemError, match="status 401"),
    ):
        system.read("X1234BC")


def test_a_phone_system_that_is_away_is_an_error_of_each_list(tmp_path: Path) -> None:
    with PhoneSystem("http://127.0.0.1:9", CLIENT, SECRET, sleep=lambda seconds: None) as system:
        (lst,) = read_all(system, "X1234BC")
    assert lst.error == "the phone system cannot be read: ConnectError"
    assert list(drift_of(lst)) == []


def test_a_list_that_fails_loses_no_other(phones: Standing, system: PhoneSystem) -> None:
    phones.put({"X1234BC": [entry("116 123")], "X5678CD": [entry("116 123")]}, broken=["X1234BC"])
    broken, whole = read_all(system, "X1234BC", "X5678CD")
    assert broken.error == "the phone system cannot be read: status 500"
    assert whole.error is None
    assert len(whole.entries) == 1


def test_drift_is_what_is_restricted_doubtful_or_claimed(phones: Standing, system: PhoneSystem) -> None:
    rows = [
        entry("+44 (0) 7700 900123", "Ann", id="1"),
        entry("07700900123", "Ann again", id="2", callAllowed=False),
        entry("07700900123", "A solicitor", id="3", legal=True),
        entry("070 1234 5678", "A bridge", id="4"),
        entry("020 7946 0018", "Nobody's solicitor", id="5", relationshipId=28),
        entry("116 123", "Samaritans", id="6", legal=True),
        entry("020 7946 0019", "His mother", id="7", relationshipId=1),
    ]
    phones.put({"X1234BC": rows})
    (lst,) = read_all(system, "X1234BC")
    assert [(drift.entry.entry.id, drift.kind) for drift in drift_of(lst)] == [
        ("1", DriftKind.RESTRICTED),
        ("2", DriftKind.BARRED),
        ("3", DriftKind.RESTRICTED),
        ("3", DriftKind.UNPROVEN),
        ("4", DriftKind.DOUBTFUL),
        ("5", DriftKind.UNPROVEN),
    ]


def test_nothing_that_is_printed_shows_a_number_or_a_name(phones: Standing, system: PhoneSystem) -> None:
    phones.put({"X1234BC": [entry("07700 900123", "Rhoswen")]})
    (lst,) = read_all(system, "X1234BC")
    drifts: list[Drift] = list(drift_of(lst))
    for shown in (repr(lst), repr(drifts)):
        assert "7700" not in shown
        assert "Rhoswen" not in shown


def test_an_answer_with_a_key_that_stands_twice_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    said = httpx.Response(200, content=b'[{"id": "1", "phoneNumber": "1", "phoneNumber": "2"}]')
    with PhoneSystem("http://phones.example", CLIENT, SECRET, sleep=lambda seconds: None) as system:
        monkeypatch.setattr(system, "_token", "t")
        monkeypatch.setattr(
            system,
            "_http",
            httpx.Client(base_url="http://phones.example", transport=httpx.MockTransport(lambda _: said)),
        )
        with pytest.raises(PhoneSystemError, match="the same key twice"):
            system.read("A1234BC")
