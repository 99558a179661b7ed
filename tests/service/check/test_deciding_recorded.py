"""What is recorded of a decision beside it, and what is said where something of it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from engine.model import Attempt, Decision, ReasonCode
from engine.policy import Policy, read_policy
from engine.screener import Screener
from service.check import deciding
from service.errors import UnavailableError
from service.ledger.record import Record
from service.ledger.tables import answered
from service.ledger.writer import Outcome
from service.storage.sealing import SealError
from tests.service.check.running import (
    ADDRESS,
    NOW,
    NUMBER,
    OTHER,
    PRINCIPALS,
    PRISONER,
    RESTRICTION,
    SOLICITOR,
    InForce,
    Running,
    ask,
    blocklist,
    call,
    screener,
)

FREE = "07700 900999"
CONTACT = {"id": "K1", "prisoner": PRISONER, "establishment": "LEI", "name": "Ann Lee", "numbers": [NUMBER]}


def detail(system: Running) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(system.decisions()[-1].detail)
    return told


def kept(system: Running) -> dict[str, Any]:
    """What was asked, as the last record keeps it."""
    row = system.decisions()[-1]
    opened = msgspec.msgpack.decode(system.vault.open(row.sealed, f"ledger/{row.subject}"))
    attempt: dict[str, Any] = opened["attempt"]
    return attempt


def stern(code: ReasonCode) -> Policy:
    """A policy under which one more thing is blocked."""
    policy = read_policy()
    return msgspec.structs.replace(policy, reasons={**policy.reasons, code: "block"})


def test_what_was_asked_is_kept_as_it_was_asked(system: Running) -> None:
    asked = call("M1", FREE, body="see you on sunday", at="2026-03-01")
    asyncio.run(ask(system.api(), "message", asked))
    assert kept(system) == {**asked, "channel": "message"}


def test_a_repetition_is_known_by_what_every_version_of_the_service_keeps(system: Running) -> None:
    asyncio.run(ask(system.api(), "call", call("C1", FREE)))
    with system.database.read() as connection:
        (row,) = connection.execute(select(answered.c.key, answered.c.digest)).all()
    asked = f'{{"id":"C1","channel":"call","to":"{FREE}","prisoner":"{PRISONER}","establishment":"LEI"}}'
    assert row.key == system.vault.digest("attempt", "key:switch\0call\0C1")
    assert row.digest == system.vault.digest("request", asked)


def test_the_prison_that_the_registry_knows_is_kept_with_the_attempt_and_counts(system: Running) -> None:
    system.registry.prisons[PRISONER] = "LEI"
    api = system.api()
    asked = {"id": "C1", "prisoner": PRISONER, "to": "496 0999"}
    told = asyncio.run(ask(api, "call", asked, who="reviewer")).json
    assert "INCOMPLETE_NUMBER" not in {reason["code"] for reason in told["reasons"]}
    assert kept(system)["establishment"] == "LEI"
    unknown = asyncio.run(ask(api, "call", {**asked, "id": "C2", "prisoner": OTHER}, who="reviewer")).json
    assert "INCOMPLETE_NUMBER" in {reason["code"] for reason in unknown["reasons"]}


def test_the_prison_that_was_asked_for_is_not_looked_up(system: Running) -> None:
    system.registry.prisons[PRISONER] = "MDI"
    asyncio.run(ask(system.api(), "call", call("C1", FREE)))
    assert system.decisions()[-1].establishment == "LEI"


class Nowhere:
    def where_is(self, prisoner: str) -> str | None:
        raise LookupError(f"{prisoner} is nowhere")

    def knows(self, prisoner: str) -> bool:
        return False


def test_not_knowing_where_he_is_makes_no_answer_milder(
    system: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    system.registry = Nowhere()  # type: ignore[assignment]
    api = system.api()
    asked = call("C1", NUMBER, establishment=None)
    assert asyncio.run(ask(api, "call", asked)).json["decision"] == "block"
    assert asyncio.run(ask(api, "call", asked, who="leeds")).status == 403
    told = capsys.readouterr().err
    assert '"prison_unknown"' in told
    assert "LookupError" in told
    assert PRISONER not in told


def test_a_letter_of_nobody_known_is_of_no_prison(system: Running) -> None:
    system.registry = Nowhere()  # type: ignore[assignment]
    letter = {"id": "L1", "to": f"Sarah Jones\n{ADDRESS}"}
    assert asyncio.run(ask(system.api(), "letter", letter, who="reviewer")).json["decision"] != "allow"
    (row,) = system.decisions()
    assert (row.prisoner, row.establishment) == (None, None)


def test_outside_his_prisons_somebody_is_told_which_field(system: Running) -> None:
    told = asyncio.run(ask(system.api(), "call", call("C1", establishment="MDI"), who="leeds")).json
    assert (told["field"], told["detail"]) == (
        "establishment",
        "this concerns a prison that is not among yours",
    )


def test_a_contact_is_recorded_whole_with_its_caller_and_prison(system: Running) -> None:
    asyncio.run(ask(system.api(), "contact", CONTACT, who="officer"))
    (row,) = system.decisions()
    assert (row.actor, row.prisoner, row.establishment, row.channel, row.outcome, row.codes) == (
        "user:officer",
        PRISONER,
        "LEI",
        "contact",
        "block",
        "RESTRICTED_NUMBER",
    )
    assert kept(system) == {**CONTACT, "emails": [], "address": None}
    assert detail(system) == {"restrictions": ["R1"], "action": "refuse", "confidential": False}


def test_a_contact_of_a_prison_that_is_not_ones_own_is_refused(system: Running) -> None:
    api = system.api()
    body = {**CONTACT, "establishment": "MDI"}
    assert asyncio.run(ask(api, "contact", body, who="leeds")).status == 403
    system.registry.prisons[PRISONER] = "LEI"
    where = {**CONTACT, "establishment": None}
    assert asyncio.run(ask(api, "contact", where, who="leeds")).status == 200
    assert system.decisions()[-1].establishment == "LEI"


def test_a_contact_asked_about_again_is_answered_once(system: Running) -> None:
    api = system.api()
    answers = [asyncio.run(ask(api, "contact", CONTACT, who="officer")).body for _ in range(2)]
    assert answers[0] == answers[1]
    changed = {**CONTACT, "name": "Tom Lee"}
    told = asyncio.run(ask(api, "contact", changed, who="officer"))
    assert (told.status, told.json["field"], told.json["detail"]) == (
        409,
        "id",
        "this id was another attempt's",
    )
    assert len(system.decisions()) == 1


@pytest.mark.parametrize(
    ("dates", "decision"),
    [
        ({"from_": "2026-03-02"}, "block"),
        ({"from_": "2026-03-03"}, "allow"),
        ({"until": "2026-03-01"}, "allow"),
    ],
)
def test_a_contact_is_decided_by_what_is_in_force_today(
    system: Running, dates: dict[str, str], decision: str
) -> None:
    one = msgspec.structs.replace(RESTRICTION, **dates)
    system.current.screener = Screener(blocklist([one]), read_policy())
    assert asyncio.run(ask(system.api(), "contact", CONTACT, who="officer")).json["decision"] == decision


def test_only_what_was_not_allowed_is_found_again_by_its_recipient(system: Running) -> None:
    api = system.api()
    asyncio.run(ask(api, "call", call("C1", FREE)))
    assert detail(system) == {"restrictions": [], "action": "connect", "confidential": False}
    asyncio.run(ask(api, "letter", call("L1", f"Sarah Jones\n{ADDRESS}"), who="reviewer"))
    told = detail(system)["contact"]
    asyncio.run(ask(api, "letter", call("L2", f"SARAH JONES\n{ADDRESS}"), who="reviewer"))
    assert detail(system)["contact"] == told


def test_each_restriction_and_code_is_told_once(system: Running) -> None:
    body = f"ring her on {NUMBER}, or write to {ADDRESS}"
    asyncio.run(ask(system.api(), "message", call("M1", FREE, body=body)))
    codes = system.decisions()[-1].codes.split(",")
    assert len(codes) == len(set(codes))
    assert detail(system)["restrictions"] == ["R1"]
    assert detail(system)["action"] == "hold"


def test_without_a_list_it_is_said_that_there_is_none(system: Running) -> None:
    api = system.api()
    system.current = InForce(None)
    told = asyncio.run(ask(api, "call", call()))
    assert (told.status, told.json["detail"]) == (503, "there is no usable blocklist")


def test_the_record_bears_the_policy_that_decided(system: Running) -> None:
    api = system.api()
    strict = Screener(blocklist(), stern(ReasonCode.INCOMPLETE_NUMBER))
    versions = []
    for n, one in enumerate((screener(), strict, screener())):
        system.current.screener = one
        asyncio.run(ask(api, "call", call(f"C{n}")))
        versions.append((system.decisions()[-1].policy, one.policy.version))
    assert all(recorded == version for recorded, version in versions)
    assert len({recorded for recorded, _ in versions}) == 2


# A shadow policy is tried beside the live one.


def test_what_a_shadow_policy_would_have_decided_is_recorded_where_it_differs(system: Running) -> None:
    system.current.shadow = stern(ReasonCode.INCOMPLETE_NUMBER)
    api = system.api()
    for name, to in (("C1", "496 0999"), ("C2", FREE)):
        asyncio.run(ask(api, "call", call(name, to, establishment=None)))
    first, second = (json.loads(row.detail) for row in system.decisions())
    assert first["shadow"] == "block"
    assert "shadow" not in second


def test_a_shadow_policy_sees_the_messages_before(system: Running) -> None:
    system.current.shadow = stern(ReasonCode.HIDDEN_NUMBER)
    api = system.api()
    for name, body in (("M1", "remember 077009"), ("M2", "and then 00123")):
        asyncio.run(ask(api, "message", call(name, "07700 900777", body=body)))
    assert detail(system)["shadow"] == "block"


def test_a_shadow_policy_is_tried_on_the_same_list_at_the_same_age(system: Running) -> None:
    old = NOW.replace(year=2025)
    system.current.screener = Screener(blocklist(), read_policy(), old)
    system.current.shadow = read_policy()
    asyncio.run(ask(system.api(), "call", call("C1", FREE)))
    assert (system.decisions()[-1].outcome, detail(system).get("shadow")) == ("flag", None)


def test_a_shadow_policy_is_tried_on_no_contact(system: Running) -> None:
    system.current.shadow = stern(ReasonCode.RESTRICTED_PERSON)
    body = {**CONTACT, "name": "Sally Jones", "numbers": ["07700 900888"]}
    told = asyncio.run(ask(system.api(), "contact", body, who="officer")).json
    assert (told["decision"], detail(system).get("shadow")) == ("flag", None)


def test_a_shadow_policy_that_fails_changes_no_answer(
    system: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    system.current.shadow = "no policy at all"  # type: ignore[assignment]
    told = asyncio.run(ask(system.api(), "call", call("C1", NUMBER)))
    assert told.json["decision"] == "block"
    assert "shadow" not in detail(system)
    said = capsys.readouterr().err
    assert '"shadow_failed"' in said
    assert "AttributeError" in said


# What is said where something fails.


class Failing:
    """A ledger that fails, after a while."""

    def __init__(self, error: BaseException, wait: float = 0.01) -> None:
        self.error, self.wait = error, wait

    async def write(
        self, record: Record, key: bytes | None = None, digest: bytes | None = None, *more: Any
    ) -> Outcome:
        await asyncio.sleep(self.wait)
        raise self.error


def test_a_ledger_that_cannot_be_written_is_said_to_be_so(
    system: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    system.ledger = Failing(OSError(f"INSERT {NUMBER}"))
    told = asyncio.run(ask(system.api(), "call", call("C1", NUMBER)))
    assert (told.status, told.json["detail"]) == (503, "the ledger cannot be written")
    said = capsys.readouterr().err
    assert '"decision_not_recorded"' in said
    assert "OSError" in said
    assert NUMBER not in said


def test_who_waits_for_the_same_answer_is_told_why_there_is_none(system: Running) -> None:
    system.ledger = Failing(UnavailableError("the ledger is behind"))
    api = system.api()

    async def go() -> list[Any]:
        return list(await asyncio.gather(*(ask(api, "call", call("C1")) for _ in range(3))))

    assert {told.json["detail"] for told in asyncio.run(go())} == {"the ledger is behind"}


def test_who_waits_for_one_that_gave_up_is_told_that_it_was_not_recorded(system: Running) -> None:
    system.ledger = Failing(OSError(), wait=5)
    api = system.api()

    async def go() -> Any:
        first = asyncio.create_task(ask(api, "call", call("C1")))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(ask(api, "call", call("C1")))
        await asyncio.sleep(0.05)
        first.cancel()
        return await second

    told = asyncio.run(go())
    assert (told.status, told.json["detail"]) == (503, "not recorded")


def test_who_gives_up_waiting_behind_another_leaves_that_one_its_answer(system: Running) -> None:
    ledger = system.ledger

    class Slow:
        async def write(
            self, record: Record, key: bytes | None = None, digest: bytes | None = None, *more: Any
        ) -> Outcome:
            await asyncio.sleep(0.05)
            return await ledger.write(record, key, digest, *more)

    system.ledger = Slow()
    api = system.api()

    async def go() -> Any:
        first = asyncio.create_task(ask(api, "call", call("C1", NUMBER)))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(ask(api, "call", call("C1", NUMBER)))
        await asyncio.sleep(0.01)
        second.cancel()
        return await first

    assert asyncio.run(go()).json["decision"] == "block"
    assert len(system.decisions()) == 1


class Raising(Screener):
    def check(self, attempt: Attempt, *more: Any) -> Decision:
        raise RuntimeError(f"cannot read {attempt.to}")


def test_an_attempt_that_cannot_be_checked_is_said_to_be_so(
    system: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    system.current.screener = Raising(blocklist(), read_policy())
    told = asyncio.run(ask(system.api(), "call", call("C1", NUMBER)))
    assert (told.status, told.json["detail"]) == (503, "the attempt could not be checked")
    said = capsys.readouterr().err
    assert all(word in said for word in ('"check_failed"', '"channel"', '"call"', "RuntimeError")), said
    assert NUMBER not in said


def test_a_first_answer_that_cannot_be_read_is_not_made_up(
    system: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(ask(system.api(), "call", call("C1", NUMBER)))
    again = system.api()

    def lost(*_: object) -> bytes:
        raise SealError("lost")

    monkeypatch.setattr(type(system.vault), "open", lost)
    told = asyncio.run(ask(again, "call", call("C1", NUMBER)))
    assert (told.status, told.json["detail"]) == (503, "the first answer to this id cannot be read")
    said = capsys.readouterr().err
    assert all(word in said for word in ('"first_answer_unreadable"', '"seq"', "SealError")), said


class Counting:
    def __init__(self) -> None:
        self.counted: list[tuple[str, str, tuple[str, ...]]] = []

    def decision(self, channel: str, decision: str, codes: Sequence[str], seconds: float) -> None:
        assert 0 <= seconds < 60
        self.counted.append((channel, decision, tuple(codes)))

    def unknown_prisoner(self, channel: str) -> None:
        raise AssertionError("a restriction names him")

    def probing(self, sign: str) -> None:
        raise AssertionError("nobody asks like that here")


def test_each_decision_is_counted_once_it_is_recorded(system: Running) -> None:
    system.metrics = counting = Counting()  # type: ignore[assignment]
    api = system.api()
    for who, name, body in (
        ("switch", "call", call("C1", NUMBER)),
        ("switch", "call", call("C1", NUMBER)),
        ("switch", "message", call("M1", SOLICITOR, body="x")),
        ("officer", "contact", CONTACT),
    ):
        assert asyncio.run(ask(api, name, body, who=who)).status == 200
    assert asyncio.run(ask(system.api(), "call", call("C1", NUMBER))).status == 200
    assert counting.counted == [
        ("call", "block", ("RESTRICTED_NUMBER",)),
        (
            "message",
            "allow",
            tuple(system.decisions()[1].codes.split(",") if system.decisions()[1].codes else ()),
        ),
        ("contact", "block", ("RESTRICTED_NUMBER",)),
    ]


def test_memory_keeps_the_newest_answers(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "MOST_ANSWERED", 2)
    decider = system.api().decider
    who = PRINCIPALS["switch"]

    async def go() -> list[bool]:
        begun = []
        for n in range(3):
            asked = Attempt(id=f"C{n}", channel="call", to=FREE, prisoner=PRISONER)
            one = decider.attempt(who, asked, decider.screener())
            await decider.recorded(one)
            begun.append((asked, one))
        return [decider.attempt(who, asked, decider.screener()) is one for asked, one in reversed(begun)]

    assert asyncio.run(go()) == [True, True, False]
