"""What a mistaken record of death undid stands again.

| the case | its restriction stands again | it goes on |
|---|---|---|
| in force, or somebody asked that it end | as soon as he is not noted as having died any more | as it was |
| was ended | with the first who says that he lives | with the second |

Where the first was not done, whatever the cause, anybody who says that he lives does it.
"""

from __future__ import annotations

from collections.abc import Collection

import structlog
from msgspec.structs import replace

from service.access.model import Principal
from service.cases import rules
from service.cases.model import HOLDING, Case, CaseState
from service.cases.standing_by import StandingBy
from service.cases.versions import CaseStep, Done, act, done
from service.errors import ConflictError, InvalidError, NotFoundError, ServiceError
from service.registry.model import RestrictionVersion
from service.registry.restrictions import Written
from service.storage.unread import CANNOT_BE_READ

HE_DIED = "the prisoner died"
"""Why a case ended, as it is kept."""
IN_FORCE_AGAIN = "the restriction is in force again"
NOT_AGAIN = "the restriction stands again, but what she asked for may go on: {}"
SECOND_AGREES = "a second person has to agree that the case goes on"
STANDS = "its restriction stands"
LIVES = "not everybody whom it names is noted as having died: say on the case that he lives"
NO_DEATH = "it did not end by a record of death, and its request was not taken back past it"

_log = structlog.get_logger(__name__)


def ended_by_death(case: Case) -> bool:
    """Whether a case ended since its prisoner was noted as having died."""
    return case.state is CaseState.ENDED and case.document.reason == HE_DIED


class Reopening(StandingBy):
    """What undoes the end of a case."""

    def may_reopen(self, case: Case) -> bool:
        """Whether saying that he lives is what a case needs."""
        return ended_by_death(case) or (case.state in HOLDING and self._lives_unheld(case) is not None)

    def he_lives(self, actor: str, numbers: Collection[str]) -> None:
        """Somebody does not stand as having died any more: what was ended since, and the cases of which
        nobody has ended, stands again. Where that cannot be, the case is an alarm and can be put right."""
        with self._journal.database.read() as connection:
            named = self._registry.versions.naming(connection, numbers)
        for restriction in named:
            for case in self.behind(restriction):
                if case.state in HOLDING:
                    self._put_back(Principal(actor, frozenset()), case)

    def _put_back(self, by: Principal, case: Case) -> None:
        try:
            with self.whole():
                now = self.latest(case.id)
                if now is not None and (found := self._lives_unheld(now)) is not None:
                    self._stand_again_now(by, now, found, "he is not noted as having died any more")
        except (ServiceError, *CANNOT_BE_READ) as error:  # of this case alone: the others stand again
            _log.error("case_not_put_back", case=case.id, error=type(error).__name__)

    def _lives_unheld(self, case: Case) -> RestrictionVersion | None:
        """The restriction of a case, where its request was taken back past it and somebody lives whom that
        names."""
        try:
            found = self._registry.versions.get(case.restriction or case.id)
        except (NotFoundError, *CANNOT_BE_READ):
            return None
        is_past = not case.is_unread and rules.is_taken_past(case, found.document)
        return found if is_past and not self._all_died(found) else None

    def _all_died(self, found: RestrictionVersion) -> bool:
        return self._registry.versions.all_died(found.document.restriction)

    def _stand_again_now(
        self, by: Principal, case: Case, found: RestrictionVersion, because: str
    ) -> tuple[Case, Written]:
        """The case goes on as it was: nobody had ended it."""
        request = rules.request_of(case.id, case.document)
        written = self._widen(by, found, case.document, request, f"case {case.id}: he lives, {because}")
        document = replace(case.document, reason=because)
        return self._next(by, case, CaseStep(document, case.state, "stands_again", case.assigned)), written

    @act
    def end_after_death(self, by: Principal, id_: str, version: int) -> Case:
        """The prisoner died, and two people ended the restriction. Raises ConflictError while it stands, and
        where somebody lives."""
        case = self._read(by, id_, version)
        rules.require_state(case, *HOLDING)
        found = self._registry.versions.get(case.restriction or id_)
        if rules.is_behind(id_, found.document):
            raise ConflictError(STANDS, "state")
        if not self._all_died(found):
            raise ConflictError(LIVES, "state")
        document = replace(case.document, reason=HE_DIED)
        return self._next(by, case, CaseStep(document, CaseState.ENDED, "ended", case.assigned))

    @act
    def reopen(self, by: Principal, id_: str, version: int, because: str) -> Done:
        """He lives. The first person puts the restriction back in force; where the case had ended, the second
        lets it go on.

        What narrowed it since it ended is told, and it is not said to be in force then.

        Raises ConflictError for a case that ended otherwise or is held, while he stands as having died, and
        where the first person says it twice; InvalidError without a reason.
        """
        case = self._read(by, id_, version)
        document = case.document
        if not (ended_by_death(case) or case.state in HOLDING):
            raise ConflictError(NO_DEATH, "state")
        found = self._registry.versions.get(case.restriction or id_)
        if case.state in HOLDING and not rules.is_taken_past(case, found.document):
            raise ConflictError(NO_DEATH, "state")
        if self._all_died(found):
            raise ConflictError("he is noted as having died: correct that first", "reopened_because")
        if not because.strip():
            raise InvalidError("say where it is known from that he lives", "reopened_because")
        if case.state in HOLDING:
            made, written = self._stand_again_now(by, case, found, because)
            return self._told(made, written, ())
        # What was said before two people ended it once more counts no more.
        said = document.reopened if rules.is_behind(id_, found.document) else ()
        if by.id in (who for who, _ in said):
            raise ConflictError("a second person has to say so too", "reopened_because")
        agreed = (*said, (by.id, because))
        request = rules.request_of(id_, document)
        written = self._widen(by, found, document, request, f"case {id_}: he lives, {because}")
        if len(agreed) < rules.TWO:
            step = CaseStep(replace(document, reopened=agreed), case.state, "reopening_asked", case.assigned)
        else:
            open_again = replace(document, reopened=(), withdrawal=None, reason=because)
            step = CaseStep(open_again, CaseState.IN_FORCE, "reopened", case.assigned)
        made = self._next(by, case, step)
        return self._told(made, written, () if made.state is CaseState.IN_FORCE else (SECOND_AGREES,))

    def _told(self, case: Case, written: Written, then: tuple[str, ...]) -> Done:
        """What came of it: that it is in force again, where it is and something is left to do."""
        why_not = self.why_not_in_force(case)
        told = (NOT_AGAIN.format(why_not),) if why_not else (IN_FORCE_AGAIN,) if then else ()
        said = ("; ".join((*told, *then)),) if told else ()
        return done(case, written, said, holds=why_not is None)
