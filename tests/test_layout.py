"""The house is as it was drawn: its floors and rooms, files of one sitting, and tests beside each module."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
FLOORS = ("matchers", "engine", "adapters", "service")
ON_TOP = {"app", "errors", "serving", "settings", "system"}
"""Modules on top of service/: what is put together, and what everything there needs."""
ROOMS = {
    *("access", "api", "blocklist", "cases", "check", "cli", "console", "demonstration", "explain", "feed"),
    *(
        "ledger",
        "mail",
        "migrations",
        "node",
        "operations",
        "phone_lists",
        "public",
        "registry",
        "review",
        "storage",
        "web",
    ),
}
LONGEST = 500
"""Lines: what somebody reads at one sitting."""
ELSEWHERE = [
    line.split("\t")
    for line in (HOUSE / "tests/mirrored_elsewhere.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


def mirror(module: Path) -> Path:
    """Where the tests of a module are looked for."""
    return HOUSE / "tests" / module.with_name(f"test_{module.name}")


def modules(*places: str) -> list[Path]:
    """Paths from the top of the house."""
    return sorted(file.relative_to(HOUSE) for place in places for file in (HOUSE / place).rglob("*.py"))


def test_service_has_its_rooms_and_nothing_loose_beside_them() -> None:
    top = HOUSE / "service"
    assert {file.stem for file in top.glob("*.py")} - {"__init__"} == ON_TOP
    assert {file.parent.name for file in top.glob("*/__init__.py")} == ROOMS


def test_every_floor_is_a_package_that_says_what_it_is() -> None:
    for floor in FLOORS:
        assert (HOUSE / floor / "__init__.py").read_text(encoding="utf-8").startswith('"""'), floor


@pytest.mark.parametrize("place", [*FLOORS, "benchmarks", "scripts", "tests"])
def test_every_file_can_be_read_at_one_sitting(place: str) -> None:
    lengths = {str(file): len((HOUSE / file).read_text("utf-8").splitlines()) for file in modules(place)}
    assert {name: long for name, long in lengths.items() if long >= LONGEST} == {}


def test_a_name_of_a_type_means_one_thing() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for file in modules(*FLOORS):
        for node in ast.parse((HOUSE / file).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(file))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
    assert len(places) > 100


def test_every_module_of_the_service_has_its_tests_where_they_are_looked_for() -> None:
    expected = {
        str(file)
        for file in modules("service")
        if file.stem not in ("__init__", "__main__") and "versions" not in file.parts
    }
    without = {name for name in expected if not mirror(Path(name)).exists()}
    assert without == {module for module, _, _ in ELSEWHERE}


@pytest.mark.parametrize(("module", "tests", "why"), ELSEWHERE)
def test_where_they_are_elsewhere_it_is_said_where_and_why(module: str, tests: str, why: str) -> None:
    assert (HOUSE / module).exists()
    assert (HOUSE / tests).name.startswith("test_")
    assert "def test_" in (HOUSE / tests).read_text(encoding="utf-8")
    assert why
