"""The registry and the list in force as the settings have them, for the service and for every command.

A command that made its own with other settings would take a list that lost restrictions for a good one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.policy import read_policy
from service.blocklist.current import Current
from service.cases.cases import Cases
from service.ledger.record import Record
from service.registry.registry import Registry
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault


def make_registry(
    settings: Settings, database: Database, vault: Vault, clock: Callable[[], datetime]
) -> Registry:
    """The registry on a database; what a case holds up is guarded by it, whoever asks, and stands again where
    a record of death was a mistake."""
    registry = Registry(database, vault, clock, smaller_list=settings.smaller_list)
    Cases(registry).stand_guard()
    return registry


def make_current(
    settings: Settings, registry: Registry, write_record: Callable[[Record], object] | None = None
) -> Current:
    """The list in force, not yet built. Without `write_record` it is only looked at, as a command does.

    Raises PolicyError, OSError for a policy that cannot be used.
    """
    policy = read_policy(settings.policy.read_bytes() if settings.policy else None)
    folder = settings.data
    return Current(
        registry, policy, fixed=settings.policy is not None, write_record=write_record, folder=folder
    )
