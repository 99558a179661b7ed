"""Cases on each kind of database."""

from __future__ import annotations

import pytest

from service.cases.cases import Cases
from service.registry.registry import Registry


@pytest.fixture
def cases(registry: Registry) -> Cases:
    """No cases yet."""
    made = Cases(registry)
    made.stand_guard()
    return made
