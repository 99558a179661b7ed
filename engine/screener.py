"""The screener: an attempt in, a decision out. Deterministic, and it never raises on any attempt.

    >>> screener = Screener(compile_blocklist(restrictions), read_policy())
    >>> screener.check(attempt, at=datetime.now(UTC)).decision
    'block'

A new matcher is one function from a `ReadAttempt` to findings, and one line in the tables below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from engine import dates
from engine.addresses import (
    confidential_address,
    find_address,
    find_misread_address,
    find_oddities,
    find_other_addresses,
)
from engine.blocklist import Blocklist
from engine.content import find_accounts, find_addresses, find_numbers, find_unread
from engine.email_handle import (
    confidential_account,
    find_account,
    find_bare_handle,
    find_other_accounts,
    other_accounts,
)
from engine.envelope_people import find_person
from engine.finding import Finding, failure
from engine.model import Attempt, Channel, Decision, ReasonCode
from engine.numbers import confidential_number, find_number
from engine.people import find_named_recipient, find_people
from engine.plain_call import ORDINARY, nothing_to_say
from engine.plain_message import PlainMessages
from engine.policy import Policy, decide
from engine.read_attempt import ReadAttempt

Finder = Callable[[ReadAttempt], Iterable[Finding]]
Holds = Callable[[Attempt], bool]
"""Whether a list that does not hold every restriction has those that concern an attempt."""


def find_recipient(read: ReadAttempt) -> Iterable[Finding]:
    """A message's recipient: an account where it is one, else a number, else a bare account name."""
    if read.account is not None:
        return find_account(read)
    if read.number.usable:
        return find_number(read)
    return (*find_number(read), *find_bare_handle(read))


def confidential_recipient(read: ReadAttempt) -> str | None:
    """The register's value for a message's recipient; none where more than one is written."""
    if other_accounts(read):
        return None
    return confidential_account(read) if read.account is not None else confidential_number(read)


RECIPIENT: dict[Channel, tuple[Finder, ...]] = {
    "call": (find_number, find_named_recipient),
    "message": (find_recipient, find_other_accounts, find_named_recipient),
    "letter": (find_address, find_misread_address, find_other_addresses, find_person, find_oddities),
}
"""What looks at whom an attempt goes to."""

CONTENT: tuple[Finder, ...] = (find_numbers, find_accounts, find_addresses, find_people)
"""What looks at a body, in the order of what they cost; never at a confidential one."""

CONFIDENTIAL: dict[Channel, Callable[[ReadAttempt], str | None]] = {
    "call": confidential_number,
    "message": confidential_recipient,
    "letter": confidential_address,
}
"""What looks a recipient up in the confidential register: the listed value on a sure match."""


_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
"""When a list was confirmed that is known to be stale."""


class Screener:
    """Checks attempts against one blocklist under one policy. Safe to share between threads."""

    def __init__(
        self,
        blocklist: Blocklist,
        policy: Policy,
        confirmed: datetime | None = None,
        holds: Holds | None = None,
    ) -> None:
        """`confirmed` is when the list was last known to be current; None where its age is no concern.

        `holds` is asked of a list that not every restriction is in; where it says no, nothing is let through.
        """
        self.blocklist = blocklist
        self._holds = holds
        self.policy = policy
        self.confirmed = confirmed
        self._is_whole, self._stale_after = blocklist.usable, policy.stale_after
        self._messages = PlainMessages(blocklist)
        self._ordinary_pass = all(policy.number_class[kind] == "allow" for kind in ORDINARY)

    def as_stale(self) -> Screener:
        """The same on a list that is known to be too old: nothing is allowed on it."""
        return Screener(self.blocklist, self.policy, _LONG_AGO, self._holds)

    def holds(self, attempt: Attempt) -> bool:
        """Whether the list has what concerns this attempt."""
        return self._holds is None or self._holds(attempt)

    def check(self, attempt: Attempt, at: dates.When, earlier: Sequence[str] = ()) -> Decision:
        """Decide on one attempt.

        `at` is the caller's clock, with its time zone; where that is not sure what stops holds by any time
        that it may be, and what lets through by all. The attempt's own `at` goes before it. `earlier` are
        the bodies of the last messages to the same recipient, oldest first.
        """
        usable = self._usable(at.at if isinstance(at, dates.Between) else at)
        held = self._holds is None or self._holds(attempt)
        try:
            if (
                usable
                and held
                and self._ordinary_pass
                and (
                    self._messages.nothing_to_say(attempt, earlier)
                    if attempt.channel == "message"
                    else nothing_to_say(attempt, self.blocklist)
                )
            ):
                return decide(self.policy, attempt, at, (), blocklist=self.blocklist.version)
        except Exception:  # noqa: S110 - the matchers below find it too, and say which of them fails
            pass
        read = ReadAttempt(
            attempt, self.blocklist.restricted, self.blocklist.confidential, self.policy, earlier
        )
        failed: list[Finding] = []
        confidential: str | None = None
        try:
            confidential = CONFIDENTIAL[attempt.channel](read)
        except Exception as error:
            failed.append(failure("confidential register", error))
        moment: dates.When = at if attempt.at is None else dates.starts(attempt.at)
        findings: list[Finding] = []
        if confidential is None and self._is_heightened(attempt, moment):
            findings.append(_heightened(attempt))
        finders = RECIPIENT[attempt.channel]
        if attempt.privileged and confidential is None:
            failed.append(_unverified(attempt))
        if confidential is None and not attempt.privileged:
            if attempt.body:
                finders = (*finders, *CONTENT)
            if attempt.doubts:
                finders = (*finders, find_unread)
        for finder in finders:
            try:
                findings.extend(finder(read))
            except Exception as error:
                failed.append(failure(finder.__name__, error))
        return decide(
            self.policy,
            attempt,
            moment,
            [*findings, *failed] if failed else findings,
            blocklist=self.blocklist.version,
            confidential=confidential,
            usable=usable and not read.partly_read(),
            held=held,
        )

    def _is_heightened(self, attempt: Attempt, moment: dates.When) -> bool:
        """Whether it is a letter or message of somebody under heightened monitoring, and may be opened."""
        if attempt.channel == "call" or attempt.privileged:
            return False
        monitoring = self.blocklist.heightened.get(attempt.prisoner or "")
        return monitoring is not None and dates.in_force(monitoring.from_, monitoring.until, moment)

    def _usable(self, at: datetime) -> bool:
        return self._is_whole and (self.confirmed is None or at - self.confirmed <= self._stale_after)


def _unverified(attempt: Attempt) -> Finding:
    code, step = ReasonCode.UNVERIFIED_PRIVILEGE, "marked as privileged, not on the confidential register"
    return Finding(code=code, matcher="register", given=attempt.to, steps=(step,))


def _heightened(attempt: Attempt) -> Finding:
    step = "the prisoner is under heightened monitoring"
    return Finding(code=ReasonCode.HEIGHTENED, matcher="monitoring", given=attempt.to, steps=(step,))
