"""The registry: restrictions, the confidential register, prisoners, and what waits for a second person.

Nothing is deleted. Every change is a dated version with its author and reason, is recorded in the ledger, and
stands in the outbox, all in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select

from service.access.model import Right
from service.registry.approvals import Approvals
from service.registry.directory import Directory
from service.registry.elsewhere import Elsewhere
from service.registry.journal import POLICY, Journal, OutboxRow
from service.registry.monitoring import Monitorings
from service.registry.policies import Policies
from service.registry.prisoners import Prisoners
from service.registry.register import ENTRY, Register
from service.registry.restrictions import AFTER_DEATH, CHANGED, REMOVED, WITHDRAWN, Restrictions
from service.registry.tables import outbox
from service.registry.versions import Versions
from service.storage.database import Database
from service.storage.sealing import Vault


class Registry:
    """The parts of the registry, put together. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Callable[[], datetime],
        *,
        smaller_list: float = 0.05,
    ) -> None:
        """`smaller_list` is the share of restrictions beyond which a removal waits for a second person."""
        self.journal = Journal(database, vault, clock)
        self.smaller_list = smaller_list
        self.approvals = Approvals(self.journal)
        self.prisoners = Prisoners(self.journal)
        self.monitorings = Monitorings(self.journal, self.prisoners)
        self.directory = Directory(self.journal)
        self.versions = Versions(self.journal, self.prisoners)
        self.register = Register(self.journal, self.approvals)
        self.elsewhere = Elsewhere(self.journal, self.versions, self.register)
        self.restrictions = Restrictions(self.journal, self.versions, self.approvals, self.elsewhere)
        self.policies = Policies(self.journal, self.approvals)
        for kind in (CHANGED, WITHDRAWN, REMOVED, AFTER_DEATH):
            self.approvals.on(kind, self.restrictions.confirmed, self.restrictions.concerns)
        self.approvals.on(POLICY, self.policies.confirmed, opened_with=Right.CONFIRM)
        self.approvals.on(ENTRY, self.register.confirmed, lambda by, asked: True)  # it holds everywhere

    def start(self) -> None:
        """Read where prisoners are; before that nobody knows."""
        self.prisoners.reload()

    def where_is(self, prisoner: str | None) -> str | None:
        """The prison, from memory; None when nobody knows, as of a prisoner whom nobody has confirmed."""
        return self.prisoners.where_is(prisoner) if prisoner else None

    def knows(self, prisoner: str) -> bool:
        """Whether the prisoner is known, from memory."""
        return self.prisoners.knows(prisoner)

    def changes_since(self, seq: int, limit: int = 10_000) -> list[OutboxRow]:
        """What changed behind a number, in the order of commits."""
        wanted = select(outbox.c.seq, outbox.c.kind, outbox.c.id, outbox.c.removed)
        with self.journal.database.read() as connection:
            rows = connection.execute(wanted.where(outbox.c.seq > seq).order_by(outbox.c.seq).limit(limit))
            return [OutboxRow(*row) for row in rows]

    def last_change(self) -> int:
        """The number of the last change; 0 before the first."""
        with self.journal.database.read() as connection:
            return int(connection.execute(select(func.max(outbox.c.seq))).scalar() or 0)
