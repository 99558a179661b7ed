"""Heightened monitoring as an officer orders it from a report that contact goes on."""

from __future__ import annotations

from service.access.model import Principal
from service.cases import rules
from service.cases.model import Case, CaseState
from service.errors import ConflictError
from service.registry.monitoring import Monitorings, MonitoringVersion


def start(monitorings: Monitorings, by: Principal, case: Case, until: str, reason: str) -> MonitoringVersion:
    """Begin it for the prisoner of an investigation. Raises ConflictError, and as `Monitorings.start`."""
    if case.kind == "stop" or case.prisoner is None:
        raise ConflictError(
            "it is begun from a report that contact goes on, about a confirmed prisoner", "until"
        )
    rules.require_state(case, CaseState.INVESTIGATING)
    return monitorings.start(by, case.prisoner, until, reason, case.id)


def may_start(case: Case) -> bool:
    """Whether it can be begun from a case."""
    return case.kind != "stop" and case.state is CaseState.INVESTIGATING
