"""Invented restrictions, policies and attempts, and what the engine answers to them in one call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from engine.blocklist import compile_blocklist
from engine.model import (
    Attempt,
    ConfidentialEntry,
    Contact,
    Decision,
    ProtectedPerson,
    Restriction,
)
from engine.policy import Policy, read_policy
from engine.screener import Screener

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HIS, ANOTHER = "A1234BC", "B2345CD"
NUMBER, NEIGHBOUR, ELSEWHERE = "07700 900123", "07700 900124", "01632 960555"
HOUSE = "10 Quillet Row, Leeds LS1 4AB"
HELPLINE = ConfidentialEntry(
    name="Harrow & Pike Solicitors", kind="solicitor", contacts=(Contact(kind="phone", value=NUMBER),)
)
POLICY_TOML = files("engine").joinpath("policy.toml").read_text(encoding="utf-8")


def restriction(contact: str = NUMBER, kind: str = "phone", **fields: Any) -> Restriction:
    defaults: dict[str, Any] = {
        "id": "R1",
        "prisoner": HIS,
        "protected": ProtectedPerson(name="Rhoswen Tallantyre"),
        "contacts": (Contact(kind=kind, value=contact),),  # type: ignore[arg-type]
    }
    return Restriction(**{**defaults, **fields})


def policy_with(*changes: tuple[str, str]) -> Policy:
    text = POLICY_TOML
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return read_policy(text.encode())


def policy_saying(table: str, key: str, word: str) -> Policy:
    """The packaged policy with another word for one key."""
    before, after = POLICY_TOML.split(f"[{table}]\n")
    changed, count = re.subn(rf'(?m)^{key} = "\w+"', f'{key} = "{word}"', after, count=1)
    assert count == 1
    return read_policy(f"{before}[{table}]\n{changed}".encode())


def call(
    *restrictions: Restriction,
    to: str = NUMBER,
    prisoner: str = HIS,
    prison: str | None = "LEI",
    at: datetime = NOW,
    register: Iterable[ConfidentialEntry] = (),
    policy: Policy | None = None,
) -> Decision:
    by = Screener(compile_blocklist(restrictions, register), policy or read_policy())
    attempt = Attempt(id="C1", channel="call", prisoner=prisoner, establishment=prison, to=to)
    return by.check(attempt, at)


def message(
    *restrictions: Restriction,
    to: str = ELSEWHERE,
    body: str | None = None,
    prisoner: str = HIS,
    register: Iterable[ConfidentialEntry] = (),
) -> Decision:
    by = Screener(compile_blocklist(restrictions, register), read_policy())
    return by.check(Attempt(id="M1", channel="message", prisoner=prisoner, to=to, body=body), NOW)


def letter(*restrictions: Restriction, to: str, prisoner: str | None = HIS) -> Decision:
    by = Screener(compile_blocklist(restrictions), read_policy())
    return by.check(Attempt(id="L1", channel="letter", prisoner=prisoner, to=to), NOW)


def codes(decision: Decision) -> list[str]:
    return [reason.code.value for reason in decision.reasons]
