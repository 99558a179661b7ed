"""What of a request is wrong, on the case's page: what was put right, and the form that does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.access.model import Principal
from service.cases.cases import Cases
from service.cases.corrections import correctable
from service.cases.model import UNDECIDED, Case, CaseState, Correction
from service.cases.rules import KINDS
from service.cases.versions import Done
from service.console.page import number_in
from service.console.restriction_form import FormReader
from service.errors import InvalidError, NotFoundError

NAMES = {"name": "a name", **KINDS}


def shown(cases: Cases, case: Case) -> dict[str, Any]:
    """What the page tells of a case's corrections, and what may be put right."""
    may_be = case.kind == "stop" and case.state in (*UNDECIDED, CaseState.IN_FORCE)
    still = cases.still_stopped(case)
    return {
        "corrections": list(zip(case.document.corrections, still, strict=True)),
        "correctable": correctable(case.document) if may_be else [],
        "corrected_kinds": NAMES,
    }


def _correct(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Done:
    may_be, number = correctable(case.document), number_in(form.get("corrected", ""), digits=3)
    if number is None or number >= len(may_be):
        raise InvalidError("choose what is wrong", "corrected")
    kind, old = may_be[number]
    reader = FormReader(form)
    new, because = reader.line("corrected_to"), reader.text("corrected_because")
    reader.check()
    return cases.correct(by, case.id, case.version, Correction(kind=kind, old=old, new=new, because=because))


def _take_off(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Done:
    number = number_in(form.get("correction", ""), digits=3)
    if number is None:
        raise NotFoundError("there is no such correction")
    return cases.take_off(by, case.id, case.version, number)


ACTS: dict[str, Callable[[Cases, Principal, Case, Mapping[str, str]], Done]] = {
    "correct": _correct,
    "take-off": _take_off,
}
SAID = {
    "correct": "It is put right.",
    "take-off": "It is not stopped by this restriction any more.",
}
SAID_WAITING = {"correct": "What is right is kept. What was wrong is stopped until a second person confirms."}
