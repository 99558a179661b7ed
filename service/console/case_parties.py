"""The parties of a case on its page, and beside them those of the other cases behind its restriction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.access.model import Principal
from service.cases.cases import Cases
from service.cases.model import Case, Party
from service.cases.parties import ROLES, asking
from service.console.restriction_form import FormReader


def shown(cases: Cases, by: Principal, case: Case) -> dict[str, Any]:
    """Who has a part in it."""
    return {
        "parties": (asking(case), *case.document.parties),
        "beside": cases.parties_beside(by, case),
        "party_roles": ROLES,
    }


def _add(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Case:
    reader = FormReader(form)
    party = Party(
        id="",
        role=form.get("party_role", ""),
        name=reader.line("party_name"),
        reference=reader.line("party_reference"),
        contact=reader.line("party_contact"),
    )
    reader.check()
    return cases.add_party(by, case.id, case.version, party)


def _hear(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Case:
    party, reader = form.get("party", ""), FormReader(form)
    heard, text = reader.day(f"heard_{party}"), reader.text(f"party_note_{party}")
    reader.check()
    agrees = form.get(f"agrees_{party}", "")
    return cases.hear_party(by, case.id, case.version, party, heard=heard, agrees=agrees, text=text)


ACTS: dict[str, Callable[[Cases, Principal, Case, Mapping[str, str]], Case]] = {
    "party": _add,
    "hear": _hear,
}
SAID = {"party": "The party is added. Nobody has heard it yet.", "hear": "Noted."}
