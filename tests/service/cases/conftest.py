"""Cases on each kind of database."""

from __future__ import annotations

import pytest

from service.cases.cases import Cases
from service.registry.registry import Registry


@pytest.fixture
def cases(registry: Registry) -> Cases:
    """No cases yet."""
    made = Cases(registry)
    registry.restrictions.guard, registry.prisoners.lives = made.guard, made.he_lives
    return made
