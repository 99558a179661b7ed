"""The ledger's record of a decision, whether it was made here or in a prison."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.model import Attempt, Decision
from engine.recipient import recipient
from service.ledger import payloads
from service.ledger.payloads import Decided, DecisionDetail
from service.ledger.record import Kind, Record
from service.ledger.search import ATTEMPT
from service.storage.sealing import Vault


def decision_record(
    vault: Vault,
    key: bytes,
    *,
    at: datetime,
    actor: str,
    channel: str,
    prisoner: str | None,
    establishment: str | None,
    asked: object,
    kept: Any,
    decision: Decision,
    policy: str | None,
    shadow: str | None = None,
    node: str | None = None,
    decided: datetime | None = None,
) -> Record:
    """A record under `key` (16 bytes). `kept` is what is sealed of what was `asked`; `node` and `decided` say
    where and when, where that was not here and now."""
    subject = f"{ATTEMPT}{key.hex()}"
    contact = None
    if decision.decision != "allow" and isinstance(asked, Attempt):
        contact = vault.digest("recipient", recipient(asked.channel, asked.to, asked.establishment)).hex()
    restrictions = list(dict.fromkeys([r.restriction for r in decision.reasons if r.restriction is not None]))
    detail = DecisionDetail(
        restrictions, decision.action, decision.confidential, shadow, contact, node, decided
    )
    return Record(
        at=at,
        kind=Kind.DECISION,
        actor=actor,
        subject=subject,
        prisoner=prisoner,
        establishment=establishment,
        channel=channel,
        outcome=decision.decision,
        codes=",".join(codes_of(decision)),
        blocklist=decision.blocklist,
        policy=policy,
        detail=payloads.plain(detail),
        sealed=payloads.seal(vault, subject, Decided(kept, decision)),
    )


def codes_of(decision: Decision) -> tuple[str, ...]:
    """Its reason codes, each once."""
    return tuple(dict.fromkeys([reason.code.value for reason in decision.reasons]))
