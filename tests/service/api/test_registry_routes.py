"""The registry over HTTP: the life of a restriction, who sees what of it, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from service.access.model import Role
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.api.calling import Service, serving

PRISONER, BROTHER = "A1234BC", "A9999ZZ"
NUMBER, MAIL, HANDLE = "07700 900123", "sally@example.org", "@sallyo"
ADDRESS = "10 Larkmead Street\nAmbermouth\nQB1 4AB"
RESTRICTION: dict[str, Any] = {
    "id": "R1",
    "prisoner": PRISONER,
    "establishment": "LEI",
    "pathway": 4,
    "from": "2026-01-01",
    "protected": {"name": "Sarah Jane Okafor", "aliases": ["Sally Okafor"]},
    "contacts": [
        {"kind": "phone", "value": NUMBER},
        {"kind": "address", "value": ADDRESS},
        {"kind": "email", "value": MAIL},
        {"kind": "handle", "value": HANDLE},
    ],
    "exceptions": [{"prisoner": BROTHER, "contact": NUMBER, "note": "her brother Emeka"}],
}
REQUEST = {
    "id": "Q1",
    "agency": "Ambermouth Police",
    "requester": "PC Tolliver",
    "reference": "AM/4711",
    "received": "2026-01-01",
}
CREATION = RESTRICTION | {
    "request": REQUEST,
    "justification": "she moved twice",
    "review": "2026-07-01",
    "notes": "rings at night",
    "reason": "the first refusal",
}
SECRETS = (
    *("Sarah", "Okafor", "Sally", "900123", "Larkmead", "QB1", "example.org", "sallyo", "Emeka"),
    *("Tolliver", "4711", "moved twice", "at night", "first refusal"),
)
"""What stands in no answer but a revealed one."""
ENTRY: dict[str, Any] = {
    "id": "E1",
    "name": "Example Law LLP",
    "kind": "legal",
    "contacts": [{"kind": "phone", "value": "020 7946 0123"}],
}


@pytest.fixture
def service(database: Database, vault: Vault, tmp_path: Path) -> Iterator[Service]:
    """An empty service, on each kind of database in turn."""
    with serving(database, vault, tmp_path) as opened:
        yield opened


@pytest.fixture
def officer(service: Service) -> TestClient:
    return service.person("olive", Role.CASE_OFFICER)


@pytest.fixture
def second(service: Service) -> TestClient:
    return service.person("sam", Role.REVIEWER)


def create(officer: TestClient, **changed: Any) -> dict[str, Any]:
    """A restriction as CREATION has it but for `changed`; the answer."""
    made: dict[str, Any] = told(officer.post("/v1/restrictions", json=CREATION | changed), 201)
    return made


def told(answer: Response, status: int = 200) -> Any:
    """What an answer of this status says."""
    assert answer.status_code == status, answer.text
    return answer.json()


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
        confirmed = told(second.post(f"/v1/approvals/{approval['id']}/confirm", json={"note": "seen"}))
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
        told(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}))
        gone = told(officer.get("/v1/restrictions/R1"))
        assert gone["state"] == "withdrawn"
        assert all(request["withdrawn"] for request in gone["requests"])

    def test_history_has_every_version_the_newest_first(self, officer: TestClient) -> None:
        create(officer)
        told(change(officer, 1, pathway=1))
        history = told(officer.get("/v1/restrictions/R1/history"))
        assert [(one["version"], one["pathway"]) for one in history] == [(2, 1), (1, 4)]

    def test_each_moment_has_its_own_version(self, officer: TestClient, second: TestClient) -> None:
        made = create(officer)
        told(change(officer, 1, pathway=1))
        last = {"version": 2, "reason": "r", "request": "Q1"}
        approval = told(officer.post("/v1/restrictions/R1/requests/withdraw", json=last), 202)
        told(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}))
        at = {one["version"]: one["at"] for one in told(officer.get("/v1/restrictions/R1/history"))}
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
        told(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}))
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
        assert tells(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}))
        approval = told(officer.post("/v1/register", json={"entry": ENTRY, "verified": "by hand"}), 202)
        woken.clear()
        assert tells(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}))
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
        texts.append(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}).text)
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

    @pytest.mark.parametrize(
        "asked",
        [
            {"contact": "+44 7700 900123"},
            {"contact": "SALLY@example.org"},
            {"contact": "@SallyO"},
            {"contact": "10 Larkmead St, QB1 4AB"},
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
        found = told(officer.post("/v1/restrictions/search", json=asked))
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
        assert told(elsewhere.post("/v1/restrictions/search", json={"contact": NUMBER})) == []

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
        told(here.post(f"/v1/approvals/{approval['id']}/confirm", json={}))

    def test_a_prisoner_of_another_prison_is_not_known(
        self, officer: TestClient, elsewhere: TestClient
    ) -> None:
        told(officer.put(f"/v1/prisoners/{PRISONER}", json={"establishment": "LEI"}))
        for path in ("", "/history"):
            told(elsewhere.get(f"/v1/prisoners/{PRISONER}{path}"), 404)


class TestTheRegister:
    def test_an_addition_waits_and_a_removal_does_not(self, officer: TestClient, second: TestClient) -> None:
        approval = told(officer.post("/v1/register", json={"entry": ENTRY, "verified": "by hand"}), 202)
        assert told(officer.get("/v1/register")) == []
        told(officer.get("/v1/register/E1"), 404)
        told(officer.post(f"/v1/approvals/{approval['id']}/confirm", json={}), 403)
        told(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}))
        assert [one["id"] for one in told(officer.get("/v1/register"))] == ["E1"]
        removed = told(officer.post("/v1/register/E1/remove", json={"version": 1, "reason": "gone"}))
        assert (removed["state"], removed["version"]) == ("withdrawn", 2)
        assert told(officer.get("/v1/register")) == []
        assert len(told(officer.get("/v1/register/E1/history"))) == 2

    def test_one_more_contact_point_waits_and_one_less_does_not(
        self, officer: TestClient, second: TestClient
    ) -> None:
        two = [*ENTRY["contacts"], {"kind": "phone", "value": "020 7946 0999"}]
        entry = ENTRY | {"contacts": two}
        approval = told(officer.post("/v1/register", json={"entry": entry, "verified": "by hand"}), 202)
        told(second.post(f"/v1/approvals/{approval['id']}/confirm", json={}))
        body = {"version": 1, "entry": ENTRY, "verified": "by hand", "reason": "one is out of use"}
        assert told(officer.put("/v1/register/E1", json=body))["version"] == 2
        told(officer.put("/v1/register/E1", json=body), 409)
        told(officer.put("/v1/register/E1", json=body | {"version": 2, "entry": entry}), 202)


class TestPrisoners:
    def test_a_move_is_one_more_version(self, officer: TestClient) -> None:
        for prison in ("LEI", "MDI", None):
            told(officer.put(f"/v1/prisoners/{PRISONER}", json={"establishment": prison}))
        history = told(officer.get(f"/v1/prisoners/{PRISONER}/history"))
        assert [one["establishment"] for one in history] == [None, "MDI", "LEI"]

    def test_what_names_a_merged_number_is_listed_for_the_one_that_stands(self, officer: TestClient) -> None:
        create(officer)
        merged = told(officer.post(f"/v1/prisoners/{PRISONER}/merge", json={"into": "A5555AA"}))
        assert sorted(merged["numbers"]) == [PRISONER, "A5555AA"]
        listed = told(officer.get("/v1/restrictions", params={"prisoner": "A5555AA"}))
        assert [one["id"] for one in listed["items"]] == ["R1"]
        told(officer.post(f"/v1/prisoners/{PRISONER}/merge", json={"into": "A6666AA"}), 409)

    def test_a_number_cannot_be_merged_into_itself(self, officer: TestClient) -> None:
        told(officer.post(f"/v1/prisoners/{PRISONER}/merge", json={"into": PRISONER}), 409)

    def test_one_whom_nobody_knows_is_not_found(self, officer: TestClient) -> None:
        told(officer.get("/v1/prisoners/A0000AA"), 404)


WRONG = ["\0", "a\x07b", "\ud800", "", "   ", 7, None, ["x"], "x" * 5_000]
"""No text of one line that says anything."""


def bad_restrictions() -> Iterator[tuple[str, Any]]:
    """Fields and restrictions whose field is wrong."""
    for value in WRONG:
        yield "id", RESTRICTION | {"id": value}
        yield "protected.name", RESTRICTION | {"protected": {"name": value}}
        yield (
            "protected.aliases[0]",
            RESTRICTION | {"protected": {"name": "Sarah", "aliases": [value]}},
        )
        yield "contacts[0].value", RESTRICTION | {"contacts": [{"kind": "phone", "value": value}]}
    for value in ("a1234bc", "", "\0", 7, {}):
        yield "prisoner", RESTRICTION | {"prisoner": value}
    yield "prisoner", RESTRICTION | {"prisoner": []}
    yield "prisoner[1]", RESTRICTION | {"prisoner": [PRISONER, "B12"]}
    yield "establishment", RESTRICTION | {"establishment": "Leeds"}
    yield "establishment[0]", RESTRICTION | {"establishment": ["Leeds"]}
    yield "contacts", RESTRICTION | {"contacts": []}
    yield "contacts", RESTRICTION | {"contacts": RESTRICTION["contacts"] * 64}
    yield "contacts[0].value", RESTRICTION | {"contacts": [{"kind": "phone", "value": "no digits"}]}
    yield "contacts[1].kind", RESTRICTION | {"contacts": [RESTRICTION["contacts"][0], {"kind": "fax"}]}
    yield "exceptions[0].contact", RESTRICTION | {"exceptions": [{"prisoner": BROTHER, "contact": "\0"}]}
    yield "scope", RESTRICTION | {"scope": "country"}
    for value in (0, 5, "1", True, 1.5):
        yield "pathway", RESTRICTION | {"pathway": value}
    for value in ("yesterday", "2026-02-30", "\0", 20260101):
        yield "from", RESTRICTION | {"from": value}
    yield "until", RESTRICTION | {"until": "2025-01-01"}
    deep: Any = {}
    for _ in range(50):
        deep = {"a": deep}
    for value in (7, ["x"], deep, {"a": "\ud800"}, {"\0": 1}, {"a": 10**400}, "x" * 5_000):
        yield "court_order", RESTRICTION | {"court_order": value}
    yield "unheard_of", RESTRICTION | {"unheard_of": 1}
    for value in ("in-force", "a/history", "a/../b", "/", " a"):
        yield "id", RESTRICTION | {"id": value}


def send(client: TestClient, method: str, path: str, body: Any) -> Response:
    """A request whose body may hold what no text may."""
    answer: Response = client.request(
        method, path, content=json.dumps(body), headers={"content-type": "application/json"}
    )
    return answer


class TestBadInput:
    def test_a_new_restriction_with_a_bad_field_is_refused_by_the_fields_name(
        self, officer: TestClient
    ) -> None:
        more = {"justification": "j", "review": "2026-07-01"}
        for field, restriction in bad_restrictions():
            answer = told(send(officer, "POST", "/v1/restrictions", restriction | more), 422)
            assert (answer.get("field"), restriction) == (field, restriction)
        assert told(officer.get("/v1/restrictions"))["items"] == []

    def test_so_is_a_change(self, officer: TestClient) -> None:
        create(officer)
        for field, restriction in bad_restrictions():
            body = {"version": 1, "reason": "r", "restriction": restriction}
            answer = told(send(officer, "PUT", "/v1/restrictions/R1", body), 422)
            assert (answer.get("field"), restriction) == (f"restriction.{field}", restriction)
        body = {"version": 1, "reason": "r", "restriction": RESTRICTION | {"id": "R2"}}
        assert told(send(officer, "PUT", "/v1/restrictions/R1", body), 422)["field"] == "restriction.id"
        assert told(officer.get("/v1/restrictions/R1"))["version"] == 1

    @pytest.mark.parametrize("missing", ["justification", "review"])
    def test_pathway_four_needs_its_reasons(self, officer: TestClient, missing: str) -> None:
        body = {name: value for name, value in CREATION.items() if name != missing}
        assert told(officer.post("/v1/restrictions", json=body), 422)["field"] == missing

    @pytest.mark.parametrize(
        ("method", "path", "good", "fields"),
        [
            ("POST", "/v1/restrictions", CREATION, ["notes", "request.id", "request.agency", "review"]),
            ("POST", "/v1/restrictions", CREATION, ["request.received", "justification", "reason"]),
            ("POST", "/v1/restrictions/search", {}, ["contact", "name"]),
            ("POST", "/v1/restrictions/R1/reveal", {"why": "w"}, ["why", "version"]),
            ("PUT", "/v1/restrictions/R1", {"version": 1, "reason": "r"}, ["version", "reason", "notes"]),
            (
                "POST",
                "/v1/restrictions/R1/requests",
                {"version": 1, "reason": "r", "request": REQUEST},
                ["version", "reason", "request.id", "request.requester", "request.reference"],
            ),
            (
                "POST",
                "/v1/restrictions/R1/requests/withdraw",
                {"version": 1, "reason": "r", "request": "Q1"},
                ["version", "reason", "request"],
            ),
            (
                "POST",
                "/v1/register",
                {"entry": ENTRY, "verified": "by hand"},
                ["entry.id", "entry.name", "entry.kind", "verified", "reason"],
            ),
            (
                "PUT",
                "/v1/register/E1",
                {"version": 1, "entry": ENTRY, "verified": "by hand", "reason": "r"},
                ["version", "entry.id", "entry.name", "verified", "reason"],
            ),
            ("POST", "/v1/register/E1/remove", {"version": 1, "reason": "r"}, ["version", "reason"]),
            ("PUT", "/v1/prisoners/A1234BC", {"establishment": "LEI"}, ["establishment"]),
            ("POST", "/v1/prisoners/A1234BC/merge", {"into": "A5555AA"}, ["into"]),
            ("POST", f"/v1/approvals/{'0' * 16}/confirm", {"note": ""}, ["note"]),
            ("POST", f"/v1/approvals/{'0' * 16}/refuse", {"note": ""}, ["note"]),
            ("POST", f"/v1/approvals/{'0' * 16}/reveal", {"why": "w"}, ["why"]),
        ],
    )
    def test_every_other_body_is_refused_by_the_fields_name(
        self, officer: TestClient, method: str, path: str, good: dict[str, Any], fields: list[str]
    ) -> None:
        for field in [*fields, "unheard_of"]:
            for value in ("\0", "a\x07b", "\ud800", 7.5, ["x"], "x" * 20_000, 10**400):
                body = json.loads(json.dumps(good))
                place = body
                *outer, last = field.split(".")
                for name in outer:
                    place = place[name]
                place[last] = value
                answer = told(send(officer, method, path, body), 422)
                assert (answer.get("field"), str(value)[:20]) == (field, str(value)[:20])

    def test_an_entry_of_no_use_is_refused_by_the_fields_name(self, officer: TestClient) -> None:
        entry = ENTRY | {"contacts": [{"kind": "phone", "value": "no digits"}]}
        answer = told(officer.post("/v1/register", json={"entry": entry, "verified": "by hand"}), 422)
        assert answer["field"] == "entry.contacts[0].value"

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/restrictions?prisoner=x",
            "/v1/restrictions?state=gone",
            "/v1/restrictions?after=%00",
            f"/v1/restrictions?limit={10**30}",
            "/v1/restrictions?limit=0",
            "/v1/restrictions/in-force",
            "/v1/restrictions/in-force?at=yesterday",
            "/v1/restrictions/in-force?at=2026-01-01T00:00:00",
            "/v1/restrictions/in-force?at=0001-01-01T00:00:00%2B14:00",
            "/v1/restrictions/R1?at=9999-12-31T23:59:59-14:00",
            "/v1/restrictions/%00",
            f"/v1/restrictions/{'x' * 300}",
            "/v1/restrictions/%00/history",
            "/v1/register?after=%00",
            "/v1/register/%00",
            "/v1/prisoners/x",
            "/v1/prisoners/%00/history",
            "/v1/approvals?state=lost",
            "/v1/approvals/x",
        ],
    )
    def test_a_bad_address_is_refused(self, officer: TestClient, path: str) -> None:
        answer = officer.get(path)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/restrictions/R404",
            "/v1/restrictions/R404/history",
            "/v1/register/E404",
            "/v1/register/E404/history",
            f"/v1/approvals/{'0' * 16}",
        ],
    )
    def test_what_is_not_there_is_not_found(self, officer: TestClient, path: str) -> None:
        told(officer.get(path), 404)

    def test_no_answer_repeats_what_was_sent(self, officer: TestClient) -> None:
        marker = "Zebedee"
        for restriction in (
            RESTRICTION | {"pathway": marker},
            RESTRICTION | {"prisoner": marker},
            RESTRICTION | {"contacts": [{"kind": "phone", "value": marker}]},
            RESTRICTION | {"contacts": [{"kind": marker, "value": marker}]},
        ):
            assert marker not in officer.post("/v1/restrictions", json=restriction).text
