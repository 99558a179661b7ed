"""What a switch tells of a call that is up: the number it moved to, and what the event is by itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adapters.pin_phone.signals import CallEvent, EventKind
from engine.model import Attempt, Decision, Reason, ReasonCode
from engine.policy import read_policy
from engine.screener import Screener
from service.access.model import Principal
from service.check.deciding import Decider
from service.check.event import screen_event
from service.errors import ConflictError, NotAllowedError, NotFoundError, UnavailableError
from service.storage.sealing import SealError
from tests.service.check.running import (
    NOW,
    NUMBER,
    PRINCIPALS,
    PRISONER,
    SOLICITOR,
    Running,
    ask,
    blocklist,
    call,
    screener,
)

FREE = "020 7946 0018"
LATER = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)
SWITCH = PRINCIPALS["switch"]


def moved(kind: EventKind = EventKind.DIVERTED, **fields: Any) -> CallEvent:
    return CallEvent(**{"id": "E1", "check": "C1", "kind": kind, "at": LATER, **fields})


def answer(event: CallEvent, *, confidential: bool = False, prisoner: str = PRISONER) -> Decision:
    reached = Attempt(id=event.id, channel="call", to=event.to or FREE, prisoner=prisoner)
    return screen_event(screener(), event, reached, NOW, confidential=confidential)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_move_that_names_no_number_is_held_for_what_it_is() -> None:
    told = answer(moved())
    assert (told.id, told.decision, told.action) == ("E1", "flag", "connect_and_alert")
    assert told.blocklist == blocklist().version
    assert told.reasons == (
        Reason(
            code=ReasonCode.CALL_MOVED,
            decision="flag",
            score=1.0,
            matcher="switch",
            given="",
            steps=("diverted",),
        ),
    )


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        (EventKind.THREE_WAY, ("three way", "the switch is 25% sure")),
        (EventKind.CONFERENCE, ("conference", "the switch is 25% sure")),
    ],
)
def test_how_sure_the_switch_is_is_told_and_counts_as_the_score(
    kind: EventKind, steps: tuple[str, ...]
) -> None:
    (reason,) = answer(moved(kind, to=FREE, score=0.25)).reasons
    assert (reason.score, reason.given, reason.steps) == (0.25, FREE, steps)


def test_the_policy_says_what_an_event_by_itself_does() -> None:
    policy = read_policy()
    stern = {**policy.reasons, ReasonCode.CALL_MOVED: "block"}
    strict = Screener(blocklist(), msgspec.structs.replace(policy, reasons=stern))
    reached = Attempt(id="E1", channel="call", to=FREE, prisoner=PRISONER)
    told = screen_event(strict, moved(), reached, NOW, confidential=False)
    assert (told.decision, told.action) == ("block", "refuse")


def test_a_call_that_moved_to_a_restricted_number_ends() -> None:
    told = answer(moved(to=NUMBER))
    assert (told.decision, told.action, told.confidential) == ("block", "refuse", False)
    assert codes(told) == ["RESTRICTED_NUMBER", "CALL_MOVED"]
    assert codes(answer(moved(to=NUMBER), confidential=True)) == ["RESTRICTED_NUMBER", "CALL_MOVED"]


def test_keyed_digits_count_only_as_the_number_they_make() -> None:
    assert codes(answer(moved(EventKind.KEYED, to=NUMBER))) == ["RESTRICTED_NUMBER"]
    assert answer(moved(EventKind.KEYED, to=FREE)).decision == "allow"


def test_what_is_keyed_in_a_confidential_call_is_not_looked_at() -> None:
    told = answer(moved(EventKind.KEYED, to=NUMBER), confidential=True)
    assert (told.decision, told.reasons, told.confidential) == ("allow", (), True)


@pytest.mark.parametrize(
    ("confidential", "to", "remains"),
    [
        (True, None, True),
        (True, FREE, False),
        (True, SOLICITOR, True),
        (False, SOLICITOR, True),
        (False, FREE, False),
        (False, None, False),
    ],
)
def test_a_call_is_as_confidential_as_the_number_it_moved_to(
    confidential: bool, to: str | None, remains: bool
) -> None:
    assert answer(moved(to=to), confidential=confidential).confidential is remains


@pytest.mark.parametrize(
    ("confidential", "to", "action"),
    [(True, FREE, "connect_and_alert"), (False, SOLICITOR, "connect_and_alert"), (False, FREE, "refuse")],
)
def test_a_confidential_call_that_is_flagged_goes_on_also_where_it_moves(
    confidential: bool, to: str, action: str
) -> None:
    policy = read_policy()
    stern = {**policy.action, "call": {**policy.action["call"], "flag": "refuse"}}
    strict = Screener(blocklist(), msgspec.structs.replace(policy, action=stern))
    reached = Attempt(id="E1", channel="call", to=to, prisoner=PRISONER)
    told = screen_event(strict, moved(to=to), reached, NOW, confidential=confidential)
    assert (told.decision, told.action) == ("flag", action)


# From here with the call that the event is of, as it stands in the ledger.


def asked(system: Running, to: str = FREE, **more: Any) -> Decider:
    """A check of a call, which the switch has asked about."""
    api = system.api()
    assert asyncio.run(ask(api, "call", call("C1", to, **more))).status == 200
    return api.decider


def tell(decider: Decider, event: CallEvent, who: Principal = SWITCH) -> Decision:
    found, confidential = decider.call_of(who, event.check)

    async def go() -> Decision:
        return await decider.recorded(decider.event(who, event, found, confidential, decider.screener()))

    return asyncio.run(go())


def test_an_event_is_of_the_call_that_was_asked_about(system: Running) -> None:
    decider = asked(system, SOLICITOR)
    found, confidential = decider.call_of(SWITCH, "C1")
    assert (found.id, found.to, found.prisoner, confidential) == ("C1", SOLICITOR, PRISONER, True)
    assert asked(system, SOLICITOR).call_of(SWITCH, "C1") == (found, True), "after a restart too"


@pytest.mark.parametrize(("who", "check"), [("other", "C1"), ("switch", "C2")])
def test_nobody_tells_of_a_call_that_he_did_not_ask_about(system: Running, who: str, check: str) -> None:
    with pytest.raises(NotFoundError) as refused:
        asked(system).call_of(PRINCIPALS[who], check)
    assert (refused.value.detail, refused.value.field) == ("you have not asked about this call", "check")


def test_a_message_of_that_id_is_no_call(system: Running) -> None:
    api = system.api()
    asyncio.run(ask(api, "message", call("C1", FREE, body="hello")))
    with pytest.raises(NotFoundError):
        api.decider.call_of(SWITCH, "C1")


def test_a_call_that_cannot_be_read_is_said_to_be_so(
    system: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    decider = asked(system)
    monkeypatch.setattr(system.vault, "open", _sealed_for_good)
    with pytest.raises(UnavailableError) as refused:
        decider.call_of(SWITCH, "C1")
    assert refused.value.detail == "the call cannot be read"
    told = capsys.readouterr().err
    assert all(word in told for word in ('"call_unreadable"', '"seq"', "SealError")), told


def _sealed_for_good(*_: object) -> bytes:
    raise SealError("lost")


def test_the_record_of_an_event_is_of_its_caller_prison_and_prisoner(system: Running) -> None:
    decider = asked(system)
    tell(decider, moved(to=NUMBER))
    *_, row = system.decisions()
    assert (row.actor, row.prisoner, row.establishment, row.channel, row.outcome) == (
        "key:switch",
        PRISONER,
        "LEI",
        "call",
        "block",
    )
    kept = msgspec.msgpack.decode(system.vault.open(row.sealed, f"ledger/{row.subject}"))["attempt"]
    assert kept == {
        "id": "E1",
        "channel": "call",
        "to": NUMBER,
        "prisoner": PRISONER,
        "establishment": "LEI",
    }


def test_an_event_without_a_number_is_kept_with_the_number_of_its_call(system: Running) -> None:
    decider = asked(system, at="2026-03-01", body="what was said")
    tell(decider, moved(EventKind.VOICE_MISMATCH))
    *_, row = system.decisions()
    kept = msgspec.msgpack.decode(system.vault.open(row.sealed, f"ledger/{row.subject}"))["attempt"]
    assert kept["to"] == FREE
    assert set(kept) == {"id", "channel", "to", "prisoner", "establishment"}


def test_an_event_told_again_is_one_record_and_another_by_its_id_a_conflict(system: Running) -> None:
    decider = asked(system)
    first = tell(decider, moved(to=NUMBER))
    assert tell(decider, moved(to=NUMBER)) == first
    assert len(system.decisions()) == 2
    with pytest.raises(ConflictError):
        tell(decider, moved(to=NUMBER, score=0.5))


def test_an_event_may_have_the_id_of_its_call(system: Running) -> None:
    decider = asked(system)
    assert tell(decider, moved(id="C1")).decision == "flag"
    assert len(system.decisions()) == 2


def test_who_lost_the_prison_tells_nothing_of_its_calls(system: Running) -> None:
    decider = asked(system)
    elsewhere = Principal(SWITCH.id, SWITCH.roles, frozenset({"MDI"}))
    with pytest.raises(NotAllowedError):
        tell(decider, moved(), elsewhere)
    assert len(system.decisions()) == 1


def test_an_event_is_of_the_prison_that_the_prisoner_is_in(system: Running) -> None:
    decider = asked(system, establishment=None)
    system.registry.prisons[PRISONER] = "MDI"
    tell(decider, moved())
    assert [row.establishment for row in system.decisions()] == [None, "MDI"]


def test_who_has_an_exception_for_the_number_may_be_sent_on_to_it(system: Running) -> None:
    told = tell(asked(system, prisoner="A5555EX"), moved(to=NUMBER))
    assert (told.decision, set(codes(told))) == ("flag", {"EXCEPTION", "CALL_MOVED"})
