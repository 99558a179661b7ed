"""Which family each test is of: `make check` leaves some out, `make test` runs them all."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from tests import kept
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


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """What is collected stays to the end: nothing is looked for in it, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_runtest_teardown() -> None:
    """Commands that serve turn the collector off until they listen; one that never did left it so."""
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _statements_are_compiled_once() -> Iterator[None]:
    with kept.statements_compiled_once():
        yield


@pytest.fixture(autouse=True, scope="module")
def _applications_are_let_go() -> Iterator[None]:
    yield
    kept.let_go()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each with its families, and put the files in their order."""
    for item in items:
        for family in families(item):
            item.add_marker(family)
    place = {path: number for number, path in enumerate(in_turns(item.path for item in items))}
    items.sort(key=lambda item: place[item.path])


def in_turns(paths: Iterable[Path]) -> list[Path]:
    """Long files among the first, so that none is left for one core at the end; and since they wait for
    processes, two that only reckon between one and the next, so that meanwhile no core is idle."""
    every = dict.fromkeys(paths)
    long, short = deque(filter(of_file, every)), deque(path for path in every if not of_file(path))
    turns: list[Path] = []
    while long:
        turns += [long.popleft(), *(short.popleft() for _ in range(min(2, len(short))))]
    return [*turns, *short]


def families(item: pytest.Item) -> set[str]:
    """The families of a test."""
    found = {*of_file(item.path)}
    asked = set(getattr(item, "fixturenames", ()))
    call = getattr(item, "callspec", None)
    if "browser" in asked:
        found.add("browser")
    if "postgres_url" in asked or (call is not None and call.params.get("kind") == "postgres"):
        found.add("postgres")
    return found


@cache
def of_file(path: Path) -> frozenset[str]:
    """The families of a whole file."""
    place = path.relative_to(HERE).as_posix()
    return frozenset(name for name, places in FAMILIES.items() if any(fnmatch(place, one) for one in places))
