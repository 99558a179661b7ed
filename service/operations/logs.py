"""Logs: one JSON object a line on standard error, with the request's id, and nobody's details.

Three things could carry a name or a number into a log, and each is closed here:

- **a field**: only the keys of `FIELDS` are written; of any other, the key alone stands under `dropped`;
- **an event's text**: it is a constant of the program, in words; one with a digit or an `@` in it was put
  together from data, and is withheld;
- **an error's message**, which quotes what it failed on: its type and its frames are written, never its text,
  never the variables. Libraries' own lines are told by where they come from, the server's excepted.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, TracebackType
from typing import IO, Any, cast

import msgspec

# structlog would load rich for a terminal's colours, a tenth of a start; no line written here has any.
sys.modules.setdefault("rich", cast("ModuleType", None))
import structlog  # noqa: E402
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger  # noqa: E402

if sys.modules["rich"] is None:
    del sys.modules["rich"]

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered; stands in each of its lines."""

FIELDS = frozenset(
    "event level timestamp request logger error frames where dropped "
    "channel decision codes seconds status method route role kind outcome blocklist policy seq size count "
    "waiting version revision attempts state states failure host port backend establishment node "
    "entrance".split()
)
"""Keys that are written. One is added only when no value of it can come from a prisoner's or a protected
person's details; `route` is the pattern of a path, not the path."""

LONGEST_TEXT = 200
"""Characters of one value."""
MOST_ITEMS = 40
"""Of one list."""
MOST_FRAMES = 12
"""Of one error, the innermost."""
SPEAKING = frozenset({"uvicorn", "uvicorn.error"})
"""Loggers whose text is written: the server's own, which tells of its sockets and processes."""
WITHHELD = "text withheld"

_HOME = Path(__file__).parents[2]
_WORDS = re.compile(r"[^\W\d_][^\d@\n]{0,199}")


def configure(level: str = "INFO", stream: IO[str] | None = None) -> None:
    """Send everything that this process logs to `stream` (standard error), from `level` on.

    The libraries' loggers, warnings, and errors that end a thread or the process go the same way. Requests
    are not logged one by one: the ledger holds every decision, and a line each would cost more than the
    answer. Raises ValueError for a level that is none.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"log_level: one of {', '.join(logging.getLevelNamesMapping())}")
    out = _Unfailing(stream if stream is not None else sys.stderr)
    structlog.configure(
        processors=[_complete, _errors, _only_known, _render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=cast("Any", out)),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Forward()]
    root.setLevel(number)
    for name in logging.root.manager.loggerDict:
        if name.startswith(("uvicorn", "alembic", "sqlalchemy", "httpx", "httpcore")):
            logging.getLogger(name).handlers = []
            logging.getLogger(name).propagate = True
    for name in ("uvicorn.access", "httpx", "httpcore", "sqlalchemy", "alembic"):  # addresses, values, noise
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.raiseExceptions = False  # a handler that fails would print the line's values
    logging.captureWarnings(True)
    sys.excepthook = _process_ended
    threading.excepthook = _thread_ended


def log() -> FilteringBoundLogger:
    """The logger: `log().info("blocklist in force", version=…, seconds=…)`."""
    return cast(FilteringBoundLogger, structlog.get_logger())


UVICORN: dict[str, Any] = {"log_config": None, "access_log": False}
"""What `uvicorn.Config` is given, so that it leaves the loggers as they are set here."""


class _Unfailing:
    """Where lines go. A full disk under the log stops nobody: a thread that died of telling what failed would
    leave the prison on the list of that moment."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


class _Forward(logging.Handler):
    """What a library logs, as one of our lines."""

    def emit(self, record: logging.LogRecord) -> None:
        speaks = record.name in SPEAKING
        text = record.getMessage().split("\n")[0] if speaks else "a library's line"
        fields: dict[str, Any] = {
            "logger": record.name,
            "where": f"{_place(record.pathname)}:{record.lineno}",
        }
        if record.exc_info:
            fields["exc_info"] = record.exc_info
        level = max(logging.DEBUG, min(record.levelno // 10 * 10, logging.CRITICAL))
        log().log(level, _NoData(text), **fields)


class _NoData(str):
    """A text that is no data though it has digits in it: the server's address, a process id."""

    __slots__ = ()


def _complete(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["level"] = method
    event["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if (request := request_id.get()) is not None:
        event["request"] = request
    text = event.get("event")
    if not isinstance(text, _NoData) and not (isinstance(text, str) and _WORDS.fullmatch(text)):
        event["event"] = WITHHELD
    return event


def _errors(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Errors as types and frames."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"] = _types(error)
        event["frames"] = _frames(error)
    return event


def _only_known(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Leave out every key that is not known, and every value that is not plain."""
    dropped = sorted(str(key) for key in event if key not in FIELDS)
    kept = {key: _plain(value) for key, value in event.items() if key in FIELDS}
    if dropped:
        kept["dropped"] = [key if key.isidentifier() else "?" for key in dropped]
    return kept


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)[:LONGEST_TEXT]
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in list(value)[:MOST_ITEMS]]
    return f"<{type(value).__name__}>"


def _render(logger: WrappedLogger, method: str, event: EventDict) -> str:
    first = {key: event.pop(key) for key in ("timestamp", "level", "event") if key in event}
    return msgspec.json.encode({**first, **event}).decode()


def _types(error: BaseException) -> list[str]:
    """The error's type and those of what it came from, outermost first."""
    found: list[str] = []
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue and len(found) < MOST_FRAMES:
        one = queue.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        found.append(f"{type(one).__module__}.{type(one).__qualname__}".removeprefix("builtins."))
        if isinstance(one, BaseExceptionGroup):
            queue.extend(one.exceptions)
        queue.append(one.__cause__ or (None if one.__suppress_context__ else one.__context__))
    return found


def _frames(error: BaseException) -> list[str]:
    """Where it came from, outermost first: `service/ledger/writer.py:88 _commit`."""
    frames: list[str] = []
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{_place(code.co_filename)}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-MOST_FRAMES:]


def _place(path: str) -> str:
    """A source file, without the folder that the program is installed in."""
    file = Path(path)
    if file.is_relative_to(_HOME):
        return file.relative_to(_HOME).as_posix().removeprefix(".venv/")
    return "/".join(file.parts[-2:])


def _process_ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log().critical("ended by an error", exc_info=error)


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        log().critical("a thread ended by an error", exc_info=ended.exc_value)
