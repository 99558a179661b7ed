"""What the OpenAPI document says of `/v1/check/…`: made from the structs that read and write the bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from service.access.view import ShortDecision, ShownDecision
from service.check.answers import ItemError
from service.check.requests import BatchItem, CallBody, ContactBody, LetterBody, MessageBody
from service.errors import PROBLEM_JSON, Problem

_STRUCTS = (
    CallBody,
    MessageBody,
    LetterBody,
    BatchItem,
    ContactBody,
    ShownDecision,
    ShortDecision,
    ItemError,
    Problem,
)
_ERRORS: dict[int, str] = {
    400: "Not JSON, not UTF-8, nested too deeply, or not whole within ten seconds.",
    401: "Not signed in.",
    403: "The caller may not make this check, or not for this prison. Recorded.",
    405: "Only POST.",
    409: "The id was used before by this caller, for another attempt.",
    413: "More bytes than one request may have, or more attempts than one batch. Read no further.",
    415: "Not application/json in UTF-8.",
    422: "A field that cannot be used; `field` names it.",
    429: "More checks than this caller may ask for; `Retry-After` says for how many seconds.",
    503: "No answer may be given: no usable blocklist, or the ledger cannot be written. Send it again.",
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    405: {"Allow": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}},
}
_REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "required": False,
    "description": "The client's name of this request. Replaced unless 1 to 100 of A-Z a-z 0-9 . _ -",
    "schema": {"type": "string"},
}
_ANSWERED_ID = {
    "X-Request-ID": {
        "description": "The request's id, to quote to whoever runs the service.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"},
    }
}
_AGAIN = (
    "Asked again with the same `id` by the same caller, the answer is the first one and nothing is recorded. "
    "Reasons are for callers with the right `see_reasons`; others get the decision alone. What is listed is "
    "in no answer: `reveal` shows it, one restriction at a time."
)


def fragment(longest_batch: int, security: Sequence[Mapping[str, Sequence[str]]] = ()) -> dict[str, Any]:
    """`{"paths": …, "components": {"schemas": …}}`, to be merged into the document.

    `longest_batch` is the setting; `security` OpenAPI's requirement of every check.
    """
    _, schemas = msgspec.json.schema_components(_STRUCTS, ref_template="#/components/schemas/{name}")
    schemas["ContactBody"]["anyOf"] = [
        {"required": ["numbers"], "properties": {"numbers": {"minItems": 1}}},
        {"required": ["emails"], "properties": {"emails": {"minItems": 1}}},
        {"required": ["address"], "properties": {"address": {"type": "string"}}},
    ]
    anything = {"description": "Anything else gets an error in its place, and the others their answers."}
    batch: dict[str, Any] = {"type": "array", "items": {"anyOf": [_ref(BatchItem), anything]}}
    either: dict[str, Any] = {"anyOf": [_ref(ShortDecision), _ref(ShownDecision)]}
    each: dict[str, Any] = {
        "type": "array",
        "items": {"anyOf": [_ref(ShortDecision), _ref(ShownDecision), _ref(ItemError)]},
    }
    operations: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
        "call": ("Check a call before it is connected", _AGAIN, _ref(CallBody), either),
        "message": ("Check a message before it is delivered", _AGAIN, _ref(MessageBody), either),
        "letter": ("Check a letter before it is posted", _AGAIN, _ref(LetterBody), either),
        "contact": (
            "Check somebody whom a prisoner asks to have on his list",
            f"The most restrictive decision on any number, e-mail, the address or the name. {_AGAIN}",
            _ref(ContactBody),
            either,
        ),
        "batch": (
            "Check many attempts",
            f"At most {longest_batch:,} attempts. Answers in the same order; an error stands in the place of "
            f"an attempt that got none. {_AGAIN}",
            batch,
            each,
        ),
    }
    paths = {
        f"/v1/check/{name}": {"post": _operation(name, *parts, security=security)}
        for name, parts in operations.items()
    }
    return {"paths": paths, "components": {"schemas": schemas}}


def _operation(
    name: str,
    summary: str,
    description: str,
    body: dict[str, Any],
    answer: dict[str, Any],
    security: Sequence[Mapping[str, Sequence[str]]],
) -> dict[str, Any]:
    responses: dict[str, Any] = {
        "200": {
            "description": "Decided, and on the disk.",
            "headers": _ANSWERED_ID,
            "content": {"application/json": {"schema": answer}},
        }
    }
    for status, meaning in _ERRORS.items():
        responses[str(status)] = {
            "description": meaning,
            "headers": {**_ANSWERED_ID, **_HEADERS.get(status, {})},
            "content": {PROBLEM_JSON: {"schema": _ref(Problem)}},
        }
    operation: dict[str, Any] = {
        "tags": ["check"],
        "operationId": f"check_{name}",
        "summary": summary,
        "description": description,
        "parameters": [_REQUEST_ID],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": responses,
    }
    if security:
        operation["security"] = [dict(one) for one in security]
    return operation


def _ref(struct: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{struct.__name__}"}
