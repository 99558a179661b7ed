"""Logs say what happened, and nothing about anybody."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from service.operations import logs

DETAILS = "Sarah Okafor 07700 900123 10 Larkmead Street sally@example.org"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go; what was set before is put back."""
    root = logging.getLogger()
    before = (root.handlers, root.level, sys.excepthook, threading.excepthook, logging.raiseExceptions)
    out = io.StringIO()
    logs.configure("DEBUG", out)
    yield out
    structlog.reset_defaults()
    root.handlers, level, sys.excepthook, threading.excepthook, logging.raiseExceptions = before
    root.setLevel(level)
    logging.captureWarnings(False)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_time_level_event_and_request(stream: io.StringIO) -> None:
    token = logs.request_id.set("req-1")
    logs.log().info("blocklist in force", version="sha256:5f2e", seconds=0.2)
    logs.request_id.reset(token)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "blocklist in force",
        "request": "req-1",
        "version": "sha256:5f2e",
        "seconds": 0.2,
    }


def test_an_unknown_field_is_named_and_not_written(stream: io.StringIO) -> None:
    logs.log().info("restriction changed", name=DETAILS, to=DETAILS, seq=7)
    assert "Okafor" not in stream.getvalue()
    assert lines(stream)[0]["dropped"] == ["name", "to"]
    assert lines(stream)[0]["seq"] == 7


@pytest.mark.parametrize("text", [f"restriction of {DETAILS}", "wrote to sally@example.org", "a\nb", ""])
def test_an_event_made_of_data_is_withheld(stream: io.StringIO, text: str) -> None:
    logs.log().info(text)
    assert lines(stream)[0]["event"] == logs.WITHHELD


def test_an_error_is_its_type_and_where_it_came_from(stream: io.StringIO) -> None:
    name = DETAILS
    try:
        try:
            int(name)
        except ValueError as error:
            raise RuntimeError(f"cannot read {name}") from error
    except RuntimeError:
        logs.log().error("a check failed", exc_info=True)
    assert "Okafor" not in stream.getvalue()
    assert "900123" not in stream.getvalue()
    (line,) = lines(stream)
    assert line["error"] == ["RuntimeError", "ValueError"]
    assert line["frames"][-1].startswith("tests/service/operations/test_logs.py:")
    assert line["frames"][-1].endswith("test_an_error_is_its_type_and_where_it_came_from")


def test_errors_of_a_group_are_all_named(stream: io.StringIO) -> None:
    logs.log().error("stopped", exc_info=ExceptionGroup(DETAILS, [KeyError(DETAILS), OSError(DETAILS)]))
    assert lines(stream)[0]["error"] == ["ExceptionGroup", "KeyError", "OSError"]
    assert "Okafor" not in stream.getvalue()


@pytest.mark.parametrize("name", ["sqlalchemy.engine.Engine", "asyncio", "httpx", "py.warnings", "anything"])
def test_a_librarys_text_is_not_written(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).warning("could not insert %s", DETAILS)
    logging.getLogger(name).error(DETAILS, extra={"parameters": DETAILS}, stack_info=True)
    assert [line["logger"] for line in lines(stream)] == [name, name]
    assert "Okafor" not in stream.getvalue()
    assert "insert" not in stream.getvalue()


def test_the_servers_own_lines_are_written(stream: io.StringIO) -> None:
    server = logging.getLogger("uvicorn.error")
    server.info("Uvicorn running on %s://%s:%d", "http", "127.0.0.1", 8085)
    try:
        raise ValueError(DETAILS)
    except ValueError:
        server.exception("Exception in ASGI application\n")
    running, failed = lines(stream)
    assert running["event"] == "Uvicorn running on http://127.0.0.1:8085"
    assert (failed["event"], failed["error"]) == ("Exception in ASGI application", ["ValueError"])
    assert "Okafor" not in stream.getvalue()


def test_requests_are_not_logged_one_by_one(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info('%s - "%s %s"', "127.0.0.1", "GET", f"/v1?name={DETAILS}")
    logging.getLogger("httpx").info("HTTP Request: GET https://issuer/?q=%s", DETAILS)
    assert stream.getvalue() == ""
    assert logs.UVICORN["access_log"] is False


def test_a_warning_is_a_line(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(DETAILS, stacklevel=1)
    assert lines(stream)[0]["logger"] == "py.warnings"
    assert "Okafor" not in stream.getvalue()


def test_a_thread_that_ends_by_an_error_says_so(stream: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(DETAILS)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    (line,) = lines(stream)
    assert (line["event"], line["error"]) == ("a thread ended by an error", ["ValueError"])
    assert "Okafor" not in stream.getvalue()


def test_a_process_that_ends_by_an_error_says_so(stream: io.StringIO) -> None:
    error = ValueError(DETAILS)
    sys.excepthook(type(error), error, None)
    assert lines(stream)[0]["level"] == "critical"
    assert "Okafor" not in stream.getvalue()


def test_values_that_are_not_plain_are_named_by_their_type(stream: io.StringIO) -> None:
    logs.log().info("changed", outcome=ValueError(DETAILS), count={DETAILS: 1}, codes=["A"])
    (line,) = lines(stream)
    assert (line["outcome"], line["count"], line["codes"]) == ("<ValueError>", "<dict>", ["A"])


def test_the_level_is_kept(stream: io.StringIO) -> None:
    logs.configure("WARNING", stream)
    logs.log().info("too quiet")
    logs.log().warning("loud enough")
    assert [line["event"] for line in lines(stream)] == ["loud enough"]


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="log_level"):
        logs.configure("LOUD")


def test_a_log_that_cannot_be_written_stops_nobody(stream: io.StringIO) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "no space left on device")

    logs.configure("DEBUG", Full())
    structlog.get_logger("x").error("told")
    logging.getLogger("y").error("told")
    assert stream.getvalue() == ""
