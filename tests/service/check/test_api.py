"""Who asks, what is refused first, and what is counted of it; with real keys too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from service.access.access import Access
from service.access.model import Principal, Right, Role
from service.check import api as api_module
from service.errors import ConflictError, UnavailableError
from service.ledger.record import Record
from service.ledger.writer import Outcome, Recorded
from service.settings import Settings
from tests.service.check.running import NUMBER, Bounds, Door, Running, ask, call

ADMIN = Principal("user:admin", frozenset({Role.ADMIN}), person=True)


def test_a_key_lets_in_and_a_revoked_one_does_not(system: Running) -> None:
    refusals: list[Record] = []
    door = Access(system.database, system.vault, Settings(), system.clock, refusals.append)
    key = door.keys.create(ADMIN, "lei-phones", {Role.PHONE_SYSTEM}, {"LEI"})
    system.access = door  # type: ignore[assignment]
    api = system.api()
    for name in ("C1", "C2"):
        answer = asyncio.run(ask(api, "call", call(name, NUMBER), who=key.secret))
        assert answer.json["decision"] == "block"
    assert {row.actor for row in system.decisions()} == {"key:lei-phones"}
    assert asyncio.run(ask(api, "letter", call(), who=key.secret)).status == 403
    assert [record.outcome for record in refusals] == ["not_allowed"]
    door.revoke_key(ADMIN, "lei-phones")
    assert asyncio.run(ask(api, "call", call("C1", NUMBER), who=key.secret)).status == 401
    door.close()


# ── in which order a request is refused ─────────────────────────────────────────────────────────────────

WRONG_IN_EVERY_WAY: dict[str, Any] = {
    "method": "GET",
    "who": None,
    "headers": {"content-type": "text/plain"},
    "body": b" " * 101,
}
MENDED: list[tuple[dict[str, Any], int]] = [
    ({}, 405),
    ({"method": "POST"}, 401),
    ({"who": "mailroom"}, 403),
    ({"who": "switch"}, 415),
    ({"headers": {}}, 413),
    ({"body": b"{}"}, 422),
    ({"body": call("C1")}, 200),
]


def test_what_is_wrong_first_is_what_is_told(system: Running) -> None:
    system.settings = Bounds(longest_body=100)
    api, asked = system.api(), dict(WRONG_IN_EVERY_WAY)
    nowhere = asyncio.run(ask(api, "", path="/v1/check/fax", **asked))
    assert (nowhere.status, nowhere.json["detail"]) == (404, "there is no such check")
    looked = asyncio.run(ask(api, "call", **asked))
    assert (looked.status, looked.json["detail"]) == (405, "only POST")
    told = []
    for mended, _ in MENDED:
        asked |= mended
        told.append(asyncio.run(ask(api, "call", **asked)).status)
    assert told == [status for _, status in MENDED]


def test_who_may_not_is_counted_too_and_stopped_before_it_is_written_down(system: Running) -> None:
    system.settings = Bounds(rate=2)
    api = system.api()
    told = [asyncio.run(ask(api, "call", call(), who="mailroom")).status for _ in range(3)]
    assert told == [403, 403, 429]
    assert [right for _, right, _ in system.access.refusals] == [Right.CHECK_CALL] * 2


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("call", Right.CHECK_CALL),
        ("message", Right.CHECK_MESSAGE),
        ("letter", Right.CHECK_LETTER),
        ("contact", Right.CHECK_CONTACT),
        ("batch", Right.CHECK_BATCH),
    ],
)
def test_a_refusal_says_who_asked_for_what_and_which_right_it_takes(
    system: Running, name: str, right: Right
) -> None:
    answer = asyncio.run(ask(system.api(), name, [], who="auditor"))
    assert answer.status == 403
    assert right.value in answer.json["detail"]
    assert system.access.refusals == [("user:audit", right, f"/v1/check/{name}")]


# ── what is counted and written down of what fails ──────────────────────────────────────────────────────


def counted(system: Running, channel: str, status: int) -> float:
    """How many refusals of this kind the metrics tell."""
    text = system.metrics.exposition()[0].decode()
    wanted = re.compile(rf'^nocontact\w+\{{[^}}]*"{channel}"[^}}]*"{status}"[^}}]*\}} (\S+)$', re.MULTILINE)
    return sum(map(float, wanted.findall(text)))


class NoDatabase:
    """A door behind which the database is gone."""

    def known(self, authorization: str) -> Principal | None:
        raise OperationalError(f"SELECT {NUMBER}", {}, ConnectionError("refused"))


class Fault(NoDatabase):
    """A door that has a fault."""

    def known(self, authorization: str) -> Principal | None:
        raise ZeroDivisionError(NUMBER)


def test_without_a_database_the_caller_is_told_to_come_back(system: Running) -> None:
    api = system.api()
    system.access = NoDatabase()  # type: ignore[assignment]
    with capture_logs() as logs:
        answer = asyncio.run(ask(api, "message", call(), headers={"x-request-id": "r-1"}))
    assert (answer.status, answer.json["detail"]) == (503, "the database cannot be used")
    assert counted(system, "message", 503) == 1
    kept = {"event": "database_failed", "log_level": "error", "request": "r-1", "error": "OperationalError"}
    assert logs == [kept]


def test_a_fault_is_written_down_by_its_kind_alone(system: Running) -> None:
    api = system.api()
    system.access = Fault()  # type: ignore[assignment]
    with capture_logs() as logs:
        answer = asyncio.run(ask(api, "call", call(), headers={"x-request-id": "r-2"}))
    assert (answer.status, answer.json["title"], answer.json["request"]) == (500, "Internal error", "r-2")
    assert "detail" not in answer.json
    kept = {"event": "unexpected", "log_level": "error", "request": "r-2", "error": "ZeroDivisionError"}
    assert logs == [kept]


@pytest.mark.parametrize(("name", "status"), [("call", 415), ("contact", 415), ("batch", 415)])
def test_a_refusal_is_counted_under_its_check(system: Running, name: str, status: int) -> None:
    headers = {"content-type": "text/plain"}
    asyncio.run(ask(system.api(), name, call(), who="officer", headers=headers))
    assert counted(system, name, status) == 1


# ── who asks ────────────────────────────────────────────────────────────────────────────────────────────


class Asking(Door):
    """Notes with what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.known_by: list[str] = []
        self.methods: list[tuple[str, str | None]] = []

    def known(self, authorization: str) -> Principal | None:
        self.known_by.append(authorization)
        return super().known(authorization)

    def authenticate(self, method: str, headers: Mapping[str, str]) -> Principal:
        self.methods.append((method, headers.get("cookie")))
        return super().authenticate(method, headers)


def test_a_key_is_looked_up_once_and_a_session_only_where_there_is_none(system: Running) -> None:
    system.access = asking = Asking()
    api, cookie = system.api(), {"cookie": "session=reviewer"}
    assert asyncio.run(ask(api, "call", call(), headers=cookie)).status == 200
    assert (asking.known_by, asking.methods) == (["Bearer switch"], [])
    assert asyncio.run(ask(api, "call", call("C2"), who=None, headers=cookie)).status == 200
    assert (asking.known_by, asking.methods) == (["Bearer switch"], [("POST", "session=reviewer")])
    assert asyncio.run(ask(api, "call", call("C3"), who="nobody", headers=cookie)).status == 200
    assert asking.known_by[1:] == ["Bearer nobody"]


def test_a_key_of_any_bytes_is_nobodys(system: Running) -> None:
    headers = {"authorization": "Bearer \xff\xe9"}
    assert asyncio.run(ask(system.api(), "call", call(), who=None, headers=headers)).status == 401


# ── a batch ─────────────────────────────────────────────────────────────────────────────────────────────


def batch(count: int) -> list[dict[str, Any]]:
    """Calls, one after the other."""
    return [call(f"B{number}", channel="call") for number in range(count)]


def test_a_batch_is_as_long_as_is_allowed_and_no_longer(system: Running) -> None:
    system.settings = Bounds(longest_batch=1_000)
    api = system.api()
    answer = asyncio.run(ask(api, "batch", [1] * 1_001, who="officer"))
    assert (answer.status, answer.json["detail"]) == (413, "at most 1,000 attempts in one batch")
    assert len(asyncio.run(ask(api, "batch", [1] * 1_000, who="officer")).json) == 1_000


@pytest.mark.parametrize(("length", "left"), [(1, 2), (2, 1), (3, 0)])
def test_a_batch_is_paid_for_by_each_of_its_attempts(system: Running, length: int, left: int) -> None:
    system.settings = Bounds(rate=3)
    api = system.api()

    async def go() -> list[int]:
        await ask(api, "batch", batch(length), who="officer")
        return [(await ask(api, "call", call(f"C{n}"), who="officer")).status for n in range(3)]

    assert asyncio.run(go()).count(200) == left


def test_a_bad_item_says_its_place_what_is_wrong_and_what_it_would_have_got_alone(system: Running) -> None:
    api = system.api()
    items = [
        call("B0", channel="fax"),
        {**call("B1"), "to": 7, "channel": "letter"},
        call("", channel="call"),
        7,
    ]
    answers = asyncio.run(ask(api, "batch", items, who="officer")).json
    alone = [
        asyncio.run(ask(api, name, {key: item[key] for key in item if key != "channel"}, who="officer"))
        for name, item in (("letter", items[1]), ("call", items[2]))
        if isinstance(item, dict)
    ]
    assert [answer["index"] for answer in answers] == [0, 1, 2, 3]
    assert [answer["status"] for answer in answers] == [422, 422, 422, 422]
    assert [answer.status for answer in alone] == [422, 422]
    assert (answers[1]["error"], answers[2]["error"]) == tuple(answer.json["detail"] for answer in alone)
    assert (answers[1]["field"], answers[2]["field"]) == ("to", "id")


class Conflicting:
    """A ledger that refuses every record without a word."""

    async def write(
        self, record: Record, key: bytes | None = None, digest: bytes | None = None, *more: Any
    ) -> Outcome:
        raise ConflictError


def test_an_error_that_says_nothing_has_its_title(system: Running) -> None:
    system.ledger = Conflicting()
    answers = asyncio.run(ask(system.api(), "batch", batch(2), who="officer")).json
    assert answers == [{"index": n, "error": "Conflict", "status": 409} for n in range(2)]


def test_a_long_batch_lets_others_in_between(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "TURN", 0.0)
    turns: list[float] = []
    sleep = asyncio.sleep

    async def counted_sleep(seconds: float) -> None:
        turns.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", counted_sleep)
    assert asyncio.run(ask(system.api(), "batch", batch(5), who="officer")).status == 200
    assert turns == [0] * 5


def test_a_turn_is_as_long_as_it_says_each_time(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count(1)
    monkeypatch.setattr(api_module, "TURN", 3)
    monkeypatch.setattr(api_module, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    turns: list[int] = []
    sleep = asyncio.sleep

    async def counted_sleep(seconds: float) -> None:
        turns.append(next(ticks))
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", counted_sleep)
    assert asyncio.run(ask(system.api(), "batch", batch(12), who="officer")).status == 200
    assert turns == [6, 12, 18]  # the clock is looked at once an item, and once for the next turn


class OneAfterTheOther:
    """A ledger that refuses the first record at once, and takes its time for the next."""

    def __init__(self) -> None:
        self.written: list[int] = []

    async def write(
        self, record: Record, key: bytes | None = None, digest: bytes | None = None, *more: Any
    ) -> Outcome:
        self.written.append(0)
        if len(self.written) == 1:
            raise UnavailableError("the ledger is behind")
        place = len(self.written) - 1
        await asyncio.sleep(0.01)
        self.written[place] = 1
        return Recorded(place)


def test_a_batch_that_fails_is_answered_once_nothing_of_it_is_under_way(system: Running) -> None:
    system.ledger = slow = OneAfterTheOther()

    async def go() -> tuple[int, list[int]]:
        answer = await ask(system.api(), "batch", batch(3), who="officer")
        return answer.status, list(slow.written)

    assert asyncio.run(go()) == (503, [0, 1, 1])


def test_a_short_batch_gives_no_turn_away(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "TURN", 60.0)

    async def never(seconds: float) -> None:
        raise AssertionError

    monkeypatch.setattr(asyncio, "sleep", never)
    assert asyncio.run(ask(system.api(), "batch", batch(5), who="officer")).status == 200


def test_all_of_a_batch_is_under_the_list_that_was_in_force_when_it_came(
    system: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "TURN", 0.0)
    sleep = asyncio.sleep

    async def change(seconds: float) -> None:
        system.current.screener = None
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", change)
    items = [{**call(f"B{n}", NUMBER), "channel": "call"} for n in range(3)]
    answers = asyncio.run(ask(system.api(), "batch", items, who="officer")).json
    assert [answer["decision"] for answer in answers] == ["block"] * 3
