"""A second person, in a hurry or talked into it, agrees to what she has not seen."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import httpx

from service.access.model import Role
from tests.attacks.attacking import CALL
from tests.attacks.learning import person
from tests.service.running import service_in

POLICY = files("engine").joinpath("policy.toml").read_text(encoding="utf-8")
LAX = POLICY.replace('NEAR_NUMBER = "flag"', 'NEAR_NUMBER = "allow"')
NEAR = "07700 900124"


def form(who: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """One of the console's forms, sent by a browser."""
    return who.post(path, data={"csrf": who.headers["x-csrf-token"], **fields})


def confirm(who: httpx.Client, identifier: str) -> tuple[int, int]:
    """The same attempt on the page and by the API."""
    page = form(who, f"/approvals/{identifier}/decide", answer="confirm").status_code
    return page, who.post(f"/v1/approvals/{identifier}/confirm", json={}).status_code


def decide(who: httpx.Client, seq: int) -> int:
    """Claim an item and let it go."""
    form(who, f"/queue/{seq}/claim")
    page = who.get(f"/queue/{seq}").text
    token = page.split('name="token" value="')[1].partition('"')[0]
    fields = {"token": token, "outcome": "release", "reason": "release:verified"}
    return form(who, f"/queue/{seq}/decide", **fields).status_code


def test_a_policy_or_a_change_is_not_confirmed_unopened(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        ada, ben = person(service, "ada", Role.ADMIN), person(service, "ben", Role.ADMIN)
        form(ada, "/learning/ask", policy=LAX, mode="live", reason="quieter")
        (asked,) = ben.get("/v1/approvals").json()
        assert confirm(ben, asked["id"]) == (409, 409)
        seen = ben.post(f"/v1/approvals/{asked['id']}/reveal", json={"why": "to decide"}).json()
        assert seen["policy"]["changes"] == [["reasons.NEAR_NUMBER", "flag", "allow"]]
        assert ben.post(f"/v1/approvals/{asked['id']}/confirm", json={}).status_code == 200

        rita, olive = person(service, "rita", Role.REVIEWER), person(service, "olive", Role.CASE_OFFICER)
        change = {"version": 1, "reason": "she agrees", "request": "import"}
        known = olive.get("/v1/restrictions/R1").json()
        change["request"] = known["requests"][0]["id"]
        waits = olive.post("/v1/restrictions/R1/requests/withdraw", json=change).json()
        assert confirm(rita, waits["id"]) == (409, 409)
        assert confirm(ben, waits["id"]) == (409, 409)
        assert ben.post(f"/v1/approvals/{waits['id']}/reveal", json={"why": "to decide"}).status_code == 403
        assert rita.get("/v1/restrictions/R1").json()["state"] == "standing"
        assert form(rita, f"/approvals/{waits['id']}/show", why="to decide").status_code == 200
        assert confirm(rita, waits["id"])[1] == 409  # the page had put it in force
        assert rita.get("/v1/restrictions/R1").json()["state"] == "withdrawn"


def test_an_item_is_not_let_go_unopened_by_either_of_two(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        switch = service.key(Role.PHONE_SYSTEM)
        asked = switch.post("/v1/check/call", json={"id": "C1", "to": NEAR, **CALL})
        assert asked.json()["decision"] == "flag"
        rita, rhys = person(service, "rita", Role.REVIEWER), person(service, "rhys", Role.REVIEWER)
        queue = rita.get("/queue").text
        seq = int(queue.split('href="/queue/')[1].partition('"')[0])
        for who in (rita, rhys):  # of pathway 1: it takes both
            assert decide(who, seq) == 409
            assert switch.get("/v1/reviews/call/C1").json()["state"] == "held"
            assert form(who, f"/queue/{seq}/show").status_code == 200
            assert decide(who, seq) == 303
        assert "Undo" in rhys.get(f"/queue/{seq}").text
