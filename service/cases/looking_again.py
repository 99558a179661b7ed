"""Whoever was not found is looked for again whenever somebody is received: imported, or moved.

What changed stands in the outbox, whichever process wrote it. After a start nobody knows what was looked at,
so everybody is; then those alone who were received since. A candidate whom an officer passed over is not told
again, unless he was moved to the prison that the request names.
"""

from __future__ import annotations

import structlog

from service.cases.cases import Cases
from service.cases.model import Case, CaseState
from service.errors import ServiceError
from service.registry.following import Following
from service.registry.journal import DIRECTORY, PRISONER
from service.registry.registry import Registry

EVERY = 5.0
"""Seconds between looks for who was received."""
MANY = 1_000
"""Received at once: from here on it is quicker to search for each case than to compare with each person."""
RECEIVED = (PRISONER, DIRECTORY)
"""Kinds of changes that say something new of a prisoner."""

_log = structlog.get_logger(__name__)


class LookingAgain:
    """Holds the cases in which nobody was found against whoever comes in."""

    def __init__(self, registry: Registry, cases: Cases) -> None:
        self._registry, self._cases = registry, cases
        self._unread: set[str] = set()
        """Cases that could not be read: everybody is looked at when they can be."""
        self._looked_at: int | None = None
        """The last change that was looked at; None after a start."""

    def step(self) -> int:
        """One round; gives how many cases came back to their officers."""
        since = self._looked_at
        following = Following(self._registry, since)
        new = {id_ for ids in following.changed() for kind in RECEIVED for id_ in ids.get(kind, ())}
        if following.seq == since:
            return 0
        received = None if since is None or len(new) > MANY else new
        self._registry.prisoners.reload(received)  # the list in force may not have done so yet
        found = []
        for case in self._cases.in_state(CaseState.NOT_FOUND):
            if case.is_unread:
                self._unread.add(case.id)
                continue
            # Where it was written since, somebody may have come in between the search and the writing.
            is_seen = since is not None and case.seq <= since and case.id not in self._unread
            found.append(self._look(case, received if is_seen else None))
            self._unread.discard(case.id)
        if None not in found:
            self._looked_at = following.seq
        return sum(map(bool, found))

    def _look(self, case: Case, received: set[str] | None) -> bool | None:
        """Whether somebody came in who may be the one; None where that has to be tried again."""
        if received is not None and not received:
            return False
        sought, document = case.document.asked.sought, case.document
        candidates = self._cases.candidates
        known = {*document.passed_over, *document.come_in}
        try:
            found = candidates.every(sought) if received is None else candidates.among(sought, received)
            new = [one.mark for one in found if one.is_inside and one.mark not in known]
            if new:
                self._cases.come_in(case, new)
        except ServiceError as error:  # of this case alone: the others are looked at
            _log.error("case_not_looked_at_again", error=type(error).__name__)
            return None
        return bool(new)
