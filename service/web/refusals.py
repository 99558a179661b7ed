"""What an asker is told of an error: a problem document (RFC 9457) that repeats nothing of what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from fastapi import Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from service.errors import (
    PROBLEM_JSON,
    BadRequestError,
    InvalidError,
    NotFoundError,
    PageError,
    ServiceError,
    TooLargeError,
    TooManyError,
    UnavailableError,
    problem,
)
from service.operations.logs import request_id
from service.storage.sealing import SealError
from service.storage.unread import IN_WORDS

ERRORS = (ServiceError, RequestValidationError, HTTPException, SQLAlchemyError, SealError, Exception)
"""What an application hands to its handler of errors: each by name, the rest as what nobody expected."""

_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
_log = structlog.get_logger(__name__)
_sane_name = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}").fullmatch


class MethodNotAllowedError(ServiceError):
    """A method that this path does not have."""

    status = 405
    title = "Method not allowed"

    def __init__(self, allowed: Iterable[str]) -> None:
        """`allowed` are the methods that it has."""
        super().__init__("not with this method")
        self.allowed = ", ".join(sorted(allowed))


class UnreadError(UnavailableError):
    """Of the one thing that was asked for, what is sealed cannot be read."""

    title = "Cannot be read"

    def __init__(self) -> None:
        """Says what may be done."""
        super().__init__(IN_WORDS)


def as_service_error(error: Exception) -> ServiceError:
    """What the asker is told of an error; of one that nobody expected, nothing."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, PageError):
        return error.error
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, RecursionError):
        return BadRequestError("nested too deeply")
    if isinstance(error, HTTPException):
        cause = error.__cause__  # of a body that could not be read: FastAPI makes 400 of everything
        if isinstance(cause, ServiceError | RecursionError):
            return as_service_error(cause)
        return _of_status(error.status_code)
    if isinstance(error, SealError):
        _log.error("not_readable", error="SealError")
        return UnreadError()
    if isinstance(error, DBAPIError | SQLAlchemyError):
        kind = type(getattr(error, "orig", None) or error).__name__
        _log.error("database_failed", error=kind)
        return UnavailableError("the database cannot be used")
    _log.error("unexpected", error=type(error).__name__, exc_info=error)
    return ServiceError()


def problem_answer(error: ServiceError) -> Response:
    """The answer, with the id of the request that is being answered."""
    return Response(problem(error, request_id.get()), error.status, headers_of(error), PROBLEM_JSON)


def headers_of(error: ServiceError) -> dict[str, str]:
    """What an answer says of an error beside its body."""
    if error.status == 401:
        return {"www-authenticate": "Bearer"}
    if isinstance(error, MethodNotAllowedError):
        return {"allow": error.allowed}
    if isinstance(error, TooManyError) and error.wait is not None:
        return {"retry-after": str(error.wait)}
    if isinstance(error, TooLargeError):
        return {"connection": "close"}  # what is still on its way is not read
    return {}


def _of_status(status: int) -> ServiceError:
    if status == 404:
        return NotFoundError("there is no such address")
    if status == 400:
        return BadRequestError("not a request that can be read")
    found = ServiceError()
    found.status, found.title = status, "Refused"
    return found


def _invalid(errors: Sequence[Any]) -> ServiceError:
    """The first of pydantic's errors, without whatever the request said."""
    first = errors[0]
    if first["type"] == "json_invalid":
        return BadRequestError("not JSON")
    field = ""
    for part in first["loc"]:
        if part in _PLACES and not field:
            continue
        if isinstance(part, int):
            field += f"[{part}]"
        elif _sane_name(str(part)):
            field += f".{part}" if field else str(part)
    text = {"missing": "required", "extra_forbidden": "unknown field"}.get(first["type"])
    return InvalidError(text or _WORDS.get(first["type"], "cannot be used"), field or None)


_WORDS = {
    "string_too_long": "too long",
    "string_too_short": "too short",
    "string_pattern_mismatch": "not in the right form",
    "string_type": "not a text",
    "string_unicode": "not a text",
    "int_type": "not a whole number",
    "int_parsing": "not a whole number",
    "greater_than_equal": "too small",
    "less_than_equal": "too large",
    "too_long": "too many",
    "too_short": "too few",
    "list_type": "not a list",
    "bool_type": "not true or false",
    "enum": "not one of the values allowed",
    "literal_error": "not one of the values allowed",
    "datetime_parsing": "not an ISO 8601 time",
    "datetime_from_date_parsing": "not an ISO 8601 time",
    "timezone_aware": "a time without a zone",
    "model_attributes_type": "not an object",
    "dict_type": "not an object",
}
