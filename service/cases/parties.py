"""Parties: the agencies and people with a part in a case, and what each of them said for itself.

Nobody assumes that another has asked: each party has its own record of when it was heard and whether it
agrees, and one that nobody heard shows as that. None of them signs in: what a role may be told stands here,
once, and an officer goes by it when he speaks with them.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from engine import dates
from service.access.model import Principal
from service.cases import rules
from service.cases.model import Case, CaseNote, Party
from service.cases.versions import CaseStep, CaseVersions, act
from service.errors import InvalidError, NotFoundError


class PartyRole(NamedTuple):
    """A part in a case."""

    name: str
    may_be_told: str


STATE = "whether it is in force"
ROLES = {
    "herself": PartyRole("The protected person", f"{STATE}, and whether he was told"),
    "police": PartyRole("Police", f"{STATE}, what is listed, where he is, what was found"),
    "probation": PartyRole("Probation", f"{STATE}, where he is, whether he was told; nothing that is listed"),
    "vlo": PartyRole("Victim liaison officer", f"{STATE}, what is listed, whether he was told"),
    "social_services": PartyRole("Social services", f"{STATE}, resolutions that concern a child"),
    "advocate": PartyRole("Her advocate", f"{STATE}, what is listed, whether he was told"),
    "court": PartyRole("Court", f"{STATE}, how it stands to the order"),
    "family": PartyRole("Family or friend", STATE),
    "other": PartyRole("Another", STATE),
}
"""What each may be told. Wherever it is not said, nothing."""


class CaseParties(NamedTuple):
    """The parties of one of the cases behind a restriction."""

    case: str
    parties: tuple[Party, ...]
    """Whoever asked is the first; nobody where the case was not opened."""


class Parties(CaseVersions):
    """What can be done with the parties of a case."""

    @act
    def add_party(self, by: Principal, id_: str, version: int, party: Party) -> Case:
        """One more. Its id is given here. Raises InvalidError."""
        case = self._read(by, id_, version)
        if party.role not in ROLES:
            raise InvalidError("choose its part", "party_role")
        if not party.name.strip():
            raise InvalidError("enter its name", "party_name")
        known = case.document.parties
        document = replace(case.document, parties=(*known, replace(party, id=f"P{len(known) + 1}")))
        return self._next(by, case, CaseStep(document, case.state, "party_added", case.assigned))

    @act
    def hear_party(
        self, by: Principal, id_: str, version: int, party: str, *, heard: str | None, agrees: str, text: str
    ) -> Case:
        """Note what a party said for itself: on which day, whether it agrees, and anything else, which is
        kept with it alone. Raises NotFoundError, InvalidError."""
        case = self._read(by, id_, version)
        before = next((one for one in case.document.parties if one.id == party), None)
        if before is None:
            raise NotFoundError("there is no such party")
        if agrees not in ("yes", "no", "unsure", ""):
            raise InvalidError("choose whether it agrees", f"agrees_{party}")
        if agrees and heard is None:
            raise InvalidError("say when it was heard", f"heard_{party}")
        if heard and dates.starts(heard) > self._journal.clock():
            raise InvalidError("the day has not come yet", f"heard_{party}")
        if not (agrees or heard or text.strip()):
            raise InvalidError("nothing is written", f"party_note_{party}")
        notes = before.notes
        if text.strip():
            notes = (*notes, CaseNote(at=self._journal.clock().isoformat(), by=by.id, text=text))
        after = replace(before, notes=notes, heard=heard or before.heard, agrees=agrees or before.agrees)
        parties = tuple(after if one.id == party else one for one in case.document.parties)
        document = replace(case.document, parties=parties)
        return self._next(by, case, CaseStep(document, case.state, "party_heard", case.assigned))

    def parties_beside(self, by: Principal, case: Case) -> list[CaseParties]:
        """Of the other cases behind the same restriction, who asked and the parties.

        Those of prisons that are not the caller's are left out. Of one that he has not opened there is
        nobody; of others each look is recorded.
        """
        if case.restriction is None:
            return []
        found = []
        for other in self.behind_any(by, {case.restriction}).get(case.restriction, []):
            if other.id == case.id:
                continue
            is_seen = self.has_seen(by, other)
            if is_seen:
                self.view(by, other, f"its parties, beside case {case.id}")
            parties = (asking(other), *other.document.parties) if is_seen else ()
            found.append(CaseParties(other.id, parties))
        return found


def asking(case: Case) -> Party:
    """Whoever asked, as a party: heard by the request itself."""
    asker = case.document.asked.asker
    role = {"self": "herself", "organisation": "other"}.get(asker.who, asker.who)
    return Party(
        id="P0",
        role=role,
        name=", ".join(filter(None, (asker.name, asker.organisation))),
        reference=asker.reference,
        contact=", ".join(filter(None, (asker.phone, asker.email))),
        heard=rules.day_asked(case.document),
        agrees="yes",
    )
