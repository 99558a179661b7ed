"""Requests that are not as they should be: refused, in words that repeat nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.access.model import Principal
from service.errors import Problem
from service.web import http
from service.web.limits import Rate, TooFastError
from tests.repeating import times
from tests.service.check.running import NUMBER, Answer, Bounds, Running, ask, call

CHECKS = ["call", "message", "letter", "batch", "contact"]


def refused(answer: Answer, status: int, field: str | None = None) -> Any:
    """The problem, which has to be a whole one."""
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["title"]
    assert answer.json["request"] == answer.headers["x-request-id"]
    assert set(answer.json) <= set(Problem.__struct_fields__)
    assert answer.json.get("field") == field
    return answer.json


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b'{"id": "\xff"}', 400, None),
        (b'{"id": "\\ud800"}', 400, None),
        (b"\xef\xbb\xbf{}", 400, None),
        (b"[]", 422, None),
        (b"null", 422, None),
        (b"{}", 422, "id"),
        (b"[" * 100_000, 422, None),
        (b'{"id":' + b"[" * 100_000, 422, "id"),
        (b'{"x":' + b"[" * 100_000, 422, "x"),
        (call(""), 422, "id"),
        (call(" x"), 422, "id"),
        (call("x" * 201), 422, "id"),
        (call("a\nb"), 422, "id"),
        (call("a\0b"), 422, "id"),
        (call(channel="call"), 422, "channel"),
        (call(surprise=1), 422, "surprise"),
        (call(prisoner="A1234B"), 422, "prisoner"),
        (call(prisoner="A1234BC\n"), 422, "prisoner"),
        (call(prisoner=None), 422, "prisoner"),
        (call(prisoner="A1234B\0"), 422, "prisoner"),
        (call(establishment="leeds"), 422, "establishment"),
        ({**call(), "to": 7}, 422, "to"),
        (call(to="0" * 2001), 422, "to"),
        (call(body="x" * 200_001), 422, "body"),
        (call(at="yesterday"), 422, "at"),
        (call(at="2026-02-30"), 422, "at"),
    ],
)
def test_what_is_wrong_is_named(system: Running, body: object, status: int, field: str | None) -> None:
    refused(asyncio.run(ask(system.api(), "call", body)), status, field)
    assert system.decisions() == []


@pytest.mark.parametrize(
    ("check", "who"),
    [("call", "switch"), ("message", "switch"), ("letter", "mailroom"), ("contact", "officer")],
)
def test_a_key_that_stands_twice_is_refused_and_named(system: Running, check: str, who: str) -> None:
    body = b'{"id": "C1", "prisoner": "A1234BC", "to": "020 7946 0018", "to": "07700 900123"}'
    refused(asyncio.run(ask(system.api(), check, body, who=who)), 422, "to")
    assert system.decisions() == []


def test_a_key_that_stands_twice_in_one_item_of_a_batch_is_that_items_error(system: Running) -> None:
    whole = b'{"id": "C1", "channel": "call", "prisoner": "A1234BC", "to": "07700 900123"}'
    twice = b'{"id": "C2", "channel": "call", "prisoner": "A1234BC", "to": "1", "to": "2"}'
    answer = asyncio.run(ask(system.api(), "batch", b"[" + whole + b", " + twice + b"]", who="officer"))
    first, second = answer.json
    assert first["decision"] == "block"
    assert (second["index"], second["status"], second["field"]) == (1, 422, "to")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 501}, "name"),
        ({"numbers": []}, "numbers"),
        ({"numbers": ["1"] * 21}, "numbers"),
        ({"numbers": ["1", 2]}, "numbers[1]"),
        ({"emails": ["x", "y" * 2001]}, "emails[1]"),
        ({"address": "x" * 1501}, "address"),
        ({"prisoner": "me"}, "prisoner"),
        ({"id": "\t"}, "id"),
        ({"to": "1"}, "to"),
    ],
)
def test_what_is_wrong_with_a_contact_is_named(system: Running, body: dict[str, Any], field: str) -> None:
    whole = {"id": "K", "prisoner": "A1234BC", "name": "Ann", "numbers": ["07700 900888"], **body}
    refused(asyncio.run(ask(system.api(), "contact", whole)), 422, field)


@pytest.mark.parametrize("body", [b"{}", b"7", b"null"])
def test_a_batch_is_a_list(system: Running, body: bytes) -> None:
    refused(asyncio.run(ask(system.api(), "batch", body, who="officer")), 422)


def test_a_batch_nested_without_end_is_no_json(system: Running) -> None:
    refused(asyncio.run(ask(system.api(), "batch", b"[" * 100_000, who="officer")), 400)


def test_a_batch_has_its_limit(system: Running) -> None:
    system.settings = Bounds(longest_batch=3)
    refused(asyncio.run(ask(system.api(), "batch", [1, 2, 3, 4], who="officer")), 413)
    assert len(asyncio.run(ask(system.api(), "batch", [1, 2, 3], who="officer")).json) == 3


def test_no_error_repeats_what_was_sent(
    system: Running, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    api = system.api()
    number = "07700900123"
    said = ""
    for body in (
        {number: 1},
        {"id": {number: 1}},
        call(prisoner=number),
        call(establishment=number),
        call(at=number),
        [{"id": "1", "channel": number, "to": number}],
        number.encode() + b"}",
    ):
        for name in CHECKS:
            answer = asyncio.run(ask(api, name, body, who="officer"))
            assert answer.status in (200, 400, 422)
            said += answer.body.decode() + str(answer.headers)
    told = capsys.readouterr()
    assert number not in said + caplog.text + told.out + told.err


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused(system: Running, name: str, method: str) -> None:
    answer = asyncio.run(ask(system.api(), name, b"", method=method))
    refused(answer, 405)
    assert answer.headers["allow"] == "POST, OPTIONS"


def test_options_says_what_can_be_done(system: Running) -> None:
    answer = asyncio.run(ask(system.api(), "call", b"", method="OPTIONS", who=None))
    assert (answer.status, answer.headers["allow"], answer.body) == (204, "POST, OPTIONS", b"")


@pytest.mark.parametrize(
    "path", ["/v1/check/", "/v1/check", "/v1/check/fax", "/v1/check/call/", "/v1/check//call", "call", "/x"]
)
def test_other_paths_are_not_there(system: Running, path: str) -> None:
    refused(asyncio.run(ask(system.api(), "", call(), path=path)), 404)


def test_who_is_not_signed_in_is_told_how(system: Running) -> None:
    for who in (None, "nobody"):
        answer = asyncio.run(ask(system.api(), "call", call(), who=who))
        refused(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_person_with_a_session_may_ask(system: Running) -> None:
    answer = asyncio.run(ask(system.api(), "call", call(), who=None, headers={"cookie": "session=reviewer"}))
    assert "reasons" in answer.json


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json; charset=utf-8"}, 200),
        ({"content-type": 'Application/JSON;charset="UTF-8"'}, 200),
        ({"content-type": ""}, 415),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/jsonp"}, 415),
        ({"content-type": "application/json; charset=utf-16"}, 415),
        ({"content-encoding": "gzip"}, 415),
        ({"content-encoding": "identity"}, 200),
        ({"content-length": "-1"}, 413),
        ({"content-length": "9" * 5_000}, 413),
    ],
)
def test_only_json(system: Running, headers: dict[str, str], status: int) -> None:
    answer = asyncio.run(ask(system.api(), "call", call(), headers=headers))
    assert answer.status == status


def test_a_long_body_is_refused_before_it_is_read(system: Running) -> None:
    system.settings = Bounds(longest_body=100)
    api, reads = system.api(), 0

    async def go(length: bytes | None) -> int:
        nonlocal reads
        reads = 0
        head = [(b"content-type", b"application/json"), (b"authorization", b"Bearer switch")]
        if length is not None:
            head.append((b"content-length", length))
        told: list[Any] = []

        async def receive() -> Any:
            nonlocal reads
            reads += 1
            return {"type": "http.request", "body": b"x" * 30, "more_body": True}

        async def send(message: Any) -> None:
            told.append(message)

        await api(
            {"type": "http", "method": "POST", "path": "/v1/check/call", "headers": head}, receive, send
        )
        assert (b"connection", b"close") in told[0]["headers"]
        status: int = told[0]["status"]
        return status

    assert (asyncio.run(go(b"101")), reads) == (413, 0)
    assert (asyncio.run(go(None)), reads) == (413, 4)


def test_a_body_in_one_piece_without_a_length_has_the_limit_too(system: Running) -> None:
    system.settings = Bounds(longest_body=100)
    refused(asyncio.run(ask(system.api(), "call", b" " * 101, sized=False)), 413)


def test_a_body_in_pieces(system: Running) -> None:
    whole = json.dumps(call("C1", NUMBER)).encode()
    answer = asyncio.run(ask(system.api(), "call", chunks=[whole[n : n + 1] for n in range(len(whole))]))
    assert answer.json["decision"] == "block"


def test_a_body_that_does_not_come_is_not_waited_for(
    system: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "SLOWEST_BODY", 0.05)
    api = system.api()
    told: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: Any) -> None:
        told.append(message)

    head = [(b"content-type", b"application/json"), (b"authorization", b"Bearer switch")]
    scope = {"type": "http", "method": "POST", "path": "/v1/check/call", "headers": head}
    asyncio.run(asyncio.wait_for(api(scope, receive, send), 5))
    assert told[0]["status"] == 400


def test_who_hangs_up_is_not_answered(system: Running) -> None:
    api = system.api()
    assert asyncio.run(ask(api, "call", chunks=[])).status == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("switch-7.a_B", True),
        ("x" * 100, True),
        ("x" * 101, False),
        ("a b", False),
        ("a\r\nSet-Cookie: x", False),
        ("é", False),
    ],
)
def test_a_request_id_is_kept_where_it_is_sane(system: Running, sent: str, kept: bool) -> None:
    for method in ("POST", "GET", "OPTIONS"):
        headers = asyncio.run(
            ask(system.api(), "call", call(), method=method, headers={"x-request-id": sent})
        ).headers
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}", headers["x-request-id"])
        assert (headers["x-request-id"] == sent) is kept


def test_too_many_checks_are_refused_with_when_to_come_back(system: Running) -> None:
    system.settings = Bounds(rate=2)
    api = system.api()
    statuses = [asyncio.run(ask(api, "call", call(f"C{n}"))).status for n in range(2)]
    answer = asyncio.run(ask(api, "call", call("C9")))
    refused(answer, 429)
    assert statuses == [200, 200]
    assert int(answer.headers["retry-after"]) >= 1
    assert asyncio.run(ask(api, "call", call("C9"), who="other")).status == 200


def test_a_batch_counts_each_of_its_attempts(system: Running) -> None:
    system.settings = Bounds(rate=10)
    api = system.api()
    assert asyncio.run(ask(api, "batch", [1] * 40, who="officer")).status == 200
    answer = asyncio.run(ask(api, "call", call(), who="officer"))
    assert (answer.status, answer.headers["retry-after"]) == (429, "4")


def test_a_bucket_fills_with_time() -> None:
    clock = [0.0]
    rate = Rate(0.5, lambda: clock[0])
    rate.ask("a")
    with pytest.raises(TooFastError) as error:
        rate.ask("a")
    assert error.value.wait == 2
    clock[0] = 2.0
    rate.ask("a")
    clock[0] = 1000.0
    rate.ask("a")
    with pytest.raises(TooFastError):
        rate.ask("a")


def test_refusals_are_counted(system: Running) -> None:
    asyncio.run(ask(system.api(), "call", b"{"))
    text, _ = system.metrics.exposition()
    assert re.search(rb'nocontact\w+\{[^}]*channel="call"[^}]*400[^}]*\} 1', text), text.decode()


class Crash:
    def known(self, authorization: str) -> Principal | None:
        raise RuntimeError(f"{NUMBER} is not expected")


def test_a_fault_says_nothing_but_that(system: Running, capsys: pytest.CaptureFixture[str]) -> None:
    api = system.api()
    system.access = Crash()  # type: ignore[assignment]
    refused(asyncio.run(ask(api, "call", call())), 500)
    told = capsys.readouterr()
    assert "RuntimeError" in told.out + told.err
    assert NUMBER not in told.out + told.err


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text(min_size=1, max_size=5) | JSON,
        "prisoner": st.just("A1234BC") | JSON,
        "to": st.text() | JSON,
        "establishment": st.just("LEI") | st.text(max_size=3) | JSON,
        "body": st.text() | JSON,
        "at": st.datetimes().map(str) | st.dates().map(str) | st.text(max_size=30) | JSON,
        "channel": st.sampled_from(["call", "message", "letter"]) | JSON,
        "name": st.text() | JSON,
        "numbers": st.lists(st.text(), max_size=3) | JSON,
        "address": st.text() | JSON,
    },
)
BODIES = st.binary() | st.one_of(JSON, NEARLY, st.lists(NEARLY, max_size=3)).map(
    lambda v: json.dumps(v).encode()
)


@pytest.mark.parametrize("name", CHECKS)
@settings(max_examples=times(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, who=st.sampled_from(["switch", "reviewer", "leeds", "officer"]))
def test_whatever_is_sent_nothing_breaks(system: Running, name: str, body: bytes, who: str) -> None:
    answer = asyncio.run(ask(system.api(), name, body, who=who))
    assert answer.status in (200, 400, 403, 409, 422), answer
    if name == "batch" and answer.status == 200:
        assert [a["index"] for a in answer.json if "error" in a] == [
            n for n, a in enumerate(answer.json) if "error" in a
        ]
        assert all(a["status"] in (400, 403, 409, 422) for a in answer.json if "error" in a)


@settings(max_examples=times(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    to=st.text(max_size=60),
    body=st.none() | st.text(max_size=60),
    at=st.none() | st.datetimes(timezones=st.none() | st.timezones()).map(lambda d: d.isoformat()),
)
def test_every_attempt_with_sound_fields_is_decided(
    system: Running, to: str, body: str | None, at: str | None
) -> None:
    batch = [
        {"id": f"{n}", "channel": n, "prisoner": "A1234BC", "to": to, "body": body, "at": at}
        for n in ("call", "message", "letter")
    ]
    answers = asyncio.run(ask(system.api(), "batch", batch, who="officer")).json
    decided = [a.get("decision") or a.get("status") for a in answers]
    assert set(decided) <= {"allow", "flag", "block", 409}, answers
