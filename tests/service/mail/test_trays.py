"""A tray is closed when all of it is done, and what is closed stays so."""

from __future__ import annotations

import json

import pytest

from service.access.model import Principal
from service.errors import ConflictError, NotFoundError
from service.ledger.record import Kind
from service.review.model import Outcome
from tests.service.console.conftest import Console
from tests.service.console.looking import records
from tests.service.mail.mailing import ELSEWHERE, HERS, MO, SCANNER, decide, put, typed


def filled(console: Console, expected: int | None = None) -> None:
    console.restrict()
    console.system.trays.begin(SCANNER, "T1", "LEI", expected)
    put(console, "T1", ELSEWHERE)
    put(console, "T1", HERS)
    put(console, "T1", f"?{ELSEWHERE}")


def test_a_tray_is_closed_once_nothing_in_it_waits_and_that_is_in_the_ledger(console: Console) -> None:
    filled(console)
    trays = console.system.trays
    with pytest.raises(ConflictError, match="held, and a reviewer has not decided: 1"):
        trays.close(MO, "T1")
    decide(console, Outcome.RELEASE)
    closed = trays.close(MO, "T1")
    assert (closed.allowed, closed.released, closed.stopped, closed.held) == (1, 1, 1, 0)
    assert (closed.closed_by, trays.close(MO, "T1")) == (MO.id, closed), "once"
    (record,) = records(console, kind=Kind.CHANGE, subject="tray/T1", outcome="closed")
    assert (record.actor, record.establishment) == (MO.id, "LEI")
    assert json.loads(record.detail) == {"allowed": 1, "released": 1, "stopped": 1}


def test_as_many_come_out_as_were_counted_in(console: Console) -> None:
    filled(console, expected=4)
    trays = console.system.trays
    decide(console, Outcome.UPHOLD)
    with pytest.raises(ConflictError, match="counted and not scanned: 1"):
        trays.close(MO, "T1")
    trays.begin(MO, "T1", "LEI", 2)
    with pytest.raises(ConflictError, match="scanned and not counted: 1"):
        trays.close(MO, "T1")
    trays.begin(MO, "T1", "LEI", 3)
    assert trays.close(MO, "T1").stopped == 2
    told = [json.loads(one.detail) for one in records(console, subject="tray/T1", outcome="counted")]
    assert told == [{"counted": 3, "counted_before": 2}, {"counted": 2, "counted_before": 4}]


def test_nothing_comes_into_a_closed_tray_and_nothing_in_it_changes(console: Console) -> None:
    filled(console)
    decide(console, Outcome.UPHOLD)
    console.system.trays.close(MO, "T1")
    before = len(records(console, kind=Kind.DECISION))
    with pytest.raises(ConflictError, match="closed"):
        put(console, "T1", f"{ELSEWHERE}|another")
    with pytest.raises(ConflictError, match="closed"):
        put(console, "T1", ELSEWHERE)  # a letter that only looks as the one that was posted
    item = put(console, "T1", HERS)
    assert item.decision == "block", "what came before has its answer"
    with pytest.raises(ConflictError, match="closed"):
        typed(console, item, ELSEWHERE)
    with pytest.raises(ConflictError, match="closed"):
        console.system.trays.begin(SCANNER, "T1", "LEI", 9)
    assert len(records(console, kind=Kind.DECISION)) == before, "nothing is asked that is not kept"


def test_a_tray_is_its_prisons(console: Console) -> None:
    filled(console)
    with pytest.raises(NotFoundError):
        console.system.trays.close(Principal("key:other", SCANNER.roles, frozenset({"MDI"})), "T1")
