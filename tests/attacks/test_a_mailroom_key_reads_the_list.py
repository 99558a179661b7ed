"""A mailroom's key asks about bare postcodes and half names, to have what is listed told in the reasons."""

from __future__ import annotations

from pathlib import Path

import httpx

from service.access.model import Role
from tests.attacks.learning import BOTH, LEEDS, MOORLAND, two_prisons
from tests.service.running import Service

NEAR = (
    "LS1 4AB", "DN7 6BW", "12 Larkmaed Street\nLS1 4AB", "14 Larkmaed St\nLS1 4AB",
    "29 Quernmor Terrace\nDN7 6BW",
    "27 Quernmor Terrace\nDN7 6BW", "R Q\n14 Larkmaed St\nLS1 4A8", "Ambermouth",
    "T U\n27 Quernmor Terrace\nDN7 6BW",
)  # fmt: skip
SECRETS = {one for planted in BOTH for one in planted.secrets}


def ask(client: httpx.Client, number: int, to: str, prisoner: str | None) -> httpx.Response:
    body = {"id": f"L{number}-{prisoner}", "to": to, "prisoner": prisoner, "establishment": "LEI"}
    return client.post("/v1/check/letter", json=body)


def leaked(answers: list[httpx.Response]) -> set[str]:
    """Which words of the restrictions were told."""
    text = "".join(one.text for one in answers).casefold()
    return {one for one in SECRETS if one.casefold() in text}


def test_its_reasons_hold_codes_and_what_was_given_and_nothing_listed(tmp_path: Path) -> None:
    with two_prisons(tmp_path) as service:
        for roles in (Role.MAILROOM,), (Role.REVIEWER,), (Role.CASE_OFFICER,), (Role.PHONE_SYSTEM,):
            key = service.key(*roles, prisons=("LEI",))
            answers = [
                ask(key, number, to, prisoner)
                for number, to in enumerate(NEAR)
                for prisoner in (None, LEEDS.prisoner, MOORLAND.prisoner)
            ]
            if roles != (Role.PHONE_SYSTEM,):
                assert {one.status_code for one in answers} == {200}
                assert sum(bool(one.json()["reasons"]) for one in answers) > 5
            own: set[str] = {LEEDS.id} if roles[0] in (Role.REVIEWER, Role.CASE_OFFICER) else set()
            assert leaked(answers) <= own, roles


def test_a_batch_is_not_for_machines_at_a_gate(tmp_path: Path) -> None:
    with two_prisons(tmp_path) as service:
        many = [{"id": f"B{n}", "channel": "letter", "to": to} for n, to in enumerate(NEAR)]
        for role in (Role.MAILROOM, Role.PHONE_SYSTEM, Role.REVIEWER):
            assert _batch(service, role, many).status_code == 403
        answer = _batch(service, Role.CASE_OFFICER, many)
        assert answer.status_code == 200
        assert leaked([answer]) <= {LEEDS.id, MOORLAND.id}


def _batch(service: Service, role: Role, many: list[dict[str, str]]) -> httpx.Response:
    return service.key(role).post("/v1/check/batch", json=many)
