"""A clock of the test's own for every list."""

from __future__ import annotations

import pytest

from tests.service.registry.listings import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()
