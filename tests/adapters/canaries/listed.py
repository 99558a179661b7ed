"""A canary, the list that it is on, and a check that answers by that list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.canaries.canary import Canary, CanaryQuestion
from engine.blocklist import compile_blocklist
from engine.canary import canary_of
from engine.model import Attempt, Contact, Decision, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CANARY = Canary(
    prison="LEI",
    prisoner="Z0001QQ",
    name="Quillon Tallantyre",
    number="07700 900901",
    beside="07700 900902",
    address="14 Larkmead Street, Ambermouth, LS1 4AB",
)
SOMEBODY = Restriction(
    id="R1",
    prisoner="A1234BC",
    protected=ProtectedPerson(name="Ottoline Vance"),
    contacts=(Contact(kind="phone", value="07700 900555"),),
)
"""So that a list without the canary is not an empty one, on which nothing is allowed."""


def restriction(canary: Canary = CANARY) -> Restriction:
    return Restriction(
        id=f"{canary_of(canary.prison)}-1",
        prisoner=canary.prisoner,
        protected=ProtectedPerson(name=canary.name),
        contacts=(
            Contact(kind="phone", value=canary.number),
            Contact(kind="address", value=canary.address),
        ),
    )


class Listed:
    """Answers checks by the restrictions that it is given; what was decided is kept."""

    def __init__(self, restrictions: Sequence[Restriction]) -> None:
        self.screener = Screener(compile_blocklist([*restrictions, SOMEBODY]), read_policy())
        self.decided: list[Decision] = []

    def decide(self, asked: dict[str, Any]) -> Decision:
        self.decided.append(self.screener.check(Attempt(**asked), at=NOW))
        return self.decided[-1]

    def asked(self, canary: Canary, question: CanaryQuestion) -> Decision:
        channel, _, to, body = question
        about = {"prisoner": canary.prisoner, "establishment": canary.prison, "to": to, "body": body}
        return self.decide({"id": "C", "channel": channel, **about})

    def answer(self, body: dict[str, str]) -> tuple[int, bytes]:
        """For `stand_in`."""
        if "to" not in body:
            return 422, b"{}"
        decision = self.decide({"channel": "message" if "body" in body else "call"} | body)
        told = {"id": body["id"], "decision": decision.decision, "action": decision.action}
        return 200, json.dumps(told | {"confidential": False}).encode()
