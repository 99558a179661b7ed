"""Shared numbers and addresses: what was decided about each, on the case's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from service.access.model import Principal
from service.cases.cases import Cases
from service.cases.model import HOLDING, Case, Resolution
from service.cases.resolutions import WAYS
from service.cases.versions import Done
from service.console.page import number_in
from service.console.restriction_form import FormReader
from service.errors import InvalidError, NotFoundError


def shown(cases: Cases, case: Case) -> dict[str, Any]:
    """What the page tells of a case's shared contact points."""
    if case.state not in HOLDING:
        return {"resolutions": [], "shared_points": []}
    states = cases.resolution_states(case)
    return {
        "resolutions": list(zip(case.document.resolutions, states, strict=True)),
        "shared_points": cases.shared_points(case),
        "resolving_ways": WAYS,
    }


def _resolve(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Done:
    if form.get("way", "") not in WAYS:
        raise InvalidError("choose how it is resolved", "way")
    reader = FormReader(form)
    fields = {
        "contact": reader.text("shared"),
        "way": form["way"],
        "prisoner": reader.line("exempted").upper(),
        "whose": reader.line("whose"),
        "because": reader.text("shared_because"),
        "review": reader.day("shared_review") or "",
    }
    reader.check()
    return cases.resolve(by, case.id, case.version, msgspec.convert(fields, Resolution))


def _end(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Case:
    named = form.get("resolution", "")
    number = number_in(named, digits=3)
    if number is None:
        raise NotFoundError("there is no such resolution")
    return cases.end_resolution(by, case.id, case.version, number, form.get(f"ended_{named}", ""))


def _review(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Case:
    named = form.get("resolution", "")
    number = number_in(named, digits=3)
    if number is None:
        raise NotFoundError("there is no such resolution")
    reader = FormReader(form)
    day = reader.day(f"again_{named}") or ""
    reader.check()
    return cases.review_resolution(by, case.id, case.version, number, form.get(f"ended_{named}", ""), day)


ACTS: dict[str, Callable[[Cases, Principal, Case, Mapping[str, str]], Case | Done]] = {
    "resolve": _resolve,
    "end-resolution": _end,
    "review-resolution": _review,
}
SAID = {
    "resolve": "What was decided is kept. Nothing more is let through by it.",
    "review-resolution": "It goes on, and is looked at again on that day.",
    "end-resolution": "It ended. What it let through is stopped.",
}
