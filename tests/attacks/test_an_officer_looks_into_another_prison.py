"""Somebody of one prison looks for another's restriction: every page and every endpoint, with every right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from service.access.model import Role
from tests.attacks.learning import LEEDS, MOORLAND, Planted, person, told, two_prisons
from tests.service.console.places import MAY, filled
from tests.service.running import Service

PEOPLE = (Role.REVIEWER, Role.CASE_OFFICER, Role.AUDITOR, Role.MAILROOM, Role.ADMIN)
FORM = {
    "why": "I want to know", "reason": "I want to know", "restriction": MOORLAND.id, "state": "",
    "days": "14",
    "channel": "letter", "establishment": "LEI", "prison": "MDI", "answer": "confirm", "mode": "live",
}  # fmt: skip
CALL = {"establishment": "MDI", "prisoner": MOORLAND.prisoner}
NEAR = "T U\n29 Quernmor Terrace\nDN7 6BW"
"""What is asked with: near the restricted address, and no word of it that is searched for."""


@pytest.fixture(scope="module")
def ids(service: Service) -> dict[str, list[str]]:
    """Everything that an address may name, of both prisons, before anybody walks."""
    return _ids(service)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Both prisons, with attempts of both that met the other's restriction, and a change that waits."""
    with two_prisons(tmp_path_factory.mktemp("walk")) as opened:
        _fill(opened)
        yield opened


def _fill(service: Service) -> None:
    officer, mailroom = service.key(Role.CASE_OFFICER), service.key(Role.MAILROOM)
    for n, (to, one, prison) in enumerate(
        [
            (NEAR, LEEDS, "LEI"),  # a prisoner of Leeds at Moorland's address
            (NEAR, MOORLAND, "MDI"),
            ("R Q\n14 Larkmaed St\nLS1 4A8", LEEDS, "LEI"),
            (f"{MOORLAND.name}\n{MOORLAND.address}", LEEDS, "LEI"),
        ]
    ):
        body = {"id": f"L{n}", "to": to, "prisoner": one.prisoner, "establishment": prison}
        mailroom.post("/v1/check/letter", json=body).raise_for_status()
    for one in (LEEDS, MOORLAND):
        asked = {"version": 1, "request": "1", "reason": f"asked by {one.name}"}
        assert officer.post(f"/v1/restrictions/{one.id}/requests/withdraw", json=asked).status_code == 202
    mailroom.post("/v1/mail/trays", json={"id": "MDI-1", "establishment": "MDI"}).raise_for_status()


def _ids(service: Service) -> dict[str, list[str]]:
    """Everything that an address may name, of both prisons."""
    officer = service.key(Role.CASE_OFFICER)
    approvals = [one["id"] for one in officer.get("/v1/approvals").json()]
    assert len(approvals) == 2
    return {
        "restriction_id": [LEEDS.id, MOORLAND.id],
        "entry_id": ["E1"],
        "number": [LEEDS.prisoner, MOORLAND.prisoner],
        "approval_id": approvals,
        "seq": [str(n) for n in range(1, 40)],
        "place": ["LEI", "MDI", "unknown"],
        "code": ["LEI", "MDI"],
        "name": ["nobody-7", "decisions"],
        "key_id": ["switch"],
        "tray": ["MDI-1"],
        "item": ["A" * 16],
        "channel": ["letter"],
        "attempt_id": ["L0", "L1"],
        "case_id": [_case(service, one) for one in (LEEDS, MOORLAND)],
        "act": ["assign", "note", "approve", "contacts"],
    }


def _case(service: Service, one: Planted) -> str:
    """A case of a prisoner, keyed in by an officer of all prisons."""
    hub = person(service, f"hub-{one.prison.lower()}", Role.CASE_OFFICER)
    token = {"csrf": hub.headers["x-csrf-token"]}
    asked = {
        "kind": "stop", "channel": "telephone", "who": "self", "danger": "no", "asker": one.name,
        "sought": "T U", "name": one.name, "phones": one.number, "happened": one.notes,
    }  # fmt: skip
    made = hub.post("/cases/new", data=asked | token)
    assert made.status_code == 303, made.text
    id_ = made.headers["location"].partition("?")[0].rpartition("/")[2]
    confirmed = {"version": "1", "prisoner": one.prisoner, "because": "known"}
    assert hub.post(f"/cases/{id_}/prisoner", data=confirmed | token).status_code == 303
    return id_


def _addresses(pattern: str, ids: dict[str, list[str]]) -> list[str]:
    """Each address of a pattern, with one id and the others' first."""
    named = re.findall(r"{(\w+)", pattern)
    first = {name: values[0] for name, values in ids.items()}
    varied = [first | {name: value} for name in named for value in ids[name]] or [first]
    return list(dict.fromkeys(filled(pattern, values) for values in varied))


def _forms(planted: Planted) -> list[dict[str, str]]:
    return [
        FORM
        | {"to": to, "prisoner": prisoner, "contact": NEAR, "wanted": wanted, "number": MOORLAND.prisoner}
        for to, wanted in ((NEAR, NEAR), ("T U\n27 Quernmor Terrace\nDN7 6BW", "DN7 6BW"))
        for prisoner in ("", LEEDS.prisoner, planted.prisoner)
    ]


@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_tells_a_word_of_it(service: Service, ids: dict[str, list[str]], role: Role) -> None:
    who = person(service, f"walker-{role.value.replace('_', '-')}", role, "LEI")
    csrf = who.headers["x-csrf-token"]
    walked: dict[int, int] = {}
    for place in MAY:
        method, _, pattern = place.partition(" ")
        if pattern in ("/sign-out", "/password", "/sign-in", "/queue/counts") or "/decide" in pattern:
            continue
        for address in _addresses(pattern, ids):
            answers = (
                [who.get(address)]
                if method == "GET"
                else [who.post(address, data=form | {"csrf": csrf}) for form in _forms(MOORLAND)]
            )
            for answer in answers:
                walked[answer.status_code] = walked.get(answer.status_code, 0) + 1
                assert answer.status_code < 500, (place, address)
                assert not told(_without_echo(answer, address), MOORLAND), (place, address)
    assert walked[200] >= 10, walked


@pytest.mark.parametrize("role", PEOPLE[:4])
def test_no_endpoint_tells_a_word_of_it(service: Service, ids: dict[str, list[str]], role: Role) -> None:
    key = service.key(role, prisons=("LEI",))
    document: dict[str, Any] = key.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method in operations:
            for address in _addresses(path, ids):
                for body in _bodies(path) if method != "get" else [None]:
                    answer = key.request(method, address, json=body)
                    assert answer.status_code < 500, (method, address)
                    assert not told(_without_echo(answer, address), MOORLAND), (method, address)


def _bodies(path: str) -> list[Any]:
    attempt = {"id": f"W{abs(hash(path))}", "to": NEAR, "prisoner": LEEDS.prisoner, "establishment": "LEI"}
    contact = {"id": "K", "prisoner": LEEDS.prisoner, "name": "T U", "address": "27 Quernmor Terr\nDN7 6BW"}
    item = {**attempt, "channel": "letter"}
    search = [{"contact": "DN7 6BW"}, {"contact": NEAR}]
    why = {"why": "I want to know"}
    by_name: dict[str, list[Any]] = {
        "batch": [[item]],
        "contact": [contact],
        "search": search,
        "reveal": [why],
    }
    return by_name.get(path.rsplit("/", 1)[-1], [attempt, {"version": 1, "reason": "x"}, {}])


def _without_echo(answer: httpx.Response, address: str) -> str:
    """The answer without the id that was asked for by its address."""
    return answer.text.replace(MOORLAND.id, "") if MOORLAND.id in address else answer.text


def test_the_own_prison_s_details_are_shown_after_a_recorded_look(service: Service) -> None:
    officer = person(service, "looker", Role.CASE_OFFICER, "LEI")
    form = {"csrf": officer.headers["x-csrf-token"], "why": "she rang"}
    assert not told(officer.get(f"/restrictions/view/{LEEDS.id}").text.replace(LEEDS.id, ""), LEEDS)
    shown = officer.post(f"/restrictions/show/{LEEDS.id}", data=form)
    assert {"Rosamund", "Larkmead"} <= told(shown, LEEDS)
    tried = {"channel": "letter", "to": "R Q\n14 Larkmaed St\nLS1 4A8", "prisoner": LEEDS.prisoner}
    assert "Larkmead" in told(officer.post("/try", data=form | tried), LEEDS)
    assert not told(officer.post("/try", data=form | tried | {"why": ""}).text.replace(LEEDS.id, ""), LEEDS)
