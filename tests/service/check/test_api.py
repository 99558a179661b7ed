"""With real keys in the place of the tests' own door."""

from __future__ import annotations

import asyncio

from service.access.access import Access
from service.access.model import Principal, Role
from service.ledger.record import Record
from service.settings import Settings
from tests.service.check.running import NUMBER, Running, ask, call

ADMIN = Principal("user:admin", frozenset({Role.ADMIN}), person=True)


def test_a_key_lets_in_and_a_revoked_one_does_not(system: Running) -> None:
    refusals: list[Record] = []
    door = Access(system.database, system.vault, Settings(), system.clock, refusals.append)
    key = door.keys.create(ADMIN, "lei-phones", {Role.PHONE_SYSTEM}, {"LEI"})
    system.access = door  # type: ignore[assignment]
    api = system.api()
    for name in ("C1", "C2"):
        answer = asyncio.run(ask(api, "call", call(name, NUMBER), who=key.secret))
        assert answer.json["decision"] == "block"
    assert {row.actor for row in system.decisions()} == {"key:lei-phones"}
    assert asyncio.run(ask(api, "letter", call(), who=key.secret)).status == 403
    assert [record.outcome for record in refusals] == ["not_allowed"]
    door.revoke_key(ADMIN, "lei-phones")
    assert asyncio.run(ask(api, "call", call("C1", NUMBER), who=key.secret)).status == 401
    door.close()
