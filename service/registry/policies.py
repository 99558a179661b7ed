"""The policy: put in force by two people, or beside the live one as a shadow that only records."""

from __future__ import annotations

from enum import StrEnum

import msgspec
import structlog
from sqlalchemy import Connection, select

from engine.policy import Policy, PolicyError, read_policy
from service.access.model import Principal, Right
from service.errors import ConflictError, InvalidError
from service.ledger import search
from service.ledger.record import Kind
from service.registry.approvals import Approval, Approvals, Asked
from service.registry.journal import POLICY, Journal, OutboxRow
from service.registry.tables import policy_version
from service.storage import rows
from service.storage.rows import ChangedRowError

_log = structlog.get_logger(__name__)

IN_FORCE = "in_force"
"""The outcome of its record."""
LONGEST_POLICY = 64 * 1024
"""Characters of a policy's text."""


class Mode(StrEnum):
    """What a policy is for."""

    LIVE = "live"
    SHADOW = "shadow"
    """Runs beside the live one, and only records where it would decide otherwise."""


class AskedPolicy(msgspec.Struct, frozen=True):
    """What waits for a second person."""

    mode: Mode
    text: str
    reason: str
    over: int
    """The change that it was made after: a later one in between makes it void."""

    def policy(self) -> Policy | None:
        """What would be in force; None where it ends the shadow. Raises InvalidError that names the key."""
        return None if self.mode is Mode.SHADOW and not self.text.strip() else checked(self.text)


class Policies:
    """Keeps them. Safe to share between threads."""

    def __init__(self, journal: Journal, approvals: Approvals) -> None:
        """A policy waits for a second person in `approvals`."""
        self._journal = journal
        self._approvals = approvals

    def propose(self, by: Principal, text: str, mode: Mode, reason: str) -> Approval:
        """Ask for a policy, as TOML; an empty text ends the shadow.

        Raises NotAllowedError, InvalidError that names the key of the policy.
        """
        by.require(Right.EDIT_POLICY)
        by.require_prison(None)  # it decides in all of them
        policy = AskedPolicy(mode, text, reason, 0).policy()
        with self._journal.write() as connection:
            payload = msgspec.msgpack.encode(AskedPolicy(mode, text, reason, self._last(connection, mode)))
            words = (f"the {mode} policy becomes {policy.version if policy else 'none'}",)
            asked = Asked(POLICY, f"policy/{mode}", 0, None, payload, words)
            return self._approvals.ask(connection, by.id, asked)

    def confirmed(self, connection: Connection, by: Principal, approval: Approval, payload: bytes) -> None:
        """Put in force what waited for a second person, who is `by`. Raises ConflictError when it changed."""
        asked = proposed(payload)
        if self._last(connection, asked.mode) != asked.over:
            raise ConflictError("another policy came in between: it has to be asked for again")
        policy = asked.policy()
        version = policy.version if policy else None
        journal = self._journal
        record = journal.record(
            approval.asked_by, f"policy/{asked.mode}", IN_FORCE, confirmed_by=by.id, version=version
        )
        (seq,) = journal.append(connection, [msgspec.structs.replace(record, policy=version)])
        row = {"seq": seq, "at": journal.clock(), "author": approval.asked_by, "confirmed_by": by.id}
        made = {**row, "mode": asked.mode.value, "version": version, "text": asked.text}
        rows.insert(connection, journal.vault, policy_version, [made])
        journal.announce(connection, [OutboxRow(seq, POLICY, asked.mode.value, False)])

    def live(self) -> Policy | None:
        """The policy that was put in force here; None where none was.

        Raises PolicyError for one that this program does not take any more, ChangedRowError for one that was
        changed in the database.
        """
        text = self.live_text()
        return read_policy(text.encode()) if text else None

    def live_text(self) -> str:
        """Its TOML as it was given; empty where none was."""
        return self._text(Mode.LIVE)

    def shadow(self) -> Policy | None:
        """The policy that is only tried beside it; None too for one that is not taken any more."""
        try:
            text = self._text(Mode.SHADOW)
            return read_policy(text.encode()) if text else None
        except (PolicyError, ChangedRowError) as error:
            _log.error("shadow_unreadable", error=type(error).__name__)
            return None

    def _text(self, mode: Mode) -> str:
        with self._journal.database.read() as connection:
            last = self._last(connection, mode)
            wanted = select(policy_version).where(policy_version.c.seq == last)
            row = connection.execute(wanted).one_or_none()
        if not last:
            return ""
        if row is None or row.mode != mode or not rows.holds(self._journal.vault, policy_version, row):
            raise ChangedRowError
        text: str = row.text
        return text.strip()

    def _last(self, connection: Connection, mode: Mode) -> int:
        """The ledger's record of the last one; 0 for none. A row that is deleted so does not go unseen."""
        subject, kind = f"policy/{mode}", Kind.CHANGE
        last = search.search(connection, kind=kind, subject=subject, outcome=IN_FORCE, limit=1)
        return last[0].seq if last else 0


def proposed(payload: bytes) -> AskedPolicy:
    """What is asked for, from the approval that it waits in."""
    return msgspec.msgpack.decode(payload, type=AskedPolicy)


def checked(text: str) -> Policy:
    """A policy from its text. Raises InvalidError that names the key."""
    if len(text) > LONGEST_POLICY:
        raise InvalidError(f"longer than {LONGEST_POLICY:,} characters", "policy")
    try:
        return read_policy(text.encode())
    except (PolicyError, UnicodeEncodeError) as error:
        raise InvalidError(str(error), "policy") from None
