"""One switch for all the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.pin_phone.sip.wing import Wing, wing_in


@pytest.fixture(scope="module")
def wing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wing]:
    with wing_in(tmp_path_factory.mktemp("wing")) as running:
        yield running
