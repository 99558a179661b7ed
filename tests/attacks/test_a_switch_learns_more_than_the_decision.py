"""A switch's key asks about a contact, an event, a standing, to learn more than what to do."""

from __future__ import annotations

from pathlib import Path

from service.access.model import Role
from tests.attacks.learning import BOTH, LEEDS, told, two_prisons

ALONE = {"id", "decision", "action", "confidential"}


def test_it_is_told_what_to_do_and_nothing_else(tmp_path: Path) -> None:
    with two_prisons(tmp_path) as service:
        switch = service.key(Role.PHONE_SYSTEM)
        contact = {
            "id": "K1", "prisoner": LEEDS.prisoner, "name": "R Q", "numbers": ["07700 900416"],
            "address": "14 Larkmaed St\nLS1 4A8",
        }  # fmt: skip
        call = {"id": "C1", "prisoner": LEEDS.prisoner, "establishment": "LEI", "to": "07700 900416"}
        message = {**call, "id": "M1", "body": "tell R Q at 14 Larkmaed St to ring 07700 900416"}
        event = {
            "id": "E1", "check": "C1", "kind": "diverted", "at": "2026-06-01T09:30:00Z", "to": "07700 900416",
        }  # fmt: skip
        for path, body in (
            ("/v1/check/contact", contact),
            ("/v1/check/call", call),
            ("/v1/check/message", message),
            ("/v1/events/call", event),
        ):
            answer = switch.post(path, json=body)
            assert answer.status_code == 200, answer.text
            assert set(answer.json()) == ALONE, path
            assert not any(told(answer, planted) for planted in BOTH)
        standing = switch.get("/v1/reviews/call/C1")
        assert set(standing.json()) == {"id", "state"}
