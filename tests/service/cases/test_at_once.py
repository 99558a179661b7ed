"""Of two acts at the same time the second sees what the first has done: what a case says and what its
restriction stops are never two things."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from service.access.model import Principal
from service.cases import rules
from service.cases.cases import Cases
from service.cases.model import HOLDING, Case, CaseState
from service.cases.versions import CaseStep
from service.errors import ConflictError, ServiceError
from service.registry.registry import Registry
from tests.service.cases.asking import OFFICER, PATHWAYS, SECOND, THIRD, approved, asked, considered
from tests.service.registry.listings import Clock

HELD = 0.2
"""Seconds for which one waits for the other; longer than the other takes where nothing keeps it."""
Step = Callable[[], object]


class AtOnce:
    """Two acts, each in a thread: the first is held before it writes its case until the second is there too,
    or is done; the second until the first is done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write, self._there = Cases._next, {"first": threading.Event(), "second": threading.Event()}

        def held(cases: Cases, by: Principal, case: Case, step: CaseStep) -> Case:
            me = threading.current_thread().name
            self._there[me].set()
            self._there["second"].wait(HELD) if me == "first" else self._first.join(HELD)
            return write(cases, by, case, step)

        monkeypatch.setattr(Cases, "_next", held)

    def run(self, first: Step, second: Step) -> list[bool]:
        """Whether each was done, and not refused."""
        done: dict[str, bool] = {}

        def run(name: str, step: Step) -> None:
            try:
                step()
                done[name] = True
            except ServiceError:
                done[name] = False
            self._there[name].set()

        self._first = threading.Thread(name="first", target=run, args=("first", first))
        other = threading.Thread(name="second", target=run, args=("second", second))
        self._first.start()
        assert self._there["first"].wait(5)
        other.start()
        for one in (self._first, other):
            one.join()
        return [done["first"], done["second"]]


def withdrawn(cases: Cases, clock: Clock, *, is_joined: bool) -> Case:
    """A case, alone or behind another one's restriction, that somebody asked to end, and that can."""
    case = first = approved(cases)
    if is_joined:
        case = considered(cases, asked("UPC-3333-3333"))
        case = cases.join(OFFICER, case.id, case.version, first.id, PATHWAYS[2]).case
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she")
    clock.now += rules.COOLING_OFF
    return cases.call_back(THIRD, case.id, case.version, "alone", "no")


@pytest.mark.parametrize(
    ("first", "second", "is_joined"),
    [
        ("keep", "confirm", False),
        ("pressed", "confirm", False),
        ("keep", "end", True),
        ("end", "keep", True),
        ("pressed", "end", True),
        ("end", "pressed", True),
    ],
)
def test_one_of_two_is_refused_and_the_case_says_what_holds(
    cases: Cases,
    registry: Registry,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    second: str,
    is_joined: bool,
) -> None:
    case = withdrawn(cases, clock, is_joined=is_joined)
    this = (case.id, case.version)
    waiting = ""
    if not is_joined:
        waiting = cases.end(OFFICER, *this, "as asked").approval or ""
        registry.approvals.view(SECOND, waiting, "to decide")
    acts: dict[str, Step] = {
        "keep": lambda: cases.keep(SECOND, *this, "she was not free"),
        "pressed": lambda: cases.call_back(SECOND, *this, "he stood beside her", "yes"),
        "end": lambda: cases.end(OFFICER, *this, "as asked"),
        "confirm": lambda: registry.approvals.confirm(SECOND, waiting),
    }
    assert AtOnce(monkeypatch).run(acts[first], acts[second]) == [True, False]
    now = cases.get(OFFICER, case.id)
    behind = registry.versions.get(now.restriction or now.id).document
    assert rules.is_behind(now.id, behind) == (now.state in HOLDING) == (first != "end")


@pytest.mark.parametrize("pressed", ["yes", "unsure"])
def test_pressure_that_is_noted_after_the_end_was_confirmed_puts_it_back_at_once(
    cases: Cases, registry: Registry, clock: Clock, pressed: str
) -> None:
    case = withdrawn(cases, clock, is_joined=False)
    waiting = cases.end(OFFICER, case.id, case.version, "as asked").approval or ""
    registry.approvals.view(SECOND, waiting, "to decide")
    registry.approvals.confirm(SECOND, waiting)
    called = cases.call_back(OFFICER, case.id, case.version, "he stood beside her", pressed)
    assert (called.state, cases.why_not_in_force(called)) == (CaseState.WITHDRAWING, None)
    assert registry.versions.get(case.id).document.stands


def test_an_act_that_cannot_be_written_changes_nothing(
    cases: Cases, registry: Registry, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = withdrawn(cases, clock, is_joined=True)
    before = registry.versions.get(str(case.restriction))

    def refused(*of: object) -> Case:
        raise ConflictError("somebody changed it meanwhile")

    monkeypatch.setattr(Cases, "_next", refused)
    with pytest.raises(ConflictError):
        cases.end(OFFICER, case.id, case.version, "as asked")
    assert registry.versions.get(before.id) == before
