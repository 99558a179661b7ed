"""How routes describe their error answers in the OpenAPI document."""

from typing import Any

from service.errors import (
    PROBLEM_JSON,
    BadRequestError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotSignedInError,
    ServiceError,
    TooLargeError,
    UnavailableError,
)

ALWAYS = (NotSignedInError, NotAllowedError, UnavailableError)
"""What every route that asks for a right raises."""
READ = (*ALWAYS, InvalidError)
WRITE = (*READ, BadRequestError, ConflictError, TooLargeError)
"""And one that takes a body and changes something."""

_SCHEMA = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "field": {"type": "string"},
        "request": {"type": "string"},
    },
}


def problems(*errors: type[ServiceError]) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route that raises these."""
    return {
        error.status: {"description": error.title, "content": {PROBLEM_JSON: {"schema": _SCHEMA}}}
        for error in errors
    }
