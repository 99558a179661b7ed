"""The OpenAPI document says what is so."""

from __future__ import annotations

import asyncio
from typing import Any

import jsonschema_rs
import pytest

from service.check.api import _CHECKS, PREFIX
from service.check.openapi import fragment
from tests.service.check.running import NUMBER, PRISONER, Running, ask, call

DOCUMENT = fragment(1_000, [{"key": []}])
CONTACT = {"id": "K", "prisoner": PRISONER, "name": "Sally Jones", "numbers": [NUMBER]}


def schema(of: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({**of, "components": DOCUMENT["components"]})


def described(name: str, status: int) -> jsonschema_rs.Validator:
    operation = DOCUMENT["paths"][f"{PREFIX}{name}"]["post"]
    ((_, content),) = operation["responses"][str(status)]["content"].items()
    return schema(content["schema"])


def test_every_check_is_described() -> None:
    assert set(DOCUMENT["paths"]) == {f"{PREFIX}{name}" for name in _CHECKS}
    for path in DOCUMENT["paths"].values():
        assert path["post"]["security"] == [{"key": []}]


@pytest.mark.parametrize("who", ["switch", "reviewer"])
@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("call", call("C1", NUMBER), 200),
        ("message", call("C1", NUMBER, body="x"), 200),
        ("contact", CONTACT, 200),
        ("batch", [{**call("B", NUMBER), "channel": "call"}, 7], 200),
        ("call", {**call(), "to": 7}, 422),
        ("call", b"{", 400),
        ("batch", 7, 422),
    ],
)
def test_answers_are_as_described(system: Running, who: str, name: str, body: Any, status: int) -> None:
    answer = asyncio.run(ask(system.api(), name, body, who="officer" if name == "batch" else who))
    assert answer.status == status
    described(name, status).validate(answer.json)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("call", call()),
        ("call", call(id="")),
        ("call", call(id=" ")),
        ("call", call(id="x" * 201)),
        ("call", call(prisoner="A1")),
        ("call", call(prisoner=None)),
        ("call", call(establishment=None)),
        ("call", call(establishment="leeds")),
        ("call", call(to="1" * 2_001)),
        ("call", call(more=1)),
        ("letter", {"id": "L", "to": "x"}),
        ("letter", {"id": "L"}),
        ("batch", [{**call(), "channel": "call"}]),
        ("contact", CONTACT),
        ("contact", {**CONTACT, "numbers": []}),
        ("contact", {**CONTACT, "numbers": [], "address": "x"}),
        ("contact", {**CONTACT, "name": " "}),
        ("contact", {**CONTACT, "emails": ["a"] * 21}),
    ],
)
def test_a_body_is_taken_where_its_schema_takes_it(system: Running, name: str, body: Any) -> None:
    operation = DOCUMENT["paths"][f"{PREFIX}{name}"]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    answer = asyncio.run(ask(system.api(), name, body, who="officer"))
    assert (answer.status == 200) is schema(content["schema"]).is_valid(body), answer
