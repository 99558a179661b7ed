"""Restrictions over HTTP: the life of one, who sees what of it, and whose prison it concerns."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from matchers import tables
from service.access.model import Role
from tests.service.api.calling import Service
from tests.service.api.conftest import (
    BROTHER,
    CREATION,
    ENTRY,
    NUMBER,
    PRISONER,
    REQUEST,
    RESTRICTION,
    confirm,
    create,
    told,
)

SECRETS = (
    *("Sarah", "Okafor", "Sally", "900123", "Larkmead", "LS1", "example.org", "sallyo", "Emeka"),
    *("Tolliver", "4711", "moved twice", "at night", "first refusal"),
)
"""What stands in no answer but a revealed one."""


def change(officer: TestClient, version: int, **changed: Any) -> Response:
    """The next version of R1."""
    body = {"version": version, "reason": "a check", "restriction": RESTRICTION | changed}
    answer: Response = officer.put("/v1/restrictions/R1", json=body)
    return answer


def loosen(officer: TestClient, version: int = 1) -> dict[str, Any]:
    """Ask that R1 hold for fewer contact points; the approval that it waits for."""
    approval: dict[str, Any] = told(change(officer, version, contacts=RESTRICTION["contacts"][1:]), 202)
    return approval


class TestTheLifeOfARestriction:
    @pytest.mark.parametrize("kind", ["application/json", "application/problem+json; charset=utf-8"])
    def test_a_key_that_stands_twice_is_refused_and_named(self, officer: TestClient, kind: str) -> None:
        twice = json.dumps(CREATION)[:-1] + ', "until": null, "until": "2020-01-01"}'
        answer = officer.post("/v1/restrictions", content=twice, headers={"content-type": kind})
        assert told(answer, 422)["field"] == "until"
        told(officer.get("/v1/restrictions/R1"), 404)

    def test_a_new_one_stands_at_once_and_can_be_read_where_it_says(self, officer: TestClient) -> None:
        answer = officer.post("/v1/restrictions", json=CREATION | {"id": "R/1 ä?"})
        made = told(answer, 201)
        assert (made["version"], made["state"], made["author"]) == (1, "standing", "oidc:olive")
        read = told(officer.get(answer.headers["location"]))
        assert read == made

    def test_the_id_of_one_is_never_given_again(self, officer: TestClient) -> None:
        create(officer)
        told(officer.post("/v1/restrictions", json=CREATION), 409)

    def test_a_tightening_is_in_force_at_once_and_says_who_made_it(self, officer: TestClient) -> None:
        create(officer)
        more = [*RESTRICTION["contacts"], {"kind": "phone", "value": "01632 960123"}]
        assert told(change(officer, 1, contacts=more))["contacts"]["phone"] == 2
        assert told(officer.get("/v1/restrictions/R1"))["version"] == 2

    def test_a_change_of_a_version_that_is_not_the_latest_is_refused(self, officer: TestClient) -> None:
        create(officer)
        told(change(officer, 1, pathway=1))
        assert told(change(officer, 1, pathway=2), 409)["field"] == "version"
        assert told(officer.get("/v1/restrictions/R1"))["pathway"] == 1

    def test_a_loosening_waits_and_changes_nothing(self, officer: TestClient) -> None:
        create(officer)
        assert loosen(officer)["loosens"] == ["a contact point is taken off"]
        assert told(officer.get("/v1/restrictions/R1"))["version"] == 1

    def test_a_second_person_puts_it_in_force(self, officer: TestClient, second: TestClient) -> None:
        create(officer)
        approval = loosen(officer)
        confirmed = told(confirm(second, approval, "seen"))
        assert (confirmed["state"], confirmed["decided_by"]) == ("confirmed", "oidc:sam")
        now = told(officer.get("/v1/restrictions/R1"))
        assert (now["version"], now["confirmed_by"], now["author"]) == (2, "oidc:sam", "oidc:olive")
        assert "phone" not in now["contacts"]

    def test_who_asked_cannot_confirm(self, officer: TestClient) -> None:
        create(officer)
        told(officer.post(f"/v1/approvals/{loosen(officer)['id']}/confirm", json={}), 403)
        assert told(officer.get("/v1/restrictions/R1"))["version"] == 1

    def test_a_machine_cannot_confirm(self, service: Service, officer: TestClient) -> None:
        create(officer)
        machine = service.machine(Role.CASE_OFFICER)
        told(machine.post(f"/v1/approvals/{loosen(officer)['id']}/confirm", json={}), 403)
        assert told(officer.get("/v1/restrictions/R1"))["version"] == 1

    def test_what_was_decided_cannot_be_decided_again(self, officer: TestClient, second: TestClient) -> None:
        create(officer)
        approval = loosen(officer)
        assert told(second.post(f"/v1/approvals/{approval['id']}/refuse", json={}))["state"] == "refused"
        told(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}), 409)
        assert told(officer.get("/v1/restrictions/R1"))["version"] == 1

    def test_what_changed_meanwhile_cannot_be_confirmed(
        self, officer: TestClient, second: TestClient
    ) -> None:
        create(officer)
        approval = loosen(officer)
        told(change(officer, 1, pathway=1))
        told(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}), 409)
        assert "phone" in told(officer.get("/v1/restrictions/R1"))["contacts"]

    def test_what_is_asked_anew_takes_the_place_of_what_waited_and_the_ledger_says_so(
        self, service: Service, officer: TestClient, second: TestClient
    ) -> None:
        create(officer)
        earlier, later = loosen(officer), loosen(officer)
        assert [one["id"] for one in told(officer.get("/v1/approvals"))] == [later["id"]]
        told(second.post(f"/v1/approvals/{earlier['id']}/confirm", json={}), 409)
        outcomes = [one.outcome for one in service.records(subject=f"approval/{earlier['id']}")]
        assert outcomes == ["asked", "superseded"]

    def test_it_holds_until_the_last_request_is_withdrawn_and_confirmed(
        self, officer: TestClient, second: TestClient
    ) -> None:
        create(officer)
        add = {"version": 1, "reason": "r", "request": REQUEST | {"id": "Q2"}}
        told(officer.post("/v1/restrictions/R1/requests", json=add))
        withdraw = {"version": 2, "reason": "r", "request": "Q1"}
        told(officer.post("/v1/restrictions/R1/requests/withdraw", json=withdraw))
        last = {"version": 3, "reason": "r", "request": "Q2"}
        approval = told(officer.post("/v1/restrictions/R1/requests/withdraw", json=last), 202)
        assert approval["kind"] == "withdrawal"
        assert told(officer.get("/v1/restrictions/R1"))["state"] == "standing"
        told(confirm(second, approval))
        gone = told(officer.get("/v1/restrictions/R1"))
        assert gone["state"] == "withdrawn"
        assert all(request["withdrawn"] for request in gone["requests"])

    def test_history_has_every_version_the_newest_first(self, officer: TestClient) -> None:
        create(officer)
        told(change(officer, 1, pathway=1))
        history = told(officer.get("/v1/restrictions/R1/history"))["items"]
        assert [(one["version"], one["pathway"]) for one in history] == [(2, 1), (1, 4)]

    def test_each_moment_has_its_own_version(self, officer: TestClient, second: TestClient) -> None:
        made = create(officer)
        told(change(officer, 1, pathway=1))
        last = {"version": 2, "reason": "r", "request": "Q1"}
        approval = told(officer.post("/v1/restrictions/R1/requests/withdraw", json=last), 202)
        told(confirm(second, approval))
        at = {one["version"]: one["at"] for one in told(officer.get("/v1/restrictions/R1/history"))["items"]}
        before = datetime.fromisoformat(made["at"]) - timedelta(microseconds=1)

        def in_force(moment: str) -> list[int]:
            found = told(officer.get("/v1/restrictions/in-force", params={"at": moment}))
            return [one["version"] for one in found["items"]]

        assert [in_force(moment) for moment in (before.isoformat(), at[1], at[2], at[3])] == [
            [],
            [1],
            [2],
            [],
        ]
        assert told(officer.get("/v1/restrictions/R1", params={"at": at[1]}))["version"] == 1
        told(officer.get("/v1/restrictions/R1", params={"at": before.isoformat()}), 404)

    def test_lists_go_on_behind_the_last_id(self, officer: TestClient) -> None:
        for n in range(5):
            create(officer, id=f"R{n}")
        for path in ("/v1/restrictions?", "/v1/restrictions/in-force?at=2099-01-01T00:00:00Z&"):
            seen, after = [], ""
            while after is not None:
                page = told(officer.get(f"{path}after={after}&limit=2"))
                seen += [one["id"] for one in page["items"]]
                after = page["next"]
            assert seen == [f"R{n}" for n in range(5)]

    def test_a_prisoner_is_listed_with_what_names_him_and_not_with_his_exceptions(
        self, officer: TestClient
    ) -> None:
        create(officer)
        listed = {
            number: told(officer.get("/v1/restrictions", params={"prisoner": number}))["items"]
            for number in (PRISONER, BROTHER)
        }
        assert [len(one) for one in listed.values()] == [1, 0]

    def test_a_court_order_may_be_an_object(self, officer: TestClient) -> None:
        order = {"court": "Ambermouth Crown Court", "of": {"year": 2026}}
        assert create(officer, court_order=order)["court_order"] is True
        shown = told(officer.post("/v1/restrictions/R1/reveal", json={"why": "a check"}))
        assert shown["restriction"]["court_order"] == order

    def test_a_number_that_is_on_the_register_gives_a_warning(
        self, officer: TestClient, second: TestClient
    ) -> None:
        approval = told(officer.post("/v1/register", json={"entry": ENTRY, "verified": "by hand"}), 202)
        told(confirm(second, approval))
        made = create(officer, contacts=[*RESTRICTION["contacts"], *ENTRY["contacts"]])
        assert len(made["warnings"]) == 1
        assert "contacts[4]" in made["warnings"][0]

    def test_the_list_in_force_is_told_of_every_change(
        self, service: Service, officer: TestClient, second: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        woken: list[bool] = []
        monkeypatch.setattr(service.system.current, "wake", lambda: woken.append(True))

        def tells(answer: Response) -> bool:
            assert answer.is_success, answer.text
            was_woken = bool(woken)
            woken.clear()
            return was_woken

        assert tells(officer.post("/v1/restrictions", json=CREATION))
        assert tells(change(officer, 1, pathway=1))
        add = {"version": 2, "reason": "r", "request": REQUEST | {"id": "Q2"}}
        assert tells(officer.post("/v1/restrictions/R1/requests", json=add))
        withdraw = {"version": 3, "reason": "r", "request": "Q1"}
        assert tells(officer.post("/v1/restrictions/R1/requests/withdraw", json=withdraw))
        approval = loosen(officer, 4)
        woken.clear()
        assert tells(confirm(second, approval))
        approval = told(officer.post("/v1/register", json={"entry": ENTRY, "verified": "by hand"}), 202)
        woken.clear()
        assert tells(confirm(second, approval))
        assert tells(officer.post("/v1/register/E1/remove", json={"version": 1, "reason": "gone"}))
        assert tells(officer.put(f"/v1/prisoners/{PRISONER}", json={"establishment": "MDI"}))
        assert tells(officer.post(f"/v1/prisoners/{PRISONER}/merge", json={"into": "A5555AA"}))


class TestWhatIsShown:
    def test_no_answer_but_a_revealed_one_holds_a_detail(
        self, officer: TestClient, second: TestClient
    ) -> None:
        texts = [officer.post("/v1/restrictions", json=CREATION).text]
        texts.append(change(officer, 1, contacts=RESTRICTION["contacts"][1:]).text)
        approval = json.loads(texts[-1])
        texts += [
            officer.get(path).text
            for path in (
                "/v1/restrictions",
                "/v1/restrictions/R1",
                "/v1/restrictions/R1/history",
                "/v1/restrictions/in-force?at=2099-01-01T00:00:00Z",
                "/v1/approvals",
                f"/v1/approvals/{approval['id']}",
            )
        ]
        for asked in ({"contact": NUMBER}, {"name": "Sally Okafor"}):
            texts.append(officer.post("/v1/restrictions/search", json=asked).text)
        texts.append(confirm(second, approval).text)
        add = {"version": 2, "reason": "r", "request": REQUEST | {"id": "Q2"}}
        texts.append(officer.post("/v1/restrictions/R1/requests", json=add).text)
        assert all('"R1"' in text for text in texts)
        assert [word for text in texts for word in SECRETS if word in text] == []

    def test_counts_and_agencies_are_shown(self, officer: TestClient) -> None:
        made = create(officer)
        assert made["contacts"] == {"phone": 1, "address": 1, "email": 1, "handle": 1}
        assert made["exceptions"] == 1
        assert made["requests"] == [
            {"id": "Q1", "agency": "Ambermouth Police", "received": "2026-01-01", "withdrawn": None}
        ]

    def test_revealed_is_the_whole_document(self, officer: TestClient) -> None:
        create(officer)
        answer = officer.post("/v1/restrictions/R1/reveal", json={"why": "she called"})
        shown = told(answer)
        assert shown["restriction"] == RESTRICTION
        assert shown["requests"] == [REQUEST]
        assert all(json.dumps(word)[1:-1] in answer.text for word in SECRETS)
        assert answer.headers["cache-control"] == "no-store"

    def test_an_earlier_version_can_be_revealed_and_one_that_is_not_there_cannot(
        self, officer: TestClient
    ) -> None:
        create(officer)
        told(change(officer, 1, pathway=1))
        first = told(officer.post("/v1/restrictions/R1/reveal", json={"why": "a check", "version": 1}))
        assert (first["version"], first["restriction"]["pathway"]) == (1, 4)
        told(officer.post("/v1/restrictions/R1/reveal", json={"why": "a check", "version": 3}), 404)

    def test_that_it_was_seen_is_in_the_ledger_before_it_is_shown(
        self, service: Service, officer: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create(officer)

        def broken(*_: Any, **__: Any) -> None:
            raise OSError("no space left on the disk")

        monkeypatch.setattr("service.registry.journal.append", broken)
        answer = officer.post("/v1/restrictions/R1/reveal", json={"why": "she called"})
        assert answer.status_code >= 500
        assert not any(word in answer.text for word in SECRETS)
        monkeypatch.undo()
        told(officer.post("/v1/restrictions/R1/reveal", json={"why": "she called"}))
        (seen,) = service.records(kind="view")
        assert (seen.actor, seen.subject, seen.prisoner) == ("oidc:olive", "restriction/R1/1", PRISONER)
        assert "she called" not in seen.detail

    def test_what_an_approval_asks_for_is_revealed_and_recorded(
        self, service: Service, officer: TestClient, second: TestClient
    ) -> None:
        create(officer)
        approval = loosen(officer)
        shown = told(second.post(f"/v1/approvals/{approval['id']}/reveal", json={"why": "to decide"}))
        assert shown["restriction"]["restriction"]["contacts"] == RESTRICTION["contacts"][1:]
        (seen,) = service.records(kind="view")
        assert (seen.actor, seen.subject) == ("oidc:sam", f"approval/{approval['id']}")

    def test_who_opens_an_approval_sees_which_contact_point_is_a_public_bodys(
        self, officer: TestClient, second: TestClient
    ) -> None:
        create(officer)
        prison, number = next((whose, number) for _, whose, number in tables.rows("public_numbers"))
        contacts = [*RESTRICTION["contacts"], {"kind": "phone", "value": number}]
        asked = told(change(officer, 1, contacts=contacts), 202)
        assert f"contacts[{len(contacts) - 1}].value: it is of {prison}" in str(asked)
        assert prison not in str(told(second.get(f"/v1/approvals/{asked['id']}")))
        shown = told(second.post(f"/v1/approvals/{asked['id']}/reveal", json={"why": "to decide"}))
        assert shown["public_bodies"] == [f"contacts[{len(contacts) - 1}]: {prison}"]

    @pytest.mark.parametrize(
        "asked",
        [
            {"contact": "+44 7700 900123"},
            {"contact": "SALLY@example.org"},
            {"contact": "@SallyO"},
            {"contact": "10 Larkmead St, LS1 4AB"},
            {"name": "okafor, sarah"},
            {"name": "Okafor", "contact": NUMBER},
        ],
        ids=["number", "email", "handle", "address", "name", "both"],
    )
    def test_it_is_found_by_a_detail_however_that_is_written(
        self, officer: TestClient, asked: dict[str, str]
    ) -> None:
        create(officer)
        create(officer, id="R2", contacts=[{"kind": "phone", "value": "01632 960123"}], exceptions=[])
        found = told(officer.post("/v1/restrictions/search", json=asked))["items"]
        assert "R1" in [one["id"] for one in found]

    def test_a_search_needs_something_to_look_for(self, officer: TestClient) -> None:
        assert told(officer.post("/v1/restrictions/search", json={}), 422)["field"] == "contact"


class TestPrisons:
    """What concerns no prison of the caller's is not there for him."""

    @pytest.fixture
    def elsewhere(self, service: Service) -> TestClient:
        return service.person("mo", Role.CASE_OFFICER, prisons=("MDI",))

    def test_it_cannot_be_read(self, officer: TestClient, elsewhere: TestClient) -> None:
        create(officer)
        for path in ("", "/history"):
            told(elsewhere.get(f"/v1/restrictions/R1{path}"), 404)
        told(elsewhere.post("/v1/restrictions/R1/reveal", json={"why": "a check"}), 404)
        assert told(elsewhere.get("/v1/restrictions"))["items"] == []
        in_force = elsewhere.get("/v1/restrictions/in-force?at=2099-01-01T00:00:00Z")
        assert told(in_force)["items"] == []
        assert told(elsewhere.post("/v1/restrictions/search", json={"contact": NUMBER}))["items"] == []

    def test_it_cannot_be_changed(self, officer: TestClient, elsewhere: TestClient) -> None:
        create(officer)
        assert change(elsewhere, 1, pathway=1).status_code in (403, 404)
        withdraw = {"version": 1, "reason": "r", "request": "Q1"}
        answer = elsewhere.post("/v1/restrictions/R1/requests/withdraw", json=withdraw)
        assert answer.status_code in (403, 404)
        assert told(officer.get("/v1/restrictions/R1"))["version"] == 1

    def test_one_cannot_be_made_for_another_prison(self, elsewhere: TestClient) -> None:
        told(elsewhere.post("/v1/restrictions", json=CREATION), 403)

    def test_it_follows_the_prisoner(self, officer: TestClient, elsewhere: TestClient) -> None:
        create(officer)
        told(officer.put(f"/v1/prisoners/{PRISONER}", json={"establishment": "MDI"}))
        assert told(elsewhere.get("/v1/restrictions/R1"))["id"] == "R1"
        assert len(told(elsewhere.get("/v1/restrictions"))["items"]) == 1

    def test_a_prison_that_only_an_exception_leads_to_lists_nothing(
        self, officer: TestClient, elsewhere: TestClient
    ) -> None:
        create(officer)
        told(officer.put(f"/v1/prisoners/{BROTHER}", json={"establishment": "MDI"}))
        assert told(elsewhere.get("/v1/restrictions"))["items"] == []

    def test_nobody_there_confirms_or_sees_what_waits(self, service: Service, officer: TestClient) -> None:
        create(officer, establishment=None)
        told(officer.put(f"/v1/prisoners/{PRISONER}", json={"establishment": "LEI"}))
        approval = loosen(officer)
        there = service.person("tia", Role.REVIEWER, prisons=("MDI",))
        assert told(there.get("/v1/approvals")) == []
        told(there.get(f"/v1/approvals/{approval['id']}"), 404)
        told(there.post(f"/v1/approvals/{approval['id']}/reveal", json={"why": "a check"}), 404)
        for answer in ("confirm", "refuse"):
            told(there.post(f"/v1/approvals/{approval['id']}/{answer}", json={}), 403)
        here = service.person("ann", Role.REVIEWER, prisons=("LEI",))
        assert [one["id"] for one in told(here.get("/v1/approvals"))] == [approval["id"]]
        told(confirm(here, approval))

    def test_a_prisoner_of_another_prison_is_not_known(
        self, officer: TestClient, elsewhere: TestClient
    ) -> None:
        told(officer.put(f"/v1/prisoners/{PRISONER}", json={"establishment": "LEI"}))
        for path in ("", "/history"):
            told(elsewhere.get(f"/v1/prisoners/{PRISONER}{path}"), 404)
