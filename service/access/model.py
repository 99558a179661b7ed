"""Roles, what each may do, and who is asking. The table below is the only place where rights are told."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cache

import msgspec

from service.errors import InvalidError, NotAllowedError

DAYS = 365
"""How long a machine's key holds where nothing else is said."""


class Role(StrEnum):
    """What somebody is to the service."""

    PHONE_SYSTEM = "phone_system"
    """The PIN-phone switch: asks, and is told the decision alone."""
    MAILROOM = "mailroom"
    """Mailroom staff and their scanners."""
    REVIEWER = "reviewer"
    """Security staff who decide what was flagged."""
    CASE_OFFICER = "case_officer"
    """Keeps the restrictions and the register."""
    AUDITOR = "auditor"
    """Reads the ledger; changes nothing, and sees no protected detail."""
    ADMIN = "admin"
    """People, keys, policy. Not the restrictions: who lets people in does not also decide whom to stop."""
    MONITOR = "monitor"
    """What watches the service: metrics and status, no personal data."""
    NODE = "node"
    """The screening half in a prison: `nocontact node-add` makes it one, and nothing else does."""


class Right(StrEnum):
    """What can be done. Named for the act, so that the ledger can say it."""

    CHECK_CALL = "check_call"
    CHECK_MESSAGE = "check_message"
    CHECK_LETTER = "check_letter"
    CHECK_CONTACT = "check_contact"
    CHECK_BATCH = "check_batch"
    """Many attempts in one request: no machine at a gate has more than one at a time."""
    SCAN = "scan"
    """Letters' pictures: trays and the scanning station."""
    SEE_REASONS = "see_reasons"
    """Reasons of a decision, with the values compared."""
    REVIEW = "review"
    """Decide on flags."""
    SEE_RESTRICTIONS = "see_restrictions"
    """Restrictions without protected details."""
    REVEAL = "reveal"
    """A protected person's details, each time recorded."""
    EDIT_RESTRICTIONS = "edit_restrictions"
    HANDLE_CASES = "handle_cases"
    """Requests of the public: consider, approve, and what follows."""
    EDIT_REGISTER = "edit_register"
    EDIT_PRISONERS = "edit_prisoners"
    """Where prisoners are, and merged numbers."""
    CONFIRM = "confirm"
    """Be the second person of a guarded change."""
    SEE_LEDGER = "see_ledger"
    SEE_STATUS = "see_status"
    """Blocklist, policy, what is in force: no personal data."""
    EDIT_POLICY = "edit_policy"
    MANAGE_ACCESS = "manage_access"
    """Accounts and API keys."""
    FOLLOW = "follow"
    """The keys of the feed, and handing in what was decided in a prison."""


_CHECKS = frozenset({Right.CHECK_CALL, Right.CHECK_MESSAGE, Right.CHECK_LETTER, Right.CHECK_CONTACT})

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.PHONE_SYSTEM: frozenset({Right.CHECK_CALL, Right.CHECK_MESSAGE, Right.CHECK_CONTACT}),
    Role.MAILROOM: frozenset(
        {Right.CHECK_LETTER, Right.CHECK_MESSAGE, Right.SCAN, Right.SEE_REASONS, Right.SEE_STATUS}
    ),
    Role.REVIEWER: _CHECKS
    | {
        Right.SEE_REASONS,
        Right.REVIEW,
        Right.SEE_RESTRICTIONS,
        Right.REVEAL,
        Right.CONFIRM,
        Right.SEE_STATUS,
    },
    Role.CASE_OFFICER: _CHECKS
    | {
        Right.CHECK_BATCH,
        Right.SCAN,
        Right.SEE_REASONS,
        Right.SEE_RESTRICTIONS,
        Right.REVEAL,
        Right.EDIT_RESTRICTIONS,
        Right.HANDLE_CASES,
        Right.EDIT_REGISTER,
        Right.EDIT_PRISONERS,
        Right.CONFIRM,
        Right.SEE_STATUS,
    },
    Role.AUDITOR: frozenset({Right.SEE_LEDGER, Right.SEE_RESTRICTIONS, Right.SEE_STATUS}),
    Role.ADMIN: frozenset(
        {Right.MANAGE_ACCESS, Right.EDIT_POLICY, Right.CONFIRM, Right.SEE_LEDGER, Right.SEE_STATUS}
    ),
    Role.MONITOR: frozenset({Right.SEE_STATUS}),
    Role.NODE: frozenset({Right.FOLLOW}),
}


@cache
def rights_of(roles: frozenset[Role]) -> frozenset[Right]:
    """What any of these roles gives."""
    return frozenset().union(*(RIGHTS[role] for role in roles))


_MACHINES = {
    Role.NODE: "a node is no person, and does nothing else with its key",
    Role.PHONE_SYSTEM: "a switch is no person, and a person is no switch",
}
APART: dict[frozenset[Role], str] = {
    frozenset({Role.ADMIN, Role.REVIEWER}): "who lets people in and sets policies would decide flags as well",
    frozenset({Role.ADMIN, Role.CASE_OFFICER}): "who lets people in would decide whom to stop as well",
    frozenset({Role.ADMIN, Role.MAILROOM}): "who lets people in would see what is protected as well",
    frozenset({Role.ADMIN, Role.AUDITOR}): "who lets people in would look over that as well",
    frozenset({Role.AUDITOR, Role.REVIEWER}): "who decides flags would look over that as well",
    frozenset({Role.AUDITOR, Role.CASE_OFFICER}): "who keeps the restrictions would look over that as well",
    frozenset({Role.AUDITOR, Role.MAILROOM}): "an auditor sees no protected detail, and reasons show them",
} | {
    frozenset({machine, role}): why
    for machine, why in _MACHINES.items()
    for role in Role
    if role is not machine
}
"""Roles that no person has together, and why: `docs/access.md` has them as a table."""


def require_apart(roles: frozenset[Role]) -> None:
    """Raises InvalidError where two of a person's roles may not meet; it names the first such pair."""
    for pair, why in APART.items():
        if pair <= roles:
            raise InvalidError(f"nobody is both {' and '.join(sorted(pair))}: {why}", "roles")


class Principal(msgspec.Struct, frozen=True):
    """Who is asking: a person or a machine, signed in. `prisons` empty means every prison."""

    id: str
    """Stands in the ledger: "user:jsmith", "key:lei-phones", "client:switch"."""
    roles: frozenset[Role]
    prisons: frozenset[str] = frozenset()
    name: str = ""
    """For the screen."""
    person: bool = False
    """Whether a human being, who can be the second of two."""
    must_change_password: bool = False
    """Whether the password is a temporary one: until it is changed there are no roles."""

    def may(self, right: Right) -> bool:
        """Whether any role gives the right."""
        return right in rights_of(self.roles)

    def require(self, right: Right) -> None:
        """Raises NotAllowedError without the right."""
        if self.must_change_password:
            raise NotAllowedError("change your temporary password first")
        if not self.may(right):
            raise NotAllowedError(f"this needs the right {right}")

    def require_person(self, does: str = "does this") -> None:
        """Raises NotAllowedError for a machine, whatever its roles: it answers for nothing that it says."""
        if not self.person:
            raise NotAllowedError(f"only a person {does}")

    def covers(self, establishment: str | None) -> bool:
        """Whether the prison is among theirs. A prison that nobody knows is only those', who have all."""
        return not self.prisons or establishment in self.prisons

    def require_prison(self, establishment: str | None) -> None:
        """Raises NotAllowedError outside their prisons."""
        if not self.covers(establishment):
            raise NotAllowedError("this concerns a prison that is not among yours")

    def require_prisons(self, prisons: Iterable[str]) -> None:
        """Raises NotAllowedError where one of them is not among theirs; none of them is every prison."""
        wanted = frozenset(prisons)
        if self.prisons and not (wanted and wanted <= self.prisons):
            raise NotAllowedError("this concerns prisons that are not among yours")
