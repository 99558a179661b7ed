"""A case that a mistaken record of death ended goes on again, by two people.

The restriction stands again with the first of them, at once: nobody is unprotected until the second agrees.
"""

from __future__ import annotations

from msgspec.structs import replace

from service.access.model import Principal
from service.cases import rules
from service.cases.model import Case, CaseState
from service.cases.standing_by import StandingBy
from service.cases.versions import CaseStep, Done, act, done
from service.errors import ConflictError, InvalidError
from service.registry.prisoners import DIED

HE_DIED = "the prisoner died"
"""Why a case ended, as it is kept."""
IN_FORCE_AGAIN = "the restriction is in force again"
NOT_AGAIN = "the restriction stands again, but what she asked for may go on: {}"
SECOND_AGREES = "a second person has to agree that the case goes on"


def ended_by_death(case: Case) -> bool:
    """Whether a case ended since its prisoner was noted as having died."""
    return case.state is CaseState.ENDED and case.document.reason == HE_DIED


class Reopening(StandingBy):
    """What undoes the end of a case."""

    @act
    def reopen(self, by: Principal, id_: str, version: int, because: str) -> Done:
        """He lives. The first person puts the restriction back in force, the second lets the case go on.

        What narrowed it since it ended is told, and it is not said to be in force then.

        Raises ConflictError for a case that ended otherwise, while he stands as having died, and where the
        first person says it twice; InvalidError without a reason.
        """
        case = self._read(by, id_, version)
        document = case.document
        if not ended_by_death(case):
            raise ConflictError("it did not end by a record of death", "state")
        if self._registry.where_is(case.prisoner) == DIED:
            raise ConflictError("he is noted as having died: correct that first", "reopened_because")
        if not because.strip():
            raise InvalidError("say where it is known from that he lives", "reopened_because")
        found = self._registry.versions.get(document.restriction or id_)
        # What was said before two people ended it once more counts no more.
        said = document.reopened if rules.is_behind(id_, found.document) else ()
        if by.id in (who for who, _ in said):
            raise ConflictError("a second person has to say so too", "reopened_because")
        request = rules.request_of(id_, document)
        agreed = (*said, (by.id, because))
        written = self._widen(by, found, document, request, f"case {id_}: he lives, {because}")
        if len(agreed) < rules.TWO:
            step = CaseStep(replace(document, reopened=agreed), case.state, "reopening_asked", case.assigned)
        else:
            open_again = replace(document, reopened=(), withdrawal=None, reason=because)
            step = CaseStep(open_again, CaseState.IN_FORCE, "reopened", case.assigned)
        made = self._next(by, case, step)
        why_not = self.why_not_in_force(made)
        told = [NOT_AGAIN.format(why_not)] if why_not else []
        if made.state is not CaseState.IN_FORCE:
            told = ["; ".join((*(told or [IN_FORCE_AGAIN]), SECOND_AGREES))]
        return done(made, written, tuple(told), holds=why_not is None)
