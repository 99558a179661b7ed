"""The running system: its parts, put together once at the start and handed to whoever answers requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service.access.access import Access
from service.database import Database
from service.ledger.writer import LedgerWriter
from service.operations.metrics import Metrics
from service.sealing import Vault
from service.settings import Settings


@dataclass(frozen=True)
class System:
    """Every part, each made with the ones above it."""

    settings: Settings
    clock: Callable[[], datetime]
    """Now, in UTC."""
    database: Database
    vault: Vault
    ledger: LedgerWriter
    access: Access
    metrics: Metrics
