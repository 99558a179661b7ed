"""Which family each test is of: `make check` leaves some out, `make test` runs them all."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest
from hypothesis import settings

from tests.repeating import times

settings.register_profile(
    "untimed", deadline=None, max_examples=times(100)
)  # no test fails for a busy machine
settings.load_profile("untimed")

HERE = Path(__file__).parent

FAMILIES = {
    "switch": ["adapters/pin_phone/sip/*", "adapters/canaries/test_switch.py"],
    "soak": [
        "service/operations/test_soak.py",
        "service/ledger/test_processes.py",
        "service/node/test_faults.py",
    ],
    "slow": [
        "attacks/*",
        "adapters/canaries/test_probes.py",
        "adapters/check_client/*",
        "adapters/mailroom/test_envelope*.py",
        "adapters/mailroom/test_hot_folder*",
        "adapters/mailroom/test_images.py",
        "adapters/mailroom/test_typefaces.py",
        "adapters/messaging/*",
        "adapters/pin_phone/test_fastagi.py",
        "adapters/pin_phone/test_xml_curl.py",
        "service/access/test_oidc.py",
        "service/api/test_roles.py",
        "service/blocklist/test_rescreening.py",
        "service/cli/test_main.py",
        "service/cli/test_memory.py",
        "service/console/test_unread.py",
        "service/console/test_places.py",
        "service/demonstration/*",
        "service/mail/test_intake.py",
        "service/mail/test_pages.py",
        "service/mail/test_reading.py",
        "service/mail/test_unaddressed.py",
        "service/node/test_canaries.py",
        "service/node/test_serving.py",
        "service/phone_lists/test_serve.py",
        "service/public/test_serving.py",
        "service/registry/test_writers.py",
        "service/test_serving*",
        "service/web/test_connections.py",
    ],
}
"""Families of whole files and folders. `browser` and `postgres` are told by what a test asks for."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files of a family that is left out are not even read: what opens pictures takes seconds to load."""
    left_out = {name for name in FAMILIES if f"not {name}" in config.option.markexpr.split(" and ")}
    is_left_out = collection_path.is_file() and not left_out.isdisjoint(of_file(collection_path))
    return is_left_out or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each with its families. Long files come first, so that none is left for one core at the end."""
    for item in items:
        for family in families(item):
            item.add_marker(family)
    items.sort(key=lambda item: not of_file(item.path))


def families(item: pytest.Item) -> set[str]:
    """The families of a test."""
    found = of_file(item.path)
    asked = set(getattr(item, "fixturenames", ()))
    call = getattr(item, "callspec", None)
    if "browser" in asked:
        found.add("browser")
    if "postgres_url" in asked or (call is not None and call.params.get("kind") == "postgres"):
        found.add("postgres")
    return found


def of_file(path: Path) -> set[str]:
    """The families of a whole file."""
    place = path.relative_to(HERE).as_posix()
    return {name for name, places in FAMILIES.items() if any(fnmatch(place, one) for one in places)}
