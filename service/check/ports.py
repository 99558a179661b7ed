"""What the check API needs of the rest of the service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from engine.policy import Policy
from engine.screener import Screener
from service.access.model import Principal, Right
from service.ledger.record import Record
from service.ledger.writer import Beside, Outcome
from service.operations.clock import Clock
from service.storage.database import Database
from service.storage.sealing import Vault


class Ledger(Protocol):
    """Where decisions are recorded."""

    async def write(
        self,
        record: Record,
        key: bytes | None = None,
        digest: bytes | None = None,
        beside: Beside | None = None,
    ) -> Outcome:
        """Returns when the record is on the disk; with a key that stands there already nothing is added.

        Raises UnavailableError, and what `beside` raises.
        """
        ...


class Askers(Protocol):
    """Who is asking."""

    def known(self, authorization: str) -> Principal | None:
        """The caller, where that was asked a moment ago. Never waits."""
        ...

    def authenticate(self, method: str, headers: Mapping[str, str]) -> Principal:
        """The caller; may wait. Raises NotSignedInError; for a session without its token NotAllowedError."""
        ...

    def refused(self, principal: Principal, right: Right, path: str) -> None:
        """Record that somebody tried what they may not do. Blocks."""
        ...


class ListInForce(Protocol):
    """The blocklist in force."""

    @property
    def screener(self) -> Screener | None:
        """Swapped whole by another thread: to be read once for each request."""
        ...

    @property
    def why_not(self) -> str | None:
        """Why there is none."""
        ...

    @property
    def age(self) -> float | None:
        """Seconds since it was known to be the newest, by a clock that nobody sets; None: never."""
        ...

    @property
    def shadow(self) -> Policy | None:
        """A policy that is only tried beside the live one."""
        ...


class Whereabouts(Protocol):
    """Where prisoners are."""

    def where_is(self, prisoner: str) -> str | None:
        """The prison, from memory; None when nobody knows."""
        ...


class AskingTurns(Protocol):
    """What every check passes first."""

    def key(self, principal: Principal, checks: int = 1) -> None:
        """Count a request before it is read. Raises TooFastError."""
        ...

    def further(self, principal: Principal, checks: int) -> None:
        """Count what else is in it."""
        ...

    def attempt(
        self,
        principal: Principal,
        channel: str,
        prisoner: str | None,
        contacts: Collection[str],
        screener: Screener | None,
    ) -> None:
        """Count an attempt. Raises TooFastError, NotAllowedError."""
        ...


class DecisionCounts(Protocol):
    """What is counted."""

    def decision(self, channel: str, decision: str, codes: Sequence[str], seconds: float) -> None:
        """One decision, once it is on the disk."""
        ...

    def refused(self, channel: str, status: int) -> None:
        """A check that got no decision."""
        ...


class Limits(Protocol):
    """The settings that bound a request."""

    @property
    def longest_body(self) -> int:
        """Bytes."""
        ...

    @property
    def longest_batch(self) -> int:
        """Attempts."""
        ...

    @property
    def closes_after(self) -> Mapping[str, float]:
        """Seconds of the list's age after which a channel is closed, where it ever is."""
        ...


class CheckParts(Protocol):
    """The running service, as far as checks need it."""

    @property
    def settings(self) -> Limits: ...  # noqa: D102

    @property
    def database(self) -> Database: ...  # noqa: D102

    @property
    def vault(self) -> Vault: ...  # noqa: D102

    @property
    def current(self) -> ListInForce: ...  # noqa: D102

    @property
    def ledger(self) -> Ledger: ...  # noqa: D102

    @property
    def access(self) -> Askers: ...  # noqa: D102

    @property
    def registry(self) -> Whereabouts: ...  # noqa: D102

    @property
    def asking(self) -> AskingTurns: ...  # noqa: D102

    @property
    def metrics(self) -> DecisionCounts: ...  # noqa: D102

    @property
    def clock(self) -> Clock: ...  # noqa: D102
