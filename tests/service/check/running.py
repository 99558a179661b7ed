"""A check API on a real database and ledger, and a client that speaks ASGI to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.blocklist import Blocklist, compile_blocklist
from engine.model import ConfidentialEntry, Contact, Exemption, ProtectedPerson, Restriction
from engine.policy import Policy, read_policy
from engine.screener import Screener
from service.access.model import Principal, Right, Role
from service.check.api import CheckAPI
from service.check.asking import Asking
from service.check.ports import Ledger
from service.errors import NotSignedInError
from service.ledger.keeping import Keeping
from service.ledger.record import Kind, ledger
from service.ledger.writer import Along, LedgerWriter
from service.operations.clock import Clock
from service.operations.metrics import Metrics
from service.storage.database import Database
from service.storage.sealing import Vault

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PRISONER = "A1234BC"
OTHER = "A9876ZY"
NUMBER = "07700 900123"
ADDRESS = "Flat 2, 10 High Street, Leeds LS1 4AB"
SOLICITOR = "020 7946 0123"

RESTRICTION = Restriction(
    id="R1",
    prisoner=PRISONER,
    protected=ProtectedPerson(name="Sarah Jane Jones", aliases=("Sally Jones",)),
    contacts=(
        Contact(kind="phone", value=NUMBER),
        Contact(kind="address", value=ADDRESS),
        Contact(kind="email", value="sally@example.org"),
    ),
    exceptions=(Exemption(prisoner="A5555EX", contact=NUMBER),),
)
REGISTER = ConfidentialEntry(
    name="Example Law LLP", kind="legal", contacts=(Contact(kind="phone", value=SOLICITOR),)
)

PRINCIPALS = {
    "switch": Principal("key:switch", frozenset({Role.PHONE_SYSTEM})),
    "other": Principal("key:other", frozenset({Role.PHONE_SYSTEM})),
    "leeds": Principal("key:leeds", frozenset({Role.PHONE_SYSTEM}), frozenset({"LEI"})),
    "mailroom": Principal("user:post", frozenset({Role.MAILROOM}), frozenset({"LEI"}), person=True),
    "reviewer": Principal("user:review", frozenset({Role.REVIEWER}), person=True),
    "officer": Principal("user:officer", frozenset({Role.CASE_OFFICER}), person=True),
    "auditor": Principal("user:audit", frozenset({Role.AUDITOR}), person=True),
    "admin": Principal("user:admin", frozenset({Role.ADMIN}), person=True),
}


class Door:
    """Lets in whoever names one of the principals."""

    def __init__(self) -> None:
        self.refusals: list[tuple[str, Right, str]] = []

    def known(self, authorization: str) -> Principal | None:
        return PRINCIPALS.get(authorization.removeprefix("Bearer "))

    def authenticate(self, method: str, headers: Mapping[str, str]) -> Principal:
        if (name := headers.get("cookie", "").removeprefix("session=")) in PRINCIPALS:
            return PRINCIPALS[name]
        raise NotSignedInError("sign in first")

    def refused(self, principal: Principal, right: Right, path: str) -> None:
        self.refusals.append((principal.id, right, path))


@dataclass
class InForce:
    screener: Screener | None
    why_not: str | None = None
    shadow: Policy | None = None
    age: float | None = 0.0


@dataclass
class Whereabouts:
    prisons: dict[str, str] = field(default_factory=dict)

    def where_is(self, prisoner: str) -> str | None:
        return self.prisons.get(prisoner)

    def knows(self, prisoner: str) -> bool:
        return prisoner in self.prisons


@dataclass(frozen=True)
class Bounds:
    longest_body: int = 1 << 20
    longest_batch: int = 1_000
    rate: float = 20_000
    prisoner_rate: float = 1_200_000
    unknown_rate: float = 1_200_000
    closes_after: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Running:
    """The parts of the system that checks need."""

    database: Database
    vault: Vault
    ledger: Ledger
    current: InForce = field(default_factory=lambda: InForce(screener()))
    access: Door = field(default_factory=Door)
    registry: Whereabouts = field(default_factory=Whereabouts)
    settings: Bounds = field(default_factory=Bounds)
    metrics: Metrics = field(default_factory=Metrics)
    told: list[tuple[str, str]] = field(default_factory=list)
    """Keys that a person is told of."""
    clock: Clock = field(default_factory=lambda: Clock(lambda: NOW))

    @cached_property
    def asking(self) -> Asking:
        return Asking(self.settings, self.registry, self.metrics, lambda *one: self.told.append(one))

    def api(self) -> CheckAPI:
        return CheckAPI(self)

    def decisions(self) -> list[Any]:
        """The ledger's decisions, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(
                select(ledger).where(ledger.c.kind == Kind.DECISION).order_by(ledger.c.seq)
            )
            return list(rows)


def blocklist(
    restrictions: Iterable[Restriction] = (RESTRICTION,), register: Iterable[ConfidentialEntry] = (REGISTER,)
) -> Blocklist:
    return compile_blocklist(restrictions, register)


def screener() -> Screener:
    return Screener(blocklist(), read_policy())


def writer(database: Database, vault: Vault, folder: Path, along: Sequence[Along] = ()) -> LedgerWriter:
    return LedgerWriter(
        database,
        vault,
        Keeping(folder, vault.public_key),
        most_waiting=10_000,
        along=along,
        clock=Clock(lambda: NOW),
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(name: str = "C1", to: str = "07700 900999", **more: Any) -> dict[str, Any]:
    return {"id": name, "prisoner": PRISONER, "establishment": "LEI", "to": to, **more}


async def ask(
    api: CheckAPI,
    name: str,
    body: Any = None,
    *,
    who: str | None = "switch",
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    path: str | None = None,
    chunks: Sequence[bytes] | None = None,
    sized: bool = True,
) -> Answer:
    """One request, as a server would hand it over. `chunks` go in place of a body."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    parts = list(chunks) if chunks is not None else [content]
    sent = {"content-type": "application/json", **(headers or {})}
    if who is not None:
        sent["authorization"] = f"Bearer {who}"
    if sized and chunks is None:
        sent.setdefault("content-length", str(len(content)))
    raw = [(k.encode(), v.encode("latin-1")) for k, v in sent.items() if v]
    scope = {"type": "http", "method": method, "path": path or f"/v1/check/{name}", "headers": raw}
    messages = [
        {"type": "http.request", "body": part, "more_body": n < len(parts) - 1}
        for n, part in enumerate(parts)
    ]
    told: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.append(message)

    await api(scope, receive, send)
    if not told:
        return Answer(0, {}, b"")
    start, *rest = told
    answered = {k.decode(): v.decode() for k, v in start["headers"]}
    return Answer(start["status"], answered, b"".join(part.get("body", b"") for part in rest))
