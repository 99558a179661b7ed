"""What is answered, to whom, and what is recorded of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from engine.model import ConfidentialEntry, Contact
from engine.policy import read_policy
from engine.screener import Screener
from service.access.model import Right
from service.check.api import CheckAPI
from service.ledger.verify import verify
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.check.running import (
    ADDRESS,
    NUMBER,
    OTHER,
    PRISONER,
    SOLICITOR,
    Running,
    ask,
    blocklist,
    call,
    writer,
)


def test_the_phone_system_is_told_the_decision_alone(system: Running) -> None:
    answer = asyncio.run(ask(system.api(), "call", call("C1", NUMBER)))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.json == {"id": "C1", "decision": "block", "action": "refuse", "confidential": False}


def test_staff_are_told_the_reasons_and_the_blocklist(system: Running) -> None:
    answer = asyncio.run(ask(system.api(), "call", call("C1", NUMBER), who="reviewer"))
    assert current_version(system) == answer.json["blocklist"]
    (reason,) = answer.json["reasons"]
    assert (reason["code"], reason["restriction"], reason["given"]) == ("RESTRICTED_NUMBER", "R1", NUMBER)
    assert not {"listed", "score"} & set(reason)


@pytest.mark.parametrize(
    ("name", "who", "body", "decision", "action"),
    [
        ("call", "switch", call(to="07700 900999"), "allow", "connect"),
        ("call", "switch", call(to=SOLICITOR), "allow", "connect"),
        ("message", "switch", call(to=NUMBER, body="hello"), "block", "stop"),
        ("message", "switch", call(to="07700 900999", body="hello"), "allow", "deliver"),
        ("letter", "mailroom", call(to=f"Sarah Jones\n{ADDRESS}"), "block", "stop"),
        ("letter", "mailroom", call(to="Ann Lee\n7 Low Road\nYork YO1 7HH"), "allow", "post"),
    ],
)
def test_each_channel(
    system: Running, name: str, who: str, body: dict[str, str], decision: str, action: str
) -> None:
    answer = asyncio.run(ask(system.api(), name, body, who=who))
    assert (answer.json["decision"], answer.json["action"]) == (decision, action)


def test_the_record_says_everything_and_its_plain_part_nothing_protected(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    with writer(database, vault, tmp_path) as ledger:
        system = Running(database, vault, ledger)
        asyncio.run(ask(system.api(), "call", call("C1", NUMBER)))
        (row,) = system.decisions()
    assert (row.actor, row.prisoner, row.establishment, row.channel) == (
        "key:switch",
        PRISONER,
        "LEI",
        "call",
    )
    assert (row.outcome, row.codes, row.blocklist) == ("block", "RESTRICTED_NUMBER", current_version(system))
    assert system.current.screener is not None
    assert row.policy == system.current.screener.policy.version
    recipient = vault.digest("recipient", "447700900123").hex()
    detail = {"restrictions": ["R1"], "action": "refuse", "confidential": False, "contact": recipient}
    assert json.loads(row.detail) == detail
    assert row.subject == "attempt/" + vault.digest("attempt", "key:switch\0call\0C1").hex()
    sealed = msgspec.msgpack.decode(vault.open(row.sealed, f"ledger/{row.subject}"))
    assert sealed["attempt"]["to"] == sealed["decision"]["reasons"][0]["listed"] == NUMBER
    assert "900123" not in repr({**row._mapping, "sealed": b""}).replace(" ", "")
    assert not verify(database, vault.public_key).problems


def test_what_is_confidential_is_not_kept(system: Running) -> None:
    body = call("M1", SOLICITOR, body="my defence is this")
    asyncio.run(ask(system.api(), "message", body))
    (row,) = system.decisions()
    sealed = msgspec.msgpack.decode(system.vault.open(row.sealed, f"ledger/{row.subject}"))
    assert sealed["decision"]["confidential"] is True
    assert "body" not in sealed["attempt"]


def test_a_missing_prison_is_the_one_where_the_prisoner_is(system: Running) -> None:
    system.registry.prisons[PRISONER] = "LEI"
    body = {"id": "C1", "prisoner": PRISONER, "to": "07700 900999"}
    assert asyncio.run(ask(system.api(), "call", body, who="leeds")).status == 200
    assert system.decisions()[0].establishment == "LEI"


def test_staff_are_limited_to_their_prisons(system: Running) -> None:
    api = system.api()
    for body in (
        call(establishment="MDI"),
        call(establishment=None),
        {"id": "C", "prisoner": OTHER, "to": "1"},
    ):
        answer = asyncio.run(ask(api, "call", body, who="leeds"))
        assert (answer.status, answer.json["field"]) == (403, "establishment")
    assert system.decisions() == []


RIGHTS = {
    "call": {"switch", "leeds", "reviewer", "officer"},
    "message": {"switch", "leeds", "mailroom", "reviewer", "officer"},
    "letter": {"mailroom", "reviewer", "officer"},
    "contact": {"switch", "leeds", "reviewer", "officer"},
    "batch": {"officer"},
}


@pytest.mark.parametrize("name", RIGHTS)
@pytest.mark.parametrize("who", ["switch", "leeds", "mailroom", "reviewer", "officer", "auditor", "admin"])
def test_who_may_check_what(system: Running, name: str, who: str) -> None:
    body: object = call()
    if name == "batch":
        body = []
    elif name == "contact":
        body = contact()
    answer = asyncio.run(ask(system.api(), name, body, who=who))
    assert answer.status == (200 if who in RIGHTS[name] else 403)
    assert len(system.access.refusals) == (who not in RIGHTS[name])
    if who not in RIGHTS[name]:
        assert system.access.refusals[0][2] == f"/v1/check/{name}"
        assert isinstance(system.access.refusals[0][1], Right)


def contact(**more: object) -> dict[str, object]:
    return {
        "id": "K1",
        "prisoner": PRISONER,
        "establishment": "LEI",
        "name": "Ann Lee",
        "numbers": ["07700 900888"],
        **more,
    }


@pytest.mark.parametrize(
    ("more", "decision", "action"),
    [
        ({}, "allow", "add"),
        ({"numbers": ["07700 900888", NUMBER]}, "block", "refuse"),
        ({"emails": ["SALLY@example.org"]}, "block", "refuse"),
        ({"address": ADDRESS}, "block", "refuse"),
        ({"address": "7 Low Road\nYork YO1 7HH"}, "allow", "add"),
        ({"name": "Sally Jones"}, "flag", "hold"),
        ({"name": "Sally Jones", "prisoner": OTHER}, "allow", "add"),
        ({"numbers": [SOLICITOR]}, "allow", "add"),
        ({"numbers": ["nothing"]}, "block", "refuse"),
    ],
)
def test_a_contact_is_decided_by_its_worst_part(
    system: Running, more: dict[str, object], decision: str, action: str
) -> None:
    answer = asyncio.run(ask(system.api(), "contact", contact(**more), who="officer"))
    assert (answer.json["decision"], answer.json["action"]) == (decision, action)
    assert answer.json["confidential"] is (more.get("numbers") == [SOLICITOR])
    (row,) = system.decisions()
    assert (row.channel, row.outcome) == ("contact", decision)


def test_a_contact_gives_every_reason_once_the_gravest_first(system: Running) -> None:
    body = contact(name="Sally Jones", numbers=[NUMBER, NUMBER], address=f"{ADDRESS}")
    reasons = asyncio.run(ask(system.api(), "contact", body, who="officer")).json["reasons"]
    codes = [reason["code"] for reason in reasons]
    assert codes.count("RESTRICTED_NUMBER") == 1
    assert {"RESTRICTED_ADDRESS", "RESTRICTED_PERSON"} <= set(codes)
    severity = [("allow", "flag", "block").index(reason["decision"]) for reason in reasons]
    assert severity == sorted(severity, reverse=True)


def test_a_batch_is_answered_in_order_and_a_bad_item_in_its_place(system: Running) -> None:
    batch = [
        {**call("B0", NUMBER), "channel": "call"},
        {"id": "B1", "channel": "fax", "to": NUMBER},
        {**call("B2"), "channel": "letter", "at": "then"},
        {**call("B3"), "channel": "call", "establishment": None, "prisoner": None},
        7,
        {**call("B0", NUMBER), "channel": "call"},
        {**call("B0"), "channel": "call"},
        {**call("B4", SOLICITOR), "channel": "message", "body": "x"},
    ]
    answers = asyncio.run(ask(system.api(), "batch", batch, who="officer")).json
    assert answers[0] == answers[5]
    assert (answers[0]["id"], answers[0]["decision"], answers[0]["action"]) == ("B0", "block", "refuse")
    errors = [(a["index"], a["status"], a.get("field")) for a in answers if "error" in a]
    assert errors == [
        (1, 422, "channel"),
        (2, 422, "at"),
        (3, 422, "prisoner"),
        (4, 422, None),
        (6, 409, "id"),
    ]
    assert answers[7]["confidential"] is True
    assert len(system.decisions()) == 2


def test_a_number_split_over_messages_is_seen_and_over_a_restart_too(system: Running) -> None:
    def message(name: str, body: str, to: str = "07700 900777") -> dict[str, object]:
        return call(name, to, body=body)

    api = system.api()
    assert asyncio.run(ask(api, "message", message("M1", "remember 077009"))).json["decision"] == "allow"
    again = CheckAPI(system)
    second = asyncio.run(ask(again, "message", message("M2", "and then 00123", "+44 7700 900777")))
    assert second.json["decision"] != "allow"
    elsewhere = asyncio.run(ask(again, "message", message("M3", "and then 00123", "07700 900778")))
    assert elsewhere.json["decision"] == "allow"


def test_a_confidential_message_is_no_part_of_a_number_split_over_several(system: Running) -> None:
    api = system.api()

    def message(name: str, body: str) -> dict[str, object]:
        return call(name, "07700 900777", body=body)

    solicitor = ConfidentialEntry(
        name="Example Law LLP", kind="legal", contacts=(Contact(kind="phone", value="07700 900777"),)
    )
    open_list = system.current.screener
    system.current.screener = Screener(blocklist(register=[solicitor]), read_policy())
    first = asyncio.run(ask(api, "message", message("M1", "remember 077009"))).json
    assert (first["decision"], first["confidential"]) == ("allow", True)
    system.current.screener = open_list
    for name, after in (("M2", api), ("M3", CheckAPI(system))):
        second = asyncio.run(ask(after, "message", message(name, "and then 00123"))).json
        assert second["decision"] == "allow"


def test_a_shadow_like_the_live_policy_differs_in_nothing(system: Running) -> None:
    system.current.shadow = read_policy()
    api = system.api()
    for name, body in (("M1", "remember 077009"), ("M2", "and then 00123")):
        asyncio.run(ask(api, "message", call(name, "07700 900777", body=body)))
    rows = system.decisions()
    assert [row.outcome for row in rows] == ["allow", "flag"]
    assert not any("shadow" in json.loads(row.detail) for row in rows)


@pytest.mark.parametrize(
    ("numbers", "confidential"), [([SOLICITOR], True), ([SOLICITOR, "07700 900999"], False)]
)
def test_a_contact_is_confidential_when_every_number_of_it_is(
    system: Running, numbers: list[str], confidential: bool
) -> None:
    body = contact(name="Example Law LLP", numbers=numbers, address=None, emails=[])
    answer = asyncio.run(ask(system.api(), "contact", body, who="officer")).json
    assert (answer["decision"], answer["confidential"]) == ("allow", confidential)


def current_version(system: Running) -> str:
    assert system.current.screener is not None
    return system.current.screener.blocklist.version
