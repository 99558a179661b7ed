"""Which prisoner? The candidates beside a case, for whoever opened it; a person confirms one of them."""

from __future__ import annotations

from service.access.model import Principal
from service.cases.candidates import Candidate
from service.cases.model import UNDECIDED, Case
from service.system import System


def candidates_for(system: System, officer: Principal, case: Case) -> list[Candidate]:
    """Who may be the prisoner of a case that has none; that these were seen is recorded first."""
    if case.prisoner is not None or case.state not in UNDECIDED:
        return []
    found = system.cases.candidates.shown_to(officer, case.document.asked.sought)
    if found:
        numbers = ", ".join(one.number for one in found)
        system.registry.journal.saw(officer.id, "directory", f"candidates of case {case.id}: {numbers}")
    return found
