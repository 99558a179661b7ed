"""The list in force, made in one place: whoever screens, saves or compares asks for it here.

`serve` keeps it current; a command takes it once. Both hold the same list under the same policy, and a list
that lost restrictions is not complete in either.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.policy import read_policy
from service.blocklist.current import Current
from service.errors import UnavailableError
from service.ledger.record import Record
from service.registry.registry import Registry
from service.settings import Settings


def list_in_force(
    settings: Settings,
    registry: Registry,
    clock: Callable[[], datetime],
    write_record: Callable[[Record], object] | None,
) -> Current:
    """The list in force as the settings have it, not begun.

    `write_record` puts a record of each new list on the disk; without it nothing is written at all. A policy
    file of the settings goes before the policy in force in the registry. Raises PolicyError,
    and OSError where that file cannot be read.
    """
    return Current(
        registry,
        read_policy(settings.policy.read_bytes() if settings.policy else None),
        clock,
        smaller_list=settings.smaller_list,
        write_record=write_record,
        fixed=settings.policy is not None,
    )


def list_of_now(settings: Settings, registry: Registry, clock: Callable[[], datetime]) -> Current:
    """The list in force, built once for a command that reads it: no record says that it is in force.

    It may be incomplete; then nothing may be allowed on it. Raises UnavailableError where there is none.
    """
    current = list_in_force(settings, registry, clock, write_record=None)
    current.refresh()
    if current.screener is None:
        raise UnavailableError(current.why_not or "there is no blocklist")
    return current
